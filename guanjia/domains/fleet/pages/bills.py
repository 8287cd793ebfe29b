"""用车结算: drawing the bills of a month, and one bill; its acts are declared in ``acts``."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from guanjia.domains.fleet.actions import bills as actions
from guanjia.domains.fleet.acts.bills import ON_BILLS, is_over
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.pages import bill_view
from guanjia.domains.fleet.queries import bills as queries
from guanjia.domains.fleet.terms.bills import Answer, BillState
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.ui import excel, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers import pages as register_pages

_REFUSED = 422


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
    actor, at, scope = request.actor, timezone.now(), request.scope
    found = queries.bill(scope=scope, bill_id=bill_id)
    seen = queries.seen_lines(scope=scope, bill_id=found.pk)
    hides = queries.hides_lines(scope=scope, bill_id=found.pk)
    draws = queries.BILLS.reaches(actor, queries.DRAW, found.pk)
    state = BillState(found.state)
    context = bill_view.about(found, at) | {
        "rows": seen,
        "disputed": [row for row in seen if row.line.answer == Answer.DISPUTED],
        "trips": _open_to(actor, seen),
        "sums": bill_view.sums(seen),
        "acts": [act for act in ON_BILLS if act.may(actor, found)],
        "waits": draws and state is BillState.DRAFT and not is_over(found),
        "may_decide": draws and state is BillState.DISPUTED,
        "may_adjust": draws and state is BillState.CLOSED,
        "hides": hides,
        "records": bill_view.records(found, seen=seen, whole=not hides),
    }
    return pages.render(request, "fleet/bill.html", context)


def _open_to(actor: Actor, rows: Sequence[queries.Seen]) -> set[int]:
    """The trips of some lines that this person may open."""
    if not actor.can("fleet.trip.see"):
        return set()
    ids = [row.line.trip_id for row in rows if row.line.trip_id]
    found = Trip.objects.within(actor.scope("fleet.trip.see")).filter(pk__in=ids)
    return set(found.values_list("pk", flat=True))


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
