"""What the ledgers differ in (台账核对), read at once for a day; see ``rules.reconcile``."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from guanjia.domains.space.models import Allocation, Building, RoomSpell
from guanjia.domains.space.queries import buildings, rooms, rounds, surveys
from guanjia.domains.space.rules import reconcile as rules
from guanjia.domains.space.terms.ledger import (
    Basis,
    BuildingState,
    RoomKind,
    RoomState,
    TitleState,
)
from guanjia.domains.space.terms.reconcile import (
    BuildingTold,
    Mismatch,
    PaperTold,
    RoomLooked,
    RoomTold,
    Sitter,
)
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.vouchers.models import Voucher

SEE = "space.reconcile.see"
NONE = Decimal(0)


def mismatches(*, day: date, scope: Scope) -> list[Mismatch]:
    """Everything in which the ledgers of a day differ, each thing once (账账、账实、账证).

    Inside a scope: the rooms that its units held that day, and the buildings these lie in.
    """
    told = told_rooms(day=day, scope=scope)
    vouchers = _vouchers(told, day=day)
    found: list[Mismatch] = []
    for room in told:
        found += rules.inside(room, on=day)
        found += rules.papers(room, vouchers=vouchers)
    for building in _buildings(day=day, scope=scope):
        found += rules.sums(building)
        found += rules.titles(building)
    found += _in(scope, surveys.mismatches(rooms=told, day=day))
    found += rules.looked(_looks(told, day=day, scope=scope))
    return rules.once(found)


def told_rooms(*, day: date, scope: Scope) -> list[RoomTold]:
    """The rooms of the master ledger on a day, as rules take them."""
    seats = rooms.sitters(room_ids=None, day=day)
    return [
        RoomTold(
            id=row.pk,
            name=str(row),
            building_id=row.building_id,
            kind=RoomKind(row.now.kind),
            state=RoomState(row.now.state),
            usable_m2=row.now.usable_m2,
            gross_m2=row.now.gross_m2,
            unit_id=row.held.unit_id if row.held else None,
            unit=str(row.held.unit) if row.held else "",
            unit_path=row.held.unit.path if row.held else "",
            basis=Basis(row.held.basis) if row.held else None,
            paper=row.held.paper if row.held else "",
            sitters=tuple(
                Sitter(
                    id=seat.person_id,
                    name=seat.person.name,
                    unit_path=seat.person.unit.path,
                    unit=str(seat.person.unit),
                    left_on=seat.person.left_on,
                )
                for seat in seats.get(row.pk, ())
            ),
        )
        for row in rooms.as_of(day=day, scope=scope)
    ]


def _buildings(*, day: date, scope: Scope) -> list[BuildingTold]:
    """The buildings with what all their rooms add up to; gross space only where each room tells
    its own."""
    sums: dict[int, Mapping[str, Any]] = {
        row["room__building"]: row
        for row in RoomSpell.objects.on(day)
        .values("room__building")
        .annotate(
            rooms=Count("pk"),
            usable=Sum("usable_m2"),
            gross=Sum("gross_m2"),
            untold=Count("pk", filter=Q(gross_m2=None)),
        )
    }
    return [
        _building(row, sums.get(row.pk, {}))
        for row in buildings.as_at(Building.objects.within(scope), day)
    ]


def _building(row: Building, sums: Mapping[str, Any]) -> BuildingTold:
    whole = sums and not sums["untold"]
    return BuildingTold(
        id=row.pk,
        name=f"{row.compound} {row}",
        gross_m2=row.gross_m2,
        state=BuildingState(row.state),
        title_state=TitleState(row.title_state),
        title_no=row.title_no,
        title_owner=row.title_owner,
        title_m2=row.title_m2,
        rooms=int(sums.get("rooms", 0)),
        usable_m2=Decimal(sums.get("usable", NONE)),
        rooms_gross_m2=Decimal(sums["gross"]) if whole else None,
    )


def _vouchers(told: Iterable[RoomTold], *, day: date) -> dict[str, PaperTold]:
    """The papers that the rooms name and that are valid on a day, by number: vouchers of ours, and
    allocations that a ledger brought with a number of its own."""
    named = {room.paper for room in told if room.paper}
    if not named:
        return {}
    ours = Voucher.objects.filter(numbered__in=named)
    valid = ours.filter(
        Q(valid_until=None) | Q(valid_until__gt=day), voiding=None, valid_from__lte=day
    )
    elsewhere = Allocation.objects.filter(paper__in=named).exclude(
        paper__in=ours.values("numbered")
    )
    papers = {
        row.paper: PaperTold(id=row.pk, number=row.paper, unit_id=row.unit_id) for row in elsewhere
    }
    for voucher in valid:
        papers[voucher.numbered] = PaperTold(
            id=voucher.pk, number=voucher.numbered, unit_id=voucher.unit_id, voucher=True
        )
    return papers


def _looks(told: Iterable[RoomTold], *, day: date, scope: Scope) -> list[RoomLooked]:
    """What the last inspections found otherwise than the ledger tells (账实)."""
    by_id = {room.id: room for room in told}
    looks = []
    for each in rounds.mismatches(scope=scope, day=day):
        room = by_id.get(each.room_id)
        if room is None:
            continue
        looks.append(
            RoomLooked(
                id=each.inspection_id,
                room_id=room.id,
                building_id=room.building_id,
                subject=room.name,
                what=each.what,
                told=f"{each.what} {each.told}",
                found=f"{each.what} {each.found}（{each.on_day:%Y-%m-%d} {each.inspector} 查看）",
                unit_id=room.unit_id,
                unit=room.unit,
            )
        )
    return looks


def _in(scope: Scope, found: list[Mismatch]) -> list[Mismatch]:
    """Those of units inside a scope."""
    if scope.everything:
        return found
    units = set(Unit.objects.within(scope).values_list("pk", flat=True))
    return [each for each in found if each.unit_id in units]
