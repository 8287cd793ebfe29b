"""Handing a car over to another unit (划转): it changes hands, and is not gone."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from guanjia.domains.fleet.actions import disposals, quotas, stays
from guanjia.domains.fleet.models import Car, Disposal
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.rules import quotas as places
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.disposals import DisposalMethod, DisposalState
from guanjia.domains.fleet.terms.stays import CameBy, LeftBy
from guanjia.kernel.acts.changing import change, in_state
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor


@transaction.atomic
def finish_transfer(*, actor: Actor, disposal_id: int, on: date, at: datetime) -> Disposal:
    """Finish a transfer (办结划转): from a day on the car stands on the other unit's books.

    Refused where the receiving unit has no place left in its quota, and while a trip of the car is
    promised or out. Needs ``fleet.disposal.deal``.
    """
    disposal = disposals.locked_with_car(actor, disposals.DEAL, disposal_id)
    to_unit = disposal.to_unit
    if disposal.method != DisposalMethod.TRANSFER:
        raise Refused(refuse("no_transfer", "这不是划转。", "登记成交后办结。").refusals)
    if disposal.state == DisposalState.DONE:
        return disposal
    if to_unit is None:
        raise Refused(disposals.no_receiver().refusals)
    in_state(disposals.DISPOSALS, disposal, act="办结划转", when=(DisposalState.AGREED,))
    car = Car.objects.select_for_update(of=("self",)).select_related("unit").get(pk=disposal.car_id)
    facts = replace(disposal.facts(), disposed_on=on)
    verdict = rules.may_finish(disposal=facts, on=day_of(at), law=law_at(at))
    verdict += rules.not_booked(plate=car.plate, booked=reading.booked_numbers(car.pk))
    verdict += _place(to_unit, car, at)
    change(
        disposal,
        {
            "disposed_on": on, "to_unit_id": to_unit.pk, "state": DisposalState.DONE,
            "finished_at": at,
        },
        actor=actor, verb="fleet.disposal.finished", at=at, verdict=verdict,
    )  # fmt: skip
    hand_over(actor=actor, disposal=disposal, car=car, on=on, at=at)
    return disposal


def hand_over(*, actor: Actor, disposal: Disposal, car: Car, on: date, at: datetime) -> None:
    """The locked car stands on the books of the unit that receives it. Inside a caller's act."""
    if disposal.to_unit is None or car.unit_id == disposal.to_unit_id:
        return
    change(
        car, {"unit_id": disposal.to_unit_id}, actor=actor, verb="fleet.car.transferred", at=at,
        note=disposal.number,
    )  # fmt: skip
    stays.move(car=car, on=on, came_by=CameBy.TRANSFER, left_by=LeftBy.TRANSFER)


def _place(unit: Unit, car: Car, at: datetime) -> Verdict:
    """Whether the receiving unit has a free place; its quota is locked till the car is there."""
    standing = quotas.place_of(unit_id=unit.pk, use=car.use, on=day_of(at))
    return places.takes_a_place(
        standing=standing, unit_name=str(unit), use=Use(car.use), law=law_at(at), field="to_unit"
    )
