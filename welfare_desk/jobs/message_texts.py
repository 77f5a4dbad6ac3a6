"""From the facts of a grant to a letter: plain text from a template, and the same as simple HTML."""

from __future__ import annotations

import html
import re
from functools import cache
from string import Template
from zoneinfo import ZoneInfo

from welfare_desk import i18n
from welfare_desk.domain.windows import shown
from welfare_desk.integrations.channels.base import Letter
from welfare_desk.queries.letters import Facts
from welfare_desk.security.references import show

FOLDER = i18n.RESOURCES / "messages"
LINK = (
    '<a href="{url}" style="display:inline-block;padding:12px 28px;background:#1f5fbf;color:#ffffff;'
    'text-decoration:none;border-radius:6px">{label}</a><br>'
    '<span style="font-size:13px;word-break:break-all">{url}</span>'
)


def letter(facts: Facts, *, template: str, to: str, url: str, message_id: str, test: bool = False) -> Letter:
    """The letter for one person in the language of the company. `test` marks it as one that gives nothing."""
    language = i18n.normalise(facts.language)
    filled = _template(language, template).substitute(_values(facts, language, url))
    subject, _break, body = filled.partition("\n")
    body = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
    subject = subject.strip(" :：")
    if test:
        subject = i18n.text(language, "[Test] {subject}", subject=subject)
        body = i18n.text(language, "This is a test: its link opens a test page and gives nothing.") + "\n\n" + body
    return Letter(to, subject, body, _html(subject, body, url, language), message_id)


@cache
def _template(language: str, name: str) -> Template:
    return Template((FOLDER / language / f"{name}.txt").read_text(encoding="utf-8"))


@cache
def _frame() -> Template:
    return Template((FOLDER / "frame.html").read_text(encoding="utf-8"))


def _values(facts: Facts, language: str, url: str) -> dict[str, str]:
    zone = ZoneInfo(facts.timezone)
    return {
        "company": facts.company,
        "campaign": facts.campaign,
        "greeting": i18n.text(language, "Dear {name},", name=facts.person) if facts.person else "",
        "intro": facts.message or i18n.text(language, "A benefit is waiting for you."),
        "product": facts.product,
        "quantity": str(facts.quantity),
        "opens": shown(facts.opens_at, zone),
        "closes": shown(facts.closes_at, zone),
        "timezone": facts.timezone,
        "reference": show(facts.reference) if facts.reference else "–",
        "url": url,
        "check": i18n.text(language, "You will be asked for your employee number.")
        if facts.verify == "employee_no"
        else "",
        "contact": i18n.text(language, "Questions? Please ask {contact}.", contact=facts.contact)
        if facts.contact
        else "",
    }


def _html(subject: str, body: str, url: str, language: str) -> str:
    label = i18n.text(language, "Open my claim page")
    paragraphs = []
    for block in body.strip().split("\n\n"):
        lines = [
            LINK.format(url=html.escape(line), label=html.escape(label)) if line == url else html.escape(line)
            for line in block.split("\n")
            if line
        ]
        paragraphs.append(f"<p>{'<br>'.join(lines)}</p>")
    return _frame().substitute(
        lang=language.replace("_", "-"), subject=html.escape(subject), body="\n".join(paragraphs)
    )
