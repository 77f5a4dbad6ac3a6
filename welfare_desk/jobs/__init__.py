"""Network work between two transactions: intent is committed, the call is made, the result is committed."""
