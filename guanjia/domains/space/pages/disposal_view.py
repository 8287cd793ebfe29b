"""What the page of a disposal (处置利用) shows: state, life, sums, and the acts one may do."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from guanjia.domains.space.acts.disposals import ACTS, dealer
from guanjia.domains.space.approvals import DISPOSAL
from guanjia.domains.space.models import Disposal, DisposalIncome
from guanjia.domains.space.queries import disposals as reading
from guanjia.domains.space.terms.disposals import (
    CALLED,
    LASTING,
    LEAVING,
    UNSENT,
    VALUED,
    DisposalState,
    DisposalWay,
    IncomeState,
)
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.audit import queries as audit
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Verdict, verdict_from_json
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, trail
from guanjia.ui.approval import panel
from guanjia.ui.approval.lines import Line
from guanjia.ui.approval.panel import Station

SEE, DEAL = reading.SEE, reading.DEAL
S = DisposalState
PHRASES = ("同意", "按程序公开办理，收入及时缴库", "补充评估或现场情况")
_STOPPED = {S.RETURNED: "已退回", S.WITHDRAWN: "已撤回", S.CALLED_OFF: "已取消"}


def visible(*, actor: Actor, disposal_id: int) -> Disposal:
    """The disposal inside the scope, or one whose approval this person has to do with; else 404."""
    try:
        return reading.disposal(scope=actor.scope(SEE), disposal_id=disposal_id)
    except Disposal.DoesNotExist:
        if not reading.sees_disposal(actor, disposal_id):
            raise
        return reading.disposal(scope=Scope.all(), disposal_id=disposal_id)


def page(*, request: HttpRequest, actor: Actor, disposal: Disposal, at: datetime) -> dict[str, Any]:
    """Everything the template shows."""
    case = cases.case_for(subject_type=reading.SUBJECT, subject_id=disposal.pk, route=DISPOSAL.key)
    shown = None
    if case is not None:
        shown = panel.show(
            request=request, actor=actor, case=case, at=at, after=_after(disposal, at),
            phrases=PHRASES,
        )  # fmt: skip
    records = list(audit.about(on_type=reading.SUBJECT, on_id=disposal.pk).order_by("-at", "-pk"))
    today = timezone.localdate(at)
    incomes = list(disposal.incomes.all())
    return {
        "disposal": disposal,
        "chip": disposal.chip,
        "over": over(disposal, today),
        "life": life(disposal, incomes, shown, records),
        "called": called(disposal),
        "leaves": disposal.way in LEAVING,
        "approval": shown,
        "about": reading.about(disposal),
        "acts": [act for act in ACTS if not act.makes and act.may(actor, disposal)],
        "may_pay": reading.DISPOSALS.reaches(actor, DEAL, disposal.pk),
        "rooms": reading.rooms_of(disposal),
        "incomes": [(one, income_chip(one, today)) for one in incomes],
        "owed": sum(one.due_fen for one in incomes if one.state != IncomeState.VOID),
        "paid": sum(one.paid_fen or 0 for one in incomes),
        "checked": checked(records),
        "records": trail.told_beside_story(
            model=reading.SUBJECT, pk=disposal.pk, asked=("space.disposal.sent",)
        ),
    }


def called(disposal: Disposal) -> dict[str, str]:
    """What the other side, the price, the papers and the day are called in this way."""
    usual = {"party": "使用方", "price": "成交价", "paper": "合同编号", "on": "办理日期"}
    return usual | CALLED[DisposalWay(disposal.way)]


def over(disposal: Disposal, today: date) -> bool:
    """Whether a use is over its term and was not taken back."""
    ended = disposal.last_on is not None and disposal.last_on < today
    return ended and disposal.state == S.RUNNING


def income_chip(income: DisposalIncome, today: date) -> tuple[str, str, str]:
    """Tone, icon and word of an income."""
    if income.state == IncomeState.DUE and income.due_on < today:
        return "stop", "alarm", "逾期未缴"
    if income.state == IncomeState.DUE and income.from_on > today:
        return "idle", "clock-hour-4", "未到期"
    return income.chip


def checked(records: Sequence[Record]) -> Verdict | None:
    """The newest stored verdict of an act."""
    found = next((each for each in records if each.verdict), None)
    return verdict_from_json(found.verdict or {}) if found else None


def _after(disposal: Disposal, at: datetime) -> list[Line]:
    if disposal.state in (S.RETURNED, S.WITHDRAWN) and disposal.applicant:
        act = "改后再报批，或取消"
        return [Line(tone="wait", icon="pencil", who=disposal.applicant.name, act=act)]
    return [dealer(disposal, at)] if disposal.state == S.AGREED else []


# ── the life line ────────────────────────────────────────────────────────────────────────


def life(
    disposal: Disposal,
    incomes: Sequence[DisposalIncome],
    shown: panel.Shown | None,
    records: Sequence[Record],
) -> list[Station]:
    """From asking to the end; where it ended early, the last station says why."""
    who = disposal.applicant.name if disposal.applicant else "系统"
    stations = [
        Station(at="done", title="申请", when=formats.daytime(disposal.asked_at), who=who),
        *_valued(disposal),
        *(shown.stations if shown is not None else (_unsent(disposal),)),
    ]
    stopped = _STOPPED.get(S(disposal.state))
    if stopped is None:
        return [*stations, *_carried(disposal, incomes)]
    last = records[0] if records else None
    why = " ".join(part for part in (last.name if last else "", disposal.state_note) if part)
    done = [station for station in stations if station.at == "done"]
    when = formats.daytime(last.at) if last else ""
    return [*done, Station(at="stop", title=stopped, when=when, who=why)]


def _valued(disposal: Disposal) -> list[Station]:
    if disposal.way not in VALUED:
        return []
    if disposal.valuation_fen is None:
        return [Station(at="now" if disposal.state in UNSENT else "later", title="评估")]
    when = formats.day(disposal.valued_on) if disposal.valued_on else ""
    worth = f"{formats.yuan(disposal.valuation_fen)} 元"
    return [Station(at="done", title="评估", when=when, who=worth)]


def _unsent(disposal: Disposal) -> Station:
    ready = disposal.way not in VALUED or disposal.valuation_fen is not None
    if ready and disposal.state in UNSENT:
        return Station(at="now", title="报批", when="等报批")
    return Station(at="later", title="审批")


def _carried(disposal: Disposal, incomes: Sequence[DisposalIncome]) -> list[Station]:
    state, title = S(disposal.state), disposal.get_way_display()
    if disposal.carried_on is None:
        found = [Station(at="now" if state == S.AGREED else "later", title=title)]
    else:
        when, who = formats.day(disposal.carried_on), disposal.user
        found = [Station(at="done", title=title, when=when, who=who)]
    if incomes:
        owed = [one for one in incomes if one.state == IncomeState.DUE]
        when = f"还有 {len(owed)} 笔" if owed else "已缴清"
        found.append(Station(at="now" if owed else "done", title="缴库", when=when))
    if disposal.way in LASTING:
        ended, last = disposal.ended_on, disposal.last_on
        said = f"{formats.day(last)}到期" if last and not ended else ""
        when = formats.day(ended) if ended else said
        found.append(Station(at="done" if ended else "later", title="收回", when=when))
    return found
