"""Pages as bytes: a template is rendered once, split at its personal values, and joined with them per answer."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from welfare_desk.domain.colours import shades
from welfare_desk.i18n import RESOURCES, text

TEMPLATES = RESOURCES / "web"
MARK = re.compile("\x02([a-z_]+)\x03")
SPECIAL = re.compile("[&<>\"']")  # most values have none, and looking is cheaper than replacing five times
NOTHING: Mapping[str, str] = {}
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page with gaps: `pieces` in order, `gaps` says which of them stand for which value."""

    status: int
    pieces: tuple[bytes, ...]
    gaps: tuple[tuple[int, str], ...]

    def fill(self, values: Mapping[str, str] = NOTHING) -> bytes:
        """The page with its values, which must be HTML already (see `escape`); a missing one is empty."""
        if not self.gaps:
            return self.pieces[0]
        pieces = list(self.pieces)
        for position, name in self.gaps:
            value = values.get(name)
            if value:
                pieces[position] = value.encode()
        return b"".join(pieces)


def escape(value: str) -> str:
    """A personal value as HTML text or attribute."""
    return value if SPECIAL.search(value) is None else html.escape(value, quote=True)


def slot(name: str) -> Markup:
    """In a template: a gap for the value of that name."""
    return Markup(f"\x02{name}\x03")


def render(template: str, language: str, *, status: int = 200, **facts: Any) -> Page:
    """Renders `template` in `language`; values that differ per person stay gaps."""
    said = _environment().get_template(template).render(t=partial(_say, language), language=language, **facts)
    parts = MARK.split(_tight(said))
    pieces = tuple(part.encode() if at % 2 == 0 else b"" for at, part in enumerate(parts))
    return Page(status, pieces, tuple((at, parts[at]) for at in range(1, len(parts), 2)))


def _say(language: str, msgid: str, **params: Any) -> str:
    return text(language, msgid, **params)


def _tight(said: str) -> str:
    """Without the blank lines and indents of the template's control lines."""
    return "\n".join(line for line in (line.strip() for line in said.splitlines()) if line)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    shared = {"slot": slot, "more_css": Markup(_resource("more.css")), "js": Markup(_resource("page.js"))}
    environment.globals.update(shared)
    return environment


@cache
def _resource(name: str) -> str:
    return _tight((TEMPLATES / name).read_text(encoding="utf-8"))


def _hash(said: str) -> str:
    return base64.b64encode(hashlib.sha256(said.encode()).digest()).decode()


@lru_cache(maxsize=64)
def style(colour: str = "", *, watermark: bool = False) -> str:
    """The style of a page, with the company's colour in a shade that can be read, and the mark of a test."""
    parts = [_resource("page.css")]
    if colour:
        light, dark = shades(colour)
        parts.append(f":root{{--main:{light}}}@media(prefers-color-scheme:dark){{:root{{--main:{dark}}}}}")
    if watermark:
        parts.append(_resource("watermark.css"))
    return "\n".join(parts)


@lru_cache(maxsize=64)
def page_headers(css: str = "") -> Headers:
    """What every page is sent with; only the length is added. `css`: the page's style, the plain one by default."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_hash(css or style())}' 'sha256-{_hash(_resource('more.css'))}'; "
        f"script-src 'sha256-{_hash(_resource('page.js'))}'; "
        "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
        (b"x-robots-tag", b"noindex, nofollow"),
        (b"x-content-type-options", b"nosniff"),
    ]
