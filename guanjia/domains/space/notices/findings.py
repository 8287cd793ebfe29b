"""What units are told about 用房问题: one notice for each unit and look, and every decision."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from guanjia.domains.space.events import (
    SpaceFindingDecided,
    SpaceFindingReturned,
    SpaceFindingsLate,
    SpaceFindingsRaised,
)
from guanjia.domains.space.models import Finding
from guanjia.domains.space.terms.findings import FindingCode, Outcome
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.org.models import Unit
from guanjia.ui import formats

FINDINGS = NoticeKind(
    key="space.findings", title="用房问题待说明", template="space/notices/space_findings.txt"
)
DECIDED = NoticeKind(
    key="space.finding_decided",
    title="用房问题处理结果",
    template="space/notices/space_finding_decided.txt",
)
RETURNED = NoticeKind(
    key="space.finding_returned",
    title="用房问题说明退回",
    template="space/notices/space_finding_returned.txt",
)
LATE = NoticeKind(
    key="space.finding_late", title="用房问题催办", template="space/notices/space_finding_late.txt"
)
KINDS = (FINDINGS, DECIDED, RETURNED, LATE)
EXPLAIN, DECIDE = "space.finding.explain", "space.finding.decide"


def _clerks(unit: Unit, at: datetime) -> list[int]:
    """Who explains for a unit; not the bureau's keepers, who have the list of all."""
    day = timezone.localdate(at)
    keepers = {person.pk for person in holders(verb=DECIDE, unit=unit, on=day)}
    people = holders(verb=EXPLAIN, unit=unit, on=day)
    return [person.pk for person in people if person.pk not in keepers]


def raised(news: SpaceFindingsRaised) -> None:
    """One notice for each unit, however many there are."""
    by_unit: dict[int, list[Finding]] = defaultdict(list)
    rows = Finding.objects.filter(pk__in=news.finding_ids).select_related("unit").order_by("pk")
    for finding in rows:
        if finding.unit_id is not None:
            by_unit[finding.unit_id].append(finding)
    for mine in by_unit.values():
        first = mine[0]
        if first.unit is None:
            continue
        send(
            kind=FINDINGS,
            to=_clerks(first.unit, news.at),
            facts={
                "unit": str(first.unit),
                "count": len(mine),
                "what": FindingCode(first.code).label,
                "label": first.label,
                "due": formats.day(first.due_on),
            },
            subject=about(first),
            once=f"{first.pk}:{news.at.isoformat()}",
            at=news.at,
        )


def decided(news: SpaceFindingDecided) -> None:
    """The decision to the unit's clerks."""
    finding = Finding.objects.select_related("unit").get(pk=news.finding_id)
    facts = {
        "outcome": Outcome(finding.outcome).label,
        "mend_by": formats.day(finding.mend_by) if finding.mend_by else "",
        "decision": finding.decision,
    }
    _to_unit(DECIDED, finding, news.at, facts, without=[news.by_id])


def returned(news: SpaceFindingReturned) -> None:
    """What is missing, to the unit's clerks."""
    finding = Finding.objects.select_related("unit").get(pk=news.finding_id)
    _to_unit(RETURNED, finding, news.at, {"comment": finding.returned_note}, without=[news.by_id])


def late(news: SpaceFindingsLate) -> None:
    """A reminder for each finding that is past its day."""
    for finding in Finding.objects.filter(pk__in=news.finding_ids).select_related("unit"):
        _to_unit(LATE, finding, news.at, {})


def _to_unit(
    kind: NoticeKind,
    finding: Finding,
    at: datetime,
    facts: Mapping[str, object],
    without: Sequence[int | None] = (),
) -> None:
    if finding.unit is None:
        return
    send(
        kind=kind,
        to=_clerks(finding.unit, at),
        facts={
            "number": finding.number,
            "label": finding.label,
            "due": formats.day(finding.due_on),
            **facts,
        },
        subject=about(finding),
        without=without,
        once=f"{finding.pk}:{at.isoformat()}",
        at=at,
    )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(SpaceFindingsRaised, raised)
    bus.subscribe(SpaceFindingDecided, decided)
    bus.subscribe(SpaceFindingReturned, returned)
    bus.subscribe(SpaceFindingsLate, late)
