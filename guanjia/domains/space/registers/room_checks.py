"""What is odd about the rows of a room ledger, against itself and against what is known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from guanjia.domains.space.models import Building, Holding, Room, RoomSpell
from guanjia.domains.space.rules import ledger, reconcile
from guanjia.domains.space.terms.reconcile import Differs, RoomTold, Sitter
from guanjia.kernel.registers.declaration import ImportRow

# Which cell a contradiction inside a row is shown at.
_COLUMNS = {
    Differs.EMPTY_HELD: ("unit", "empty_held"),
    Differs.EMPTY_SEATED: ("people", "empty_seated"),
    Differs.HOLDERLESS: ("unit", "holderless"),
    Differs.STRANGER: ("people", "person_elsewhere"),
    Differs.LEFT: ("people", "person_left"),
}
_NOBODY_HOLDS = "写了使用人，没有使用单位"


@dataclass
class Known:
    """What the ledger knows of the rooms of some buildings, by building and room number."""

    on: date
    floors: dict[tuple[int, str], int] = field(default_factory=dict)
    gone: dict[tuple[int, str], date] = field(default_factory=dict)
    papered: dict[tuple[int, str], Holding] = field(default_factory=dict)
    left: dict[tuple[int, str], tuple[str, date]] = field(default_factory=dict)


def known(buildings: Iterable[Building], *, on: date) -> Known:
    """What an import has to know of these buildings; four statements."""
    found = Known(on=on)
    of = {building.pk for building in buildings}
    rows = Room.objects.filter(building__in=of).values_list("building", "number", "floor__number")
    found.floors = {(building, number): floor for building, number, floor in rows}
    there = set(
        RoomSpell.objects.filter(room__building__in=of, during__endswith__isnull=True).values_list(
            "room__building", "room__number"
        )
    )
    last = RoomSpell.objects.filter(room__building__in=of).order_by("during")
    for spell in last.select_related("room"):
        key = (spell.room.building_id, spell.room.number)
        if key not in there and spell.during.upper is not None:
            found.gone[key] = spell.during.upper
    held = Holding.objects.filter(room__building__in=of).select_related("room", "unit")
    for holding in held.order_by("during"):
        key = (holding.room.building_id, holding.room.number)
        if on in holding.during and holding.basis in ledger.BY_PAPER:
            found.papered[key] = holding
        elif holding.during.upper is not None and holding.during.upper <= on:
            found.left[key] = (str(holding.unit), holding.during.upper)
        else:
            found.left.pop(key, None)
    return found


def doubts(
    row: ImportRow, places: Mapping[tuple[str, str], Building], known: Known
) -> Iterator[tuple[str, str, str]]:
    """Column, code and sentence of everything that is odd about a row."""
    told = row.values
    for differs in reconcile.inside(_told(told), on=known.on):
        column, code = _COLUMNS[differs.differs]
        yield column, code, f"{differs.differs.label}：{differs.ours}，{differs.theirs}"
    if told["people"] and told["unit"] is None:
        yield "unit", "nobody_holds", _NOBODY_HOLDS
    building = places.get((told["compound"], told["building"]))
    if building is None:
        return
    if odd := ledger.bigger_than_a_floor(
        usable_m2=told["usable_m2"], house_m2=building.gross_m2, floors=building.floors_above
    ):
        yield "usable_m2", "area_odd", odd
    key = (building.pk, told["number"])
    if key in known.gone:
        sentence = f"{known.gone[key]:%Y-%m-%d} 起已不在台账里（合并、拆分或处置），这一行不改动它"
        yield "number", "room_gone", sentence
        return
    unit_id = told["unit"].pk if told["unit"] else None
    papered = known.papered.get(key)
    if papered is not None and papered.unit_id != unit_id:
        what = papered.paper or papered.get_basis_display()
        yield "unit", "held_by_paper", f"{papered.unit}按{what}使用，使用单位和状态不改"
    elif key in known.left and told["unit"] and str(told["unit"]) == known.left[key][0]:
        sentence = f"{told['unit']} {known.left[key][1]:%Y-%m-%d} 已腾退，写入后又由它使用"
        yield "unit", "handed_back", sentence


def _told(told: Mapping[str, Any]) -> RoomTold:
    unit = told["unit"]
    return RoomTold(
        name=told["number"],
        kind=told["kind"],
        state=told["state"],
        usable_m2=told["usable_m2"],
        unit_id=unit.pk if unit else None,
        unit=str(unit) if unit else "",
        unit_path=unit.path if unit else "",
        sitters=tuple(
            Sitter(
                id=person.pk,
                name=person.name,
                unit_path=person.unit.path,
                unit=str(person.unit),
                left_on=person.left_on,
            )
            for person in told["people"]
        ),
    )
