"""The list to start from: the columns we know and a few invented people."""

from __future__ import annotations

import csv
from pathlib import Path

from welfare_desk.files.exports import write_table
from welfare_desk.i18n import LANGUAGES, RESOURCES, normalise, text


def sample(language: str) -> Path:
    """The sample list in a language (csv, UTF-8)."""
    name = normalise(language)
    return RESOURCES / "samples" / f"people_{name if name in LANGUAGES else 'en'}.csv"


def write_template(path: Path, language: str) -> int:
    """Saves the sample as xlsx, or csv by the ending; numbers stay text. Its people are marked as examples.

    Raises Unavailable(`file_unwritable`).
    """
    with sample(language).open(encoding="utf-8", newline="") as source:
        header, *rows = csv.reader(source)
    mark = text(normalise(language), "Example: ")
    return write_table(path, header, [[mark + number, *others] for number, *others in rows])
