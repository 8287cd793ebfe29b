"""Who is told of samples: that an institution was drawn, and that it has to correct its figures."""

from guanjia.domains.energy.events import SampleDiffers, SampleDrawn
from guanjia.domains.energy.models import SampleCheck
from guanjia.domains.energy.queries import people
from guanjia.domains.energy.rules import filings as filing_rules
from guanjia.domains.energy.rules import sampling as rules
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind

DRAWN = NoticeKind(
    key="energy.sample_drawn", title="列入能耗抽查", template="energy/notices/sample_drawn.txt"
)
DIFFERS = NoticeKind(
    key="energy.sample_differs", title="抽查要求更正", template="energy/notices/sample_differs.txt"
)
KINDS = (DRAWN, DIFFERS)


def _facts(check: SampleCheck) -> dict[str, object]:
    period = rules.period(check.sample.year, check.sample.quarter)
    return {
        "institution": check.institution.name, "period": filing_rules.title(*period),
        "conclusion": check.conclusion,
    }  # fmt: skip


def drawn(news: SampleDrawn) -> None:
    """The clerks of every institution that was drawn."""
    rows = SampleCheck.objects.filter(pk__in=news.check_ids).order_by("pk")
    checks = list(rows.select_related("institution__area", "sample"))
    clerks = people.clerks([check.institution_id for check in checks])
    for check in checks:
        send(
            kind=DRAWN, to=clerks.get(check.institution_id, []), facts=_facts(check),
            subject=about(check), once=str(check.pk), at=news.at,
        )  # fmt: skip


def differs(news: SampleDiffers) -> None:
    """The clerks of an institution that has to correct something."""
    check = SampleCheck.objects.select_related("institution__area", "sample").get(pk=news.check_id)
    send(
        kind=DIFFERS, to=people.clerks([check.institution_id]).get(check.institution_id, []),
        facts=_facts(check), subject=about(check), once=f"{check.pk}:{news.at.isoformat()}",
        at=news.at,
    )  # fmt: skip


def subscribe() -> None:
    """Hear of both."""
    bus.subscribe(SampleDrawn, drawn)
    bus.subscribe(SampleDiffers, differs)
