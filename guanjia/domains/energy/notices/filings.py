"""Who is told of filings: that one is asked, is late, came back, waits, is through."""

from datetime import date, datetime

from django.utils import timezone

from guanjia.domains.energy.events import FilingMoved, FilingsOpened, FilingsUrged
from guanjia.domains.energy.models import Filing
from guanjia.domains.energy.queries import filings as queries
from guanjia.domains.energy.queries import people
from guanjia.domains.energy.terms.returns import FilingState
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.org.models import Unit
from guanjia.ui import formats

ASKED = NoticeKind(
    key="energy.filing_asked", title="布置能耗报表", template="energy/notices/filing_asked.txt"
)
URGED = NoticeKind(
    key="energy.filing_urged", title="能耗报表催报", template="energy/notices/filing_urged.txt"
)
WAITS = NoticeKind(
    key="energy.filing_waits", title="能耗报表待审核", template="energy/notices/filing_waits.txt"
)
BACK = NoticeKind(
    key="energy.filing_back", title="能耗报表退回", template="energy/notices/filing_back.txt"
)
LOCKED = NoticeKind(
    key="energy.filing_locked", title="能耗报表审定", template="energy/notices/filing_locked.txt"
)
KINDS = (ASKED, URGED, WAITS, BACK, LOCKED)


def _facts(filing: Filing) -> dict[str, object]:
    return {
        "institution": filing.institution.name,
        "period": filing.period,
        "due": formats.day(filing.due_on),
        "late": False,
        "reason": filing.reason,
    }


def _filings(ids: tuple[int, ...]) -> list[Filing]:
    rows = Filing.objects.filter(pk__in=ids).select_related("institution__area")
    return list(rows.order_by("pk"))


def _clerks(filings: list[Filing]) -> dict[int, list[int]]:
    return people.clerks({filing.institution_id for filing in filings})


def opened(news: FilingsOpened) -> None:
    """Every institution's clerks hear what is asked until when."""
    filings = _filings(news.filing_ids)
    clerks = _clerks(filings)
    for filing in filings:
        send(
            kind=ASKED, to=clerks.get(filing.institution_id, []), facts=_facts(filing),
            subject=about(filing), once=str(filing.pk), at=news.at,
        )  # fmt: skip


def urged(news: FilingsUrged) -> None:
    """Those who have not reported."""
    today = timezone.localdate(news.at)
    filings = _filings(news.filing_ids)
    clerks = _clerks(filings)
    for filing in filings:
        send(
            kind=URGED, to=clerks.get(filing.institution_id, []),
            facts=_facts(filing) | {"late": filing.due_on < today}, subject=about(filing),
            once=f"{filing.pk}:{today:%Y-%m-%d}", at=news.at,
        )  # fmt: skip


def moved(news: FilingMoved) -> None:
    """Who has it next, or who waited for it."""
    (filing,) = _filings((news.filing_id,))
    kind, to = _next(filing, news.at)
    if kind is not None:
        send(
            kind=kind, to=to, facts=_facts(filing), subject=about(filing),
            without=[news.by_id] if news.by_id else [],
            once=f"{filing.pk}:{news.at.isoformat()}", at=news.at,
        )  # fmt: skip


def _next(filing: Filing, at: datetime) -> tuple[NoticeKind | None, list[int]]:
    state, day = FilingState(filing.state), timezone.localdate(at)
    clerks = _clerks([filing]).get(filing.institution_id, [])
    if state is FilingState.SENT_BACK:
        return BACK, clerks
    if state is FilingState.LOCKED:
        return LOCKED, clerks
    desk = queries.REVIEW if state is FilingState.COUNTY else queries.ACCEPT
    return WAITS, reviewers(filing.institution.area, desk=desk, city=queries.ACCEPT, on=day)


def reviewers(area: Unit, *, desk: str, city: str, on: date) -> list[int]:
    """Who works at a desk: ``desk`` and ``city`` are verbs. The city may review too; what waits at
    a county is the county's to do."""
    there = holders(verb=desk, unit=area, on=on)
    if desk != city:
        of_city = {one.pk for one in holders(verb=city, unit=area, on=on)}
        there = [one for one in there if one.pk not in of_city]
    return [one.pk for one in there]


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(FilingsOpened, opened)
    bus.subscribe(FilingsUrged, urged)
    bus.subscribe(FilingMoved, moved)
