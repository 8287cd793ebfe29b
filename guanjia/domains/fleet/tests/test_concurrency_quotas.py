"""Two who want the last free place at once: one has it, the other is told in words."""

from functools import partial

import pytest

from guanjia.domains.fleet.models import Purchase
from guanjia.domains.fleet.queries import quotas as reading
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests import quota_scenes as scenes
from guanjia.domains.fleet.tests.builders import TODAY, City
from guanjia.domains.fleet.tests.test_concurrency import all_at_once, parted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def city(transactional_db: None) -> City:
    """The small city, committed, so that other connections see it."""
    return builders.city()


def test_of_many_requests_for_the_last_places_just_as_many_succeed(city: City) -> None:
    scenes.grant(city, 3)
    scenes.car_of(city, "赣H40001")
    outcomes = all_at_once([partial(scenes.asked, city) for _ in range(6)])
    winners, refused = parted(outcomes)
    assert len(winners) == 2
    assert {each.findings[0].code for each in refused} == {"over_quota"}
    assert {each.findings[0].cite.article for each in refused if each.findings[0].cite} == {
        "第二十五条"
    }
    unit = city.units["farming"].pk
    assert reading.standing(unit_id=unit, use=Use.OTHER, on=TODAY).free == 0
    assert Purchase.objects.count() == 2
    assert len({each.number for each in winners}) == 2


def test_one_old_car_is_renewed_once_however_many_ask(city: City) -> None:
    scenes.grant(city, 1)
    old = scenes.car_of(city, "赣H40001")
    outcomes = all_at_once([partial(scenes.renewal, city, old) for _ in range(4)])
    winners, refused = parted(outcomes)
    assert len(winners) == 1
    assert {each.findings[0].code for each in refused} == {"old_car_asked"}


def test_the_same_card_entered_by_two_at_once_is_one_car(city: City) -> None:
    scenes.grant(city, 1)
    old = scenes.car_of(city, "赣H40001")
    purchase = scenes.renewal(city, old)
    scenes.agree(city, purchase)
    winners, refused = parted(all_at_once([partial(scenes.carded, city, purchase)] * 3))
    assert not refused
    assert {each.new_car_id for each in winners} == {Purchase.objects.get().new_car_id}
