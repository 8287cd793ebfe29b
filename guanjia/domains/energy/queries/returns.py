"""Monthly returns as lists show them, and their sums."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Sum,
    Value,
)
from django.db.models.functions import Cast, ExtractYear, TruncQuarter, TruncYear

from guanjia.domains.energy.models import (
    Consumption,
    Doubt,
    Filing,
    InstitutionSpell,
    MonthReturn,
)
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.returns import WRITABLE, DoubtState, FilingKind, FilingState
from guanjia.kernel.values.actor import Actor, Scope

SEE = "energy.return.see"
Key = tuple[int, date]  # an institution and the first day of a month


def listed(scope: Scope) -> Any:
    """The returns of a scope with their lines."""
    rows: Any = MonthReturn.objects.within(scope).select_related("institution__area")
    return rows.prefetch_related(
        Prefetch("lines", queryset=Consumption.objects.all(), to_attr="told")
    )


def used(row: Any, energy: Energy) -> Used | None:
    """What a return says of a source, where it was read with its lines (``listed``)."""
    for line in row.told:
        if line.energy == energy:
            return Used(amount=line.amount, cost_fen=line.cost_fen)
    return None


def sums(rows: Any) -> Mapping[Energy, tuple[Decimal, int]]:
    """Amount and cost in 分 of some returns, by source."""
    lines = Consumption.objects.filter(month_return__in=rows.order_by()).order_by()
    found = lines.values_list("energy").annotate(amount=Sum("amount"), cost=Sum("cost_fen"))
    return {Energy(name): (amount or Decimal(0), cost or 0) for name, amount, cost in found}


def standing(keys: Collection[Key], *, lock: bool = False) -> dict[Key, FilingState]:
    """Those of some months that may not be changed now: accepted, or in a filing that lies with the
    county or the city. ``lock`` keeps their filings as they are until the transaction ends."""
    rows = Filing.objects.filter(
        institution__in={institution for institution, _ in keys},
        first__in={rules.first_of(kind, month) for _, month in keys for kind in FilingKind},
    ).order_by("pk")
    rows = rows.select_for_update() if lock else rows
    found: dict[Key, FilingState] = {}
    wanted = set(keys)
    for filing in rows:
        state = FilingState(filing.state)
        if state in WRITABLE:
            continue
        for month in rules.months(FilingKind(filing.kind), filing.first):
            key = (filing.institution_id, month)
            if key in wanted and found.get(key) is not FilingState.LOCKED:
                found[key] = state
    return found


def differing(told: Mapping[Key, Mapping[Energy, Used]]) -> set[Key]:
    """The months of which something is told that is not there already."""
    there = Consumption.objects.filter(
        month_return__institution__in={institution for institution, _ in told},
        month_return__month__in={month for _, month in told},
    ).order_by()
    known = {
        (institution, month, energy): (amount, cost)
        for institution, month, energy, amount, cost in there.values_list(
            "month_return__institution", "month_return__month", "energy", "amount", "cost_fen"
        )
    }
    return {
        key
        for key, lines in told.items()
        if any(
            known.get((*key, energy)) != (used.amount, used.cost_fen)
            for energy, used in lines.items()
        )
    }


def at_year_end(rows: Any, **facts: Any) -> Any:
    """Those of institutions that were in the register at the end of each month's year, and then
    were what ``facts`` say (``kind``, ``area``): the rows that totals of a year are made of."""
    year = Cast(ExtractYear("month"), IntegerField())
    last = Func(year, Value(12), Value(31), function="make_date", output_field=DateField())
    spells = InstitutionSpell.objects.filter(
        institution=OuterRef("institution"), during__contains=OuterRef("year_end"), **facts
    )
    return rows.annotate(year_end=last).filter(
        Exists(spells), institution__entered_on__lte=F("year_end")
    )


def accepted() -> Q:
    """The months that stand: of a quarter or a year that the city accepted."""
    lies = Q(kind=FilingKind.QUARTER, first=TruncQuarter(OuterRef("month")))
    lies |= Q(kind=FilingKind.YEAR, first=TruncYear(OuterRef("month")))
    rows = Filing.objects.filter(
        lies, institution=OuterRef("institution"), state=FilingState.LOCKED
    )
    return Q(Exists(rows))


def sees_return(actor: Actor, return_id: int) -> bool:
    """Whether somebody may open a monthly return."""
    scope = actor.scope(SEE)
    found = not scope.nothing and MonthReturn.objects.within(scope).filter(pk=return_id)
    return bool(found and found.exists())


def doubted(return_ids: list[int]) -> dict[int, int]:
    """How many doubts wait, by return."""
    rows = Doubt.objects.filter(month_return__in=return_ids, state=DoubtState.OPEN).order_by()
    return dict(rows.values_list("month_return").annotate(n=Count("pk")))
