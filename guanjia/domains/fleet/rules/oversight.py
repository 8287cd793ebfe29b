"""What is wrong with a journey, a sighting or a car that stands idle (督车). Pure: facts → grounds.

A ground is a reason to ask, not a judgement: the unit explains it, the keeper decides. Its words
say nothing that changes by itself (how late a car is by now), so that the same facts judged again
give the same words.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.oversight import (
    GRAVEST,
    DayFacts,
    Evidence,
    Ground,
    GroundCode,
    JourneyFacts,
    Level,
    PlannedFacts,
    SeenFacts,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Citation

NAMED_MAX = 3  # how many sightings a sentence names; the evidence has all of them
EVIDENCE_MAX = 12
_DAY = timedelta(days=1)


def gravest(levels: Sequence[Level]) -> Level:
    """The level of a finding: that of its gravest ground."""
    return next(level for level in GRAVEST if level in levels)


def graded(amount: int, steps: Mapping[str, int]) -> Level | None:
    """The gravest level whose threshold is reached; ``None`` below all of them."""
    reached = [Level(name) for name, least in steps.items() if amount >= least]
    return gravest(reached) if reached else None


def level_of(name: str, law: LawInForce) -> Level:
    """The level the bureau gives to what is either so or not so."""
    return Level(law["fleet.oversight.levels"].value[name])


def cite_of(law: LawInForce, key: str) -> Citation:
    """The article, or before its first day the bureau's own grading."""
    return law[key].cite if key in law else law["fleet.oversight.levels"].cite


def tolerance(law: LawInForce) -> timedelta:
    """How far from the recorded departure and return a clue still belongs to the trip."""
    return timedelta(minutes=int(law["fleet.oversight.tolerance_minutes"].value))


def _trip_evidence(journey: JourneyFacts | PlannedFacts) -> Evidence:
    return Evidence(title=f"派车单 {journey.number}", url_name="fleet:trip", id=journey.trip_id)


def seen_evidence(seen: Sequence[SeenFacts]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            title=f"{one.source.label} {one.place} {times.moment(one.at)}",
            url_name="fleet:sighting",
            id=one.id,
        )
        for one in seen[:EVIDENCE_MAX]
    )


def named(seen: Sequence[SeenFacts]) -> str:
    """``5月20日 20:30 在婺源县（婺源东收费站）``; after three ``等 5 处``."""
    told = []
    for one in seen[:NAMED_MAX]:
        where = f"{one.area}（{one.place}）" if one.area else one.place
        told.append(f"{times.moment(one.at)} 在{where}")
    more = f"等 {len(seen)} 处" if len(seen) > NAMED_MAX else ""
    return "，".join(told) + more


def _window(begin: datetime, end: datetime) -> str:
    same = begin.astimezone(times.ZONE).date() == end.astimezone(times.ZONE).date()
    return f"{times.moment(begin)} 至 {times.clock(end) if same else times.moment(end)}"


# ── one journey ──────────────────────────────────────────────────────────────────────────


def judge_journey(
    *, journey: JourneyFacts, days: Mapping[date, DayFacts], at: datetime, law: LawInForce
) -> list[Ground]:
    """Everything that speaks against one journey; ``days``: what kind of days it touched."""
    found = [
        outside_place(journey=journey, law=law),
        outside_time(journey=journey, at=at, law=law),
        night_use(journey=journey, at=at, law=law),
        rest_day_use(journey=journey, days=days, at=at, law=law),
        odometer_gap(journey=journey, law=law),
        inspection(journey=journey, law=law),
        insurance(journey=journey, law=law),
        papers(journey=journey, on=at.astimezone(times.ZONE).date(), law=law),
    ]
    return [ground for ground in found if ground is not None]


def outside_place(*, journey: JourneyFacts, law: LawInForce) -> Ground | None:
    """Seen in an area that is neither approved, nor the city itself, nor on the way."""
    if not journey.areas:
        return None  # nobody knows where the destination lies: no verdict, see ``unjudged``
    strange = [one for one in journey.seen if one.area and one.area not in journey.areas]
    if not strange:
        return None
    return Ground(
        code=GroundCode.OUTSIDE_PLACE,
        mark="place",
        level=level_of("OUTSIDE_PLACE", law),
        headline=f"到过{'、'.join(dict.fromkeys(one.area for one in strange))}，不在批准的地点。",
        sentence=f"批准到{journey.destination}，{named(strange)}。",
        cite=cite_of(law, "fleet.trip.sheet"),
        evidence=(*seen_evidence(strange), _trip_evidence(journey)),
    )


