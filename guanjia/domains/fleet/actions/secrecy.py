"""Marking secret cars (保密车辆): the outside sees neither them nor what tells of them."""

from datetime import datetime

from django.db import transaction

from guanjia.domains.fleet.models import Car
from guanjia.domains.fleet.queries.archive import CARS
from guanjia.kernel.acts.changing import change, locked
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

REASON_MAX = 200


@transaction.atomic
def mark_secret(*, actor: Actor, car_id: int, secret: bool, reason: str, at: datetime) -> Car:
    """Make a car a secret one, or take the mark away; with the reason.

    Needs ``fleet.car.enter``. From then on shared scopes do not see the car, its journeys, its
    costs or anything else that tells of it; past looks at it stay on record. Its own unit and the
    dispatchers go on seeing it.
    """
    car: Car = locked(CARS, actor=actor, verb="fleet.car.enter", pk=car_id)
    if car.secret == secret:
        return car
    if not reason.strip():
        refuse(
            "reason_missing", "没有写原因。", "写明依据，如定密文件的文号。", field="reason"
        ).enforce()
    if len(reason) > REASON_MAX:
        refuse("reason_long", "原因太长。", f"最多 {REASON_MAX} 个字。", field="reason").enforce()
    change(car, {"secret": secret}, actor=actor, verb="fleet.car.secret_set", at=at, note=reason)
    return car
