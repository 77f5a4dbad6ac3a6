"""Phones of any country, by Google's numbering plans. Loaded only when a number is no Chinese mobile."""

from __future__ import annotations

HOME = "CN"


def read_phone(text: str) -> str | None:
    """The E.164 form of a valid number, Chinese when it names no country; None for anything else."""
    import phonenumbers

    try:
        found = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
