"""Two at once over one card or one receipt: one wins, the other is told in words."""

from functools import partial

import pytest

from guanjia.domains.fleet.actions import cards, costs
from guanjia.domains.fleet.models import Cost, FuelCard
from guanjia.domains.fleet.tests import builders, spending
from guanjia.domains.fleet.tests.builders import AT, SECOND, SMALL, THIRD, City
from guanjia.domains.fleet.tests.test_concurrency import all_at_once, parted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def city(transactional_db: None) -> City:
    """The small city, committed, so that other connections see it."""
    return builders.city()


def test_a_card_given_to_three_cars_at_once_is_one_cars(city: City) -> None:
    winners, refused = parted(
        all_at_once(
            [
                partial(
                    cards.give_card, actor=city.actor("car_keeper"), car_id=city.cars[car].pk,
                    number=spending.CARD, since=AT.date(), at=AT,
                )
                for car in (SMALL, SECOND, THIRD)
            ]
        )
    )  # fmt: skip
    assert (len(winners), len(refused)) == (1, 2)
    assert {each.findings[0].code for each in refused} == {"card_taken"}
    assert FuelCard.objects.get() == winners[0]


@pytest.mark.parametrize("number", ["036022000111", ""])
def test_a_receipt_pressed_four_times_at_once_is_one_cost(city: City, number: str) -> None:
    row = spending.receipt(city, number=number)
    enter = partial(costs.enter_receipt, actor=city.actor("car_keeper"), row=row, at=AT)
    winners, refused = parted(all_at_once([enter] * 4))
    assert (len(winners), len(refused)) == (4, 0)
    assert len({cost.pk for cost in winners}) == 1
    assert Cost.objects.count() == 1
