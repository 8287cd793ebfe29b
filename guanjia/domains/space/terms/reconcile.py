"""The nouns of the ledger's reconciliation (台账核对): what is compared, and what differs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.domains.space.terms.ledger import (
    Basis,
    BuildingState,
    RoomKind,
    RoomState,
    TitleState,
)
from guanjia.kernel.values.term import Term


class Against(Term):
    """What the master ledger is held against (三相符)."""

    LEDGERS = "LEDGERS", "账账"
    PLACE = "PLACE", "账实"
    PAPERS = "PAPERS", "账证"


class Differs(Term):
    """What differs; the order is that of the page, the most telling first."""

    EMPTY_HELD = "EMPTY_HELD", "空置仍有使用单位"
    EMPTY_SEATED = "EMPTY_SEATED", "空置仍有使用人"
    HOLDERLESS = "HOLDERLESS", "在用没有使用单位"
    STRANGER = "STRANGER", "使用人不是使用单位的人"
    LEFT = "LEFT", "使用人已离职"
    RETURN_EXTRA = "RETURN_EXTRA", "总台账没有分台账的房间"
    RETURN_MISSING = "RETURN_MISSING", "分台账没有总台账的房间"
    RETURN_DIFFERS = "RETURN_DIFFERS", "分台账与总台账不同"
    ROOMS_SUM = "ROOMS_SUM", "房间面积之和与楼栋不符"
    FOUND_OTHERWISE = "FOUND_OTHERWISE", "现场与台账不同"
    UNTITLED = "UNTITLED", "已交付没有权属证书或备案"
    TITLE_OWNER = "TITLE_OWNER", "权属人不是机关事务管理部门"
    TITLE_AREA = "TITLE_AREA", "证载面积与建筑面积不同"
    PAPER_ELSEWHERE = "PAPER_ELSEWHERE", "凭证不是使用单位的"
    PAPER_UNKNOWN = "PAPER_UNKNOWN", "凭证号查不到或已失效"
    NO_PAPER = "NO_PAPER", "调配、借用没有凭证"

    @property
    def against(self) -> Against:
        """Which of the three comparisons finds it."""
        if self in _PAPERS:
            return Against.PAPERS
        return Against.PLACE if self is Differs.FOUND_OTHERWISE else Against.LEDGERS


_PAPERS = frozenset(
    {
        Differs.UNTITLED,
        Differs.TITLE_OWNER,
        Differs.TITLE_AREA,
        Differs.PAPER_ELSEWHERE,
        Differs.PAPER_UNKNOWN,
        Differs.NO_PAPER,
    }
)


class Row(Term):
    """What kind of row stands on the other side of a mismatch, for its link."""

    PERSON = "PERSON", "人员"
    RETURN = "RETURN", "填报"
    LOOK = "LOOK", "巡检"
    VOUCHER = "VOUCHER", "凭证"
    ALLOCATION = "ALLOCATION", "调配"
    ROOMS = "ROOMS", "房间"
    TITLE = "TITLE", "权属"


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One thing in which two accounts differ, with both values.

    ``subject`` names the room or building; ``place`` is which part of it (area, state …), so that
    one and the same difference is one row. ``other`` and ``other_id`` say where the second value
    stands.
    """

    differs: Differs
    subject: str
    ours: str
    theirs: str
    building_id: int | None = None
    room_id: int | None = None
    unit_id: int | None = None
    unit: str = ""
    place: str = ""
    other: Row | None = None
    other_id: int | None = None

    @property
    def key(self) -> tuple[str, int, int, str, int]:
        """What makes it one mismatch."""
        return (
            self.differs.value,
            self.building_id or 0,
            self.room_id or 0,
            self.place,
            self.other_id or 0,
        )


@dataclass(frozen=True, kw_only=True)
class Sitter:
    """Who sits in a room, as the people's register has them."""

    id: int
    name: str
    unit_path: str
    unit: str
    left_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class RoomTold:
    """A room as the master ledger has it on a day."""

    id: int | None = None
    name: str
    building_id: int | None = None
    kind: RoomKind
    state: RoomState
    usable_m2: Decimal
    gross_m2: Decimal | None = None
    unit_id: int | None = None
    unit: str = ""
    unit_path: str = ""
    basis: Basis | None = None
    paper: str = ""
    sitters: tuple[Sitter, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BuildingTold:
    """A building as the ledger has it, with what its rooms add up to."""

    id: int
    name: str
    gross_m2: Decimal
    state: BuildingState
    title_state: TitleState
    title_no: str = ""
    title_owner: str = ""
    title_m2: Decimal | None = None
    rooms: int = 0
    usable_m2: Decimal = Decimal(0)
    rooms_gross_m2: Decimal | None = None  # only where every room tells its own


@dataclass(frozen=True, kw_only=True)
class RoomReturned:
    """A room as a unit's own return has it; ``room_id`` is empty for one it added."""

    id: int
    return_id: int
    room_id: int | None
    unit_id: int
    unit: str
    name: str
    kind: RoomKind
    usable_m2: Decimal
    ours: bool = True


@dataclass(frozen=True, kw_only=True)
class RoomLooked:
    """What an inspection found otherwise than the ledger."""

    id: int
    room_id: int | None
    building_id: int | None
    subject: str
    told: str
    found: str
    what: str = ""
    unit_id: int | None = None
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class PaperTold:
    """A valid voucher of use: its number, and which unit it was given to."""

    id: int
    number: str
    unit_id: int | None
    voucher: bool = False  # else an allocation with a number of its own


Mismatches = Sequence[Mismatch]
