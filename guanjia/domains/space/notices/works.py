"""What people are told of repairs: planned or not, and a final account that is late."""

from guanjia.domains.space.actions.works import day_of
from guanjia.domains.space.events import WorksDecided, WorksUnsettled
from guanjia.domains.space.models import Works
from guanjia.domains.space.queries.works import KEEP
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.works import WorksState
from guanjia.kernel.access import queries as access
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.ui import formats

DECIDED = NoticeKind(
    key="space.works_decided",
    title="大中修申请结果",
    template="space/notices/space_works_decided.txt",
)
UNSETTLED = NoticeKind(
    key="space.works_unsettled",
    title="大中修决算逾期",
    template="space/notices/space_works_unsettled.txt",
)
KINDS = (DECIDED, UNSETTLED)


def decided(news: WorksDecided) -> None:
    """To whoever asked."""
    works = Works.objects.select_related("building").get(pk=news.works_id)
    planned = works.state == WorksState.PLANNED
    send(
        kind=DECIDED,
        to=[works.applicant_id],
        without=[news.by_id],
        facts={
            "number": works.number,
            "title": works.title,
            "building": str(works.building),
            "planned": planned,
            "year": works.plan_year or "",
            "budget": yuan(works.budget_fen) if planned and works.budget_fen else "",
            "note": works.state_note,
        },
        subject=about(works),
        once=f"{works.pk}:{works.state}:{news.at.isoformat()}",
        at=news.at,
    )


def unsettled(news: WorksUnsettled) -> None:
    """To those who keep the projects, once each."""
    rows = Works.objects.filter(pk__in=news.works_ids).select_related("building", "unit")
    for works in rows.order_by("pk"):
        if works.unit is None or works.accepted_on is None:
            continue
        people = access.holders(verb=KEEP, unit=works.unit, on=day_of(news.at))
        send(
            kind=UNSETTLED,
            to=[person.pk for person in people],
            facts={
                "number": works.number,
                "title": works.title,
                "building": str(works.building),
                "accepted": formats.day(works.accepted_on, today=day_of(news.at)),
            },
            subject=about(works),
            once=str(works.pk),
            at=news.at,
        )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(WorksDecided, decided)
    bus.subscribe(WorksUnsettled, unsettled)
