"""Allotments, loans and clearances of the demo, at every step, by the actions of the department."""

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw

from guanjia.domains.space.actions import allocations, clearances, granting, handing_over
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import vacancies
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import AllocationMethod as Way
from guanjia.domains.space.terms.allocations import Asked, FreeRoom
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.kernel.access import queries as access
from guanjia.kernel.access.models import Account
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

CLERK, KEEPER = "suxiao", "pengminci"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_MORE = 80  # people who come to the unit by a reform: it holds much for those it has


def live(*, at: datetime) -> None:
    """One request at every step of its life; ``at``: the moment of the demo."""
    clerk = access.actor_named(username=CLERK, on=at.date())
    keeper = access.actor_named(username=KEEPER, on=at.date())
    account = Account.objects.select_related("person__unit").get(username=CLERK)
    if account.person is None:
        return
    unit = account.person.unit
    _over(keeper, at)
    _in_use(clerk, keeper, unit, at - 26 * _DAY)
    _loan(clerk, keeper, unit, at)
    _refused_ways(clerk, unit, at - 5 * _DAY)
    _reserved(clerk, keeper, unit, at - 3 * _DAY)
    _agreed(clerk, unit, at - 2 * _DAY)
    _pending(clerk, unit, at - 2 * _HOUR)
    _left(keeper, unit, at - 9 * _DAY)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _ask(clerk: Actor, unit: Unit, at: datetime, m2: int, reason: str, **more: Any) -> Allocation:
    persons = dict(reading.staff_by_rank(unit))
    lowest = max(persons, key=lambda rank: persons[rank])
    persons[lowest] += _MORE
    asked = Asked(
        way=more.pop("way", Way.REALLOCATE), reason=reason, wanted_m2=Decimal(m2),
        persons=persons, **more,
    )  # fmt: skip
    return allocations.request(actor=clerk, unit_id=unit.pk, asked=asked, at=at)


def _approve(allocation: Allocation, at: datetime, steps: int = 9) -> Allocation:
    """As many people agree as are told, an hour one after the other."""
    for turn in range(1, steps + 1):
        case = Case.objects.get(subject_type="space.allocation", subject_id=allocation.pk)
        seats = approvals.open_seats(case)
        account = Account.objects.filter(person=seats[0].person_id).first() if seats else None
        if account is None:
            break
        when = at + turn * _HOUR
        who = access.actor_of(account=account, on=_day(when))
        deciding.agree(actor=who, case_id=case.pk, comment="同意", at=when)
    return Allocation.objects.select_related("unit").get(pk=allocation.pk)


def _rooms(allocation: Allocation, at: datetime) -> list[int]:
    """The group of empty rooms that comes nearest."""
    since, last = allocation.since_on or _day(at), allocation.last_on
    free: Sequence[FreeRoom] = vacancies.fitting(
        day=_day(at), since=since, until=last + _DAY if last else None
    )
    need = reading.need_of_allocation(allocation, day=_day(at), law=law_at(at))
    most = min(each for each in (allocation.wanted_m2, need.free_m2) if each is not None)
    found = [each for each in rules.offers(free, most) if each.short_m2 >= 0]
    return [room.id for room in found[0].rooms] if found else []


def _granted(keeper: Actor, allocation: Allocation, at: datetime) -> Allocation | None:
    rooms = _rooms(allocation, at)
    if not rooms:
        return None
    return granting.grant(
        actor=keeper, allocation_id=allocation.pk, room_ids=rooms, since_on=_day(at), at=at
    )


def _handed_over(keeper: Actor, allocation: Allocation | None, at: datetime) -> None:
    if allocation is None:
        return
    handing_over.hand_over(
        actor=keeper, allocation_id=allocation.pk, on=_day(at), receiver="苏小",
        signature=_scrawl(), at=at,
    )  # fmt: skip


def _scrawl() -> bytes:
    """Something like a name, drawn."""
    sheet = Image.new("RGB", (900, 300), "white")
    pen = ImageDraw.Draw(sheet)
    for line in (
        [(120, 90), (300, 80), (180, 190), (330, 230)], [(210, 40), (205, 250)],
        [(430, 80), (620, 70), (500, 150), (640, 160), (460, 240), (690, 225)],
        [(560, 30), (545, 260), (500, 230)],
    ):  # fmt: skip
        pen.line(line, fill="#111", width=7, joint="curve")
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


# ── one of each ──────────────────────────────────────────────────────────────────────────


def _over(keeper: Actor, at: datetime) -> None:
    """The loans that the ledger of 2020 told of: two are given back long since."""
    rows = Allocation.objects.filter(way=Way.LOAN, state="RECORDED", last_on__lt=_day(at))
    for row in rows.order_by("paper")[:2]:
        if row.last_on is not None:
            allocations.end_recorded(actor=keeper, allocation_id=row.pk, on=row.last_on, at=at)


def _in_use(clerk: Actor, keeper: Actor, unit: Unit, at: datetime) -> None:
    """New rooms in use, the old one to be given back within days."""
    own = reading.own_rooms(unit=unit, day=_day(at))
    back = (own[-1].pk,) if len(own) > 1 else ()
    reason = "机构改革划入救护培训、器官捐献职能，现有房间坐不下"
    made = _approve(_ask(clerk, unit, at, 40, reason, back=back), at)
    made_at = at + 5 * _HOUR
    _handed_over(keeper, _granted(keeper, made, made_at), made_at + _HOUR)


def _loan(clerk: Actor, keeper: Actor, unit: Unit, at: datetime) -> None:
    """A loan that ends within weeks."""
    begun = at - 28 * _DAY
    made = _ask(
        clerk, unit, begun, 20, "应急物资清点临时办公", way=Way.LOAN, since_on=_day(begun),
        last_on=_day(at + 12 * _DAY),
    )  # fmt: skip
    made = _approve(made, begun)
    made_at = begun + 5 * _HOUR
    _handed_over(keeper, _granted(keeper, made, made_at), made_at + _HOUR)


def _refused_ways(clerk: Actor, unit: Unit, at: datetime) -> None:
    """A lease whose earlier ways will not do, with the section of the bureau."""
    refusals = {
        Way.REALLOCATE: "空房都在 3 层以上，献血车无法停靠",
        Way.SWAP: "沿街的单位没有愿意置换的",
    }
    made = _ask(clerk, unit, at, 60, "沿街设无偿献血点", way=Way.RENT, refusals=refusals)
    _approve(made, at, steps=1)


def _reserved(clerk: Actor, keeper: Actor, unit: Unit, at: datetime) -> None:
    made = _approve(_ask(clerk, unit, at, 18, "志愿服务队办公"), at)
    _granted(keeper, made, at + 5 * _HOUR)


def _agreed(clerk: Actor, unit: Unit, at: datetime) -> None:
    _approve(_ask(clerk, unit, at, 36, "应急救护师资组办公"), at)


def _pending(clerk: Actor, unit: Unit, at: datetime) -> None:
    _ask(clerk, unit, at, 24, "档案整理用房")


def _left(keeper: Actor, unit: Unit, at: datetime) -> None:
    """Somebody left and the room is not back in time."""
    own = reading.own_rooms(unit=unit, day=_day(at))
    free = [row for row in own if row.now.state == "IN_USE" and row.now.kind == "OFFICE"]
    if not free:
        return
    clearances.open_clearance(
        actor=keeper, unit_id=unit.pk, reason=ClearanceReason.LEFT, room_ids=[free[0].pk],
        begins_on=_day(at - 31 * _DAY), note="退休一人", at=at,
    )  # fmt: skip
