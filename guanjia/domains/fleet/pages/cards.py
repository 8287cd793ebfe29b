"""Fuel cards: giving one, one card with everything it paid, stopping and moving it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import cards as actions
from guanjia.domains.fleet.forms import costs as forms
from guanjia.domains.fleet.models import FuelCard
from guanjia.domains.fleet.pages import costs as common
from guanjia.domains.fleet.pages import lanes
from guanjia.domains.fleet.queries import costs as queries
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

SEE, KEEP = "fleet.cost.see", "fleet.card.keep"
SHOWN = 30


@needs(KEEP)
def card_new(request: PageRequest) -> HttpResponse:
    """Give a car its card (发卡)."""
    at = timezone.now()
    cars = common.cars_for(request.actor, KEEP)
    form = forms.Card(
        request.POST or None,
        cars=cars,
        initial={"since": lanes.day_of(at), "car": request.GET.get("car", "")},
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            card = actions.give_card(
                actor=request.actor, car_id=given["car"].pk, number=given["number"],
                issuer=given["issuer"], since=given["since"], at=at,
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            pages.flash(request, f"已把 {card.number} 发给 {card.car.plate}")
            return pages.to("fleet:card", card.pk)
    context = {"form": form, "cars": cars[: common.CARS_OFFERED], "refused": form.refused}
    return pages.render(
        request, "fleet/card_new.html", context, status=422 if form.is_bound else 200
    )


@needs(SEE)
def card(request: PageRequest, card_id: int) -> HttpResponse:
    """One card: whose it is and was, and what was paid with it."""
    return _page(request, card_id)


def _page(
    request: PageRequest, card_id: int, *, findings: Sequence[Finding] = (), status: int = 200
) -> HttpResponse:
    actor = request.actor
    shown = FuelCard.objects.within(request.scope).select_related("car__unit").get(pk=card_id)
    paid = queries.costs(actor.scope(SEE)).filter(sale__card_number=shown.number)
    context = {
        "card": shown,
        "facts": [
            ("发卡单位", shown.issuer),
            ("使用单位", str(shown.car.unit)),
            ("启用日期", f"{shown.since:%Y-%m-%d}"),
            ("停用日期", f"{shown.until:%Y-%m-%d}" if shown.until else "在用"),
            ("停用原因", shown.reason),
        ],
        "history": FuelCard.objects.within(actor.scope(SEE))
        .filter(number=shown.number)
        .select_related("car")
        .order_by("-since", "-pk"),
        "paid": paid.order_by("-spent_at", "-pk")[:SHOWN],
        "sums": paid.counted().aggregate(fen=Sum("amount_fen"), litres=Sum("litres")),
        "paid_count": paid.count(),
        "list_url": _sales_url(shown.number),
        "records": trail.told(model="fleet.fuelcard", pk=shown.pk),
        "may": actor.can(KEEP)
        and shown.until is None
        and common.cars_for(actor, KEEP).filter(pk=shown.car_id).exists(),
        "today_text": f"{lanes.day_of(timezone.now()):%Y-%m-%d}",
        "findings": findings,
        "typed": request.POST,
    }
    return pages.render(request, "fleet/card.html", context, status=status)


def _sales_url(number: str) -> str:
    query = urlencode({"view": "all", "card": number})
    return f"{reverse('fleet:fuel_sheet_list')}?{query}"


def _act(
    request: PageRequest, card_id: int, doing: Callable[[datetime], tuple[str, Any]]
) -> HttpResponse:
    FuelCard.objects.within(request.scope).get(pk=card_id)  # outside the scope: 404
    try:
        sentence, shown = doing(timezone.now())
    except Refused as refused:
        return _page(request, card_id, findings=refused.findings, status=422)
    pages.flash(request, sentence)
    return pages.to("fleet:card", shown.pk)


@needs(KEEP)
@require_POST
def card_stop(request: PageRequest, card_id: int) -> HttpResponse:
    """停用, with the day and the reason."""

    def doing(at: datetime) -> tuple[str, Any]:
        given = checked(forms.CardStop(request.POST))
        stopped = actions.stop_card(
            actor=request.actor, card_id=card_id, until=given["on"], reason=given["reason"], at=at
        )
        return f"已停用 {stopped.number}", stopped

    return _act(request, card_id, doing)


@needs(KEEP)
@require_POST
def card_move(request: PageRequest, card_id: int) -> HttpResponse:
    """换车: the card stops for one car and begins for another."""

    def doing(at: datetime) -> tuple[str, Any]:
        cars = common.cars_for(request.actor, KEEP)
        given = checked(forms.CardMove(request.POST, cars=cars))
        moved = actions.move_card(
            actor=request.actor, card_id=card_id, car_id=given["car"].pk, on=given["on"],
            reason=given["reason"], at=at,
        )  # fmt: skip
        return f"{moved.number} 已换给 {moved.car.plate}", moved

    return _act(request, card_id, doing)
