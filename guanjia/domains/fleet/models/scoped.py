"""Which rows lie inside a scope, told by the unit they belong to and the car they speak of."""

from django.db.models import Q

from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


def within(scope: Scope, *, unit: str = "unit", car: str = "car") -> Q:
    """Rows of the scope's units; a shared scope does not see those of secret cars (保密车辆).

    ``unit`` and ``car`` are ORM paths; ``car=""`` for rows that speak of no car.
    """
    wanted = Q() if scope.everything else in_units(scope, unit)
    if scope.shared and car:
        wanted &= ~Q(**{f"{car}__secret": True})
    return wanted
