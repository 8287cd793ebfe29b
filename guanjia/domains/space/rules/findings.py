"""What the rows of a day tell that should not be (用房问题), each with its article. Pure.

A rule that was not in force on the day finds nothing. Months are calendar months: the last day in
time is the same day of a later month, the day after it is late.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from guanjia.domains.space.rules.clearances import months_after
from guanjia.domains.space.rules.standards import m2
from guanjia.domains.space.terms.findings import (
    DECISIONS,
    FINDING_LIFE,
    BuildingFacts,
    FindingCode,
    Found,
    LateFacts,
    LeaverFacts,
    Measure,
    OfficeSeat,
    Outcome,
    UseFacts,
)
from guanjia.domains.space.terms.standards import RoomVerdict, UnitStanding
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse

WITHIN = "space.use.within_approved"
ONE_OFFICE = "space.use.one_office"
LEFT, POST = "space.hand_back.left_months", "space.hand_back.post_months"
TITLE = "space.title.registered"
FUNCTION = "space.use.function_kept"
PASSED_ON, LENT = "space.use.not_passed_on", "space.use.not_lent_out"
TECHNICAL = "space.technical.no_offices"
VACANT = "space.vacant.report_days"
MEND_MAX = "space.finding.mend_days_max"
_TIME = Citation(title="腾退按腾退单的期限移交", own=True)
ORDER = Citation(title=FINDING_LIFE.rule, own=True)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def over_area(*, verdict: RoomVerdict, unit_id: int | None) -> Found | None:
    """A room over the limits of those who sit there, as its verdict says."""
    if not verdict.over or verdict.citation is None:
        return None
    return Found(
        code=FindingCode.OVER_AREA, subject=f"room:{verdict.room_id}", label=verdict.name,
        headline=f"超出限额 {m2(verdict.over_m2)} ㎡。", sentence=verdict.sentence,
        cite=verdict.citation, since=verdict.since, measured=verdict.usable_m2,
        limit=verdict.limit_m2, measure=Measure.AREA, unit_id=unit_id, room_id=verdict.room_id,
    )  # fmt: skip


def unit_over(*, standing: UnitStanding, law: LawInForce) -> Found | None:
    """A unit that holds more basic rooms (usable ㎡) than is approved for it."""
    over, total = standing.over_m2, standing.approved.total_m2
    if WITHIN not in law or over is None or total is None or over <= 0:
        return None
    provision, facts = law[WITHIN], standing.approved.facts
    parts = "，".join(
        f"{part.title} {m2(standing.held.get(part.kind, Decimal(0)))} ㎡"
        f"（核定 {m2(part.m2 or Decimal(0))} ㎡）"
        for part in standing.approved.basic
    )
    return Found(
        code=FindingCode.UNIT_OVER, subject=f"unit:{facts.id}", label=facts.name,
        headline=f"超出核定面积 {m2(over)} ㎡。",
        sentence=f"{parts}；编制 {facts.persons} 人，{facts.basis.label}{_version(standing)}。",
        cite=_as_checked(provision.cite, standing), since=provision.since,
        measured=standing.held_m2, limit=total, measure=Measure.AREA, unit_id=facts.id,
    )  # fmt: skip


def _version(standing: UnitStanding) -> str:
    """Which version of the standard the approved area was reckoned by."""
    office = standing.approved.office
    if office.cite is None or office.since is None:
        return ""
    since = f"{_day(office.since)}起的值"
    if office.cite.own:  # its title is a sentence, not the name of a text
        return f"，按{since}（{office.cite.title}）核定"
    return f"，按《{office.cite.title}》{since}核定"


def _as_checked(cite: Citation, standing: UnitStanding) -> Citation:
    """The article, marked 未核对 where one of the values behind the area is."""
    unchecked = any(part.cite and part.cite.unchecked for part in standing.approved.basic)
    return replace(cite, checked_on=None) if unchecked else cite


def two_offices(
    *,
    person_id: int,
    person: str,
    seats: Sequence[OfficeSeat],
    limit_m2: Decimal | None,
    unit_id: int | None,
    law: LawInForce,
) -> Found | None:
    """Somebody with more offices than one; one at a unit of a further post may be added when it is
    smaller than the standard of the rank (``limit_m2``)."""
    if ONE_OFFICE not in law or len(seats) <= 1:
        return None
    provision = law[ONE_OFFICE]
    main = [seat for seat in seats if not seat.of_post]
    further = [seat for seat in seats if seat.of_post]
    most_main, most_further = (int(provision.value[name]) for name in ("main", "further"))
    small = all(limit_m2 is not None and seat.usable_m2 < limit_m2 for seat in further)
    if len(main) <= most_main and len(further) <= most_further and small:
        return None
    rooms = "、".join(f"{seat.room}（{m2(seat.usable_m2)} ㎡）" for seat in seats)
    why = ""
    if further and len(main) <= most_main and len(further) <= most_further:
        why = (
            "兼职单位的一处没有小于标准面积"
            if limit_m2 is not None
            else "职级没有标准面积，比不出兼职单位的一处是否小于标准"
        )
        why = f"{why}{f' {m2(limit_m2)} ㎡' if limit_m2 is not None else ''}。"
    allowed = most_main + (most_further if further else 0)
    return Found(
        code=FindingCode.TWO_OFFICES, subject=f"person:{person_id}", label=person,
        headline=f"有 {len(seats)} 处办公室。", sentence=f"{rooms}。{why}", cite=provision.cite,
        since=provision.since, measured=Decimal(len(seats)), limit=Decimal(allowed),
        measure=Measure.PLACES, unit_id=unit_id, person_id=person_id, room_id=seats[-1].room_id,
    )  # fmt: skip


def late_left(*, facts: LeaverFacts, on: date, law: LawInForce) -> Found | None:
    """Somebody who left or retired and whose office is not back in time."""
    return _late(facts, on, law, FindingCode.LATE_LEFT, LEFT, "离岗")


def late_post(*, facts: LeaverFacts, on: date, law: LawInForce) -> Found | None:
    """Somebody relieved of a further post, whose office at that unit is not back in time."""
    return _late(facts, on, law, FindingCode.LATE_POST, POST, "免去兼任职务")


def _late(  # noqa: PLR0917 — two rules with the same shape
    facts: LeaverFacts, on: date, law: LawInForce, code: FindingCode, key: str, what: str
) -> Found | None:
    if key not in law:
        return None
    provision = law[key]
    months = int(provision.value)
    due = months_after(facts.on, months)
    if on <= due:
        return None
    return Found(
        code=code, subject=f"person:{facts.person_id}:room:{facts.room_id}",
        label=f"{facts.person} {facts.room}", headline=f"{facts.person}{what}后没有腾退。",
        sentence=f"{_day(facts.on)}{what}，应在 {months} 个月内、{_day(due)}前收回{facts.room}，"
        "台账仍登记在用。",
        cite=provision.cite, since=provision.since, unit_id=facts.unit_id,
        room_id=facts.room_id, person_id=facts.person_id,
    )  # fmt: skip


def late_clearance(*, facts: LateFacts, law: LawInForce) -> Found | None:
    """Rooms under way back to the bureau whose time has passed."""
    if WITHIN not in law:
        return None
    return Found(
        code=FindingCode.LATE_CLEARANCE, subject=f"clearance:{facts.clearance_id}",
        label=f"腾退 {facts.number}", headline="到期没有移交。",
        sentence=f"{facts.reason}，{_day(facts.begins_on)}起算，应于{_day(facts.due_on)}前移交："
        f"{facts.rooms}。",
        cite=facts.cite or _TIME, unit_id=facts.unit_id, room_id=facts.room_ids[0]
        if facts.room_ids
        else None,
    )  # fmt: skip


def untitled(*, building: BuildingFacts, law: LawInForce) -> Found | None:
    """A delivered building whose title is neither registered nor filed (权属备案)."""
    if TITLE not in law or not building.delivered or building.titled:
        return None
    provision = law[TITLE]
    when = f"{_day(building.delivered_on)}交付，" if building.delivered_on else "已交付，"
    return Found(
        code=FindingCode.UNTITLED, subject=f"building:{building.id}", label=building.name,
        headline="权属没有登记。",
        sentence=f"{when}权属状态：{building.title}。办理登记；资料缺失、权属不清的作权属备案。",
        cite=provision.cite, since=provision.since, building_id=building.id,
    )  # fmt: skip


def function_changed(*, facts: UseFacts, law: LawInForce) -> Found | None:
    """A room that is of another class now than when it was given to its unit."""
    if FUNCTION not in law or not facts.given_as or facts.given_as == facts.now_as:
        return None
    provision = law[FUNCTION]
    since = f"{_day(facts.since)}起，" if facts.since else ""
    return Found(
        code=FindingCode.FUNCTION_CHANGED, subject=f"room:{facts.room_id}", label=facts.room,
        headline=f"由{facts.given_as}改作{facts.now_as}。",
        sentence=f"{since}{facts.unit}使用时为{facts.given_as}，现为{facts.now_as}。",
        cite=provision.cite, since=provision.since, unit_id=facts.unit_id, room_id=facts.room_id,
    )  # fmt: skip


def vacant_held(*, facts: UseFacts, on: date, law: LawInForce) -> Found | None:
    """A room that stands empty in the hands of a unit for longer than the bureau's parameter."""
    if VACANT not in law or facts.empty_since is None:
        return None
    provision = law[VACANT]
    days, most = (on - facts.empty_since).days, int(provision.value)
    if days <= most:
        return None
    # The days go on by themselves: they are told on the page, not kept as a fact that changes.
    return Found(
        code=FindingCode.VACANT_HELD, subject=f"room:{facts.room_id}", label=facts.room,
        headline=f"空置超过 {most} 天没有移交。",
        sentence=f"{_day(facts.empty_since)}起空置，仍由{facts.unit}占用。恢复使用，或移交统一调剂。",
        cite=provision.cite, since=provision.since, limit=Decimal(most), measure=Measure.DAYS,
        unit_id=facts.unit_id, room_id=facts.room_id,
    )  # fmt: skip


