"""Bad files end in a sentence that names the problem, soon, and never in a crash."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.files.nasty import NASTY
from welfare_desk import i18n
from welfare_desk.errors import Refused
from welfare_desk.files.tables import read_table


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_is_refused_within_15_seconds(name: str, tmp_path: Path) -> None:
    make, codes = NASTY[name]
    path = make(tmp_path / name)
    begun = time.monotonic()
    with pytest.raises(Refused) as refusal:
        read_table(path)
    assert time.monotonic() - begun < 15
    assert refusal.value.code in codes
    for language in i18n.LANGUAGES:
        sentence = i18n.error_text(language, refusal.value)
        assert len(sentence) > 10
        assert not sentence.startswith("error.")
        assert "{" not in sentence
