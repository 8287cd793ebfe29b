"""How offices write what a cell asks for: dashes for nothing, units behind numbers, dots in plates.

For ``Column.clean``. What is not known here stays as it stands and is judged as such.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from guanjia.domains.fleet.terms.cars import Energy, Use
from guanjia.domains.fleet.terms.disposals import DisposalMethod
from guanjia.kernel.registers.cells import fold_label, half_width

# Signs and words that stand in a cell instead of leaving it empty.
_NOTHING = re.compile(
    r"[-–—―_/\\\s]+|无|暂无|没有|未知|不详|待定|未定|待补|待报|未批|待批|未处置|待处置|N/?A",
    re.IGNORECASE,
)
_DOTS = re.compile(r"[·•・‧∙⋅．.\-–—\s]")
_NUMBER = re.compile(
    r"(?:人民币|RMB|[¥￥])?\s*(?P<number>[+-]?[0-9][0-9,]*(?:\.[0-9]*)?)\s*(?P<unit>[^\s0-9]*)",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[+-]?[0-9]+(?:\.[0-9]*)?")
_YUAN = {"元": Decimal(1), "元整": Decimal(1)}
_WAN = {"万": Decimal(10_000), "万元": Decimal(10_000), "万元整": Decimal(10_000)}


def optional(text: str) -> str:
    """Nothing, where a dash, a stroke or 无 stands for it."""
    return "" if _NOTHING.fullmatch(half_width(text)) else text


def plate(text: str) -> str:
    """A number plate as it is stored: capitals, without dots, hyphens and blanks."""
    return _DOTS.sub("", text.upper())


def _measured(units: Mapping[str, Decimal]) -> Callable[[str], str]:
    """Reads a number with one of these units behind it; each says by what it is multiplied."""

    def clean(text: str) -> str:
        text = optional(text)
        found = _NUMBER.fullmatch(half_width(text))
        if found is None or not _GROUPED.fullmatch(found["number"]):
            return text
        factor = units.get(found["unit"].upper())
        if factor is None:
            return text
        if factor == 1:
            return found["number"].rstrip(".")
        return f"{Decimal(found['number'].replace(',', '')) * factor:f}"

    return clean


yuan = _measured({"": Decimal(1), **_YUAN, **_WAN})
wan = _measured(
    {"": Decimal(1)} | {unit: factor / 10_000 for unit, factor in (_YUAN | _WAN).items()}
)
litres = _measured({unit: Decimal(1) for unit in ("", "L", "升", "T")})
cars = _measured({unit: Decimal(1) for unit in ("", "辆", "台")})


def _word(labels: Mapping[str, str]) -> Callable[[str], str]:
    """Reads the words that offices use for a label."""
    folded = {fold_label(word): label for word, label in labels.items()}
    return lambda text: folded.get(fold_label(text), text)


method = _word(
    {
        **dict.fromkeys(("公开拍卖", "拍卖处置", "网上拍卖"), DisposalMethod.AUCTION.label),
        **dict.fromkeys(
            ("报废处置", "报废处理", "报废回收", "强制报废"), DisposalMethod.SCRAP.label
        ),
        **dict.fromkeys(("厂家回购", "返厂回收"), DisposalMethod.RETURN.label),
        **dict.fromkeys(("无偿划转", "调拨", "无偿调拨"), DisposalMethod.TRANSFER.label),
    }
)
use = _word({each.label.removesuffix("用车"): each.label for each in Use})
_energy = _word(
    {
        **dict.fromkeys(("电动", "纯电", "电"), Energy.ELECTRIC.label),
        **dict.fromkeys(("插电混动", "插电式混动", "插混"), Energy.PLUG_IN.label),
        **dict.fromkeys(("油电混动", "油电混合动力"), Energy.HYBRID.label),
        **dict.fromkeys(("汽油车",), Energy.PETROL.label),
    }
)


def energy(text: str) -> str:
    """What moves a car, or nothing while it is not chosen."""
    return _energy(optional(text))


def use_or_nothing(text: str) -> str:
    """The class of a car, or nothing while it is not chosen."""
    return use(optional(text))
