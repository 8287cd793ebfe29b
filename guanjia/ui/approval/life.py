"""The life of what is asked for and approved, as its page shows it; what the rules said then."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations import verdict as verdicts
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.ui import formats
from guanjia.ui.approval import panel
from guanjia.ui.approval.panel import Station

_ENDED = {
    CaseState.RETURNED: "已退回",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.STOPPED: "审批终止",
}


def stored(*, model: str, pk: int, verbs: Sequence[str]) -> tuple[Verdict, date | None]:
    """The newest verdict that was stored with one of these acts, and its day."""
    record = (
        Record.objects.filter(on_type=model, on_id=pk, verb__in=verbs, verdict__isnull=False)
        .order_by("-pk")
        .first()
    )
    if record is None:
        return Verdict(), None
    found = verdicts.verdict_from_json(record.verdict or {})
    return found, timezone.localtime(record.at).date()


def life(
    *, asked_at: datetime | None, who: str, shown: panel.Shown | None, after: Sequence[Station]
) -> list[Station]:
    """From asking to the end; where the approval ended early, the last station is red."""
    if asked_at is None:
        return [Station(at="done", title="台账登记", who=who), *after]
    asked = Station(at="done", title="申请", when=formats.daytime(asked_at), who=who)
    if shown is None:
        return [asked, *after]
    ended = _ENDED.get(CaseState(shown.case.state))
    if ended is None:
        return [asked, *shown.stations, *after]
    done = [station for station in shown.stations if station.at == "done"]
    return [asked, *done, Station(at="stop", title=ended)]


def waiting(case: Case | None) -> str:
    """In whose hands a case is, for the line after an act."""
    return panel.waiting_line(case) if case else ""


def said(done: str, *, on: str, route: str) -> Callable[[Any], str]:
    """What an act says afterwards: what was done, and who decides now."""

    def told(row: Any) -> str:
        case = cases.case_for(subject_type=on, subject_id=row.pk, route=route)
        return "，".join(filter(None, (done, waiting(case))))

    return told
