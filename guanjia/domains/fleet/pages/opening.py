"""Addresses of the rows behind a figure: a register with its filters, as far as one may look."""

from urllib.parse import urlencode

from guanjia.domains.fleet.terms.trips import Riding, TripState
from guanjia.kernel.registers import catalogue, listing
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.ui.registers import addresses


def rows(actor: Actor, key: str, *, view: str = "all", **filters: str) -> str:
    """The list of a register filtered to just some rows; ``""`` where the actor may not open it,
    or the register knows no such filter."""
    register = catalogue.get(key)
    if register is None or not actor.can(register.see):
        return ""
    known = set(listing.parameters(register))
    url = addresses.maybe(register.url)
    if not url or not set(filters) <= known:
        return ""
    return f"{url}?{urlencode({'view': view, **filters})}"


def days(name: str, period: Period) -> dict[str, str]:
    """The parameters of a filter of days for a period."""
    return {f"{name}_from": f"{period.start}", f"{name}_to": f"{period.last}"}


def trips(actor: Actor, period: Period, **filters: str) -> str:
    """The finished journeys of a period, counted once each, narrowed further."""
    counted = {"state": TripState.FINISHED.value, "riding": Riding.OWN.value}
    return rows(actor, "fleet.trips", **counted, **days("went", period), **filters)
