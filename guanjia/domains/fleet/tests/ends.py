"""Disposals at every stage, for the tests of the ends of cars; made by calling actions."""

from datetime import date, datetime
from typing import Any

from guanjia.domains.fleet.actions import disposals, lots
from guanjia.domains.fleet.approvals import DISPOSAL
from guanjia.domains.fleet.models import Car, Disposal, DisposalLot
from guanjia.domains.fleet.terms.disposals import DisposalMethod
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT, City
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case

TODAY = AT.date()
OLD = "赣H40001"
APPROVERS = ("head", "car_keeper", "car_decider")


def old_car(city: City, plate: str = OLD, unit: str = "farming", **facts: Any) -> Car:
    """A car of the unit that asks for cars, registered in 2009."""
    given = {"registered_on": date(2009, 3, 1), "keeping": "UNIT"} | facts
    return builders.car(plate, city.units[unit], **given)


def opened(
    city: City, car: Car | None = None, method: DisposalMethod = DisposalMethod.AUCTION,
    by: str = "clerk", at: datetime = AT, **more: Any,
) -> Disposal:  # fmt: skip
    """A disposal that waits for its valuation."""
    car = car or old_car(city)
    return disposals.open_disposal(
        actor=city.actor(by), car_id=car.pk, method=method, reason="车况差", at=at, **more
    )


def valued(city: City, car: Car | None = None, fen: int = 2_000_000, **more: Any) -> Disposal:
    """One that was valued."""
    made = opened(city, car, **more)
    return disposals.value_disposal(
        actor=city.actor("clerk"), disposal_id=made.pk, valuation_fen=fen, valuer="评估所",
        valued_on=TODAY, at=AT,
    )  # fmt: skip


def sent(city: City, car: Car | None = None, **more: Any) -> Disposal:
    """One that waits for the head of its unit."""
    made = valued(city, car, **more)
    return disposals.send(actor=city.actor("clerk"), disposal_id=made.pk, at=AT)


def decide(city: City, disposal: Disposal, *who: str) -> Disposal:
    """Some of those who decide agree in their turn."""
    case = Case.objects.get(
        subject_type="fleet.disposal", subject_id=disposal.pk, route=DISPOSAL.key
    )
    for each in who or APPROVERS:
        deciding.agree(actor=city.actor(each), case_id=case.pk, at=AT)
    return Disposal.objects.select_related("car").get(pk=disposal.pk)


def agreed(city: City, car: Car | None = None, **more: Any) -> Disposal:
    """One that may be dealt."""
    return decide(city, sent(city, car, **more))


def deal_facts(**changes: Any) -> dict[str, Any]:
    """A deal of today."""
    facts = {
        "disposed_on": TODAY,
        "buyer": "景德镇市二手车市场",
        "proceeds_fen": 2_600_000,
        "document": "景机管处〔2020〕1号",
    }
    return facts | changes


def dealt(city: City, car: Car | None = None, proceeds_fen: int = 2_600_000) -> Disposal:
    """One whose proceeds wait to be paid in."""
    made = agreed(city, car)
    return disposals.deal(
        actor=city.actor("car_keeper"), disposal_id=made.pk,
        facts=deal_facts(proceeds_fen=proceeds_fen), at=AT,
    )  # fmt: skip


def pay_facts(**changes: Any) -> dict[str, Any]:
    """A payment of today."""
    facts = {"receipt": "JK20200001", "paid_fen": 2_600_000, "paid_on": TODAY}
    return facts | {"difference_note": ""} | changes


def paid(city: City, car: Car | None = None) -> Disposal:
    """One that only wants its plate back."""
    made = dealt(city, car)
    return disposals.pay_in(
        actor=city.actor("car_keeper"), disposal_id=made.pk, facts=pay_facts(), at=AT
    )


def done(city: City, car: Car | None = None) -> Disposal:
    """One that is over: the card of its car is cancelled."""
    made, keeper = paid(city, car), city.actor("car_keeper")
    disposals.return_plate(actor=keeper, disposal_id=made.pk, on=TODAY, at=AT)
    return disposals.finish(actor=keeper, disposal_id=made.pk, at=AT)


def lot(city: City, title: str = "2020年第一批拍卖") -> DisposalLot:
    """A lot for an auction, without cars."""
    return lots.open_lot(
        actor=city.actor("car_keeper"), title=title, method=DisposalMethod.AUCTION, at=AT
    )


def furnish(city: City) -> DisposalLot:
    """For the walk over all pages: an agreed disposal in a lot that is under way."""
    made = lot(city)
    row = agreed(city)
    lots.put_in_lot(actor=city.actor("car_keeper"), lot_id=made.pk, disposal_ids=[row.pk], at=AT)
    return made
