"""Looking a period over (核查): what the rules find becomes findings, what vanished is closed.

Safe to repeat: the same words about the same facts are raised once. New words reopen what was
explained; what was decided stays decided, and new words about it are a new finding.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from guanjia.domains.fleet.actions.oversight import FINDINGS
from guanjia.domains.fleet.events import FindingsRaised
from guanjia.domains.fleet.models import Car, Finding, GroundRow, Trip
from guanjia.domains.fleet.queries import clues
from guanjia.domains.fleet.rules import oversight as rules
from guanjia.domains.fleet.rules import sealing, standing, times
from guanjia.domains.fleet.terms.oversight import (
    UNDER_WAY,
    FindingState,
    Ground,
    GroundCode,
    Level,
    Outcome,
)
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.events import bus
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.locks import advisory
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period

SERIES = "fleet.finding"
RULES = "fleet.oversight.levels"
# Judged whole each time, whatever their day: they stand until somebody does something.
STANDING = (GroundCode.IDLE, GroundCode.FINE, GroundCode.FUEL, GroundCode.CARD)
# Judged by what the card of the car said then: a renewal later does not undo the journey.
KEPT = (GroundCode.INSPECTION, GroundCode.INSURANCE)

Key = tuple[int | None, int, date | None]  # trip, or car and day


@dataclass(kw_only=True)
class Judged:
    """A journey, or a car on a day, with the grounds that stand against it."""

    car: Car
    trip: Trip | None
    day: date
    grounds: list[Ground] = field(default_factory=list)
    unjudged: str = ""

    @property
    def key(self) -> Key:
        return key_of(self.trip.pk if self.trip else None, self.car.pk, self.day)


def key_of(trip_id: int | None, car_id: int, day: date) -> Key:
    """What there is one finding under way about."""
    return (trip_id, 0, None) if trip_id else (None, car_id, day)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One review: who looks, when, whether what stands is judged too, and until when to explain.

    ``spans`` are the days looked over, ``trips`` the journeys judged: only about them can a ground
    have vanished.
    """

    actor: Actor
    at: datetime
    current: bool
    due_on: date
    spans: Sequence[Period]
    trips: Collection[int]

    def looked_at(self, finding: Finding) -> bool:
        """Whether what the finding is about was judged whole."""
        return finding.trip_id in self.trips or any(
            span.start <= finding.on_day < span.end for span in self.spans
        )


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What a review did: findings raised anew, changed, closed because their facts vanished."""

    raised: int = 0
    changed: int = 0
    gone: int = 0
    judged: int = 0

    @property
    def count(self) -> int:
        """How many were found anew."""
        return self.raised


def review_month(*, actor: Actor, month: date, at: datetime) -> Reviewed:
    """Look over a whole month as its rows stand now (重新核查)."""
    return review(actor=actor, period=Period.month_of(month), at=at)


@transaction.atomic
def review(*, actor: Actor, period: Period, at: datetime) -> Reviewed:
    """Look over a period as the rows stand now (核查). One review at a time.

    Needs ``fleet.oversight.decide``. A period that holds ``at`` is also asked for what stands
    until somebody does something: idle cars, fines, open doubts about costs. A finding whose trip
    was moved to another day goes along with what was said of it. One record for each finding that
    changed; publishes ``FindingsRaised`` for those that wait for an explanation.
    """
    actor.must("fleet.oversight.decide")
    _may_look(period, at)
    advisory.advisory("fleet.review")
    current = period.start <= times.day_of(at) < period.end
    spans = [period, *_besides(period, _moved(actor, period, at))]
    judged = [each for span in spans for each in _judge(span, at, law_at(span.last))]
    days = int(law_at(at)["fleet.oversight.explain_days"].value)
    run = _Run(
        actor=actor,
        at=at,
        current=current,
        due_on=calendar.add_workdays(times.day_of(at), days),
        spans=spans,
        trips={each.trip.pk for each in judged if each.trip},
    )
    if current:
        judged += _standing(at, law_at(period.last))
    whole = _together(judged)
    return _settle(run, whole, _known(run, whole))


def _moved(actor: Actor, period: Period, at: datetime) -> set[date]:
    """Let findings under way follow trips that were corrected to another day or car.

    Returns the days they went to.
    """
    begin, end = period.bounds()
    here = Q(on_day__gte=period.start, on_day__lt=period.end)
    come = Q(trip__went_at__gte=begin, trip__went_at__lt=end)
    rows = (
        Finding.objects.select_for_update(of=("self",))
        .filter(here | come, state__in=UNDER_WAY, trip__ran__isnull=False)
        .select_related("trip", "unit")
        .order_by("pk")
    )
    gone = set()
    for finding in rows:
        trip: clues.Gone = finding.trip
        day = times.day_of(trip.went_at)
        if (day, trip.car_id) == (finding.on_day, finding.car_id) or RULES not in law_at(day):
            continue
        change(
            finding, {"on_day": day, "car_id": trip.car_id}, actor=actor,
            verb="fleet.finding.moved", at=at,
        )  # fmt: skip
        gone.add(day)
    return gone


def _besides(period: Period, moved: Iterable[date]) -> list[Period]:
    """What lies outside a period and is looked over with it: the days findings moved to, and those
    of sealings that were called off within it."""
    spans = [Period.day(day) for day in sorted(moved)]
    spans += clues.called_off(period=period)
    return [span for span in spans if span.start < period.start or period.end < span.end]


def _may_look(period: Period, at: datetime) -> None:
    """Days that are still to come hold nothing, and those before the rules are not judged."""
    if period.start > times.day_of(at):
        refuse("in_the_future", "这个月还没有到。", "选已经开始的月份。", field="month").enforce()
    first = law_at(at)[RULES]
    if RULES not in law_at(period.last):
        refuse(
            "before_the_rules",
            f"{period.label()}还没有督车规则，不核查。",
            f"{first.cite.title}自 {first.since:%Y-%m-%d} 起，选以后的月份。",
            first.cite,
            field="month",
        ).enforce()


def _judge(period: Period, at: datetime, law: LawInForce) -> list[Judged]:
    found = clues.facts(period=period, at=at, law=law)
    judged = []
    for trip in found.trips:
        journey = found.journeys[trip.pk]
        touched = _touched(found.days, journey.went_at, journey.back_at or at)
        grounds = rules.judge_journey(
            journey=journey, days=touched, at=at, law=law_at(journey.went_at)
        )
        for _, seal in found.seals.get(trip.car_id, ()):
            moved = sealing.driven_out(seal=seal, journey=journey, at=at, law=law)
            grounds += [moved] if moved else []
        judged.append(
            Judged(
                car=trip.car, trip=trip, day=times.day_of(trip.went_at), grounds=grounds,
                unjudged=rules.unjudged(journey),
            )
        )  # fmt: skip
    for on in found.loose:
        grounds = rules.judge_day(
            seen=on.seen, planned=on.planned, day=found.days[on.day], law=law_at(on.day)
        )
        for _, seal in found.seals.get(on.car.pk, ()):
            seen = sealing.seen_moving(seal=seal, seen=on.seen, law=law)
            grounds += [seen] if seen else []
        judged.append(Judged(car=on.car, trip=None, day=on.day, grounds=grounds))
    return judged + list(_sealed(found, period, at, law))


def _touched(days: Mapping[date, Any], begin: datetime, end: datetime) -> dict[date, Any]:
    first, last = times.day_of(begin), times.day_of(max(begin, end))
    return {day: kind for day, kind in days.items() if first <= day <= last}


def _sealed(found: clues.Facts, period: Period, at: datetime, law: LawInForce) -> Iterator[Judged]:
    """Cars handed in late or never, and those whose odometer moved while they stood."""
    for rows in found.seals.values():
        for row, seal in rows:
            late = sealing.handed_in_late(seal=seal, at=at, law=law)
            day = times.day_of(seal.begin_at)
            if late and not clues.waits_for_exception(row) and period.start <= day < period.end:
                yield Judged(car=row.car, trip=None, day=day, grounds=[late])
            moved = sealing.odometer_moved(seal=seal, law=law)
            if moved and row.released_at:
                day = times.day_of(row.released_at)
                if period.start <= day < period.end:
                    yield Judged(car=row.car, trip=None, day=day, grounds=[moved])


def _standing(at: datetime, law: LawInForce) -> list[Judged]:
    """Idle cars, fines nobody dealt with, and open doubts about fuel and cards."""
    judged = []
    for each in clues.idle_cars(at=at):
        ground = standing.idle(
            begin=each.begin, ever=each.ever, days=len(each.days), last=each.last, law=law
        )
        if ground is not None:
            first = min(int(days) for days in law["fleet.oversight.idle_days"].value.values())
            judged.append(
                Judged(car=each.car, trip=None, day=each.days[first - 1], grounds=[ground])
            )
    today = times.day_of(at)
    for fine, facts in clues.fines():
        ground = standing.fine_waits(fine=facts, on=today, law=law)
        if ground is not None:
            judged.append(_about(fine.car, fine.trip, times.day_of(fine.at), ground))
    for cost, doubt in clues.cost_doubts():
        ground = standing.cost_doubt(doubt=doubt, law=law)
        judged.append(_about(cost.car, cost.trip, cost.spent_on, ground))
    return judged


def _about(car: Car, trip: Trip | None, day: date, ground: Ground) -> Judged:
    went = times.day_of(trip.went_at) if trip is not None and trip.went_at else day
    return Judged(car=car, trip=trip, day=went, grounds=[ground])


def _together(judged: Iterable[Judged]) -> dict[Key, Judged]:
    """All grounds about one journey, or about one car and day, as one."""
    whole: dict[Key, Judged] = {}
    for each in judged:
        known = whole.setdefault(each.key, each)
        if known is not each:
            known.grounds += each.grounds
            known.unjudged = known.unjudged or each.unjudged
    return whole


# ── against what was found before ────────────────────────────────────────────────────────


def _known(run: _Run, whole: Mapping[Key, Judged]) -> dict[Key, list[Finding]]:
    """The findings there are about the same things, and those under way that may have vanished."""
    days = {each.day for each in whole.values()}
    trips = [each.trip.pk for each in whole.values() if each.trip]
    same = Q(trip__in=trips) | Q(trip=None, on_day__in=days)
    here = Q(grounds__code__in=STANDING) if run.current else Q()
    for span in run.spans:
        here |= Q(on_day__gte=span.start, on_day__lt=span.end)
    vanishing = Q(state__in=UNDER_WAY) & here
    ids = Finding.objects.filter(same | vanishing).values("pk")
    rows = (
        Finding.objects.select_for_update(of=("self",))
        .filter(pk__in=ids)
        .select_related("unit", "car")
        .prefetch_related("grounds")
        .order_by("pk")
    )
    found: dict[Key, list[Finding]] = defaultdict(list)
    for finding in rows:
        found[key_of(finding.trip_id, finding.car_id, finding.on_day)].append(finding)
    return found


def _settle(run: _Run, whole: Mapping[Key, Judged], known: Mapping[Key, list[Finding]]) -> Reviewed:
    raised: list[int] = []
    changed: list[int] = []
    gone = 0
    for key in [*whole, *(key for key in known if key not in whole)]:
        judged = whole.get(key)
        findings = known.get(key, [])
        wanted = _not_decided(judged.grounds if judged else [], findings)
        open_one = next((f for f in findings if f.state in UNDER_WAY), None)
        if open_one is not None:
            outcome = _bring_up_to_date(run, open_one, wanted)
            changed += [open_one.pk] if outcome == "reopened" else []
            gone += outcome == "gone"
        elif wanted and judged is not None:
            raised.append(_raise(run, judged, wanted).pk)
    if raised or changed:
        bus.publish(FindingsRaised(finding_ids=(*raised, *changed), at=run.at))
    return Reviewed(raised=len(raised), changed=len(changed), gone=gone, judged=len(whole))


def _not_decided(grounds: Sequence[Ground], findings: Iterable[Finding]) -> list[Ground]:
    """The grounds that nobody has decided on yet in these very words."""
    decided = {
        (row.mark, row.sentence)
        for finding in findings
        if finding.state not in UNDER_WAY and finding.outcome != Outcome.GONE
        for row in finding.grounds.all()
    }
    unique = {ground.mark: ground for ground in grounds}
    return [g for g in unique.values() if (g.mark, _cut(g.sentence)) not in decided]


def _cut(sentence: str) -> str:
    most = GroundRow._meta.get_field("sentence").max_length
    return sentence[:most]


def _raise(run: _Run, judged: Judged, grounds: Sequence[Ground]) -> Finding:
    number = numbering.next_number(series=SERIES, year=judged.day.year)
    finding: Finding = Finding.objects.create(
        number=f"DC{judged.day:%Y%m%d}{number:05d}",
        car=judged.car,
        trip=judged.trip,
        unit=judged.trip.unit if judged.trip else judged.car.unit,
        on_day=judged.day,
        level=rules.gravest([ground.level for ground in grounds]),
        raised_at=run.at,
        due_on=run.due_on,
        unjudged=judged.unjudged,
    )
    GroundRow.objects.bulk_create([_row(finding, ground, run.at) for ground in grounds])
    made(
        finding, "level", actor=run.actor, verb="fleet.finding.raised", at=run.at,
        beside={"grounds": [ground.headline for ground in grounds]},
    )  # fmt: skip
    return finding


def _row(finding: Finding, ground: Ground, at: datetime) -> GroundRow:
    return GroundRow(finding=finding, raised_at=at, **_stored(ground))


def _stored(ground: Ground) -> dict[str, Any]:
    cite = audit.plain(asdict(ground.cite))
    return {
        "code": ground.code,
        "mark": ground.mark,
        "level": ground.level,
        "headline": ground.headline[:200],
        "sentence": _cut(ground.sentence),
        "cite": cite,
        "evidence": [asdict(each) for each in ground.evidence],
    }


def _bring_up_to_date(run: _Run, finding: Finding, wanted: Sequence[Ground]) -> str:
    """Add, reword and strike out grounds; returns ``same``, ``reopened`` or ``gone``."""
    rows = {row.mark: row for row in finding.grounds.all()}
    was = [row.headline for row in rows.values() if row.gone_at is None]
    news = [ground for ground in wanted if _reworded(rows.get(ground.mark), ground)]
    regraded = _write(finding, rows, wanted, run.at)
    marks = {ground.mark for ground in wanted}
    struck = [
        row
        for row in rows.values()
        if row.gone_at is None and row.mark not in marks and _may_vanish(run, finding, row)
    ]
    for row in struck:
        row.gone_at = run.at
    # Which grounds stand is recorded with the finding.
    GroundRow.objects.bulk_update(struck, ["gone_at"])
    if not (news or struck or regraded):
        return "same"
    standing = list(finding.grounds.filter(gone_at=None))
    if not standing:
        return _vanish(run, finding)
    return _renew(run, finding, standing, news, was)


def _may_vanish(run: _Run, finding: Finding, row: GroundRow) -> bool:
    """Whether this review would have found the ground again if it still stood."""
    code = GroundCode(row.code)
    if code in STANDING:
        return run.current
    return code not in KEPT and run.looked_at(finding)


def _reworded(row: GroundRow | None, ground: Ground) -> bool:
    if row is None:
        return True
    return (row.headline, row.sentence) != (ground.headline[:200], _cut(ground.sentence))


def _write(
    finding: Finding, rows: Mapping[str, GroundRow], wanted: Sequence[Ground], at: datetime
) -> bool:
    """Write the grounds as they are now; whether a known one changed its level or came back."""
    regraded = False
    for ground in wanted:
        row = rows.get(ground.mark)
        if row is None:
            _row(finding, ground, at).save(force_insert=True)
            continue
        regraded = regraded or row.level != ground.level or row.gone_at is not None
        if _reworded(row, ground) or row.level != ground.level or row.gone_at is not None:
            for name, value in {**_stored(ground), "gone_at": None}.items():
                setattr(row, name, value)
            row.save()
    return regraded


def _vanish(run: _Run, finding: Finding) -> str:
    findings.close(
        FINDINGS, actor=run.actor, row=finding, step="gone", at=run.at,
        facts={"state": FindingState.CLOSED, "outcome": Outcome.GONE},
        closing="重新核查时，原来的情形已不存在。",
    )  # fmt: skip
    return "gone"


def _renew(
    run: _Run,
    finding: Finding,
    standing: Sequence[GroundRow],
    news: Sequence[Ground],
    was: Sequence[str],
) -> str:
    facts: dict[str, Any] = {"level": rules.gravest([Level(row.level) for row in standing])}
    reopened = bool(news) and finding.state == FindingState.EXPLAINED
    if reopened:
        facts |= {
            "state": FindingState.OPEN, "due_on": run.due_on, "reminded_on": None,
            "returned_note": "说明之后又有新情况，补充说明。",
        }  # fmt: skip
    change(
        finding, facts, actor=run.actor, verb="fleet.finding.changed", at=run.at,
        beside={"grounds": (was, [row.headline for row in standing])},
    )  # fmt: skip
    return "reopened" if reopened else "same"
