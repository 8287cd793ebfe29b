"""The page of a disposal (处置) and the acts done from it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import disposals as actions
from guanjia.domains.fleet.actions import lots, transfers
from guanjia.domains.fleet.forms import disposals as forms
from guanjia.domains.fleet.models import Disposal
from guanjia.domains.fleet.pages import disposal_view as view
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui import pages, subjects
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, REQUEST, DEAL = view.SEE, view.REQUEST, view.DEAL
_REFUSED = 422
Read = dict[str, Any]  # the values of a small form
Doing = Callable[[Read, datetime], Any]


@needs_sign_in
def disposal(request: PageRequest, disposal_id: int) -> HttpResponse:
    """The whole disposal for whoever may see it, with the acts this person may do."""
    return _page(request, disposal_id, timezone.now())


@needs(REQUEST)
def new(request: PageRequest) -> HttpResponse:
    """Choose a car to dispose of; from the page of a car it is chosen already."""
    given = request.POST.get("car") or request.GET.get("car") or ""
    plate = given.upper().replace("·", "").replace(" ", "")[:10]
    found = archive.cars(request.scope).filter(plate=plate).first()
    if found is not None:
        return pages.to("fleet:disposal_open", found.pk)
    fault = f"车辆台账中没有 {plate}，或不在您的范围内。" if plate else ""
    context = {
        "fault": fault,
        "typed": given,
        "cars": archive.cars(request.scope).exclude(state="DISPOSED").order_by("plate"),
    }
    status = _REFUSED if fault else 200
    return pages.render(request, "fleet/disposal_new.html", context, status=status)


@needs(REQUEST)
def open_for(request: PageRequest, car_id: int) -> HttpResponse:
    """申请处置: how, why, and to whom."""
    car, at = archive.cars(request.scope).get(pk=car_id), timezone.now()
    form = forms.Opening(
        request.POST if request.method == "POST" else None,
        units=Unit.objects.open().order_by("position"),
    )
    refused: tuple[Finding, ...] = ()
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.open_disposal(
                actor=request.actor, car_id=car.pk, method=given["method"],
                reason=given["reason"], at=at,
                to_unit_id=given["to_unit"].pk if given["to_unit"] else None,
            )  # fmt: skip
        except Refused as no:
            refused = no.findings
        else:
            pages.flash(request, f"已申请处置 {car.plate}，登记估值后报批")
            return pages.to("fleet:disposal", made.pk)
    ends = reading.life_of(car, law_at(at), timezone.localdate(at))
    context = {"car": car, "form": form, "refused": refused, "ends": ends}
    status = _REFUSED if refused or form.errors else 200
    return pages.render(request, "fleet/disposal_open.html", context, status=status)


@require_POST
@needs(REQUEST)
def value(request: PageRequest, disposal_id: int) -> HttpResponse:
    """登记估值."""

    def write(form: Read, at: datetime) -> Any:
        return actions.value_disposal(
            actor=request.actor, disposal_id=disposal_id, valuation_fen=form["valuation"],
            valuer=form["valuer"], valued_on=form["valued_on"], at=at,
        )  # fmt: skip

    return _act(request, disposal_id, "已登记估值", forms.Valuation, write)


@require_POST
@needs(REQUEST)
def send(request: PageRequest, disposal_id: int) -> HttpResponse:
    """报批."""

    def send_off(form: Read, at: datetime) -> Any:
        return actions.send(
            actor=request.actor, disposal_id=disposal_id, comment=form["comment"], at=at
        )

    return _act(request, disposal_id, "已报批", forms.Comment, send_off)


@require_POST
@needs(DEAL)
def into_lot(request: PageRequest, disposal_id: int) -> HttpResponse:
    """放入批次."""
    found = reading.disposal(scope=request.scope, disposal_id=disposal_id)
    ids = [lot.pk for lot in reading.open_lots(scope=request.scope, method=found.method)]

    def put(form: Read, at: datetime) -> Any:
        return lots.put_in_lot(
            actor=request.actor, lot_id=form["lot"], disposal_ids=[disposal_id], at=at
        )

    return _act(request, disposal_id, "已放入批次", lambda data: forms.OneOf(data, ids=ids), put)


@require_POST
@needs(DEAL)
def deal(request: PageRequest, disposal_id: int) -> HttpResponse:
    """登记成交."""

    def strike(form: Read, at: datetime) -> Any:
        facts = {**form, "proceeds_fen": form["proceeds"]}
        return actions.deal(actor=request.actor, disposal_id=disposal_id, facts=facts, at=at)

    return _act(request, disposal_id, "已登记成交", forms.Deal, strike)


@require_POST
@needs(DEAL)
def pay(request: PageRequest, disposal_id: int) -> HttpResponse:
    """登记缴库."""

    def pay_in(form: Read, at: datetime) -> Any:
        facts = {**form, "paid_fen": form["paid"]}
        return actions.pay_in(actor=request.actor, disposal_id=disposal_id, facts=facts, at=at)

    return _act(request, disposal_id, "已登记缴库", forms.Payment, pay_in)


@require_POST
@needs(DEAL)
def plate(request: PageRequest, disposal_id: int) -> HttpResponse:
    """登记号牌交回."""

    def give_back(form: Read, at: datetime) -> Any:
        return actions.return_plate(
            actor=request.actor, disposal_id=disposal_id, on=form["on"], at=at
        )

    return _act(request, disposal_id, "已登记号牌交回", forms.OnDay, give_back)


@require_POST
@needs(DEAL)
def finish(request: PageRequest, disposal_id: int) -> HttpResponse:
    """办结: the card of the car is cancelled."""

    def end(_: Read, at: datetime) -> Any:
        return actions.finish(actor=request.actor, disposal_id=disposal_id, at=at)

    return _act(request, disposal_id, "已办结，车辆卡片已注销", django_forms.Form, end)


@require_POST
@needs(DEAL)
def transfer(request: PageRequest, disposal_id: int) -> HttpResponse:
    """办结划转: from that day on the car is the other unit's."""

    def hand_over(form: Read, at: datetime) -> Any:
        return transfers.finish_transfer(
            actor=request.actor, disposal_id=disposal_id, on=form["on"], at=at
        )

    return _act(request, disposal_id, "已办结划转", forms.OnDay, hand_over)


