"""Rules of the house that are not about imports: catalogues, locks, what may stand in a file."""

from __future__ import annotations

import csv
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support import catalogues
from tests.support.catalogues import ROOT, entries, placeholders
from welfare_desk import i18n

LANGUAGES = ("en", "zh_CN")
# Chinese words that mean one of ours and are not it (left), with ours (right).
NOT_OUR_WORDS = {
    "福利码": "券码",
    "激活码": "券码 / 卡密",
    "礼品码": "券码",
    "雇员": "人员",
    "员工编号": "工号",
    "员工号": "工号",
    "领用": "领取",
    "领取率率": "领取率",
    "管理人员": "操作员",
    "登陆": "登录",
    "帐号": "账号",
}
ENGLISH_NOT_OURS = {"redemption rate": "claim rate", "staff number": "employee number", "gift code": "code"}


def test_everything_said_has_a_chinese_text() -> None:
    chinese = i18n.catalogue("zh_CN")
    missing = {msgid: places for msgid, places in catalogues.spoken().items() if msgid and msgid not in chinese}
    assert not missing, "\n" + "\n".join(f"{places[0]}: {msgid!r}" for msgid, places in sorted(missing.items()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_sentence(language: str) -> None:
    known = i18n.catalogue(language)
    missing = sorted({(found.code, found.where) for found in catalogues.raised() if f"error.{found.code}" not in known})
    assert not missing, "\n" + "\n".join(f"{where}: error.{code}" for code, where in missing)


def test_every_error_fills_its_sentence() -> None:
    wrong = []
    for found in catalogues.raised():
        for language in LANGUAGES:
            wanted = placeholders(i18n.catalogue(language).get(f"error.{found.code}", ""))
            if found.names is not None and not wanted <= found.names:
                wrong.append(f"{found.where}: {language} error.{found.code} wants {sorted(wanted - found.names)}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_empty_or_fuzzy(language: str) -> None:
    bad = [f"{entry.file}: {entry.msgid!r}" for entry in entries(language) if entry.fuzzy or not all(entry.msgstrs)]
    assert not bad, "\n" + "\n".join(bad)
    assert any(entries(language)), f"no catalogue for {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language: str) -> None:
    english = i18n.catalogue("en")
    wrong = []
    for entry in entries(language):
        source = english.get(entry.msgid, "") if catalogues.is_key(entry.msgid) else "".join(entry.msgids)
        wanted = placeholders(source)
        for text in entry.msgstrs:
            if placeholders(text) - wanted or wanted - placeholders(text) - {"n"}:
                wrong.append(f"{entry.file}: {entry.msgid!r} → {text!r}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_named_texts_stand_in_both_languages() -> None:
    named = {
        language: {entry.msgid for entry in entries(language) if catalogues.is_key(entry.msgid)}
        for language in LANGUAGES
    }
    assert sorted(named["en"] ^ named["zh_CN"]) == []


def test_one_text_has_one_translation() -> None:
    translations = defaultdict(set)
    for entry in entries("zh_CN"):
        translations[entry.msgid].add((entry.msgstrs, entry.file))
    twice = [f"{msgid!r}: {sorted(said)}" for msgid, said in translations.items() if len(said) > 1]
    assert not twice, "\n" + "\n".join(twice)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_left_over(language: str) -> None:
    said = catalogues.strings() | set(catalogues.spoken()) | column_names()
    composed = [pattern for pattern in catalogues.patterns() if pattern.pattern != "error\\.(.+)"]
    unused = []
    for entry in entries(language):
        key = entry.msgid.removeprefix("error.")
        parts = [match.groups() for pattern in composed if (match := pattern.fullmatch(entry.msgid))]
        if not {key, entry.msgid} & said and not any(set(part) <= said for part in parts):
            unused.append(f"{entry.file}: {entry.msgid!r}")
    assert not unused, "\n" + "\n".join(unused)


def column_names() -> set[str]:
    """What the table of column synonyms calls its fields."""
    table = (i18n.RESOURCES / "column_synonyms.csv").read_text(encoding="utf-8-sig")
    return {row[0] for row in csv.reader(table.splitlines()) if row}


def test_texts_use_the_words_of_the_glossary() -> None:
    wrong = []
    for entry in entries("zh_CN"):
        for text in entry.msgstrs:
            wrong += [
                f"{entry.file}: {text!r}: {word} is {ours}" for word, ours in NOT_OUR_WORDS.items() if word in text
            ]
    for entry in [*entries("en"), *entries("zh_CN")]:
        said = " ".join(entry.msgids + (entry.msgstrs if entry.file == "errors.po" else ())).lower()
        wrong += [
            f"{entry.file}: {said!r}: {word} is {ours}" for word, ours in ENGLISH_NOT_OURS.items() if word in said
        ]
    assert not wrong, "\n" + "\n".join(wrong)


def tracked_texts() -> list[tuple[str, str]]:
    """Name and text of every file that is kept in the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    texts = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            texts.append((name, path.read_text(encoding="utf-8", errors="replace")))
    return texts


# Written in pieces so that this file does not break its own rule.
PLACES = re.compile(
    "|".join(["/wo" + "rk/", "/tm" + "p/wd", "/ro" + r"ot/(?!\.)", r"/ho" + r"me/\w+/\.(?:venv|cache)"])
)
REGISTRIES = re.compile(
    "|".join(["py" + r"pi\.org", "python" + "hosted", r"npm" + r"js\.org", "deb" + r"ian\.org/debian"])
)


def test_no_file_names_a_machine_or_a_registry() -> None:
    wrong = []
    for name, text in tracked_texts():
        for number, line in enumerate(text.splitlines(), start=1):
            if PLACES.search(line) or REGISTRIES.search(line):
                wrong.append(f"{name}:{number}: {line.strip()[:120]}")
    assert not wrong, "\n" + "\n".join(wrong)


def pinned(lock: str) -> dict[str, set[str]]:
    """Package: versions that a lock pins."""
    found = defaultdict(set)
    for name, version in re.findall(
        r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / "requirements" / lock).read_text(), re.MULTILINE
    ):
        found[name].add(version)
    return found


def test_a_run_is_locked_to_what_the_tests_saw() -> None:
    tested = pinned("test.txt")
    assert {name: versions for name, versions in pinned("run.txt").items() if tested.get(name) != versions} == {}


@pytest.mark.parametrize("lock", ["run.txt", "test.txt"])
def test_locks_are_hashed_and_name_no_source(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.search(r"https?://|file:|--(?:extra-)?index-url|--find-links", text) is None


def test_locks_hold_what_the_project_asks_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    asked = {
        name.lower() for name in re.findall(r'^    "([A-Za-z0-9-]+)(?:\[\w+\])?(?:[<>=]|",)', project, re.MULTILINE)
    }
    rules = {name for name in asked if name in pinned("test.txt")}
    assert {"pyside6-essentials", "sqlalchemy", "pytest", "ruff"} <= rules
    assert not any(name.startswith("pyside6-addons") for name in pinned("test.txt"))


def test_no_python_file_is_left_without_future_annotations() -> None:
    wrong = []
    for folder in ("welfare_desk", "tests", "devtools", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if path.name != "__init__.py" and "from __future__ import annotations" not in text:
                wrong.append(str(Path(path).relative_to(ROOT)))
    assert not wrong, wrong
