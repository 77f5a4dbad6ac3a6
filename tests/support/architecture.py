"""The rules of the house as a pure function over a source tree; nothing of the product is imported."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "welfare_desk"
FORBIDDEN_NAMES = {"core", "common", "utils", "util", "managers", "manager", "helpers", "helper"}

# Room: what it may import besides itself. "integrations.*.base" names modules, all others whole rooms or modules.
BASE = {"errors", "settings", "i18n", "domain"}
SERVICES = {"errors", "settings", "domain", "db", "security", "files", "queries", "context", "integrations.*.base"}
BELOW_WEB = {
    "errors", "settings", "i18n", "context", "wiring", "domain", "db", "security", "files", "integrations", "queries",
    "services", "jobs",
}  # fmt: skip
MAY_IMPORT = {
    "errors": set[str](),
    "settings": {"errors"},
    "i18n": {"errors", "settings"},
    "domain": {"errors"},
    "db": BASE,
    "security": BASE,
    "files": BASE,
    "integrations": BASE,
    "context": {"errors", "settings", "domain", "db.engine"},
    "wiring": BELOW_WEB - {"wiring"},
    "queries": {"errors", "settings", "domain", "db"},
    "services": SERVICES,
    "jobs": SERVICES | {"services", "integrations", "i18n"},
    "web": BELOW_WEB,
    "desktop": {"errors", "settings", "i18n", "domain", "context", "queries", "services", "files"},
    "commands": BELOW_WEB | {"web"},
    "__main__": BELOW_WEB | {"web", "desktop", "commands"},
}
# Module or package outside the product: the rooms (or modules) that alone may import it.
CONFINED = {
    "PySide6": {"desktop"},
    "shiboken6": {"desktop"},
    "sqlalchemy": {"db", "context", "queries", "services", "jobs"},
    "alembic": {"db"},
    "psycopg": {"db"},
    "cryptography": {"security"},
    "keyring": {"security"},
    "openpyxl": {"files"},
    "python_calamine": {"files"},
    "msoffcrypto": {"files"},
    "olefile": {"files"},
    "qrcode": {"files"},
    "httpx": {"integrations"},
    "smtplib": {"integrations"},
    "http.client": {"integrations"},
    "urllib.request": {"integrations"},
    "starlette": {"web", "integrations"},
    "uvicorn": {"web", "integrations"},
    "asyncio": {"web", "integrations.simulator"},
    "multiprocessing": {"__main__"},
}
LAZY_THIRD_PARTY = {"files", "integrations", "__main__"}
SHELL_MAY_IMPORT = {"i18n", "settings", "desktop.theme"}
# Rooms that can reach the main database, where only context ends a transaction; migrations are transactions themselves.
TRANSACTION_ROOMS = {"db", "queries", "services", "jobs", "web", "wiring", "commands", "desktop"}
TRANSACTION_EXEMPT = ("db/migrate.py", "db/migrations/")
CONTEXT_METHODS = {"write", "read"}


@dataclass(frozen=True, order=True)
class Violation:
    """One broken rule."""

    where: str
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}: {self.what}"


@dataclass(frozen=True)
class Import:
    """One imported module: dotted name without the package for our own, full name for others."""

    name: str
    ours: bool
    lazy: bool
    line: int

    @property
    def third_party(self) -> bool:
        return not self.ours and self.name.split(".")[0] not in sys.stdlib_module_names


@dataclass(frozen=True)
class Source:
    """One file of the package."""

    root: Path
    path: Path

    @property
    def relative(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    @property
    def module(self) -> str:
        """Dotted name inside the package: `services.people`, `desktop` for `desktop/__init__.py`, `errors`."""
        parts = self.path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        return self.module.split(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))

    @property
    def lines(self) -> int:
        return len(self.path.read_text(encoding="utf-8").splitlines())

    def imports(self) -> Iterator[Import]:
        """Every import, also those inside functions and under TYPE_CHECKING."""
        for node, lazy in with_depth(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield self._import(alias.name, lazy, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for alias in node.names:
                    yield self._import(self._longest(base, alias.name), lazy, node.lineno)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        here = [PACKAGE, *self.path.relative_to(self.root).parts[:-1]]
        base = here[: len(here) - node.level + 1]
        return ".".join([*base, *([node.module] if node.module else [])])

    def _longest(self, base: str, name: str) -> str:
        """`from base import name` imports the module base.name if there is one, else something in base."""
        inside = self.root.joinpath(*base.split(".")[1:])
        is_module = (inside / f"{name}.py").exists() or (inside / name).is_dir()
        return f"{base}.{name}" if base.split(".", maxsplit=1)[0] == PACKAGE and is_module else base

    def _import(self, name: str, lazy: bool, line: int) -> Import:
        ours = name.split(".", maxsplit=1)[0] == PACKAGE
        return Import(name.removeprefix(PACKAGE).removeprefix(".") if ours else name, ours, lazy, line)


def with_depth(node: ast.AST, inside: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node with whether it stands inside a function."""
    for child in ast.iter_child_nodes(node):
        deeper = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield child, deeper
        yield from with_depth(child, deeper)


