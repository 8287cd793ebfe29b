"""Numbers, months and changes as an analysis writes them: in the way of official texts, digits
and Chinese words without gaps between. Pure."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.engines.wordreports.paper import rounded

UNITS = {
    Energy.ELECTRICITY: "千瓦时",
    Energy.WATER: "吨",
    Energy.GAS: "立方米",
    Energy.PETROL: "升",
    Energy.DIESEL: "升",
    Energy.COAL: "千克",
    Energy.LPG: "千克",
    Energy.HEAT: "吉焦",
    Energy.OTHER: "千克标准煤",
}
_MONTHS = 12


def plain(value: Decimal | float, places: int = 1) -> str:
    """A number without thousands apart, rounded half up; no needless zeros behind the point."""
    text = rounded(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def kind(value: InstitutionKind) -> str:
    """``事业单位（教育）``."""
    head, _, rest = value.label.partition("-")
    return f"{head}（{rest}）" if rest else head


def yuan(fen: int) -> str:
    """``12345.67元``."""
    return f"{Decimal(fen) / 100:.2f}元"


def percent(value: Decimal | float) -> str:
    """``12.3%``."""
    return f"{plain(value)}%"


def runs(months: Collection[int]) -> str:
    """``1至6月、9月``."""
    numbers = sorted(months)
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return "、".join(
        f"{part[0]}月" if len(part) == 1 else f"{part[0]}至{part[-1]}月" for part in parts
    )


def listed(months: Collection[int]) -> str:
    """``全年``, or which months and how many."""
    if len(months) == _MONTHS:
        return "全年"
    return f"{runs(months)}（{len(months)}个月）"


def changed(now: Decimal, before: Decimal) -> str:
    """``下降3.2%``, ``上升3.2%``, ``持平``; against nothing there is no share."""
    if not before:
        return "上年同期为0" if now else "持平"
    share = (now - before) / before * 100
    text = plain(abs(share))
    if text == "0":
        return "持平"
    return f"{'上升' if share > 0 else '下降'}{text}%"


def against(own: Decimal, other: Decimal) -> str:
    """``高出12.3%``, ``低12.3%``, ``持平``."""
    if not other:
        return "同类为0"
    share = (own - other) / other * 100
    text = plain(abs(share))
    if text == "0":
        return "持平"
    return f"{'高出' if share > 0 else '低'}{text}%"


def joined(parts: Sequence[str]) -> str:
    """``甲；乙；丙。``"""
    return "；".join(parts) + "。"
