"""A month of an institution as its meters have it, taken into its return."""

from datetime import date, datetime

from django.db import transaction

from guanjia.domains.energy.actions import returns
from guanjia.domains.energy.models import Consumption, Institution, MonthReturn
from guanjia.domains.energy.queries import meters as queries
from guanjia.domains.energy.rules import meters as rules
from guanjia.domains.energy.terms.energies import Used
from guanjia.domains.energy.terms.returns import Origin
from guanjia.kernel.values.actor import Actor


@transaction.atomic
def take_month(*, actor: Actor, institution_id: int, month: date, at: datetime) -> MonthReturn:
    """Tell the month of an institution from its main meters: the sources that they have counted
    whole. Costs that were told stay.

    Needs what ``enter_returns`` needs. Refused where no source is complete, and where the month is
    locked.
    """
    returns.must_see(actor, {institution_id})
    institution = Institution.objects.get(pk=institution_id)
    ready = [each for each in queries.offered(institution.pk, month) if each.ready]
    rules.may_take(ready=bool(ready)).enforce()
    costs = _costs(institution, month)
    lines = {
        each.energy: Used(amount=each.amount, cost_fen=costs.get(each.energy)) for each in ready
    }
    told = returns.Month(institution=institution, month=month, lines=lines)
    returns.enter_returns(actor=actor, months=[told], origin=Origin.METER, at=at)
    found: MonthReturn = MonthReturn.objects.get(institution=institution, month=month)
    return found


def _costs(institution: Institution, month: date) -> dict[str, int | None]:
    """What was told of costs, by source, and stays told until the transaction ends."""
    returns.hold([(institution.pk, month)])
    lines = Consumption.objects.filter(
        month_return__institution=institution, month_return__month=month
    )
    return dict(lines.order_by().values_list("energy", "cost_fen"))
