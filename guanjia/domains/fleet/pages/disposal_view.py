"""What the page of a disposal shows: its life, approval, sums, lot and remarks, in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from guanjia.domains.fleet.acts.disposals import ACTS, dealer, next_line
from guanjia.domains.fleet.approvals import DISPOSAL
from guanjia.domains.fleet.models import Car, Disposal
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.terms.cars import CarState, Keeping
from guanjia.domains.fleet.terms.disposals import UNDER_WAY, UNSENT, DisposalMethod, DisposalState
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit import queries as audit
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, verdict_from_json
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, trail
from guanjia.ui.approval import panel
from guanjia.ui.approval.lines import Line
from guanjia.ui.approval.panel import Station

SEE, REQUEST = reading.SEE, reading.REQUEST
S = DisposalState
PHRASES = ("同意处置", "按公开方式处置，收入及时缴库", "补充估值材料")
_ENDED = {S.RETURNED: "已退回", S.WITHDRAWN: "已撤回", S.CALLED_OFF: "已取消"}


def visible(*, actor: Actor, disposal_id: int) -> Disposal:
    """The disposal inside the scope, or one whose approval this person has to do with; else 404."""
    try:
        return reading.disposal(scope=actor.scope(SEE), disposal_id=disposal_id)
    except Disposal.DoesNotExist:
        if not cases.has_to_do_with(
            actor=actor, subject_type=reading.SUBJECT, subject_id=disposal_id
        ):
            raise
        return reading.disposal(scope=Scope.all(), disposal_id=disposal_id)


def page(*, request: HttpRequest, actor: Actor, disposal: Disposal, at: datetime) -> dict[str, Any]:
    """Everything the template shows."""
    case = cases.case_for(subject_type=reading.SUBJECT, subject_id=disposal.pk, route=DISPOSAL.key)
    shown = _approval(request, actor, disposal, case, at) if case else None
    records = list(audit.about(on_type=reading.SUBJECT, on_id=disposal.pk))
    ends = None
    if disposal.state in UNDER_WAY:
        ends = reading.life_of(disposal.car, law_at(at), timezone.localdate(at))
    return {
        "disposal": disposal,
        "car": disposal.car,
        "approval": shown,
        "acts": [act for act in ACTS if act.may(actor, disposal)],
        "chip": disposal.chip,
        "life": life(disposal, shown, records),
        "ends": ends,
        "checked": _checked(records, ends),
        "records": trail.told_beside_story(
            model=reading.SUBJECT, pk=disposal.pk, asked=("fleet.disposal.sent",)
        ),
    }


def _checked(records: Sequence[Record], ends: Verdict | None) -> Verdict | None:
    """The newest stored verdict of an act, without what the page says of the car's age anyway."""
    found = next((r for r in records if r.verdict), None)
    if found is None:
        return None
    verdict = verdict_from_json(found.verdict or {})
    told = {finding.code for finding in ends.warnings} if ends is not None else set()
    return replace(verdict, warnings=tuple(f for f in verdict.warnings if f.code not in told))


def _approval(
    request: HttpRequest, actor: Actor, disposal: Disposal, case: Case, at: datetime
) -> panel.Shown:
    after = []
    if disposal.state in (S.RETURNED, S.WITHDRAWN) and disposal.applicant:
        act = "改后再报批，或取消"
        after.append(Line(tone="wait", icon="pencil", who=disposal.applicant.name, act=act))
    elif disposal.state == S.AGREED:
        after.append(dealer(disposal, at))
    return panel.show(request=request, actor=actor, case=case, at=at, after=after, phrases=PHRASES)


def after_approval(disposal_id: int, at: datetime) -> str:
    """Who has a disposal once its approval is over, for the line after the last act."""
    return next_line(reading.disposal(scope=Scope.all(), disposal_id=disposal_id), at)


# ── the life line ────────────────────────────────────────────────────────────────────────


def life(disposal: Disposal, shown: panel.Shown | None, records: Sequence[Record]) -> list[Station]:
    """From asking to the cancelled card; where it ended early, the last station says why."""
    if disposal.asked_at is None:
        return _by_ledger(disposal)
    who = disposal.applicant.name if disposal.applicant else "系统"
    stations = [
        Station(at="done", title="申请", when=formats.daytime(disposal.asked_at), who=who),
        *_valued(disposal),
        *(shown.stations if shown is not None else (_unsent(disposal),)),
    ]
    ended = _ENDED.get(S(disposal.state))
    if ended is None:
        return [*stations, *_dealt(disposal), *_finished(disposal)]
    if shown is not None and shown.case.state == CaseState.STOPPED:
        ended = "审批终止"
    last = records[0] if records else None
    when = formats.daytime(last.at) if last else ""
    why = " ".join(part for part in (last.name if last else "", disposal.state_note) if part)
    done = [station for station in stations if station.at == "done"]
    return [*done, Station(at="stop", title=ended, when=when, who=why)]


