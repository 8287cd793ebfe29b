"""待办 of allocations and clearances: to mend, to choose, to receive, to give back, to accept."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from guanjia.domains.space.actions import clearances
from guanjia.domains.space.models import Allocation, Clearance
from guanjia.domains.space.terms.allocations import AllocationMethod, AllocationState
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.domains.space.tests import allotting, builders
from guanjia.domains.space.tests.allotting import loan_wish, wish
from guanjia.domains.space.tests.builders import AT, City
from guanjia.domains.space.waiting import allocations
from guanjia.domains.space.waiting import clearances as clearances_waiting
from guanjia.kernel.approvals.actions import deciding
from guanjia.ui.waiting import Todo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_morning")]


@pytest.fixture
def _morning(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def city(db: None) -> City:
    """The small city of the department."""
    return builders.city()


def todos(city: City, who: str) -> list[tuple[str, str]]:
    actor = city.actor(who)
    found: list[Todo] = [
        source.show(row, actor, AT)
        for source in (*allocations.SOURCES, *clearances_waiting.SOURCES)
        for row in (source.rows(actor, AT) or ())
    ]
    assert all(each.url and each.act for each in found)
    return [(each.kind, each.verb) for each in found]


def test_everybody_has_what_is_theirs_in_the_inbox(city: City) -> None:
    made = allotting.asked(city, wish(back=(city.room("104").pk,)))
    deciding.send_back(
        actor=city.actor("chief"), case_id=allotting.case_of(made).pk, comment="偏大", at=AT
    )
    assert todos(city, "clerk") == [("已退回", "改后再交")]
    second = allotting.agreed(city, loan_wish())
    assert todos(city, "keeper") == [("待选房", "选房")]
    allotting.grant(city, second, "202")
    assert ("待交接", "交接") in todos(city, "clerk")
    clearances.open_clearance(
        actor=city.actor("keeper"), unit_id=city.units["farming"].pk,
        reason=ClearanceReason.LEFT, room_ids=[city.room("102").pk], begins_on=date(2020, 5, 4),
        at=AT,
    )  # fmt: skip
    assert ("待腾退", "移交") in todos(city, "clerk")
    clearances.hand_back(
        actor=city.actor("clerk"), clearance_id=Clearance.objects.get().pk, on=AT.date(), at=AT
    )
    assert ("待接收", "接收") in todos(city, "keeper")
    assert todos(city, "stranger") == []
    assert todos(city, "supervisor") == []


def test_a_ledgers_loan_that_is_over_is_the_bureaus_to_write_down(city: City) -> None:
    Allocation.objects.create(
        number="TP1", paper="景借调〔2019〕001号", unit=city.units["farming"],
        way=AllocationMethod.LOAN, state=AllocationState.RECORDED, approved_on=date(2019, 3, 1),
        since_on=date(2019, 4, 1), last_on=date(2020, 3, 31), gross_m2=Decimal(54),
    )  # fmt: skip
    assert todos(city, "keeper") == [("借用到期", "登记归还")]
    assert todos(city, "clerk") == [("借用到期", "续借或交回")]


def test_a_lease_that_ends_waits_for_both_sides(city: City) -> None:
    allotting.rented(city, last_on=AT.date())
    assert ("租用到期", "续租或退租") in todos(city, "clerk")
    assert ("租用到期", "登记归还") in todos(city, "keeper")
