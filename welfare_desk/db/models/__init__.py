"""The tables, one noun per file. Times are epoch milliseconds UTC, money is integer minor units."""
