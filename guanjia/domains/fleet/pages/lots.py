"""The page of a lot (处置批次): its cars, its sums to the 分, and the acts done from it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import lots as actions
from guanjia.domains.fleet.forms import disposals as forms
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.terms.disposals import LotState
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui import pages
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest, needs

SEE, DEAL = reading.SEE, reading.DEAL
Read = dict[str, Any]
Doing = Callable[[Read, datetime], Any]
_REFUSED = 422


@needs(SEE)
def lot(request: PageRequest, lot_id: int) -> HttpResponse:
    """The lot with the cars one may see; its sums for whoever looks over the whole city."""
    return _page(request, lot_id, timezone.now())


@needs(DEAL)
def new(request: PageRequest) -> HttpResponse:
    """新建批次."""
    form = forms.Lot(request.POST if request.method == "POST" else None, label_suffix="")
    refused: tuple[Finding, ...] = ()
    if form.is_valid():
        try:
            made = actions.open_lot(actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refused as no:
            refused = no.findings
        else:
            pages.flash(request, f"已建“{made}”，放入待处置的车")
            return pages.to("fleet:lot", made.pk)
    status = _REFUSED if refused or form.errors else 200
    context = {"form": form, "refused": refused}
    return pages.render(request, "fleet/lot_new.html", context, status=status)


@require_POST
@needs(DEAL)
def put(request: PageRequest, lot_id: int) -> HttpResponse:
    """放入批次: the cars that were ticked."""
    found = reading.lot(scope=request.scope, lot_id=lot_id)
    ids = [row.pk for row in reading.to_put(scope=request.scope, method=found.method)]

    def fill(form: Read, at: datetime) -> Any:
        return actions.put_in_lot(
            actor=request.actor, lot_id=lot_id, disposal_ids=form["disposals"], at=at
        )

    return _act(request, lot_id, "已放入批次", lambda data: forms.Chosen(data, ids=ids), fill)


@require_POST
@needs(DEAL)
def take_out(request: PageRequest, lot_id: int, disposal_id: int) -> HttpResponse:
    """移出批次."""
    reading.disposal(scope=request.scope, disposal_id=disposal_id)  # outside the scope: 404

    def out(_: Read, at: datetime) -> Any:
        return actions.take_out(actor=request.actor, lot_id=lot_id, disposal_id=disposal_id, at=at)

    return _act(request, lot_id, "已移出这一批", django_forms.Form, out)


@require_POST
@needs(DEAL)
def settle(request: PageRequest, lot_id: int) -> HttpResponse:
    """登记成交总额."""

    def write(form: Read, at: datetime) -> Any:
        return actions.settle_lot(
            actor=request.actor, lot_id=lot_id, total_fen=form["total"],
            held_on=form["held_on"], agent=form["agent"], at=at,
        )  # fmt: skip

    return _act(request, lot_id, "已登记成交总额", forms.Settlement, write)


@require_POST
@needs(DEAL)
def pay(request: PageRequest, lot_id: int) -> HttpResponse:
    """登记缴库."""

    def pay_in(form: Read, at: datetime) -> Any:
        return actions.pay_in_lot(
            actor=request.actor, lot_id=lot_id, amount_fen=form["amount"],
            receipt=form["receipt"], paid_on=form["paid_on"], at=at,
        )  # fmt: skip

    return _act(request, lot_id, "已登记缴库", forms.LotPaid, pay_in)


@require_POST
@needs(DEAL)
def close(request: PageRequest, lot_id: int) -> HttpResponse:
    """核销: the sums agree, or the reason is written."""

    def end(form: Read, at: datetime) -> Any:
        return actions.close_lot(actor=request.actor, lot_id=lot_id, reason=form["reason"], at=at)

    return _act(request, lot_id, "已核销", forms.Reason, end)


def _act(
    request: PageRequest,
    lot_id: int,
    done: str,
    kind: Callable[[Any], django_forms.Form],
    act: Doing,
) -> HttpResponse:
    """Do it and come back to the lot with one line; a refusal is shown on the page."""
    at = timezone.now()
    try:
        act(checked(kind(request.POST), headline=NOT_DONE), at)
    except Refused as refused:
        return _page(request, lot_id, at, refused=refused.findings)
    pages.flash(request, done)
    return pages.to("fleet:lot", lot_id)


def _sums(found: Any) -> list[dict[str, Any]]:
    """The three sums that must be one, each with how far it is from the total."""
    facts = reading.lot_facts(found)
    total = facts.total_fen
    rows = (
        ("各车成交之和", facts.sum_fen, None if total is None else facts.sum_fen - total),
        ("成交总额", total, None),
        ("缴库", facts.paid_fen, None if total is None else facts.paid_fen - total),
    )
    return [{"title": title, "fen": fen, "off": off} for title, fen, off in rows]


def _page(
    request: PageRequest, lot_id: int, at: datetime, *, refused: Iterable[Finding] = ()
) -> HttpResponse:
    actor = request.actor
    sight = actor.scope(SEE) if actor.can(SEE) else Scope()
    found: Any = reading.lot(scope=sight, lot_id=lot_id)
    rows = list(reading.disposals(sight).filter(lot=found).order_by("car__plate"))
    may = actor.can(DEAL) and actor.scope(DEAL).everything and found.state == LotState.OPEN
    context = {
        "lot": found,
        "rows": rows,
        "hidden": found.cars - len(rows),
        "whole": sight.everything,
        "sums": _sums(found),
        "differences": rules.differences(lot=reading.lot_facts(found)).warnings,
        "ready": not found.undealt and not rules.differences(lot=reading.lot_facts(found)).warnings,
        "payments": found.payments.select_related("entered_by"),
        "own": [row for row in rows if row.receipt and row.payment_id is None],
        "may": may,
        "to_put": reading.to_put(scope=sight, method=found.method) if may else (),
        "refused": tuple(refused),
        "typed": request.POST,
        "open": request.GET.get("act", ""),
        "today": timezone.localdate(at),
        "closed": found.state == LotState.CLOSED,
    }
    status = _REFUSED if refused else 200
    return pages.render(request, "fleet/lot.html", context, status=status)
