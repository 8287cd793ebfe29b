"""Which rows lie inside a scope, told by the unit they belong to."""

from django.db.models import Q

from guanjia.kernel.values.actor import Scope


def in_units(scope: Scope, unit: str) -> Q:
    """Rows whose unit, found by the ORM path ``unit``, lies in the scope's units and subtrees.

    A scope over everything is the caller's to ask first: here it holds no row.
    """
    wanted = Q(**{f"{unit}__in": scope.unit_ids})
    for path in scope.paths:
        wanted |= Q(**{f"{unit}__path__startswith": path})
    return wanted
