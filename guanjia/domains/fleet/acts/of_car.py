"""What acts on one car have in common: the cars somebody may act for, by their plates."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.kernel.values.actor import Actor

FORM = "fleet/car_act.html"
_OFFERED = 500  # plates to choose from while one is typed


def cars(verb: str) -> Callable[[Any, Actor, date], Mapping[str, Any]]:
    """The cars within the reach of a verb, for ``fit``."""

    def fit(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
        return {"cars": archive.cars(actor.scope(verb)).order_by("plate")}

    return fit


def suggested(_: Any, form: Any, __: Actor, ___: datetime) -> Mapping[str, Any]:
    """The plates to choose from, for ``more``."""
    return {"cars": form.cars.exclude(state=CarState.DISPOSED)[:_OFFERED]}
