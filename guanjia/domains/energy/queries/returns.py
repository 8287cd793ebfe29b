"""Monthly returns as lists show them, and their sums."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Sum

from guanjia.domains.energy.models import Consumption, Doubt, MonthReturn
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.returns import DoubtState, FilingState
from guanjia.kernel.values.actor import Actor, Scope

SEE = "energy.return.see"


def listed(scope: Scope) -> Any:
    """The returns of a scope with their lines."""
    rows: Any = MonthReturn.objects.within(scope).select_related("institution__area", "locked_by")
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


def locked(keys: list[tuple[int, date]]) -> set[tuple[int, date]]:
    """Those of some months that were accepted and stand."""
    rows = MonthReturn.objects.filter(
        institution__in={institution for institution, _ in keys},
        month__in={month for _, month in keys},
        locked_by__state=FilingState.LOCKED,
    )
    return set(rows.values_list("institution", "month")) & set(keys)


def sees_return(actor: Actor, return_id: int) -> bool:
    """Whether somebody may open a monthly return."""
    scope = actor.scope(SEE)
    found = not scope.nothing and MonthReturn.objects.within(scope).filter(pk=return_id)
    return bool(found and found.exists())


def doubted(return_ids: list[int]) -> dict[int, int]:
    """How many doubts wait, by return."""
    rows = Doubt.objects.filter(month_return__in=return_ids, state=DoubtState.OPEN).order_by()
    return dict(rows.values_list("month_return").annotate(n=Count("pk")))
