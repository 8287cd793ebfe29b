"""The page of a lot (处置批次): its cars, and its sums to the 分."""

from typing import Any

from django.http import HttpResponse

from guanjia.domains.fleet.acts.lots import ACTS, may_take_out
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.terms.disposals import LotState
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs


@needs(reading.SEE)
def lot(request: PageRequest, lot_id: int) -> HttpResponse:
    """The lot with the cars one may see; its sums for whoever looks over the whole city."""
    actor, sight = request.actor, request.scope
    found: Any = reading.lot(scope=sight, lot_id=lot_id)
    rows = list(reading.disposals(sight).filter(lot=found).order_by("car__plate"))
    differences = rules.differences(lot=reading.lot_facts(found)).warnings
    context = {
        "lot": found,
        "rows": rows,
        "hidden": found.cars - len(rows),
        "whole": sight.everything,
        "sums": _sums(found),
        "differences": differences,
        "payments": found.payments.select_related("entered_by"),
        "own": [row for row in rows if row.receipt and row.payment_id is None],
        "acts": [act for act in ACTS if not act.makes and act.may(actor, found)],
        "out": {row.pk for row in rows if may_take_out(row, actor)},
        "closed": found.state == LotState.CLOSED,
    }
    return pages.render(request, "fleet/lot.html", context)


def _sums(found: Any) -> list[dict[str, Any]]:
    """The three sums that must be one, each with how far it is from the total."""
    facts = reading.lot_facts(found)
    total = facts.total_fen
    rows = (
        ("各车成交之和", facts.sum_fen, None if total is None else facts.sum_fen - total),
        ("成交总额", total, None),
        ("缴库", facts.paid_fen, None if total is None else facts.paid_fen - total),
    )
    return [{"title": title, "fen": fen, "off": off} for title, fen, off in rows]