def lent_out(*, facts: UseFacts, law: LawInForce) -> Found | None:
    """A room that its unit lent out, or in which people of another unit sit (``people``)."""
    key = PASSED_ON if facts.people else LENT
    if key not in law:
        return None
    provision = law[key]
    if facts.people:
        headline = "由其他单位的人使用。"
        sentence = f"{facts.unit}的房间登记的使用人是{'、'.join(facts.people)}。"
    else:
        headline = "登记为借出。"
        sentence = f"{facts.unit}的房间台账状态为借出；办公用房不得出租、出借。"
    return Found(
        code=FindingCode.LENT_OUT, subject=f"room:{facts.room_id}", label=facts.room,
        headline=headline, sentence=sentence[:500], cite=provision.cite, since=provision.since,
        unit_id=facts.unit_id, room_id=facts.room_id,
    )  # fmt: skip


def technical_misuse(*, facts: UseFacts, law: LawInForce) -> Found | None:
    """A room for technical work in which people have their office."""
    if TECHNICAL not in law or not facts.people:
        return None
    provision = law[TECHNICAL]
    return Found(
        code=FindingCode.TECHNICAL_MISUSE, subject=f"room:{facts.room_id}", label=facts.room,
        headline="技术业务用房登记了使用人。",
        sentence=f"使用人{'、'.join(facts.people)}。属办公的按办公室核定或腾退，属值守操作的说明情况。"[
            :500
        ],
        cite=provision.cite, since=provision.since, unit_id=facts.unit_id, room_id=facts.room_id,
    )  # fmt: skip


# ── what may be done with a finding ──────────────────────────────────────────────────────


def may_decide(*, outcome: Outcome, mend_by: date | None, today: date, law: LawInForce) -> Verdict:
    """One of the two outcomes; 整改 needs a day to come, within the bureau's longest."""
    if outcome not in DECISIONS:
        return refuse("outcome", "没有选处理结果。", "选整改或不成立。", ORDER, field="outcome")
    verdict = ALLOWED
    if outcome is not Outcome.MEND:
        return verdict
    longest = int(law[MEND_MAX].value)
    if mend_by is None or mend_by < today:
        verdict += refuse(
            "mend_by", "没有写整改期限。", "写今天或以后的日期。", ORDER, field="mend_by"
        )
    elif (mend_by - today).days > longest:
        verdict += refuse(
            "mend_by_far", "整改期限太长。", f"最长 {longest} 天。", law[MEND_MAX].cite,
            field="mend_by",
        )  # fmt: skip
    return verdict