def _unsent(disposal: Disposal) -> Station:
    """The approval before it is sent: it is the unit's turn once the car is valued."""
    ready = disposal.state == S.VALUED or disposal.method == DisposalMethod.TRANSFER
    if ready and disposal.state in UNSENT:
        return Station(at="now", title="报批", when="等报批")
    return Station(at="later", title="审批")


def _by_ledger(disposal: Disposal) -> list[Station]:
    day = formats.day
    approved = day(disposal.approved_on) if disposal.approved_on else "没有批准日期"
    stations = [
        Station(
            at="done" if disposal.approved_on else "stop",
            title="批准",
            when=approved,
            who=disposal.document,
        )
    ]
    if disposal.disposed_on:
        title = disposal.get_method_display()
        stations.append(Station(at="done", title=title, when=day(disposal.disposed_on)))
    if disposal.proceeds_fen:
        at = "done" if disposal.receipt else "stop"
        who = disposal.receipt or "没有缴库凭证号"
        stations.append(Station(at=at, title="缴库", who=who))
    return [*stations, Station(at="done", title="注销卡片", when="由台账登记")]


def _valued(disposal: Disposal) -> list[Station]:
    if disposal.method == DisposalMethod.TRANSFER:
        return []
    if disposal.valuation_fen is None:
        at = "now" if disposal.state == S.DRAFT else "later"
        return [Station(at=at, title="估值")]
    when = formats.day(disposal.valued_on) if disposal.valued_on else ""
    worth = f"{formats.yuan(disposal.valuation_fen)} 元"
    return [Station(at="done", title="估值", when=when, who=worth)]


def _dealt(disposal: Disposal) -> list[Station]:
    state = S(disposal.state)
    if disposal.method == DisposalMethod.TRANSFER:
        return []
    name = disposal.get_method_display()
    if disposal.disposed_on is None:
        return [
            Station(at="now" if state == S.AGREED else "later", title=name),
            Station(at="later", title="缴库"),
        ]
    worth = f"{formats.yuan(disposal.proceeds_fen or 0)} 元"
    dealt = Station(at="done", title=name, when=formats.day(disposal.disposed_on), who=worth)
    if not disposal.proceeds_fen:
        return [dealt, Station(at="done", title="缴库", when="没有收入")]
    if not disposal.receipt:
        return [
            dealt,
            Station(at="now" if state == S.DEALT else "stop", title="缴库", when="等缴库"),
        ]
    when = formats.day(disposal.paid_on) if disposal.paid_on else ""
    return [dealt, Station(at="done", title="缴库", when=when, who=disposal.receipt)]


def _finished(disposal: Disposal) -> list[Station]:
    state, transfer = S(disposal.state), disposal.method == DisposalMethod.TRANSFER
    title = "划转" if transfer else "注销卡片"
    if state == S.DONE:
        when = formats.daytime(disposal.finished_at) if disposal.finished_at else ""
        return [Station(at="done", title=title, when=when)]
    paid = state == S.PAID or (state == S.DEALT and not disposal.proceeds_fen)
    now = state == S.AGREED if transfer else paid
    plate = "" if transfer or disposal.plate_returned_on else "号牌待交回"
    return [Station(at="now" if now else "later", title=title, when=plate if now else "")]


# ── beside a car ─────────────────────────────────────────────────────────────────────────


def of_car(*, actor: Actor, car: Any, at: datetime) -> dict[str, Any]:
    """On whose books a car stands and stood (在编), how it ends, and what comes up for it."""
    sees = actor.can(SEE)
    rows = list(reading.of_car(scope=actor.scope(SEE), car_id=car.pk)[:5]) if sees else []
    gone = car.state == CarState.DISPOSED
    under_way = any(row.state in UNDER_WAY for row in rows)
    reach = actor.scope(REQUEST) if actor.can(REQUEST) else Scope()
    mine = not reach.nothing and Car.objects.within(reach).filter(pk=car.pk).exists()
    return {
        "stays": car.stays.select_related("unit").order_by("-during")[:5],
        "disposals": rows,
        "may_open": mine and not gone and not under_way and car.keeping != Keeping.LEASED,
        "ends": reading.life_of(car, law_at(at), timezone.localdate(at)),
    }
