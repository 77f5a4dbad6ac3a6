"""How a file is to be read: what a person may switch by hand. It goes to the parse child through its standard input."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Reading:
    """None means: judge by yourself. `header_row` counts the rows of the file from 1; `password` opens a locked one."""

    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None
    header_row: int | None = None
    password: str | None = None

    def told(self) -> bytes:
        """One line of JSON; never an argument of a process, where others could see the password."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def heard(cls, line: bytes) -> Self:
        """What `told` said; an empty line is a reading with everything open."""
        said = json.loads(line) if line.strip() else {}
        return cls(**{one.name: said.get(one.name) for one in fields(cls)})


OPEN = Reading()
