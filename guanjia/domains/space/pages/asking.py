"""What the pages of requests share: units to ask for, the rules' words of then, the life."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.regulations import verdict as verdicts
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats
from guanjia.ui.approval import panel
from guanjia.ui.approval.panel import Station

_NO_OFFICES = (Nature.AREA, Nature.SECTION)  # areas and sections hold no offices of their own
_ENDED = {
    CaseState.RETURNED: "已退回",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.STOPPED: "审批终止",
}


def units_within(scope: Scope) -> list[Unit]:
    """The units of a scope that may hold offices."""
    rows = Unit.objects.open().within(scope).exclude(nature__in=_NO_OFFICES)
    return list(rows.select_related("parent").order_by("position", "code"))


def unit_called(units: Sequence[Unit], text: str) -> Unit | None:
    """The one of these units with a code, short name or name; the only one where nothing is
    written."""
    if not text:
        return units[0] if len(units) == 1 else None
    word = text.split(" ", 1)[0]
    named = [u for u in units if text in (u.code, u.name, u.short_name, u.shown)]
    named = named or [u for u in units if u.code == word]
    return named[0] if len(named) == 1 else None


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
