"""What the code says to people, and what the catalogues make of it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from welfare_desk import errors, i18n
from welfare_desk.i18n import RESOURCES

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "welfare_desk"
# function: position of its msgids among the arguments
SPEAKERS = {"_": (0,), "t": (0,), "text": (1,), "ntext": (1, 2), "Phrase": (0,)}
IN_TEMPLATE = re.compile(r"""(?<![\w.])(?:t|_)\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}


@dataclass(frozen=True)
class Entry:
    """One entry of a .po file as it stands there."""

    file: str
    msgid: str
    msgids: tuple[str, ...]
    msgstrs: tuple[str, ...]
    fuzzy: bool


@dataclass(frozen=True)
class Raised:
    """One place that raises an error by its code; `names` is None when it passes on a mapping."""

    where: str
    code: str
    names: frozenset[str] | None


def entries(language: str) -> Iterator[Entry]:
    """Every entry of every .po file of a language, headers left out."""
    for path in sorted((RESOURCES / "i18n" / language).glob("*.po")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            fields = i18n._fields(block)
            if fields.get("msgid"):
                ids = tuple(value for key, value in fields.items() if key.startswith("msgid"))
                strings = tuple(value for key, value in fields.items() if key.startswith("msgstr"))
                yield Entry(path.name, fields["msgid"], ids, strings, "#, fuzzy" in block)


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def templates() -> list[Path]:
    return sorted(path for path in RESOURCES.rglob("*") if path.suffix in (".html", ".txt", ".j2", ".toml", ".svg"))


def spoken() -> dict[str, list[str]]:
    """msgid: the places that say it by a literal."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for msgid in _literals(node):
                    found[msgid].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    for path in templates():
        for quoted in IN_TEMPLATE.findall(path.read_text(encoding="utf-8")):
            found[ast.literal_eval(quoted)].append(str(path.relative_to(ROOT)))
    return found


def _literals(call: ast.Call) -> Iterator[str]:
    name = _name(call.func)
    for position in SPEAKERS.get(name, ()):
        if position < len(call.args):
            for node in _branches(call.args[position]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def _branches(node: ast.expr) -> Iterator[ast.expr]:
    """`"a" if x else "b"` says both."""
    if isinstance(node, ast.IfExp):
        yield from _branches(node.body)
        yield from _branches(node.orelse)
    else:
        yield node


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr if isinstance(function.value, ast.Name) and function.value.id == "i18n" else ""
    return function.id if isinstance(function, ast.Name) else ""


def strings() -> set[str]:
    """Every string constant of the code, and the text of every template: where a msgid may come from."""
    found: set[str] = set()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def patterns() -> list[re.Pattern[str]]:
    """The shapes of keys that the code puts together: f"field.{name}" gives `field\\.(.+)`."""
    found = set()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [str(part.value) if isinstance(part, ast.Constant) else None for part in node.values]
                if re.match(r"[a-z]+[._]", parts[0] or ""):
                    found.add("".join("(.+)" if part is None else re.escape(part) for part in parts))
    return [re.compile(pattern) for pattern in sorted(found)]


def is_key(msgid: str) -> bool:
    """Whether a msgid is a name such as `error.port_taken`, which has an English entry too."""
    return re.fullmatch(r"[a-z]+\.[a-z0-9_.]+", msgid) is not None


def raised() -> list[Raised]:
    """Every call of an error class with a literal code."""
    found = []
    kinds = error_kinds()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _last_name(node.func) in kinds:
                for code in _branches(node.args[0]):
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        found.append(Raised(f"{path.relative_to(ROOT)}:{node.lineno}", code.value, _keywords(node)))
    return found


def error_kinds() -> set[str]:
    """Names of the error classes, those of single rooms included."""
    kinds = set(ERRORS)
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and {_last_name(base) for base in node.bases} & ERRORS:
                kinds.add(node.name)
    return kinds - {"Exception"}


def _last_name(expression: ast.expr) -> str:
    return expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")


def _keywords(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name not in (None, "field"))


def placeholders(text: str) -> set[str]:
    """The {names} in a text."""
    return {name.split(".")[0].split("[")[0] for _literal, name, _spec, _conversion in Formatter().parse(text) if name}
