"""Whether ledgers agree (台账核对): accounts with accounts, places and papers. Pure.

The master ledger and the units' ledgers, the rooms as found, and title and voucher have to agree
(账账、账实、账证相符, 党政机关办公用房管理办法 第六条). Each function names what differs, with both
values.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from guanjia.domains.space.terms.ledger import (
    Basis,
    BuildingState,
    RoomKind,
    RoomState,
    TitleState,
)
from guanjia.domains.space.terms.reconcile import (
    BuildingTold,
    Differs,
    Mismatch,
    PaperTold,
    RoomLooked,
    RoomReturned,
    RoomTold,
    Row,
)

# Machine rooms and what belongs to the whole house are in use without a unit.
SHARED_KINDS = frozenset({RoomKind.EQUIPMENT, RoomKind.ANCILLARY})
NOBODY = "没有使用单位"
# Titles are in the name of the authority for office affairs, a bureau here and a centre there.
OWNER, OWNED = "机关事务", "应登记在机关事务管理部门名下"


def area(m2: Decimal) -> str:
    """An area as it is shown: one decimal, two where the second says something."""
    text = f"{m2:,.2f}"
    return f"{text.removesuffix('0')} ㎡"


def inside(room: RoomTold, *, on: date) -> list[Mismatch]:
    """What the master ledger says of one room that does not go together (账账)."""
    found = []
    sitters = "、".join(sitter.name for sitter in room.sitters)
    if room.state is RoomState.VACANT and room.unit:
        found.append(_of(room, Differs.EMPTY_HELD, room.state.label, f"使用单位 {room.unit}"))
    if room.state is RoomState.VACANT and sitters:
        found.append(_of(room, Differs.EMPTY_SEATED, room.state.label, f"使用人 {sitters}"))
    if room.state is RoomState.IN_USE and not room.unit and room.kind not in SHARED_KINDS:
        found.append(_of(room, Differs.HOLDERLESS, room.state.label, NOBODY))
    for sitter in room.sitters:
        if sitter.left_on is not None and sitter.left_on <= on:
            theirs = f"{sitter.name} {sitter.left_on:%Y-%m-%d} 离职"
            found.append(
                _of(room, Differs.LEFT, f"使用人 {sitter.name}", theirs, Row.PERSON, sitter.id)
            )
        elif room.unit and not sitter.unit_path.startswith(room.unit_path):
            theirs = f"{sitter.name} 在 {sitter.unit}"
            ours = f"使用单位 {room.unit}"
            found.append(_of(room, Differs.STRANGER, ours, theirs, Row.PERSON, sitter.id))
    return found


def sums(building: BuildingTold) -> list[Mismatch]:
    """Whether the rooms of a building can fit into it, and add up where all tell their own (账账).

    Corridors and walls belong to the building: rooms that add up to less are no mismatch.
    """
    gross = building.rooms_gross_m2
    told, what = (gross, "建筑面积") if gross is not None else (building.usable_m2, "使用面积")
    if told <= building.gross_m2:
        return []
    ours = f"楼栋建筑面积 {area(building.gross_m2)}"
    theirs = f"{building.rooms:,} 间{what}合计 {area(told)}"
    return [_at(building, Differs.ROOMS_SUM, ours, theirs, Row.ROOMS)]


def titles(building: BuildingTold) -> list[Mismatch]:
    """Whether a building's title agrees with the ledger (账证): area, and in whose name it is."""
    if building.state is not BuildingState.DELIVERED:
        return []
    if building.title_state not in (TitleState.REGISTERED, TitleState.FILED):
        ours, theirs = building.state.label, building.title_state.label
        return [_at(building, Differs.UNTITLED, ours, theirs, Row.TITLE)]
    found = []
    if building.title_m2 is not None and building.title_m2 != building.gross_m2:
        ours = f"建筑面积 {area(building.gross_m2)}"
        theirs = f"证载面积 {area(building.title_m2)}"
        found.append(_at(building, Differs.TITLE_AREA, ours, theirs, Row.TITLE))
    if OWNER not in building.title_owner:
        theirs = f"权属人 {building.title_owner or '没有登记'}"
        found.append(_at(building, Differs.TITLE_OWNER, OWNED, theirs, Row.TITLE))
    return found


