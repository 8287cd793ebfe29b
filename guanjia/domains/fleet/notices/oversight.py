"""What people are told about oversight and sealing: clerks of findings, supervisors of lists."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from guanjia.domains.fleet.events import (
    FindingDecided,
    FindingReturned,
    FindingsLate,
    FindingsRaised,
    MonthlyListMade,
    SealingCalledOff,
    SealingPlanned,
)
from guanjia.domains.fleet.models import Finding, MonthlyList, Sealing
from guanjia.domains.fleet.queries import oversight as queries
from guanjia.domains.fleet.queries import watched
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.oversight import Level, Outcome
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.org.models import Unit
from guanjia.ui import formats

FINDINGS = NoticeKind(
    key="fleet.findings", title="督车待说明", template="fleet/notices/findings.txt"
)
FINDING_RETURNED = NoticeKind(
    key="fleet.finding_returned",
    title="督车说明退回",
    template="fleet/notices/finding_returned.txt",
)
FINDING_DECIDED = NoticeKind(
    key="fleet.finding_decided", title="督车处理结果", template="fleet/notices/finding_decided.txt"
)
FINDING_LATE = NoticeKind(
    key="fleet.finding_late", title="督车催办", template="fleet/notices/finding_late.txt"
)
MONTHLY_LIST = NoticeKind(
    key="fleet.monthly_list", title="月度督车清单", template="fleet/notices/monthly_list.txt"
)
SEALING = NoticeKind(key="fleet.sealing", title="节假日封存", template="fleet/notices/sealing.txt")
SEALING_OFF = NoticeKind(
    key="fleet.sealing_off", title="封存取消", template="fleet/notices/sealing_off.txt"
)
DECIDE, PLAN = "fleet.oversight.decide", "fleet.seal.plan"
KINDS = (
    FINDINGS,
    FINDING_RETURNED,
    FINDING_DECIDED,
    FINDING_LATE,
    MONTHLY_LIST,
    SEALING,
    SEALING_OFF,
)


def _clerks(unit: Unit, verb: str, at: datetime, *, but: str = DECIDE) -> list[int]:
    """Who is to act for a unit; not the bureau's keepers, who have the list of all (``but``)."""
    day = times.day_of(at)
    keepers = {person.pk for person in holders(verb=but, unit=unit, on=day)}
    return [p.pk for p in holders(verb=verb, unit=unit, on=day) if p.pk not in keepers]


def _findings(ids: Iterable[int]) -> list[Finding]:
    rows = Finding.objects.filter(pk__in=list(ids)).select_related("unit", "car", "trip")
    return list(rows.order_by("pk"))


def raised(news: FindingsRaised) -> None:
    """One notice for each unit, however many there are; it leads to the gravest."""
    by_unit: dict[int, list[Finding]] = defaultdict(list)
    for finding in _findings(news.finding_ids):
        by_unit[finding.unit_id].append(finding)
    for mine in by_unit.values():
        mine.sort(key=lambda finding: (list(Level).index(Level(finding.level)), finding.pk))
        first = mine[0]
        send(
            kind=FINDINGS,
            to=_clerks(first.unit, "fleet.oversight.explain", news.at),
            facts={
                "unit": str(first.unit),
                "count": len(mine),
                "red": sum(finding.level == Level.RED for finding in mine),
                "plate": first.car.plate,
                "day": formats.day(first.on_day),
                "number": first.number,
                "due": formats.day(first.due_on),
            },
            subject=about(first),
            once=f"{first.pk}:{news.at.isoformat()}",
            at=news.at,
        )


def returned(news: FindingReturned) -> None:
    """退回 to the unit's clerks, with what is missing."""
    for finding in _findings([news.finding_id]):
        send(
            kind=FINDING_RETURNED,
            to=_clerks(finding.unit, "fleet.oversight.explain", news.at),
            facts=_facts(finding) | {"comment": finding.returned_note},
            subject=about(finding),
            without=[news.by_id],
            at=news.at,
        )


def decided(news: FindingDecided) -> None:
    """The decision to the unit's clerks."""
    for finding in _findings([news.finding_id]):
        send(
            kind=FINDING_DECIDED,
            to=_clerks(finding.unit, "fleet.oversight.explain", news.at),
            facts=_facts(finding)
            | {"outcome": Outcome(finding.outcome).label, "decision": finding.decision},
            subject=about(finding),
            once=str(finding.pk),
            without=[news.by_id],
            at=news.at,
        )


def _facts(finding: Finding) -> dict[str, object]:
    return {
        "number": finding.number,
        "plate": finding.car.plate,
        "day": formats.day(finding.on_day),
        "due": formats.day(finding.due_on),
    }


def late(news: FindingsLate) -> None:
    """催办: the unit's time is over."""
    at = news.at
    for finding in _findings(news.finding_ids):
        send(
            kind=FINDING_LATE,
            to=_clerks(finding.unit, "fleet.oversight.explain", at),
            facts=_facts(finding),
            subject=about(finding),
            once=f"{finding.pk}:{times.day_of(at)}",
            at=at,
        )


def listed(news: MonthlyListMade) -> None:
    """The list to the supervisors from outside, once for each edition."""
    made = MonthlyList.objects.get(pk=news.list_id)
    counted = queries.tallies(made.rows)
    send(
        kind=MONTHLY_LIST,
        to=watched.people(verb="fleet.oversight.see", on=times.day_of(made.made_at)),
        facts={
            "month": f"{made.month.year}年{made.month.month}月",
            "edition": made.edition,
            "total": made.total,
            "red": sum(each.red for each in counted),
            "yellow": sum(each.yellow for each in counted),
            "green": sum(each.green for each in counted),
        },
        subject=about(made),
        once=str(made.pk),
        at=made.made_at,
    )


def sealing_planned(news: SealingPlanned) -> None:
    """To the clerks of every unit that has a car in it."""
    sealing = Sealing.objects.get(pk=news.sealing_id)
    _tell_sealing(SEALING, sealing, at=sealing.planned_at, notice=sealing.notice)


def sealing_called_off(news: SealingCalledOff) -> None:
    """To the same clerks, with the reason."""
    sealing = Sealing.objects.get(pk=news.sealing_id)
    _tell_sealing(SEALING_OFF, sealing, at=news.at, reason=sealing.called_off_reason)


def _tell_sealing(kind: NoticeKind, sealing: Sealing, *, at: datetime, **words: str) -> None:
    units = Unit.objects.filter(pk__in=sealing.cars.values("unit")).order_by("pk")
    send(
        kind=kind,
        to={pk for unit in units for pk in _clerks(unit, "fleet.seal.hand_in", at, but=PLAN)},
        facts={
            "title": sealing.title,
            "begin": times.moment(sealing.during.lower),
            "end": times.moment(sealing.during.upper),
            **words,
        },
        subject=about(sealing),
        once=str(sealing.pk),
        at=at,
    )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(FindingsRaised, raised)
    bus.subscribe(FindingReturned, returned)
    bus.subscribe(FindingsLate, late)
    bus.subscribe(FindingDecided, decided)
    bus.subscribe(MonthlyListMade, listed)
    bus.subscribe(SealingPlanned, sealing_planned)
    bus.subscribe(SealingCalledOff, sealing_called_off)
