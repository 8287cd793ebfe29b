"""Whether a place of the quota is free, and what a change of it must be. Pure."""

from datetime import date

from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.quotas import Standing
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import (
    ALLOWED,
    Citation,
    Verdict,
    passed,
    refuse,
    warn,
)

KEPT = "fleet.quota.kept"


def takes_a_place(
    *, standing: Standing, unit_name: str, use: Use, law: LawInForce, field: str = "use"
) -> Verdict:
    """A car that comes onto the books needs a free place of the unit's quota for its class.

    ``standing`` is without the request itself. Refuses with 《机关事务管理条例》第二十五条: not
    more than the quota.
    """
    cite = _cite(law)
    whose = f"{unit_name}的{use.label}"
    if not standing.known:
        return refuse(
            "no_quota",
            f"{whose}没有核定编制。",
            "先申请核定编制，批准后再申请。",
            cite,
            field=field,
        )
    if standing.free < 1:
        return refuse(
            "over_quota", f"超编：{_counted(standing)}，没有空余。",
            f"{whose}处置一辆，或申请增加编制，有空余后再申请。", cite, field=field,
        )  # fmt: skip
    after = standing.free - 1
    return passed("within_quota", f"{whose}在编制之内。", f"本次之后还空余 {after} 辆。", cite)


def _counted(standing: Standing) -> str:
    parts = [f"编制 {standing.quota} 辆", f"在编 {standing.on_books} 辆"]
    if standing.reserved:
        parts.append(f"在办购置占用 {standing.reserved} 辆")
    return "，".join(parts)


def may_change(
    *, standing: Standing, delta: int, takes_effect_on: date, today: date, law: LawInForce
) -> Verdict:
    """A change adds or takes away something, leaves no negative quota, and holds from now on.

    ``standing`` is that of the day on which the change takes effect. Fewer places than cars is
    allowed, and said.
    """
    verdict = ALLOWED
    if delta == 0:
        verdict += refuse(
            "no_change", "增减数是 0。", "填增加或核减几辆，核减写负数。", _own(), field="delta"
        )
    if takes_effect_on < today:
        verdict += refuse(
            "in_the_past", "生效日期已经过去。", "过去核定的编制由管理员导入编制台账。", _own(),
            field="takes_effect_on",
        )  # fmt: skip
    after = standing.quota + delta
    if after < 0:
        verdict += refuse(
            "below_zero", f"现有编制 {standing.quota} 辆，不够核减。",
            f"最多核减 {standing.quota} 辆。", _own(), field="delta",
        )  # fmt: skip
    elif delta < 0 and standing.on_books + standing.reserved > after:
        beyond = standing.on_books + standing.reserved - after
        verdict += warn(
            "over_after", f"核减后超编 {beyond} 辆。", "批准后须处置超出的车辆。", _cite(law),
            field="delta",
        )  # fmt: skip
    return verdict


def kept(*, standing: Standing, law: LawInForce) -> Verdict:
    """Whether the cars on the books are within the quota; for pages, which show it in red."""
    if not standing.over:
        return ALLOWED
    why = "处置或划转超出的车辆，或申请增加编制。"
    said = _counted(standing) if standing.known else f"没有核定编制，在编 {standing.on_books} 辆"
    return refuse("over_quota", f"超编 {standing.over} 辆。", f"{said}。{why}", _cite(law))


def _cite(law: LawInForce) -> Citation | None:
    return law[KEPT].cite if KEPT in law else None


def _own() -> Citation:
    return Citation(title="编制按批准文件增减，合计不为负数", own=True)