@require_POST
@needs_sign_in
def call_off(request: PageRequest, disposal_id: int) -> HttpResponse:
    """取消处置, with the reason; by its unit before it is sent, else by the keeper."""

    def drop(form: Read, at: datetime) -> Any:
        return actions.call_off(
            actor=request.actor, disposal_id=disposal_id, reason=form["reason"], at=at
        )

    return _act(request, disposal_id, "已取消处置", forms.Reason, drop)


@require_POST
@needs("fleet.disposal.enter")
def explain(request: PageRequest, disposal_id: int, remark_id: int) -> HttpResponse:
    """The answer to an open remark on the disposal."""
    reading.disposal(scope=request.scope, disposal_id=disposal_id)  # outside the scope: 404
    Remark.objects.get(register=actions.REGISTER, object_id=disposal_id, pk=remark_id)

    def answer(form: Read, at: datetime) -> Any:
        return remarks.explain(
            actor=request.actor, remark_id=remark_id, explanation=form["explanation"], at=at
        )

    return _act(request, disposal_id, "已说明", forms.Explanation, answer)


def _act(
    request: PageRequest,
    disposal_id: int,
    done: str,
    kind: Callable[[Any], django_forms.Form],
    act: Doing,
) -> HttpResponse:
    """Do it and come back to the disposal with one line; a refusal is shown on the page."""
    at = timezone.now()
    try:
        act(checked(kind(request.POST), headline=NOT_DONE), at)
    except Refused as refused:
        return _page(request, disposal_id, at, refused=refused.findings)
    then = view.next_line(reading.disposal(scope=Scope.all(), disposal_id=disposal_id), at)
    pages.flash(request, f"{done}，{then}" if then else done)
    return pages.to("fleet:disposal", disposal_id)


def _links(request: PageRequest, found: Disposal) -> dict[str, str]:
    """Where the rows beside it are opened; ``""`` where this person may not go."""
    actor = request.actor
    sees_car = (
        actor.can("fleet.car.see")
        and archive.cars(actor.scope("fleet.car.see")).filter(pk=found.car_id).exists()
    )
    return {
        "list_url": reverse("fleet:disposals_list") if actor.can(SEE) else "",
        "car_url": reverse("fleet:car", args=[found.car_id]) if sees_car else "",
        "lot_url": reverse("fleet:lot", args=[found.lot_id])
        if found.lot_id and actor.can(SEE)
        else "",
        "purchase_url": subjects.url_of("fleet.purchase", found.purchase_id)
        if found.purchase_id and actor.can("fleet.purchase.see")
        else "",
    }


def _page(
    request: PageRequest, disposal_id: int, at: datetime, *, refused: Iterable[Finding] = ()
) -> HttpResponse:
    """The page; after a refusal with its 依据 on top and what was typed kept."""
    found = view.visible(actor=request.actor, disposal_id=disposal_id)
    context = view.page(request=request, actor=request.actor, disposal=found, at=at)
    acts = context["acts"]
    context |= _links(request, found) | {
        "refused": tuple(refused),
        "typed": request.POST,
        "open": request.GET.get("act", ""),
        "today": timezone.localdate(at),
        "about": view.about(found),
        "lots": reading.open_lots(scope=Scope.all(), method=found.method)
        if acts.put_in_lot
        else (),
        "remarks": Remark.objects.filter(register=actions.REGISTER, object_id=found.pk)
        .select_related("explained_by")
        .order_by("-state", "pk"),
    }
    status = _REFUSED if refused else 200
    return pages.render(request, "fleet/disposal.html", context, status=status)
