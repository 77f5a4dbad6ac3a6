"""How names are found by typing Latin letters: 张三 by `zs` and `zhangsan`."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from welfare_desk.domain.people import search_text

# Readings that are different in family names.
_FAMILY = (
    "单shan 曾zeng 解xie 仇qiu 查zha 任ren 盖ge 朴piao 区ou 乐yue 缪miao 覃qin 翟zhai 员yun 种chong 尉yu 洗xian 召shao "
    "折she 黑he 秘bi 重chong 谌chen 晟cheng 冼xian 华hua 宁ning"
)
FAMILY = {entry[0]: entry[1:] for entry in _FAMILY.split()}
_KNOWN: dict[str, str] = {}  # Chinese characters that were read already
_PARTS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")


@lru_cache(maxsize=1 << 16)
def spell(name: str) -> str:
    """The search text of a name: initials, a blank, the full spelling; lower case."""
    try:
        spoken = [_KNOWN[sign] for sign in name]
    except KeyError:
        return _spell(name)
    if name[:1] in FAMILY:
        spoken[0] = FAMILY[name[0]]
    return f"{''.join([syllable[0] for syllable in spoken])} {''.join(spoken)}" if spoken else ""


def _spell(name: str) -> str:
    """The same for any name, one with Latin letters, blanks or rare signs."""
    parts = _PARTS.findall(name.lower())
    syllables = [part if part.isascii() else _read(part) for part in parts]
    if parts and parts[0] in FAMILY:
        syllables[0] = FAMILY[parts[0]]
    return search_text(syllables)


def learn() -> None:
    """Loads the dictionary, which takes a tenth of a second, before the first name is spelled."""
    _read("一")


@cache
def _read(sign: str) -> str:
    from pypinyin import lazy_pinyin

    found = lazy_pinyin(sign, errors="ignore")
    syllable = str(found[0]) if found else ""
    if syllable.strip():
        _KNOWN[sign] = syllable.lower()
    return syllable
