"""Money is integer minor units and a currency; this is how sentences write it."""

from __future__ import annotations

SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "HKD": "HK$", "GBP": "£"}


def shown(minor: int, currency: str) -> str:
    """`¥25,660.00`; currencies without a sign of their own go by their code."""
    sign = "−" if minor < 0 else ""
    whole, cents = divmod(abs(minor), 100)
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{whole:,}.{cents:02d}"
