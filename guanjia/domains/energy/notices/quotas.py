"""Who is told of quotas: that an explanation is asked, due, came in, back, was taken, or lapsed."""

from django.utils import timezone

from guanjia.domains.energy.events import QuotaCaseMoved, QuotaCasesAsked
from guanjia.domains.energy.models import QuotaCase
from guanjia.domains.energy.queries import people
from guanjia.domains.energy.queries import quotas as queries
from guanjia.domains.energy.terms.quotas import MEASURE_UNITS, CaseState, QuotaMeasure
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.ui import formats

_FOLDER = "energy/notices"
ASKED = NoticeKind(
    key="energy.quota_asked", title="超定额待说明", template=f"{_FOLDER}/quota_asked.txt"
)
URGED = NoticeKind(
    key="energy.quota_urged", title="超定额说明催办", template=f"{_FOLDER}/quota_urged.txt"
)
TOLD = NoticeKind(
    key="energy.quota_told", title="超定额说明待核", template=f"{_FOLDER}/quota_told.txt"
)
BACK = NoticeKind(
    key="energy.quota_back", title="超定额说明退回", template=f"{_FOLDER}/quota_back.txt"
)
TAKEN = NoticeKind(
    key="energy.quota_taken", title="超定额说明采纳", template=f"{_FOLDER}/quota_taken.txt"
)
LAPSED = NoticeKind(
    key="energy.quota_lapsed", title="不再超定额", template=f"{_FOLDER}/quota_lapsed.txt"
)
KINDS = (ASKED, URGED, TOLD, BACK, TAKEN, LAPSED)
_OF_STATE = {CaseState.BACK: BACK, CaseState.ACCEPTED: TAKEN, CaseState.LAPSED: LAPSED}


def _facts(case: QuotaCase) -> dict[str, object]:
    measure = QuotaMeasure(case.measure)
    return {
        "institution": case.institution.name, "year": case.year, "measure": measure.label,
        "unit": MEASURE_UNITS[measure], "value": formats.num(case.value, places=1),
        "bound": formats.num(case.bound, places=1), "due": formats.day(case.due_on),
        "late": False,
        "answer": case.returned_note if case.state == CaseState.BACK else case.decision,
    }  # fmt: skip


def _cases(ids: tuple[int, ...]) -> list[QuotaCase]:
    rows = QuotaCase.objects.filter(pk__in=ids).select_related("institution__area")
    return list(rows.order_by("pk"))


def asked(news: QuotaCasesAsked) -> None:
    """The clerks of every institution hear why, and until when."""
    cases, today = _cases(news.case_ids), timezone.localdate(news.at)
    clerks = people.clerks([case.institution_id for case in cases])
    for case in cases:
        send(
            kind=URGED if news.urged else ASKED, to=clerks.get(case.institution_id, []),
            facts=_facts(case) | {"late": case.due_on < today}, subject=about(case),
            once=f"{case.pk}:{today:%Y-%m-%d}", at=news.at,
        )  # fmt: skip


def moved(news: QuotaCaseMoved) -> None:
    """Who decides hears of an explanation, the clerks what came of it."""
    (case,) = _cases((news.case_id,))
    state = CaseState(case.state)
    if state is CaseState.TOLD:
        day = timezone.localdate(news.at)
        deciding = holders(verb=queries.DECIDE, unit=case.institution.area, on=day)
        kind, to = TOLD, [one.pk for one in deciding]
    else:
        kind = _OF_STATE[state]
        to = people.clerks([case.institution_id]).get(case.institution_id, [])
    send(
        kind=kind, to=to, facts=_facts(case), subject=about(case),
        without=[news.by_id] if news.by_id else [], once=f"{case.pk}:{news.at.isoformat()}",
        at=news.at,
    )  # fmt: skip


def subscribe() -> None:
    """Hear of both."""
    bus.subscribe(QuotaCasesAsked, asked)
    bus.subscribe(QuotaCaseMoved, moved)
