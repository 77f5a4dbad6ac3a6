"""Law 4: links are checked by signature alone; nothing forged, altered or of another key gets through."""

from __future__ import annotations

import secrets

from hypothesis import given
from hypothesis import strategies as st

from welfare_desk.security import references
from welfare_desk.security.links import TOKEN_SIGNS, Link, LinkKeys

KEYS = LinkKeys({0: b"k" * 32})
GRANTS = st.integers(1, (1 << 63) - 1)
VERSIONS = st.integers(0, 63)


@given(GRANTS, VERSIONS)
def test_a_minted_link_says_its_grant_and_version(grant: int, version: int) -> None:
    token = KEYS.mint(grant, version)
    assert len(token) == TOKEN_SIGNS
    assert set(token) <= set(references.ALPHABET)
    assert KEYS.check(token) == Link(grant, version)
    assert KEYS.check(token.lower()) == Link(grant, version)


@given(GRANTS, VERSIONS, st.integers(0, TOKEN_SIGNS - 1), st.sampled_from(references.ALPHABET))
def test_one_altered_sign_is_refused(grant: int, version: int, at: int, sign: str) -> None:
    token = KEYS.mint(grant, version)
    altered = token[:at] + sign + token[at + 1 :]
    assert altered == token or KEYS.check(altered) is None


@given(st.text(max_size=60))
def test_rubbish_is_refused(text: str) -> None:
    assert KEYS.check(text) is None


def test_another_master_key_or_generation_is_refused() -> None:
    token = LinkKeys({0: b"other" + b"k" * 27}).mint(5, 0)
    assert KEYS.check(token) is None
    assert KEYS.check(LinkKeys({1: b"k" * 32}).mint(5, 0)) is None
    both = LinkKeys({0: b"k" * 32, 1: b"n" * 32})
    assert both.check(KEYS.mint(5, 0)) == Link(5, 0)


def test_forged_numbers_do_not_fill_the_memory() -> None:
    keys = LinkKeys({0: b"k" * 32})
    for _try in range(5000):
        keys.check(references.encode(secrets.token_bytes(8) + b"\0" + secrets.token_bytes(16)))
    assert len(keys._campaign_keys) <= 4096


def test_references_are_read_back_however_they_are_typed() -> None:
    reference = references.grant_reference(7 << 40 | 123456789)
    assert len(reference) == 8
    shown = references.show(reference)
    assert shown[4] == "-"
    assert references.tidy(f"  {shown.lower()} ") == reference
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in reference)
    assert references.tidy(full_width) == reference
