"""Picture every screen and claim page: `python3 dev.py shots [--out shots] [--only NAME] [--language L] [--theme T]`.

How to add screens: write a module `devtools/shots_<name>.py` with one function

    def shoot(out: Path, language: str, theme: str) -> list[str]:

It saves its pictures as `out / "<screen>.png"` (out is a folder of its own per module, language and theme) and returns
the problems it saw, one sentence each: missing glyphs, clipped labels, horizontal scrolling. The helpers that find
them are in `tests/support/looks.py`. It is called once per language ("zh_CN", "en") and theme ("light", "dark"),
each time in a fresh process with QT_QPA_PLATFORM=offscreen and an empty current folder for its data, so a
QApplication, a service or a browser may be started freely; what it starts it ends.
"""

from __future__ import annotations

import argparse
import html
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh_CN", "en")
THEMES = ("light", "dark")
MINUTES_PER_MODULE = 5
COMMAND = [sys.executable, "-m", "devtools.shots"]
ANSWER = "shots-problems: "
STYLE = "figure{display:inline-block;margin:8px;vertical-align:top}img{max-width:640px}body{background:#888}"


def main(arguments: list[str]) -> int:
    """Run every shooter in every language and theme; 1 if one of them failed or saw a problem."""
    parser = argparse.ArgumentParser(description="Picture every screen in every language and theme.")
    parser.add_argument("--out", type=Path, default=ROOT / "shots")
    parser.add_argument("--only", help="one shooter: NAME of devtools/shots_NAME.py")
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.child:
        return shoot_here(*args.child)
    names = [args.only] if args.only else shooters()
    problems: list[str] = []
    for name in names:
        for language in [args.language] if args.language else LANGUAGES:
            for theme in [args.theme] if args.theme else THEMES:
                problems += shoot_apart(name, args.out.resolve(), language, theme)
    write_gallery(args.out)
    print("\n".join(problems))
    count = len(list(args.out.rglob("*.png")))
    print(f"{count} pictures in {args.out / 'index.html'}, {len(problems)} problems")
    return 1 if problems or not count else 0


def shooters() -> list[str]:
    """Names of all modules `devtools/shots_<name>.py`."""
    return sorted(path.stem.removeprefix("shots_") for path in Path(__file__).parent.glob("shots_*.py"))


def shoot_here(name: str, out: str, language: str, theme: str) -> int:
    """In the child: call the shooter and print its problems as the last line."""
    module = importlib.import_module(f"devtools.shots_{name}")
    print(ANSWER + json.dumps(module.shoot(Path(out), language, theme)), flush=True)
    return 0


def shoot_apart(name: str, out: Path, language: str, theme: str) -> list[str]:
    """Run one shooter in a process of its own; returns its problems with a heading each."""
    title = f"{name} {language} {theme}"
    folder = out / name / f"{language}-{theme}"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    print(title, flush=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as empty:
        try:
            done = subprocess.run(
                [*COMMAND, "--child", name, str(folder), language, theme],
                cwd=empty,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                timeout=60 * MINUTES_PER_MODULE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [f"{title}: not done within {MINUTES_PER_MODULE} minutes"]
    answers = [line for line in done.stdout.splitlines() if line.startswith(ANSWER)]
    if done.returncode or not answers:
        return [f"{title}: ended with status {done.returncode}"]
    return [f"{title}: {problem}" for problem in json.loads(answers[-1].removeprefix(ANSWER))]


def write_gallery(out: Path) -> None:
    """One page that shows all pictures, to look through them quickly."""
    out.mkdir(parents=True, exist_ok=True)
    pictures = [html.escape(str(path.relative_to(out))) for path in sorted(out.rglob("*.png"))]
    figures = [
        f'<figure><img src="{name}" loading="lazy"><figcaption>{name}</figcaption></figure>' for name in pictures
    ]
    page = f"<!doctype html><meta charset=utf-8><title>shots</title><style>{STYLE}</style>{''.join(figures)}"
    (out / "index.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
