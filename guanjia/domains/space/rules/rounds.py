"""Rounds, what they find, what is put right after them, and what it costs in the year. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from guanjia.domains.space.terms.rounds import (
    CLOCK_OFF_MAX,
    PROBLEMS,
    RECT_LIFE,
    ROUND_LIFE,
    ItemFacts,
    MarkFacts,
    RectFacts,
    Result,
    RoundState,
    Score,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse, warn

EVERY_UNIT = Citation(title="巡检单位都检查到，没有检查的写明原因，才能结束巡检", own=True)
IN_ITS_DAYS = Citation(title=ROUND_LIFE.rule, own=True)
ITS_UNITS = Citation(title="只检查巡检单位使用的房间", own=True)
PROVED = Citation(title=RECT_LIFE.rule, own=True)
DUE_AFTER = Citation(title="整改期限不早于检查日期", own=True)
_NAMED_MAX = 5
_CLAUSE = "space.round."


# ── the checklist ────────────────────────────────────────────────────────────────────────


def cite_of(*, result: Result, law: LawInForce) -> Citation | None:
    """The article that a finding rests on, where one was in force."""
    key = _CLAUSE + result.value.lower()
    return law[key].cite if key in law else None


def usual_items(*, law: LawInForce) -> list[ItemFacts]:
    """The checklist a round begins with: every kind of finding with the bureau's points."""
    points = law["space.round.points"].value
    return [
        ItemFacts(result=each, text=each.label, points=Decimal(points[each.value]))
        for each in PROBLEMS
        if each.value in points
    ]


def due_on(*, ends_on: date, law: LawInForce) -> date:
    """By when findings of a round are to be put right, where its planner says nothing."""
    return ends_on + timedelta(days=int(law["space.round.rectify_days"].value))


# ── rounds ───────────────────────────────────────────────────────────────────────────────


def may_plan(
    *, begins_on: date, ends_on: date, due_on: date | None, units: int, items: int
) -> Verdict:
    """A round has days in their order, somebody to visit and something to ask."""
    verdict = ALLOWED
    if ends_on < begins_on:
        verdict += refuse(
            "ends_before_it_begins", "结束日期早于开始日期。", "核对两个日期。", field="ends_on"
        )
    if due_on is not None and due_on < ends_on:
        verdict += refuse(
            "due_too_early", "整改期限早于巡检结束。", "整改期限定在结束日期以后。", DUE_AFTER,
            field="due_on",
        )  # fmt: skip
    if not units:
        verdict += refuse("no_units", "没有巡检单位。", "至少选一个单位。", field="units")
    if not items:
        verdict += refuse("no_items", "没有检查项。", "至少留一项。", field="items")
    return verdict


def may_close(*, unvisited: Sequence[str]) -> Verdict:
    """A round ends when every unit was visited, or somebody says why not."""
    if not unvisited:
        return ALLOWED
    named = "、".join(unvisited[:_NAMED_MAX])
    more = f"等 {len(unvisited)} 家" if len(unvisited) > _NAMED_MAX else ""
    return refuse(
        "unvisited", f"{named}{more}还没有检查。", "检查完，或逐家写明没有检查的原因。", EVERY_UNIT
    )


def may_record(
    *,
    state: RoundState,
    begins_on: date,
    closed_at: datetime | None,
    looked_at: datetime,
    on_day: date,
    visited: bool,
    holder: str,
) -> Verdict:
    """A look counts when the round was under way and its units hold the room.

    ``looked_at`` is when it was by our clock. What was looked at before a round was closed is
    taken afterwards too: the telephone had no net.
    """
    if not visited:
        whose = f"这间房现在由{holder}使用" if holder else "这间房现在没有使用单位"
        return refuse(
            "outside", f"{whose}，不在这次巡检的单位里。", "由安排巡检的人加上这家单位。", ITS_UNITS
        )
    if state is RoundState.PLANNED or on_day < begins_on:
        return refuse(
            "not_begun",
            "检查时间在巡检开始以前。",
            f"巡检 {begins_on:%Y-%m-%d} 开始。",
            IN_ITS_DAYS,
        )
    if closed_at is not None and looked_at > closed_at:
        return refuse("closed", "检查时巡检已经结束。", "列入下一次巡检。", IN_ITS_DAYS)
    return ALLOWED


def clock_off(*, sent_at: datetime, received_at: datetime, law: LawInForce) -> int:
    """By how many seconds a telephone is ahead (less than 0: behind); 0 within the tolerance."""
    off = int((sent_at - received_at).total_seconds())
    off = max(-CLOCK_OFF_MAX, min(CLOCK_OFF_MAX, off))
    tolerance = int(law["space.round.clock_minutes"].value) * 60
    return off if abs(off) >= tolerance else 0


# ── a row of a ledger ────────────────────────────────────────────────────────────────────


def ledger_row(*, results: Sequence[Result], on: date, due: date | None) -> Verdict:
    """What cannot be true of a row of a ledger, and what is odd about it."""
    if Result.FINE in results and len(results) > 1:
        return refuse("fine_and_not", "写了“无问题”又写了问题。", "只留一种。", field="results")
    if due is not None and due < on:
        return refuse(
            "due_before_look", "整改期限早于检查日期。", f"{on:%Y-%m-%d} 检查。", DUE_AFTER,
            field="due_on",
        )  # fmt: skip
    if due is not None and Result.FINE in results:
        return warn("fine_with_due", "没有问题却有整改期限。", "核对检查结果。", field="due_on")
    if due is None and Result.FINE not in results:
        return warn(
            "problem_without_due", "有问题没有整改期限。", "没有列入整改，补上期限再导入。",
            field="due_on",
        )  # fmt: skip
    return ALLOWED


# ── putting right ────────────────────────────────────────────────────────────────────────


def late_days(*, rect: RectFacts, on: date) -> int:
    """For how many days something is, or was, late; 0 up to the last day of its time."""
    return max(0, ((rect.answered_on or on) - rect.due_on).days)


def late_points(*, days: int, law: LawInForce) -> Decimal:
    """What being late takes off: at once, again after every so many days, up to a bound."""
    if days <= 0:
        return Decimal(0)
    rule = law["space.score.late"]
    off = Decimal(rule.value["POINTS"]) * (1 + (days - 1) // int(rule.value["EVERY_DAYS"]))
    return min(off, Decimal(rule.value["MAX"]))


def counting(*, marks: Sequence[MarkFacts], law: LawInForce) -> list[bool]:
    """Which ticks cost points: a line of a checklist counts so many times in one round, however
    many rooms it was ticked for; the first ones do."""
    times = int(law["space.score.item_times"].value)
    counted: Counter[tuple[int, int]] = Counter()
    told = []
    for mark in marks:
        counted[mark.round_id, mark.item_id] += 1
        told.append(counted[mark.round_id, mark.item_id] <= times)
    return told


def score(
    *, marks: Sequence[MarkFacts], rects: Iterable[RectFacts], on: date, law: LawInForce
) -> Score:
    """What a unit lost in a year: its findings, and what it put right too late."""
    counted = zip(marks, counting(marks=marks, law=law), strict=True)
    findings = sum((mark.points for mark, counts in counted if counts), Decimal(0))
    days = tuple(late_days(rect=rect, on=on) for rect in rects)
    late = sum((late_points(days=each, law=law) for each in days), Decimal(0))
    return Score(
        findings=findings, late=late, full=Decimal(law["space.score.full"].value), late_days=days
    )