def papers(room: RoomTold, *, vouchers: Mapping[str, PaperTold]) -> list[Mismatch]:
    """Whether who holds a room by allotment or loan has a valid voucher of its own (账证).

    What the ledger held before there were vouchers (台账登记) needs none.
    """
    if room.unit_id is None or room.basis in (Basis.REUSE, Basis.LEASE):
        return []
    if room.basis is Basis.LEDGER and not room.paper:
        return []
    ours = f"使用单位 {room.unit}"
    if not room.paper:
        return [_of(room, Differs.NO_PAPER, ours, "没有凭证号")]
    voucher = vouchers.get(room.paper)
    if voucher is None:
        return [_of(room, Differs.PAPER_UNKNOWN, ours, f"凭证 {room.paper} 查不到或已失效")]
    if voucher.unit_id is not None and voucher.unit_id != room.unit_id:
        theirs = f"凭证 {room.paper} 是别的单位的"
        row = Row.VOUCHER if voucher.voucher else Row.ALLOCATION
        return [_of(room, Differs.PAPER_ELSEWHERE, ours, theirs, row, voucher.id)]
    return []


def returned(
    rooms: Iterable[RoomTold], returns: Iterable[RoomReturned], *, units: Collection[int]
) -> list[Mismatch]:
    """The master ledger against the units' own returns (账账), for units that returned one."""
    told = {room.id: room for room in rooms}
    found: list[Mismatch] = []
    named: set[tuple[int, int | None]] = set()
    for row in returns:
        named.add((row.unit_id, row.room_id))
        room = told.get(row.room_id) if row.room_id is not None else None
        found += _extra(row, room) if room is None or room.unit_id != row.unit_id else []
        if room is not None and room.unit_id == row.unit_id:
            found += _differences(room, row)
    for room in told.values():
        if room.unit_id in units and (room.unit_id, room.id) not in named:
            found.append(_of(room, Differs.RETURN_MISSING, f"使用单位 {room.unit}", "没有填报"))
    return found


def _extra(row: RoomReturned, room: RoomTold | None) -> list[Mismatch]:
    """A unit names a room that the master ledger does not have, or has with another unit."""
    if not row.ours:
        return []
    return [
        Mismatch(
            differs=Differs.RETURN_EXTRA,
            subject=row.name,
            ours="没有这间房" if room is None else room.unit or NOBODY,
            theirs=f"{row.unit} 填报 {row.kind.label} {area(row.usable_m2)}",
            building_id=room.building_id if room else None,
            room_id=row.room_id,
            unit_id=row.unit_id,
            unit=row.unit,
            other=Row.RETURN,
            other_id=row.return_id,
            place=str(row.id),
        )
    ]


def _differences(room: RoomTold, row: RoomReturned) -> list[Mismatch]:
    pairs = (
        ("unit", f"使用单位 {room.unit}", f"{row.unit} 填报不是本单位使用", row.ours),
        ("kind", room.kind.label, row.kind.label, row.kind is room.kind),
        ("area", area(room.usable_m2), area(row.usable_m2), row.usable_m2 == room.usable_m2),
    )
    return [
        _of(room, Differs.RETURN_DIFFERS, ours, theirs, Row.RETURN, row.return_id, place)
        for place, ours, theirs, agrees in (pairs if row.ours else pairs[:1])
        if not agrees
    ]


def looked(looks: Iterable[RoomLooked]) -> list[Mismatch]:
    """What inspections found otherwise than the ledger tells (账实)."""
    return [
        Mismatch(
            differs=Differs.FOUND_OTHERWISE,
            subject=look.subject,
            ours=look.told,
            theirs=look.found,
            building_id=look.building_id,
            room_id=look.room_id,
            unit_id=look.unit_id,
            unit=look.unit,
            other=Row.LOOK,
            other_id=look.id,
            place=look.what,
        )
        for look in looks
    ]


def once(mismatches: Iterable[Mismatch]) -> list[Mismatch]:
    """Each mismatch once, the most telling kind first, then by name."""
    first: dict[object, Mismatch] = {}
    for each in mismatches:
        first.setdefault(each.key, each)
    places = {differs: place for place, differs in enumerate(Differs)}
    return sorted(first.values(), key=lambda each: (places[each.differs], each.subject, each.place))


def _of(  # noqa: PLR0917 — a room, what differs, both values, where the other one stands
    room: RoomTold,
    differs: Differs,
    ours: str,
    theirs: str,
    other: Row | None = None,
    other_id: int | None = None,
    place: str = "",
) -> Mismatch:
    return Mismatch(
        differs=differs,
        subject=room.name,
        ours=ours,
        theirs=theirs,
        building_id=room.building_id,
        room_id=room.id,
        unit_id=room.unit_id,
        unit=room.unit,
        other=other,
        other_id=other_id,
        place=place,
    )


def _at(building: BuildingTold, differs: Differs, ours: str, theirs: str, other: Row) -> Mismatch:
    return Mismatch(
        differs=differs,
        subject=building.name,
        ours=ours,
        theirs=theirs,
        building_id=building.id,
        other=other,
        other_id=building.id,
    )
