"""Pure rules of the trade: eligibility, windows, money, rows. Standard library only; no database, no own clock."""
