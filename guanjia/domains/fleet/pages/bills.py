"""用车结算: drawing the bills of a month, one bill, answering it, deciding, closing, correcting."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from guanjia.domains.fleet.actions import bills as actions
from guanjia.domains.fleet.models import Bill, BillLine, Trip
from guanjia.domains.fleet.pages import bill_view
from guanjia.domains.fleet.pages.look import number
from guanjia.domains.fleet.queries import bills as queries
from guanjia.domains.fleet.terms.bills import Answer, BillState
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.ui import excel, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers import pages as register_pages

_REFUSED = 422
_PREFIX = "dispute_"


# ── by month ─────────────────────────────────────────────────────────────────────────────


@needs("fleet.bill.draw")
def draw(request: PageRequest) -> HttpResponse:
    """出账: what each month still has to bill, and how its bills stand; draw or send them."""
    at = timezone.now()
    if request.method != "POST":
        return _months_page(request, at)
    try:
        month = _month(request.POST.get("month", ""))
        if request.POST.get("act") == "send":
            sent = actions.send_bills(actor=request.actor, month=month, at=at)
            said = f"已发出 {month:%Y-%m} 的 {len(sent)} 张账单，等各单位答复"
        else:
            drawn = actions.draw_bills(actor=request.actor, month=month, at=at)
            said = bill_view.said_of(drawn, month)
    except Refused as refused:
        return _months_page(request, at, findings=refused.findings)
    pages.flash(request, said)
    return pages.to("fleet:bill_draw")


def _months_page(
    request: PageRequest, at: datetime, findings: Sequence[Finding] = ()
) -> HttpResponse:
    context = {
        "rows": bill_view.months(request.scope, at),
        "findings": findings,
        "last": actions.last_month(at),
        "typed": request.POST.get("month", ""),
    }
    status = _REFUSED if findings else 200
    return pages.render(request, "fleet/bill_draw.html", context, status=status)


def _month(text: str) -> date:
    found = Period.month_named(text)
    if found is None:
        raise Refused(
            refuse("unreadable", "读不出账期。", "写成 2020-05。", field="month").refusals
        )
    return found.start


# ── one bill ─────────────────────────────────────────────────────────────────────────────


@needs("fleet.bill.see")
def bill(request: PageRequest, bill_id: int) -> HttpResponse:
    """One bill with its lines; each opens its trip and says how it comes about."""
    return _bill_page(request, queries.bill(scope=request.scope, bill_id=bill_id))


def _bill_page(
    request: PageRequest, found: Bill, *, findings: Sequence[Finding] = (), opened: str = ""
) -> HttpResponse:
    actor, at = request.actor, timezone.now()
    scope = actor.scope(queries.SEE)
    seen = queries.seen_lines(scope=scope, bill_id=found.pk)
    hides = queries.hides_lines(scope=scope, bill_id=found.pk)
    acts = bill_view.acts_for(actor=actor, bill=found, on=timezone.localdate(at))
    faults = {finding.field for finding in findings}
    rows = bill_view.rows_of(seen, acts=acts, typed=request.POST, faults=faults, opened=opened)
    context = bill_view.about(found, at) | {
        "rows": rows,
        "disputed": [row for row in rows if row.line.answer == Answer.DISPUTED],
        "trips": _open_to(actor, seen),
        "sums": bill_view.sums(seen),
        "acts": acts,
        "hides": hides,
        "records": bill_view.records(found, seen=seen, whole=not hides),
        "findings": findings,
        "told_by_bad": "told_by" in faults,
        "typed": request.POST,
        "open": opened,
    }
    status = _REFUSED if findings else 200
    return pages.render(request, "fleet/bill.html", context, status=status)


def _open_to(actor: Actor, rows: Sequence[queries.Seen]) -> set[int]:
    """The trips of some lines that this person may open."""
    if not actor.can("fleet.trip.see"):
        return set()
    ids = [row.line.trip_id for row in rows if row.line.trip_id]
    found = Trip.objects.within(actor.scope("fleet.trip.see")).filter(pk__in=ids)
    return set(found.values_list("pk", flat=True))


def _doing(
    request: PageRequest, bill_id: int, act: Callable[[datetime], str], opened: str = ""
) -> HttpResponse:
    """Do one thing with a bill; a refusal comes back on its page with what was typed."""
    try:
        said = act(timezone.now())
    except Refused as refused:
        scope = request.actor.scope(queries.SEE)
        found = queries.bill(scope=scope, bill_id=bill_id)
        return _bill_page(request, found, findings=refused.findings, opened=opened)
    pages.flash(request, said)
    return pages.to("fleet:bill", bill_id)


@needs("fleet.bill.draw")
@require_POST
def bill_send(request: PageRequest, bill_id: int) -> HttpResponse:
    """Send a bill to its unit."""

    def act(at: datetime) -> str:
        sent = actions.send_bill(actor=request.actor, bill_id=bill_id, at=at)
        return f"已发出 {sent}，{sent.unit}在 {sent.answer_due_on:%Y-%m-%d} 前答复"

    return _doing(request, bill_id, act)


@needs("fleet.bill.answer")
@require_POST
def bill_answer(request: PageRequest, bill_id: int) -> HttpResponse:
    """Answer a bill: lines with a reason are disputed, the unit agrees to the others."""
    given = request.POST
    disputes = _disputes({name: given[name] for name in given})

    def act(at: datetime) -> str:
        answered = actions.answer_bill(
            actor=request.actor,
            bill_id=bill_id,
            disputes=disputes,
            told_by=given.get("told_by", ""),
            at=at,
        )
        if answered.state == BillState.DISPUTED:
            return f"已答复 {answered}，{len(disputes)} 行有异议，等管理员处理"
        return f"已同意 {answered}，等管理员结清"

    return _doing(request, bill_id, act)


def _disputes(given: Mapping[str, str]) -> dict[int, str]:
    """The reasons that were written, by the line they stand at."""
    found = {
        name.removeprefix(_PREFIX): text
        for name, text in given.items()
        if name.startswith(_PREFIX) and text.strip()
    }
    ids = {number(pk): text for pk, text in found.items()}
    return {pk: text for pk, text in ids.items() if pk is not None}


@needs("fleet.bill.draw")
@require_POST
def bill_close(request: PageRequest, bill_id: int) -> HttpResponse:
    """Settle an agreed bill; its numbered sheet is issued."""

    def act(at: datetime) -> str:
        closed = actions.close_bill(
            actor=request.actor, bill_id=bill_id, paid_no=request.POST.get("paid_no", ""), at=at
        )
        return f"已结清 {closed}，结算单已签发"

    return _doing(request, bill_id, act, opened="close")


@needs("fleet.bill.draw")
@require_POST
def bill_decide(request: PageRequest, line_id: int) -> HttpResponse:
    """Decide a dispute: another amount, or the same, always with words."""
    line = _line(request, line_id)

    def act(at: datetime) -> str:
        text = request.POST.get("adjusted", "").strip()
        adjusted = _yuan(text, "adjusted") if text else None
        decided = actions.decide_dispute(
            actor=request.actor,
            line_id=line_id,
            adjusted_fen=None if adjusted == line.due else adjusted,
            reply=request.POST.get("reply", ""),
            at=at,
        )
        left = queries.facts_of(decided.bill, on=timezone.localdate(at)).disputed
        said = "调整" if decided.adjusted_fen is not None else "维持原金额"
        return f"已处理：{said}，" + (f"还有 {left} 行异议" if left else "等单位再答复")

    return _doing(request, line.bill_id, act, opened=f"decide_{line_id}")


@needs("fleet.bill.draw")
@require_POST
def bill_adjust(request: PageRequest, line_id: int) -> HttpResponse:
    """Correct a line of a closed bill in the unit's next bill."""
    line = _line(request, line_id)

    def act(at: datetime) -> str:
        made = actions.adjust_line(
            actor=request.actor,
            line_id=line_id,
            right_fen=_yuan(request.POST.get("right", ""), "right"),
            reason=request.POST.get("reason", ""),
            at=at,
        )
        return f"差额 {money.yuan(made.amount_fen)} 已记入 {made.bill}"

    return _doing(request, line.bill_id, act, opened=f"adjust_{line_id}")


