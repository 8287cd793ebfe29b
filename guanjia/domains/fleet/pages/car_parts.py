"""What the page of a car shows of its insurance, maintenance, offences and cost."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from guanjia.domains.fleet.models import Car
from guanjia.domains.fleet.pages import accounts, opening
from guanjia.domains.fleet.queries import accounts as reckoning
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.terms.upkeep import DueKind
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period

ROWS = 5
SEE, FINES, COSTS = "fleet.upkeep.see", "fleet.fine.see", "fleet.cost.see"


def sections(*, car: Car, actor: Actor, today: date) -> dict[str, Any]:
    """The sections this person's duties open; each reads within the scope of its own verb."""
    return {
        "upkeep": _upkeep(car, actor, today) if actor.can(SEE) else None,
        "incidents": _incidents(car, actor) if actor.can(FINES) else None,
        "spending": _spending(car, actor, today) if actor.can(COSTS) else None,
    }


def litres(held: Decimal | None) -> str:
    """What a tank or a battery holds, without closing noughts; ``""`` where nobody knows."""
    return "" if held is None else f"{held.normalize():f}"


def _upkeep(car: Car, actor: Actor, today: date) -> dict[str, Any]:
    scope, plate = actor.scope(SEE), {"words": car.plate}
    due = queries.due_things(scope=scope, on=today, cars=[car], all_states=True)
    enters = actor.can("fleet.upkeep.enter")
    return {
        **queries.of_car(car=car, scope=scope, limit=ROWS),
        "due": [thing for thing in due if thing.kind is DueKind.MAINTENANCE],
        "policies_url": opening.rows(actor, "fleet.policies", **plate),
        "inspections_url": opening.rows(actor, "fleet.inspections", **plate),
        "orders_url": opening.rows(actor, "fleet.orders", **plate),
        "may": enters,
        "given": urlencode({"car": car.plate}),
    }


def _incidents(car: Car, actor: Actor) -> dict[str, Any]:
    scope, plate = actor.scope(FINES), {"words": car.plate}
    return {
        **queries.incidents_of_car(car=car, scope=scope, limit=ROWS),
        "fines_url": opening.rows(actor, "fleet.fines", **plate),
        "accidents_url": opening.rows(actor, "fleet.accidents", **plate),
        "may": actor.can("fleet.fine.enter"),
        "given": urlencode({"car": car.plate}),
    }


def _spending(car: Car, actor: Actor, today: date) -> dict[str, Any]:
    """What the car cost this year, by kind."""
    period = Period.parse(f"{today.year}")
    rows = reckoning.by_kind(car=car, scope=actor.scope(COSTS), period=period)
    return {
        "year": today.year,
        "rows": [
            {
                "title": kind.label,
                "fen": fen,
                "entries": entries,
                "url": accounts.costs_url(actor, period, kind=kind.value, words=car.plate),
            }
            for kind, fen, entries in rows
        ],
        "total_fen": sum(fen for _, fen, _ in rows),
        "url": accounts.costs_url(actor, period, words=car.plate),
        "fuel_url": reverse("fleet:car_fuel", args=[car.pk])
        if archive.cars(actor.scope(COSTS)).filter(pk=car.pk).exists()
        else "",
        "account_url": f"{reverse('fleet:accounts')}?period={today.year}",
    }
