"""How offices write what the ledger of allocations asks for: brackets, dashes, units."""

import re

from guanjia.kernel.registers.cells import half_width

_NOTHING = re.compile(r"[-–—―_/\\\s]+|无|暂无|没有|长期|不详|N/?A", re.IGNORECASE)
_AREA = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?)\s*(?:㎡|m2|m²|平方米|平米|平方)?", re.IGNORECASE)
_YEAR = re.compile(r"[\[(（【﹝〔<《]\s*([0-9]{4})\s*[\])）】﹞〕>》]")
_WAYS = {
    "调配": "调剂",
    "调剂使用": "调剂",
    "置换使用": "置换",
    "租赁": "租用",
    "租借": "租用",
    "新建": "建设",
    "借调": "借用",
    "借用调配": "借用",
}


def optional(text: str) -> str:
    """Nothing, where a dash, a stroke or 无 stands for it."""
    return "" if _NOTHING.fullmatch(half_width(text)) else text


def paper(text: str) -> str:
    """``景调配[2020]001号`` with the brackets of official texts, without blanks."""
    return _YEAR.sub(r"〔\1〕", re.sub(r"\s+", "", half_width(text)))


def way(text: str) -> str:
    """The word of the register for a way that offices call otherwise."""
    return _WAYS.get(text.strip(), text)


def area(text: str) -> str:
    """``3,504 ㎡`` as a number; what is none stays as it stands."""
    text = optional(text)
    found = _AREA.fullmatch(half_width(text).strip())
    return found[1].replace(",", "") if found else text
