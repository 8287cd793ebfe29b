"""Dividing what a shared building used so that the parts add up exactly. Pure.

Largest remainder: everybody gets the whole units of their share, what is left goes unit by unit to
those whose share was cut most, equals in the order given.
"""

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from guanjia.domains.energy.terms.energies import Used
from guanjia.domains.energy.terms.sites import Basis
from guanjia.kernel.regulations.verdict import Verdict, refuse

WHOLE = Decimal(100)  # percent
_SHARE_PLACES, _AMOUNT_PLACES, _LEAST_PLACES = 6, 4, 2
PARTS_MAX = 200
_SHOWN = 3
K = TypeVar("K", bound=Hashable)


def apportion(units: int, weights: Mapping[K, Decimal]) -> dict[K, int]:
    """Whole units by weight, together exactly ``units``; weights are more than nothing."""
    total = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    exact = {key: units * Fraction(weight) / total for key, weight in weights.items()}
    found = {key: int(value) for key, value in exact.items()}
    left = units - sum(found.values())
    behind = sorted(weights, key=lambda key: found[key] - exact[key])
    for key in behind[:left]:
        found[key] += 1
    return found


def percents(weights: Mapping[K, Decimal]) -> dict[K, Decimal]:
    """Shares in percent, six decimals, together exactly 100."""
    step = Decimal(1).scaleb(-_SHARE_PLACES)
    units = apportion(int(WHOLE / step), weights)
    return {key: count * step for key, count in units.items()}


def split(used: Used, shares: Mapping[K, Decimal]) -> dict[K, Used]:
    """An amount and a cost by shares; the parts add up exactly, what was not told stays untold."""
    amounts: Mapping[K, Decimal | None] = dict.fromkeys(shares)
    costs: Mapping[K, int | None] = dict.fromkeys(shares)
    if used.amount is not None:
        step = Decimal(1).scaleb(-_places(used.amount))
        counted = apportion(int(used.amount / step), shares)
        amounts = {key: count * step for key, count in counted.items()}
    if used.cost_fen is not None:
        costs = apportion(used.cost_fen, shares)
    return {key: Used(amount=amounts[key], cost_fen=costs[key]) for key in shares}


def _places(amount: Decimal) -> int:
    """As many decimals as were told, two at least."""
    exponent = amount.normalize().as_tuple().exponent
    told = -exponent if isinstance(exponent, int) else 0
    return min(max(told, _LEAST_PLACES), _AMOUNT_PLACES)


# ── who shares from when ─────────────────────────────────────────────────────────────────


def may_share(
    *, basis: Basis, weights: Mapping[K, Decimal | None], names: Mapping[K, str], since: date,
    latest: date | None, today: date,
) -> Verdict:  # fmt: skip
    """Shares begin on a day that has come, after those before; told percents make 100.

    ``weights``: by institution, ``names`` what these are called; no weights at all end the sharing.
    """
    headline = "没有保存："
    if since > today:
        return refuse("in_the_future", headline, "起始日期还没有到。", field="since")
    if latest is not None and since < latest:
        sentence = f"{latest:%Y-%m-%d} 起已有分摊比例，起始日期不早于那一天。"
        return refuse("before_known", headline, sentence, field="since")
    if len(weights) > PARTS_MAX:
        sentence = f"一处办公点最多 {PARTS_MAX} 家机构。"
        return refuse("too_many", headline, sentence, field="parts")
    missing = [names[key] for key, weight in weights.items() if not weight or weight <= 0]
    if missing:
        what = {Basis.FLOOR: "没有建筑面积", Basis.PEOPLE: "没有用能人数"}.get(basis, "没有写比例")
        said = "、".join(missing[:_SHOWN])
        sentence = f"{said}{what}，补登后再保存，或改用约定比例。"
        return refuse("weight_missing", headline, sentence, field="parts")
    total = sum((weight or Decimal(0) for weight in weights.values()), Decimal(0))
    if basis is Basis.TOLD and weights and total != WHOLE:
        sentence = f"各机构的比例合计 {total.normalize():f}%，应正好 100%。"
        return refuse("not_whole", headline, sentence, field="parts")
    return Verdict()


def still_there(left: Sequence[str]) -> Verdict:
    """Nobody shares a building after having left the register; ``left``: those who do."""
    if not left:
        return Verdict()
    said = "、".join(left[:_SHOWN]) + (f"等 {len(left)} 家" if len(left) > _SHOWN else "")
    sentence = f"{said}那时已退出名录库，分摊比例里先去掉再保存。"
    return refuse("sharer_left", "没有保存：", sentence, field="parts")


def may_tell(*, month: date, today: date, shared: bool, told: bool) -> Verdict:
    """A month of a shared building is told when it has begun, and somebody shares it."""
    headline = "没有保存："
    if month > today:
        return refuse("in_the_future", headline, "这个月还没有到。", field="month")
    if not shared:
        sentence = "这个月没有分摊比例，先登记各机构的比例。"
        return refuse("nobody_shares", headline, sentence, field="month")
    if not told:
        return refuse("nothing_told", headline, "至少填一个品种。", field="electricity")
    return Verdict()


def not_told_otherwise(names: Sequence[str]) -> Verdict:
    """A source that an institution told of its own is not overwritten, and not counted twice."""
    if not names:
        return Verdict()
    said = "；".join(names[:_SHOWN]) + (f"等 {len(names)} 处" if len(names) > _SHOWN else "")
    sentence = f"{said}已经由机构自己填报。分摊会重复计算，先把机构月报的这一项改为 0。"
    return refuse("told_otherwise", "没有保存：", sentence)


def not_from_site(names: Sequence[str]) -> Verdict:
    """What came from a shared building is changed there."""
    if not names:
        return Verdict()
    said = "；".join(names[:_SHOWN]) + (f"等 {len(names)} 处" if len(names) > _SHOWN else "")
    sentence = f"{said}由合署办公点分摊，在办公点的月份里更正。"
    return refuse("from_site", "没有写入：", sentence)
