"""Two keepers save a plan of the same floor: one edition, and the other is told by whom."""

from functools import partial
from typing import Any

import pytest

from guanjia.domains.space.actions import plans as acts
from guanjia.domains.space.models import FloorPlan
from guanjia.domains.space.tests import builders
from guanjia.domains.space.tests.at_once import all_at_once, parted
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.domains.space.tests.test_plan_actions import row_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def city(transactional_db: None, tmp_path: Any, settings: Any) -> City:
    """The small city, committed, so that other connections see it."""
    settings.FILES_ROOT = tmp_path / "files"
    return builders.city()


def test_two_who_began_from_the_same_edition_do_not_overwrite_each_other(city: City) -> None:
    save = {
        who: partial(
            acts.sketch, actor=city.actor(who), building_id=city.building.pk, number=1,
            shapes=row_of(city), since=TODAY, seen_edition=0, at=AT,
        )
        for who in ("keeper", "keeper_too")
    }  # fmt: skip
    winners, refused = parted(all_at_once(list(save.values())))
    assert [plan.edition for plan in winners] == [1]
    (finding,) = refused[0].findings
    assert finding.code == "plan_newer"
    assert str(winners[0].drawn_by) in finding.sentence
    assert FloorPlan.objects.count() == 1