def _line(request: PageRequest, line_id: int) -> BillLine:
    found: BillLine = BillLine.objects.within(request.scope).get(pk=line_id)
    return found


def _yuan(text: str, field: str) -> int:
    try:
        return money.parse_yuan(text)
    except money.MoneyUnreadable as fault:
        raise Refused(
            refuse("unreadable", "读不出金额。", str(fault), field=field).refusals
        ) from None


@needs("fleet.bill.see")
@require_safe
def bill_sheet(request: PageRequest, bill_id: int) -> HttpResponse:
    """The lines of a bill as an Excel file."""
    found = queries.bill(scope=request.scope, bill_id=bill_id)
    rows = queries.seen_lines(scope=request.scope, bill_id=bill_id)
    at = timezone.localtime()
    period: Mapping[str, Any] = {"month": Period.month_of(found.month).label()}
    content = excel.book(
        title=f"用车结算单 {found.number}",
        notes=[
            f"{found.unit.name}　{period['month']}　{found.get_state_display()}",
            f"{request.actor.name} {at:%Y-%m-%d %H:%M} 导出",
        ],
        heads=bill_view.HEADS,
        rows=[bill_view.cells(row) for row in rows],
        totals=bill_view.total_cells(rows),
    )
    return register_pages.excel(content, f"用车结算单{found.number}.xlsx")
