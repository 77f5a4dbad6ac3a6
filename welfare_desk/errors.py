"""Errors people can act on. They carry a code and parameters; texts are made at the edges (window, page, terminal)."""

from __future__ import annotations

from typing import Any


class WelfareError(Exception):
    """Base of every expected error.

    `code` names the text `error.<code>` of the catalogue, `field` the input that caused it, `params` fill the text.
    """

    http_status = 500

    def __init__(self, code: str, *, field: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value!r}" for key, value in self.params.items())
        return f"{self.code}({details})" if details else self.code

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.code, self.field, self.params)


def _rebuild(kind: type[WelfareError], code: str, field: str | None, params: dict[str, Any]) -> WelfareError:
    return kind(code, field=field, **params)


class Refused(WelfareError):
    """The input or the state does not allow it; the person can mend it."""

    http_status = 400


class NotFound(WelfareError):
    """Nothing has that name, number or reference."""

    http_status = 404


class Conflict(WelfareError):
    """Somebody else changed it first, or it exists already."""

    http_status = 409


class Denied(WelfareError):
    """Wrong password, or this operator may not do that."""

    http_status = 403


class Unavailable(WelfareError):
    """Something outside this program is away: database, supplier, mail server, key store."""

    http_status = 503
