"""Two at once at the end of a car: one disposal, one place, one payment."""

from functools import partial

import pytest

from guanjia.domains.fleet.actions import disposals, lots
from guanjia.domains.fleet.models import Disposal, LotPayment
from guanjia.domains.fleet.terms.disposals import DisposalMethod
from guanjia.domains.fleet.tests import builders, ends
from guanjia.domains.fleet.tests.builders import AT, City
from guanjia.domains.fleet.tests.test_concurrency import all_at_once, parted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def city(transactional_db: None) -> City:
    """The small city, committed, so that other connections see it."""
    return builders.city()


def test_a_car_asked_for_by_many_at_once_has_one_disposal(city: City) -> None:
    car, actor = ends.old_car(city), city.actor("clerk")
    ask = partial(
        disposals.open_disposal,
        actor=actor, car_id=car.pk, method=DisposalMethod.SCRAP, reason="车况差", at=AT,
    )  # fmt: skip
    winners, refused = parted(all_at_once([ask] * 6))
    assert (len(winners), len(refused)) == (1, 5)
    assert Disposal.objects.count() == 1


def test_a_voucher_told_twice_at_once_is_counted_once(city: City) -> None:
    lot, row = ends.lot(city), ends.dealt(city)
    keeper = city.actor("car_keeper")
    lots.put_in_lot(actor=keeper, lot_id=lot.pk, disposal_ids=[row.pk], at=AT)
    pay = partial(
        lots.pay_in_lot,
        actor=keeper, lot_id=lot.pk, amount_fen=2_600_000, receipt="JK1", paid_on=AT.date(), at=AT,
    )  # fmt: skip
    winners, refused = parted(all_at_once([pay] * 4))
    assert (len(winners), len(refused)) == (1, 3)
    assert LotPayment.objects.count() == 1