def sources(root: Path) -> list[Source]:
    """Every Python file of the package at `root`."""
    return [Source(root, path) for path in sorted(root.rglob("*.py"))]


def violations(root: Path) -> list[Violation]:
    """Every broken rule in the package at `root`."""
    found: list[Violation] = []
    for source in sources(root):
        for check in (import_table, confinement, lazy_imports, transactions, shapes):
            found += check(source)
    for folder in sorted(path for path in root.rglob("*") if path.is_dir() or path.suffix == ".py"):
        if folder.stem in FORBIDDEN_NAMES:
            found.append(Violation(folder.relative_to(root).as_posix(), "names", f"nothing is called {folder.stem}"))
    return sorted(found)


def import_table(source: Source) -> Iterator[Violation]:
    """Who may import whom."""
    if source.room and source.room not in MAY_IMPORT:
        yield Violation(source.relative, "rooms", f"{source.room} is no room of the house")
        return
    for found in source.imports():
        if not found.ours or not found.name or found.name.split(".")[0] == source.room:
            allowed = True
        else:
            allowed = any(_matches(found.name, entry) for entry in MAY_IMPORT.get(source.room, set()))
        if source.relative == "desktop/shell.py" and found.ours:
            allowed = found.name in SHELL_MAY_IMPORT
        if not allowed:
            yield Violation(f"{source.relative}:{found.line}", "import table", f"may not import {found.name}")


def confinement(source: Source) -> Iterator[Violation]:
    """Which room may use which library; the domain uses none."""
    for found in source.imports():
        if found.ours:
            continue
        for library, rooms in CONFINED.items():
            outside = not any(_matches(source.module, room) for room in rooms)
            if _matches(found.name, library) and outside:
                what = f"{library} belongs to {', '.join(sorted(rooms))}"
                yield Violation(f"{source.relative}:{found.line}", "libraries", what)
        if source.room == "domain" and found.third_party:
            yield Violation(f"{source.relative}:{found.line}", "libraries", f"domain is pure, not {found.name}")


def lazy_imports(source: Source) -> Iterator[Violation]:
    """Imports inside functions hide cycles."""
    for found in source.imports():
        forbidden = found.ours or (found.third_party and source.room not in LAZY_THIRD_PARTY)
        if found.lazy and forbidden and source.room != "__main__":
            yield Violation(f"{source.relative}:{found.line}", "import inside a function", found.name)


def transactions(source: Source) -> Iterator[Violation]:
    """Only context begins and commits."""
    if source.room not in TRANSACTION_ROOMS or source.relative.startswith(TRANSACTION_EXEMPT):
        return
    forbidden = (
        {"commit"} if source.room == "desktop" else {"commit", "begin"}
    )  # QPainter begins too; savepoints are fine
    ours = modules_of_ours(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in forbidden:
            if isinstance(node.func.value, ast.Name) and node.func.value.id in ours:
                continue  # a function of that name in a module of the product, whose own body is looked at
            yield Violation(
                f"{source.relative}:{node.lineno}", "transactions", f"{node.func.attr}() belongs to context"
            )


def modules_of_ours(source: Source) -> set[str]:
    """The names by which a file knows the product's own modules."""
    nodes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ImportFrom)]
    own = [node for node in nodes if node.level or (node.module or "").split(".")[0] == PACKAGE]
    return {alias.asname or alias.name for node in own for alias in node.names}


def shapes(source: Source) -> Iterator[Violation]:
    """A room's __init__ says what lives there and nothing else; AppContext has no business method."""
    if source.path.name == "__init__.py" and source.module:
        body = source.tree.body
        if len(body) != 1 or ast.get_docstring(source.tree) is None:
            yield Violation(source.relative, "rooms", "__init__.py holds one docstring and nothing else")
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "AppContext":
            methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            for name in sorted(methods - CONTEXT_METHODS):
                if not name.startswith("_"):
                    yield Violation(f"{source.relative}:{node.lineno}", "AppContext", f"{name}() is no business of it")


def _matches(name: str, entry: str) -> bool:
    """Whether module `name` is `entry` or lies in it; `*` stands for one part."""
    parts, pattern = name.split("."), entry.split(".")
    return len(parts) >= len(pattern) and all(want in ("*", part) for part, want in zip(parts, pattern, strict=False))
