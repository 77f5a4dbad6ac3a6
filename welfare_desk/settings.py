"""One declarative table of settings: the settings page, the documentation and the checks come from it.

Shared settings live in the database and are the same for every desk; machine settings live in `machine.json` in the
data folder; secret ones are sealed to the service and never read back.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

MACHINE_FILE = "machine.json"
KEYS = "keys"  # folder and file names inside the data folder
DATABASE = "welfare.db"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `description` is the English msgid shown beside it; `environment` overrides the stored value."""

    key: str
    kind: type
    default: Any
    scope: Literal["shared", "machine", "secret"]
    description: str
    environment: str | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting("company_name", str, "", "shared", "Company name, shown on every claim page"),
    Setting("hr_contact", str, "", "shared", "Whom to ask, shown on every claim page"),
    Setting("help_text", str, "", "shared", "Extra help below every claim page"),
    Setting("colour", str, "", "shared", "Colour of buttons and links on every claim page"),
    Setting("logo", str, "", "shared", "Logo on every claim page, at most 4 kB"),
    Setting("answer_hours", int, 24, "shared", "Hours until a reported problem is answered, as promised on the page"),
    Setting("language", str, "zh_CN", "shared", "Language of messages and of pages when a phone does not ask"),
    Setting("public_url", str, "", "shared", "Address in links", "WELFARE_DESK_PUBLIC_URL"),
    Setting("sender", str, "", "shared", "Sender of e-mails"),
    Setting("smtp", str, "", "secret", "Mail server (smtps://user:password@host:465?from=…)", "WELFARE_DESK_SMTP"),
    Setting("demo", bool, False, "shared", "Demo data: nothing leaves this computer"),
    Setting("intake_key", str, "", "shared", "Public key that desks seal to"),
    Setting("database", str, "", "machine", "Database address", "WELFARE_DESK_DATABASE"),
    Setting("host", str, "0.0.0.0", "machine", "Address the claim service listens on"),
    Setting("port", int, 8080, "machine", "Port of the claim service"),
    Setting("pinned_intake_key", str, "", "machine", "Fingerprint of the service's key, as first seen"),
    Setting("epoch", str, "", "machine", "Which life of the database this machine serves"),
    Setting("metrics_token", str, "", "machine", "Who may read /metrics from elsewhere", "WELFARE_DESK_METRICS_TOKEN"),
    Setting("window_language", str, "", "machine", "Language of the window"),
    Setting("theme", str, "system", "machine", "Light, dark, or as the system"),
    Setting("scale", int, 100, "machine", "Text size in percent"),
)  # fmt: skip

BY_KEY = {setting.key: setting for setting in SETTINGS}


def machine(data: Path) -> dict[str, Any]:
    """The machine settings of this data folder: defaults, then `machine.json`, then the environment."""
    values = {entry.key: entry.default for entry in SETTINGS if entry.scope == "machine"}
    try:
        stored = json.loads((data / MACHINE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stored = {}
    values.update({key: value for key, value in stored.items() if key in values})
    for key in values:
        name = BY_KEY[key].environment
        if name and os.environ.get(name):
            values[key] = BY_KEY[key].kind(os.environ[name])
    return values


def save_machine(data: Path, **changed: Any) -> None:
    """Writes machine settings; the file is readable by its owner alone (a database address may hold a password)."""
    path = data / MACHINE_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stored = {}
    stored.update(changed)
    fresh = path.with_suffix(".new")
    with open(fresh, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(stored, file, ensure_ascii=False, indent=1)
    fresh.replace(path)


def self_command() -> tuple[str, ...]:
    """How this program starts a child of itself: the console executable of a frozen build, else python -m."""
    if not getattr(sys, "frozen", False):
        return (sys.executable, "-m", "welfare_desk")
    here = Path(sys.executable)
    console = here.with_name(f"welfare-desk-cli{here.suffix}")
    return (str(console if console.exists() else here),)
