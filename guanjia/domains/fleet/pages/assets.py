"""What the pages of quotas and purchases share: units to ask for, records in words, small acts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone

from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.regulations import verdict as verdicts
from guanjia.kernel.regulations.verdict import Refused, Verdict, refuse
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats
from guanjia.ui.approval import panel
from guanjia.ui.approval.panel import Station

_NO_KEEPERS = (Nature.AREA, Nature.SECTION)  # areas and sections keep no cars of their own
_BY_APPROVAL = {
    "approved": "同意",
    "returned": "退回",
    "objected": "不同意",
    "withdrawn": "撤回",
    "stopped": "终止审批",
    "handed_over": "转办",
    "cosigners_added": "加签",
    "cosigner_removed": "减签",
    "copied": "抄送",
    "urged": "催办",
    "reminded": "提醒",
    "overdue": "超时",
    "reseated": "更换审批人",
}
_ENDED = {
    CaseState.RETURNED: "已退回",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.STOPPED: "审批终止",
}


def units_within(scope: Scope) -> list[Unit]:
    """The units of a scope that may keep cars."""
    rows = Unit.objects.open().within(scope).exclude(nature__in=_NO_KEEPERS)
    return list(rows.select_related("parent"))


def checked(form: forms.Form) -> dict[str, Any]:
    """The values of a small form; what cannot be read is refused like anything else."""
    if form.is_valid():
        return form.cleaned_data
    name, faults = next(iter(form.errors.items()))
    raise Refused(refuse("form", "没有保存。", str(faults[0]), field=name).refusals)


def told(*, model: str, pk: int, words: dict[str, str]) -> list[dict[str, Any]]:
    """What was done to a row, in words, the newest first."""
    return [
        {
            "at": record.at,
            "name": record.name,
            "what": words.get(record.verb) or _by_approval(record.verb),
            "change": "",
            "note": record.note,
        }
        for record in Record.objects.filter(on_type=model, on_id=pk).order_by("-at", "-pk")
    ]


def _by_approval(verb: str) -> str:
    return _BY_APPROVAL.get(verb.rpartition(".")[2], verb)


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
