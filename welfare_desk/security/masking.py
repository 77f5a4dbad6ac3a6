"""How personal data and codes look to people who need not see them whole."""

from __future__ import annotations


def mask_phone(phone: str) -> str:
    """`+8613800138000` gives `138****8000`; short numbers keep their last two digits."""
    digits = phone.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else f"****{digits[-2:]}"


def mask_email(email: str) -> str:
    """`zhang.san@example.com` gives `z***@example.com`."""
    name, _at, host = email.partition("@")
    return f"{name[:1]}***@{host}"


def mask_account(account: str) -> str:
    """A top-up account: phone and mail by their own rules, anything else by its two ends."""
    if "@" in account:
        return mask_email(account)
    if account.lstrip("+").isdigit() and len(account) >= 8:
        return mask_phone(account)
    return f"{account[:2]}****{account[-2:]}" if len(account) > 5 else f"{account[:1]}****"


def mask_code(secret: str) -> str:
    """`•••• 7Q2F`: the last four signs of a code of eight or more, otherwise nothing of it."""
    return f"•••• {secret[-4:]}" if len(secret) >= 8 else "••••"


def mask_name(name: str) -> str:
    """`张三丰` gives `张**`, `Jane Doe` gives `J*** D***`."""
    if " " in name.strip():
        return " ".join(f"{part[:1]}***" for part in name.split())
    return name[:1] + "*" * max(1, len(name) - 1)