def outside_time(*, journey: JourneyFacts, at: datetime, law: LawInForce) -> Ground | None:
    """Out before or after the approved time by at least so many minutes; also when still out."""
    back = journey.back_at or max(at, journey.went_at)
    early = _minutes(journey.planned_from - journey.went_at)
    late = _minutes(back - journey.planned_to)
    steps = law["fleet.oversight.late_minutes"]
    level = graded(max(early, late), steps.value)
    if level is None:
        return None
    least = min(steps.value.values())
    told = []
    if early >= least:
        told.append(f"{times.moment(journey.went_at)} 出车，提前 {times.span(early)}")
    if late >= least and journey.back_at is not None:
        told.append(f"{times.moment(journey.back_at)} 返回，超过 {times.span(late)}")
    elif late >= least:
        told.append("过了时间没有收车")
    after = [one for one in journey.seen if one.at > journey.planned_to]
    if after:
        told.append(named(after))
    return Ground(
        code=GroundCode.OUTSIDE_TIME,
        mark="time",
        level=level,
        headline="超出批准的时间。",
        sentence=f"批准 {_window(journey.planned_from, journey.planned_to)}，{'，'.join(told)}。",
        cite=cite_of(law, "fleet.trip.sheet"),
        evidence=(_trip_evidence(journey), *seen_evidence(after)),
    )


