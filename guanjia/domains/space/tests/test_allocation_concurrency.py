"""Two officers and one room: one has it, the other is told who holds it until when."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from guanjia.domains.space.actions import granting
from guanjia.domains.space.models import Allocation, Holding
from guanjia.domains.space.terms.allocations import AllocationState
from guanjia.domains.space.tests import allotting, builders
from guanjia.domains.space.tests.allotting import loan_wish
from guanjia.domains.space.tests.at_once import all_at_once, parted
from guanjia.domains.space.tests.builders import AT, City
from guanjia.kernel.vouchers.models import Voucher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def city(transactional_db: None, tmp_path: Any, settings: Any) -> City:
    """The small city, committed, so that other connections see it."""
    settings.FILES_ROOT = tmp_path / "files"
    return builders.city()


def test_one_room_for_overlapping_months_goes_to_one(city: City) -> None:
    ours = allotting.agreed(city, loan_wish(since_on=date(2020, 6, 1), last_on=date(2020, 8, 31)))
    theirs = allotting.agreed(
        city, loan_wish(since_on=date(2020, 8, 1), last_on=date(2020, 10, 31)),
        by="stranger", unit="other",
    )  # fmt: skip
    room = city.room("202").pk
    calls = [
        partial(granting.grant, actor=city.actor(who), allocation_id=row.pk, room_ids=[room], at=AT)
        for who, row in (("keeper", ours), ("keeper_too", theirs))
    ]
    winners, refused = parted(all_at_once(calls))
    assert (len(winners), len(refused)) == (1, 1)
    won = winners[0]
    (finding,) = refused[0].findings
    unit = "市农业农村局" if won.pk == ours.pk else "市教育局"
    until = "2020年6月1日至2020年8月31日" if won.pk == ours.pk else "2020年8月1日至2020年10月31日"
    assert finding.headline == f"常委楼 202 已给{unit}，{until}。"
    assert [option.label for option in finding.options] == [
        "常委楼 201（24.0 ㎡）", "常委楼 204（40.0 ㎡）",
    ]  # fmt: skip
    assert Holding.objects.filter(room=room).count() == 1
    assert Voucher.objects.filter(kind="space.loan").count() == 1
    states = set(Allocation.objects.values_list("state", flat=True))
    assert states == {AllocationState.RESERVED, AllocationState.AGREED}


def test_many_rooms_chosen_crosswise_do_not_wait_for_each_other_for_ever(city: City) -> None:
    rows = [
        allotting.agreed(city),
        allotting.agreed(city, by="stranger", unit="other"),
    ]
    rooms = [city.room(number).pk for number in ("201", "202")]
    calls = [
        partial(
            granting.grant, actor=city.actor(who), allocation_id=row.pk, room_ids=chosen, at=AT
        )
        for who, row, chosen in (
            ("keeper", rows[0], rooms), ("keeper_too", rows[1], rooms[::-1]),
        )
    ]  # fmt: skip
    winners, refused = parted(all_at_once(calls))
    assert (len(winners), len(refused)) == (1, 1)
    assert {finding.code for finding in refused[0].findings} == {"room_taken"}
    assert Holding.objects.filter(room__in=rooms).count() == 2
