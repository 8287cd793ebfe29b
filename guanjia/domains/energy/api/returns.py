"""Monthly returns over the API, for who is signed in: the same action as page and sheet.

Amounts are decimals as text in the source's unit, costs in 分. Sending the same again changes
nothing.
"""

from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router

from guanjia.domains.energy.actions import returns as actions
from guanjia.domains.energy.api import shapes
from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.queries import returns as queries
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.terms.returns import Origin
from guanjia.ui.pages import needs

router = Router(tags=["公共机构节能"])


@router.post("/returns", response=shapes.TakenOut, summary="填报月报")
@needs(actions.FILL)
def enter(request: Any, body: shapes.ReturnsIn) -> dict[str, int]:
    """Take in many months, all or none; what is odd comes in as a doubt that waits."""
    months = shapes.months_of(body)
    counts = actions.enter_returns(
        actor=request.actor, months=months, origin=Origin.API, at=timezone.now()
    )
    return shapes.taken(counts, months)


@router.get(
    "/institutions/{int:institution_id}/returns",
    response=shapes.MonthsOut,
    summary="一家机构的月报",
)
@needs(queries.SEE)
def returns(
    request: Any, institution_id: int, year: Annotated[int | None, Query(ge=2000, le=2199)] = None
) -> dict[str, object]:
    """The months of an institution inside the caller's scope; without a year the newest told."""
    one: Institution = Institution.objects.within(request.scope).get(pk=institution_id)
    newest = next(iter(totals.years_of(one.pk)), timezone.localdate().year)
    return shapes.shown(one, year or newest)