def _minutes(span: timedelta) -> int:
    return max(0, span // times.MINUTE)


def _nights(begin: datetime, end: datetime, law: LawInForce) -> Iterator[tuple[datetime, datetime]]:
    """The nights that touch a stretch of time."""
    hours = law["fleet.oversight.night"].value
    day = begin.astimezone(times.ZONE).date() - _DAY
    last = end.astimezone(times.ZONE).date()
    while day <= last:
        falls = datetime.combine(day, time(int(hours["FROM"])), times.ZONE)
        ends = datetime.combine(day + _DAY, time(int(hours["TO"])), times.ZONE)
        if falls < end and begin < ends:
            yield falls, ends
        day += _DAY


def night_use(*, journey: JourneyFacts, at: datetime, law: LawInForce) -> Ground | None:
    """On the road at night outside the approved time; a night that was approved is no finding."""
    back = journey.back_at or max(at, journey.went_at)
    parts = [
        (max(begin, falls), min(end, ends))
        for begin, end in (
            (journey.went_at, min(back, journey.planned_from)),
            (max(journey.went_at, journey.planned_to), back),
        )
        if begin < end
        for falls, ends in _nights(begin, end, law)
    ]
    minutes = sum(_minutes(end - begin) for begin, end in parts)
    if not parts or minutes < _minutes(tolerance(law)):
        return None
    told = "，".join(_window(begin, end) for begin, end in parts[:NAMED_MAX])
    if journey.back_at is None:
        told = f"{times.moment(parts[0][0])} 以后没有收车"
    return Ground(
        code=GroundCode.NIGHT,
        mark="night",
        level=level_of("NIGHT", law),
        headline="未经批准夜间用车。",
        sentence=f"{told}；批准 {_window(journey.planned_from, journey.planned_to)}。",
        cite=law["fleet.oversight.night"].cite,
        evidence=(_trip_evidence(journey),),
    )


def rest_day_use(
    *, journey: JourneyFacts, days: Mapping[date, DayFacts], at: datetime, law: LawInForce
) -> Ground | None:
    """On the road on a rest day or holiday that nobody approved; 调休 workdays are workdays.

    A trip that was approved for the rest day, with its reason, is no finding. A sheet entered from
    a ledger states no reason: that is only pointed out.
    """
    back = journey.back_at or max(at, journey.went_at)
    least = tolerance(law)
    found: list[tuple[date, str]] = []
    for day, kind in sorted(days.items()):
        begin = datetime.combine(day, time(0), times.ZONE)
        if kind.works or min(back, begin + _DAY) - max(journey.went_at, begin) < least:
            continue
        planned = journey.planned_from < begin + _DAY and begin < journey.planned_to
        if not planned:
            found.append((day, "REST_DAY"))
        elif not journey.rest_reason.strip():
            found.append((day, "REST_DAY_RECORDED" if journey.recorded else "REST_DAY"))
    if not found:
        return None
    named = "、".join(_day_words(day, days[day]) for day, _ in found[:NAMED_MAX])
    why = (
        f"批准 {_window(journey.planned_from, journey.planned_to)}，不含这一天。"
        if found[0][0] not in _days_of(journey)
        else "派车单上没有休息日用车理由。"
    )
    return Ground(
        code=GroundCode.REST_DAY,
        mark="rest_day",
        level=gravest([level_of(name, law) for _, name in found]),
        headline="休息日用车没有批准的理由。",
        sentence=f"{named}用车。{why}",
        cite=cite_of(law, "fleet.trip.rest_day"),
        evidence=(_trip_evidence(journey),),
    )


def _days_of(journey: JourneyFacts) -> set[date]:
    first = journey.planned_from.astimezone(times.ZONE).date()
    last = (journey.planned_to - times.MINUTE).astimezone(times.ZONE).date()
    return {first + _DAY * offset for offset in range((last - first).days + 1)}


def _day_words(day: date, kind: DayFacts) -> str:
    weekday = "一二三四五六日"[day.weekday()]
    return f"{day.month}月{day.day}日 周{weekday}（{kind.label}）"


def odometer_gap(*, journey: JourneyFacts, law: LawInForce) -> Ground | None:
    """Kilometres between two trips that no sheet accounts for."""
    before = journey.before
    if before is None or journey.start_km is None:
        return None
    gap = journey.start_km - before.km
    steps = law["fleet.oversight.gap_km"]
    level = graded(gap, steps.value)
    if level is None:
        return None
    return Ground(
        code=GroundCode.ODOMETER_GAP,
        mark="gap",
        level=level,
        headline=f"有 {gap:,} 公里没有派车单。",
        sentence=(
            f"上次收车 {before.km:,} 公里（{before.number}，{times.moment(before.at)}），"
            f"本次出车 {journey.start_km:,} 公里。"
        ),
        cite=steps.cite,
        evidence=(
            _trip_evidence(journey),
            Evidence(title=f"派车单 {before.number}", url_name="fleet:trip", id=before.trip_id),
        ),
    )


def inspection(*, journey: JourneyFacts, law: LawInForce) -> Ground | None:
    """Driven after the inspection had expired; valid on its last day."""
    until = journey.inspected_until
    if until is None or journey.went_at.astimezone(times.ZONE).date() <= until:
        return None
    return Ground(
        code=GroundCode.INSPECTION,
        mark="inspection",
        level=level_of("INSPECTION", law),
        headline="检验过期仍出车。",
        sentence=f"检验有效期至 {until:%Y-%m-%d}，{times.moment(journey.went_at)} 出车。",
        cite=cite_of(law, "fleet.inspection.valid"),
        evidence=(_trip_evidence(journey),),
    )


def insurance(*, journey: JourneyFacts, law: LawInForce) -> Ground | None:
    """Driven after the insurance had expired; valid on its last day."""
    until = journey.insured_until
    if until is None or journey.went_at.astimezone(times.ZONE).date() <= until:
        return None
    return Ground(
        code=GroundCode.INSURANCE,
        mark="insurance",
        level=level_of("INSURANCE", law),
        headline="保险过期仍出车。",
        sentence=f"保险期至 {until:%Y-%m-%d}，{times.moment(journey.went_at)} 出车。",
        cite=law["fleet.oversight.insured"].cite,
        evidence=(_trip_evidence(journey),),
    )


def papers(*, journey: JourneyFacts, on: date, law: LawInForce) -> Ground | None:
    """An emergency dispatch whose papers did not come in time, or were refused."""
    due = journey.papers_due_on
    if journey.papers == "REFUSED":
        name, told = "PAPERS_REFUSED", "应急先派的车，补单没有批准。"
    elif journey.papers == "OWED" and due is not None and due < on:
        name, told = "PAPERS_OWED", f"应急先派的车，应于 {due:%Y-%m-%d} 前补单，没有补。"
    else:
        return None
    return Ground(
        code=GroundCode.PAPERS,
        mark="papers",
        level=level_of(name, law),
        headline="应急派车的手续不全。",
        sentence=told,
        cite=law["fleet.trip.paper_days"].cite,
        evidence=(_trip_evidence(journey),),
    )


def unjudged(journey: JourneyFacts) -> str:
    """What the rules could not say about the place of a journey, in words; ``""`` if nothing."""
    if not journey.seen:
        return ""
    if not journey.areas:
        return f"目的地“{journey.unknown or journey.destination}”不在地点名录，没有核对地点。"
    blank = [one for one in journey.seen if not one.area]
    return f"{len(blank)} 条线索的地点不在名录，没有核对地点。" if blank else ""


# ── a car on a day, without a journey ────────────────────────────────────────────────────


def covers(*, seen_at: datetime, begin: datetime, end: datetime | None, law: LawInForce) -> bool:
    """Whether a clue belongs to a stretch of time, both ends with the tolerance."""
    spare = tolerance(law)
    return begin - spare <= seen_at and (end is None or seen_at <= end + spare)


def judge_day(
    *,
    seen: Sequence[SeenFacts],
    planned: Sequence[PlannedFacts],
    day: DayFacts,
    law: LawInForce,
) -> list[Ground]:
    """Where a car was seen on a day while no trip had it out.

    ``planned``: trips that had it promised that day and told of no departure. ``day``: what kind
    of day it was.
    """
    loose, promised = [], []
    for one in sorted(seen, key=lambda one: one.at):
        trip = _promised(one, planned, law)
        loose += [] if trip else [one]
        promised += [(one, trip)] if trip else []
    found = []
    if promised:
        found.append(_not_departed(promised, law))
    if loose:
        found.append(_no_order(loose, law))
        found += _when(loose, day, law)
    return found


def _promised(
    seen: SeenFacts, planned: Sequence[PlannedFacts], law: LawInForce
) -> PlannedFacts | None:
    return next(
        (
            trip
            for trip in planned
            if covers(seen_at=seen.at, begin=trip.planned_from, end=trip.planned_to, law=law)
        ),
        None,
    )


def _not_departed(promised: Sequence[tuple[SeenFacts, PlannedFacts]], law: LawInForce) -> Ground:
    seen = [one for one, _ in promised]
    trips = list(dict.fromkeys(trip for _, trip in promised))
    return Ground(
        code=GroundCode.NOT_DEPARTED,
        mark="not_departed",
        level=level_of("NOT_DEPARTED", law),
        headline="在路上，没有登记出车。",
        sentence=f"{named(seen)}，{'、'.join(trip.number for trip in trips)} 没有登记出车。",
        cite=cite_of(law, "fleet.trip.registration"),
        evidence=(*seen_evidence(seen), *map(_trip_evidence, trips)),
    )


def _no_order(seen: Sequence[SeenFacts], law: LawInForce) -> Ground:
    return Ground(
        code=GroundCode.NO_ORDER,
        mark="no_order",
        level=level_of("NO_ORDER", law),
        headline="没有派车单用车。",
        sentence=f"{named(seen)}，那时没有派车单。",
        cite=cite_of(law, "fleet.trip.sheet"),
        evidence=seen_evidence(seen),
    )


def _when(seen: Sequence[SeenFacts], day: DayFacts, law: LawInForce) -> Iterator[Ground]:
    """Night and rest day as further reasons beside the missing order."""
    dark = [one for one in seen if any(_nights(one.at, one.at + times.MINUTE, law))]
    if dark:
        yield Ground(
            code=GroundCode.NIGHT,
            mark="night",
            level=level_of("NIGHT", law),
            headline="未经批准夜间用车。",
            sentence=f"{named(dark)}。",
            cite=law["fleet.oversight.night"].cite,
            evidence=seen_evidence(dark),
        )
    if not day.works:
        on = seen[0].at.astimezone(times.ZONE).date()
        yield Ground(
            code=GroundCode.REST_DAY,
            mark="rest_day",
            level=level_of("REST_DAY", law),
            headline="休息日用车没有批准的理由。",
            sentence=f"{_day_words(on, day)}用车，没有派车单。",
            cite=cite_of(law, "fleet.trip.rest_day"),
            evidence=seen_evidence(seen),
        )
