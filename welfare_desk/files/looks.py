"""What a column holds by the look of up to 50 of its values, where its header does not say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from welfare_desk.domain.cells import BOOLEAN
from welfare_desk.files.cells import shown

SNIFFED_ROWS = 400
SNIFFED_CELLS = 50
SNIFFED_SHARE = 0.8

_PHONE = re.compile(r"(?:\+?86|0086)?1[3-9]\d{9}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CITIZEN = re.compile(r"[1-9]\d{5}(?:19|20)\d{9}[\dXx]")
_CARD = re.compile(r"\d{16,19}")
_NUMBER = re.compile(r"(?=.*\d)[A-Za-z]{0,4}-?\d{2,10}")
_PATH = re.compile(r"[^\s/>\\\d][^/>\\]*(?:\s?[/>\\]\s?[^\s/>\\\d][^/>\\]*)+")
_UNIT = re.compile(r".{1,20}(?:部|中心|科|处|室|公司|事业群|Dept\.?|Department)")
_HANZI_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff·]{1,9}")
_LATIN_NAME = re.compile(r"[A-Z][a-z'’-]+(?: [A-Z][a-z.'’-]*){1,3}")
_FAMILIES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈"
    "钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵万覃武钱戴严莫孔向常欧司上诸"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def values(rows: Iterable[Sequence[object]], column: int) -> list[str]:
    """The first 50 values of a column as text."""
    found = []
    for row in rows:
        cell = row[column] if column < len(row) else None
        text = shown(cell).strip()
        if text:
            found.append(text)
            if len(found) == SNIFFED_CELLS:
                break
    return found


def look_of(cells: Sequence[str]) -> str | None:
    """`mobile`, `email`, `_sensitive.id_number` or `_sensitive.bank` when at least 80 % of the values look like it."""
    bare = [re.sub(r"[\s-]", "", cell) for cell in cells]
    if _share(bare, lambda cell: _PHONE.fullmatch(cell) is not None):
        return "mobile"
    if _share(bare, lambda cell: _EMAIL.fullmatch(cell) is not None):
        return "email"
    if _share(bare, is_citizen_number):
        return "_sensitive.id_number"
    return "_sensitive.bank" if _share(bare, _is_card) else None


def is_secret(text: str) -> bool:
    """Whether a cell by itself is an identity number or a bank card, wherever it stands."""
    return is_citizen_number(text) or _is_card(text)


def is_flag(cells: Sequence[str]) -> bool:
    """Whether all values are yes or no."""
    return bool(cells) and all(cell.lower() in BOOLEAN for cell in cells)


def look_of_missing(cells: Sequence[str], field: str) -> bool:
    """Whether values could be the column a list cannot do without and that no header named."""
    if field == "name":
        return len(set(cells)) >= 0.6 * len(cells) and _share(cells, _is_name)
    if field == "department":
        return _share(cells, lambda cell: bool(_PATH.fullmatch(cell) or _UNIT.fullmatch(cell)))
    distinct = len(set(cells)) == len(cells)
    told = any(not cell.isdigit() or cell.startswith("0") for cell in cells)
    return distinct and told and _share(cells, lambda cell: _NUMBER.fullmatch(cell) is not None)


def is_citizen_number(text: str) -> bool:
    """A Chinese identity number, its check sign included."""
    if not _CITIZEN.fullmatch(text):
        return False
    total = sum(weight * int(sign) for weight, sign in zip(_WEIGHTS, text, strict=False))
    return "10X98765432"[total % 11] == text[-1].upper()


def _is_card(text: str) -> bool:
    """A bank card's number, its check digit included."""
    if not _CARD.fullmatch(text):
        return False
    doubled = [int(sign) * (1 + at % 2) for at, sign in enumerate(reversed(text))]
    return sum(digit - 9 * (digit > 9) for digit in doubled) % 10 == 0


def _is_name(text: str) -> bool:
    if _HANZI_NAME.fullmatch(text):
        return text[0] in _FAMILIES or "·" in text
    return _LATIN_NAME.fullmatch(text) is not None


def _share(cells: Sequence[str], looks: Callable[[str], bool]) -> bool:
    return bool(cells) and sum(looks(cell) for cell in cells) >= SNIFFED_SHARE * len(cells)
