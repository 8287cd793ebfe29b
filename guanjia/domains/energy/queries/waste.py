"""Sorted waste as lists and pages show it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from guanjia.domains.energy.models import WastePoint, WasteRemoval
from guanjia.domains.energy.terms.waste import WasteKind
from guanjia.kernel.values.actor import Scope


def points(scope: Scope) -> Any:
    """The places of a scope's institutions where waste is thrown."""
    return WastePoint.objects.within(scope).select_related("institution__area")


def removals(scope: Scope) -> Any:
    """What was carried away from a scope's institutions."""
    return WasteRemoval.objects.within(scope).select_related("institution__area")


def of_year(institution_id: int, year: int) -> Mapping[WasteKind, Decimal]:
    """The kg of an institution's year by kind; kinds of which nothing was told are left out."""
    rows = WasteRemoval.objects.filter(institution=institution_id, on__year=year).order_by()
    told = dict(rows.values_list("kind").annotate(kg=Sum("weight_kg")))
    return {kind: told[kind] for kind in WasteKind if kind in told}
