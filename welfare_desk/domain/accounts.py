"""Accounts that top-ups go to: a phone number, a QQ number, an e-mail address, or whatever the supplier asks for."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 64
PATTERNS = {
    "phone": re.compile(r"1[3-9]\d{9}"),
    "qq": re.compile(r"[1-9]\d{4,11}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "any": re.compile(r"\S{3,64}"),
}


def tidy_account(kind: str, typed: str) -> str | None:
    """The account as the supplier wants it, or None when it cannot be one.

    Full width is folded, blanks and dashes in numbers are dropped, a Chinese country code before a phone too.
    """
    folded = unicodedata.normalize("NFKC", typed[: 2 * LONGEST])
    tidy = "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Cf")
    if kind == "phone":
        tidy = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", tidy.replace("-", ""))
    elif kind == "email":
        tidy = tidy.lower()
    pattern = PATTERNS.get(kind, PATTERNS["any"])
    return tidy if len(tidy) <= LONGEST and pattern.fullmatch(tidy) else None
