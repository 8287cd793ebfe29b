"""Allocations and clearances at every stage, for tests; made by calling actions."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from guanjia.domains.space.actions import (
    allocation_ledgers,
    allocations,
    clearances,
    granting,
    handing_over,
)
from guanjia.domains.space.approvals import ALLOCATION
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.terms.allocations import AllocationMethod, Asked
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.attachments.tests import samples
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.values.actor import Actor

APPROVERS = ("chief", "keeper", "decider")
# Enough people that the unit may have more than it holds.
STAFF = {Rank.BUREAU_HEAD: 1, Rank.BUREAU_DEPUTY: 2, Rank.BELOW_BUREAU: 20}
PNG = samples.png()
DAY = timedelta(days=1)
LOAN_LAST = date(2020, 8, 31)


def wish(**changes: Any) -> Asked:
    """A request for 40 ㎡ by 调剂."""
    given: dict[str, Any] = {
        "way": AllocationMethod.REALLOCATE,
        "reason": "新增职能，现有房间坐不下",
        "wanted_m2": Decimal(40),
        "persons": STAFF,
    }
    return Asked(**(given | changes))


def loan_wish(**changes: Any) -> Asked:
    """A request to borrow 20 ㎡ from today to the end of August."""
    given = {
        "way": AllocationMethod.LOAN, "since_on": TODAY, "last_on": LOAN_LAST,
        "wanted_m2": Decimal(20), "reason": "普查临时办公",
    }  # fmt: skip
    return wish(**(given | changes))


def asked(
    city: City, what: Asked | None = None, *, by: str = "clerk", unit: str = "farming",
    at: datetime = AT,
) -> Allocation:  # fmt: skip
    """A request that waits for the head of its unit."""
    return allocations.request(
        actor=city.actor(by), unit_id=city.units[unit].pk, asked=what or wish(), at=at
    )


def case_of(allocation: Allocation) -> Case:
    """Its approval."""
    return Case.objects.get(
        subject_type="space.allocation", subject_id=allocation.pk, route=ALLOCATION.key
    )


def approve(city: City, allocation: Allocation, *who: str, at: datetime = AT) -> Allocation:
    """Those who decide agree in their turn."""
    for each in who or APPROVERS:
        deciding.agree(actor=city.actor(each), case_id=case_of(allocation).pk, at=at)
    return Allocation.objects.select_related("unit").get(pk=allocation.pk)


def agreed(city: City, what: Asked | None = None, **more: Any) -> Allocation:
    """One for which rooms are to be chosen."""
    if more.get("unit") == "other":
        return approve(city, asked(city, what, **more), "stranger_chief", "keeper", "decider")
    return approve(city, asked(city, what, **more))


def grant(city: City, allocation: Allocation, *rooms: str, **more: Any) -> Allocation:
    """The keeper chooses rooms."""
    return granting.grant(
        actor=city.actor("keeper"), allocation_id=allocation.pk,
        room_ids=[city.room(number).pk for number in rooms or ("202",)],
        **({"at": AT} | more),
    )  # fmt: skip


def granted(city: City, *rooms: str, what: Asked | None = None, **more: Any) -> Allocation:
    """One whose rooms wait to be handed over."""
    return grant(city, agreed(city, what, **more), *rooms)


def handed_over(
    city: City, *rooms: str, what: Asked | None = None, by: str = "keeper", **more: Any
) -> Allocation:
    """One in use since today."""
    made = granted(city, *rooms, what=what, **more)
    return handing_over.hand_over(
        actor=city.actor(by), allocation_id=made.pk, on=TODAY, receiver="莫兴", signature=PNG,
        at=AT,
    )  # fmt: skip


def rented(city: City, *, last_on: date | None) -> Allocation:
    """One leased elsewhere since today."""
    refusals = {AllocationMethod.REALLOCATE: "没有沿街的空房", AllocationMethod.SWAP: "没有愿意的"}
    made = agreed(city, wish(way=AllocationMethod.RENT, refusals=refusals))
    return granting.grant_outside(
        actor=city.actor("keeper"), allocation_id=made.pk, place="广场北路 12 号", since_on=TODAY,
        gross_m2=Decimal(75), document="景府办字〔2020〕8号", last_on=last_on, at=AT,
    )  # fmt: skip


def furnish(city: City, asks: Actor, accepts: Actor) -> None:
    """A request that waits and a loan of a ledger; a clearance: what the house's walk looks at."""
    unit = city.units["farming"]
    allocations.request(actor=asks, unit_id=unit.pk, asked=wish(), at=AT)
    facts = {
        "paper": "景借调〔2019〕001号", "unit": unit, "way": AllocationMethod.LOAN,
        "place": "市民中心", "gross_m2": Decimal(54), "approved_on": date(2020, 3, 10),
        "since_on": date(2020, 4, 1), "last_on": date(2021, 3, 31),
    }  # fmt: skip
    allocation_ledgers.enter_allocations(actor=accepts, rows=[facts], at=AT)
    clearances.open_clearance(
        actor=accepts, unit_id=unit.pk, reason=ClearanceReason.OVER,
        room_ids=[city.room("104").pk], begins_on=TODAY, at=AT,
    )  # fmt: skip
