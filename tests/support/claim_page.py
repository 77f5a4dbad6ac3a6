"""Read a claim page as its contract promises it, and claim as a phone without JavaScript would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

VOID = {"input", "meta", "link", "br", "img", "hr", "source", "wbr"}


@dataclass
class ClaimPage(HTMLParser):
    """What outside checks may rely on: state, the form, the codes."""

    status: int
    url: str
    text: str
    state: str = ""
    action: str | None = None
    hidden: dict[str, str] = field(default_factory=dict)
    visible: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._collect: list[tuple[str, list[str]]] = []
        self._depth: list[int] = []
        self._level = 0
        self._in_form = False
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "body":
            self.state = given.get("data-state", "")
        if tag == "form" and given.get("id") == "claim":
            self._in_form = True
            self.action = given.get("action", "")
        if self._in_form and tag in ("input", "select", "textarea") and "name" in given:
            if given.get("type") == "hidden":
                self.hidden[given["name"]] = given.get("value", "")
            else:
                self.visible.append(given["name"])
        self._open(tag, given.get("class", "").split())

    def _open(self, tag: str, classes: list[str]) -> None:
        if tag in VOID:
            return
        self._level += 1
        for name in ("code", "card-number"):
            if name in classes:
                self._collect.append((name, []))
                self._depth.append(self._level)

    def handle_data(self, data: str) -> None:
        for _name, pieces in self._collect:
            pieces.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        if tag in VOID:
            return
        if self._depth and self._depth[-1] == self._level:
            self._depth.pop()
            name, pieces = self._collect.pop()
            (self.codes if name == "code" else self.numbers).append("".join(pieces).strip())
        self._level -= 1


def read(answer: httpx.Response) -> ClaimPage:
    """The claim page in an answer."""
    return ClaimPage(answer.status_code, str(answer.url), answer.text)


def local(url: str, service: str) -> str:
    """The same link on the service of the test."""
    return f"{service}{urlsplit(url).path}"


def claim(client: httpx.Client, url: str, identity: str = "", account: str = "") -> ClaimPage:
    """Open a link, fill what is visible, press the button, say once more that the account is right, as a person does.

    The page itself if it has no form.
    """
    page = read(client.get(url))
    if page.action is None:
        return page
    values = dict(page.hidden)
    for name in page.visible:
        values[name] = account if name == "account" else identity
    answered = read(client.post(urljoin(url, page.action) if page.action else url, data=values))
    return read(client.post(url, data=answered.hidden)) if answered.state == "confirm" else answered
