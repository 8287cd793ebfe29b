"""What units are told about 用房问题: one notice for each unit and look, and every decision."""

from collections import defaultdict

from django.utils import timezone

from guanjia.domains.space.events import SpaceFindingDecided, SpaceFindingsRaised
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
KINDS = (FINDINGS, DECIDED)
EXPLAIN, DECIDE = "space.finding.explain", "space.finding.decide"


def _clerks(unit: Unit, at: object) -> list[int]:
    """Who explains for a unit; not the bureau's keepers, who have the list of all."""
    day = timezone.localdate(at)  # type: ignore[arg-type]  # an aware moment
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
    if finding.unit is None:
        return
    send(
        kind=DECIDED,
        to=_clerks(finding.unit, news.at),
        facts={
            "number": finding.number,
            "label": finding.label,
            "outcome": Outcome(finding.outcome).label,
            "mend_by": formats.day(finding.mend_by) if finding.mend_by else "",
            "decision": finding.decision,
        },
        subject=about(finding),
        without=[news.by_id],
        once=f"{finding.pk}:{news.at.isoformat()}",
        at=news.at,
    )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(SpaceFindingsRaised, raised)
    bus.subscribe(SpaceFindingDecided, decided)
