"""The nouns of the standard (核定面积): limits, entitlements, and what is said of a room. Pure.

Areas are in ㎡: usable space (使用面积), for ancillary rooms gross space (建筑面积).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.domains.space.terms.ledger import BuildingKind, RoomKind
from guanjia.kernel.org.terms import Level, Rank
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.term import Term

NO_AREA = Decimal(0)
BASIC = (RoomKind.OFFICE, RoomKind.SERVICE, RoomKind.EQUIPMENT)  # 基本办公用房


class Said(Term):
    """What a verdict on a room comes to."""

    WITHIN = "WITHIN", "合标"
    OVER = "OVER", "超标"
    NOBODY = "NOBODY", "没有使用人"
    NOT_BY_PERSON = "NOT_BY_PERSON", "不按人判断"
    NO_LIMIT = "NO_LIMIT", "无法判断"


class Basis(Term):
    """Where the numbers by rank of a unit come from."""

    ENTERED = "ENTERED", "职级编制"
    DERIVED = "DERIVED", "按实有职级推算"
    UNKNOWN = "UNKNOWN", "没有编制"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What one rank may have in organs of a level; ``m2`` is ``None`` where nothing can be said.

    ``note`` says what was taken and why, or why there is no limit.
    """

    rank: Rank
    m2: Decimal | None
    cite: Citation | None = None
    since: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonLimit:
    """One who sits in a room, with the limit of their rank."""

    name: str
    rank_label: str
    limit_m2: Decimal | None
    note: str = ""
    person_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SitterFacts:
    """Who sits in a room: the rank, and the level of the organ they belong to."""

    id: int
    name: str
    rank: Rank
    level: Level


@dataclass(frozen=True, kw_only=True)
class RoomCase:
    """A room as the standard looks at it."""

    id: int
    name: str
    kind: RoomKind
    usable_m2: Decimal
    unit_id: int | None = None
    people: tuple[SitterFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RoomVerdict:
    """What the standard in force on a day says of a room.

    ``limit_m2`` is the sum of the occupants' limits, ``None`` where nothing can be said (then
    ``sentence`` tells why); ``over_m2`` is never negative. ``since`` is the day from which this
    version of the value holds; ``checked`` whether somebody compared it with the official text.
    """

    room_id: int
    name: str
    kind: RoomKind
    said: Said
    usable_m2: Decimal
    limit_m2: Decimal | None
    over_m2: Decimal
    sentence: str
    day: date
    unit_id: int | None = None
    persons: tuple[PersonLimit, ...] = ()
    citation: Citation | None = None
    since: date | None = None

    @property
    def over(self) -> bool:
        """Whether the room is over the standard (超标)."""
        return self.said is Said.OVER

    @property
    def judged(self) -> bool:
        """Whether there is a limit to compare with."""
        return self.limit_m2 is not None

    @property
    def checked(self) -> bool:
        """Whether the value was compared with the official text; if not, pages say 未核对."""
        return self.citation is not None and not self.citation.unchecked

    @property
    def per_person_m2(self) -> Decimal | None:
        """Usable space for each who sits there (人均), as a second figure beside the verdict."""
        return self.usable_m2 / len(self.persons) if self.persons else None

    @property
    def share(self) -> int:
        """How much of the room lies within the limit, in whole percent, for a bar."""
        if self.limit_m2 is None or not self.usable_m2:
            return 0
        return min(100, round(100 * self.limit_m2 / self.usable_m2))


# ── units ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnitFacts:
    """A unit as the standard looks at it: its level and its numbers by rank (编制)."""

    id: int
    name: str
    level: Level
    ranks: Mapping[Rank, int]
    basis: Basis
    headcount: int | None = None
    stands_for: str = ""  # e.g. 事业单位参照党政机关

    @property
    def persons(self) -> int:
        """How many the entitlement is reckoned for (编制定员)."""
        return sum(self.ranks.values())


@dataclass(frozen=True, kw_only=True)
class OfficeLine:
    """A rank of a unit: how many, the limit of each, together."""

    label: str
    count: int
    limit: Limit
    m2: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One class of rooms: what is approved, by which formula, and what the unit has.

    ``m2`` is ``None`` where the standard of that day says nothing; ``note`` then tells why.
    """

    kind: RoomKind
    title: str
    m2: Decimal | None
    formula: str
    cite: Citation | None = None
    since: date | None = None
    note: str = ""
    gross: bool = False


@dataclass(frozen=True, kw_only=True)
class Approved:
    """What a unit may have (核定面积) on a day, class by class."""

    day: date
    facts: UnitFacts
    lines: tuple[OfficeLine, ...]
    office: Part
    service: Part
    equipment: Part
    ancillary: tuple[Part, ...] = ()

    @property
    def basic(self) -> tuple[Part, ...]:
        """Offices, service and equipment rooms (基本办公用房), in usable ㎡."""
        return (self.office, self.service, self.equipment)

    @property
    def total_m2(self) -> Decimal | None:
        """All three together; ``None`` while one of them cannot be told."""
        known = [part.m2 for part in self.basic if part.m2 is not None]
        return sum(known, NO_AREA) if len(known) == len(self.basic) else None

    def part(self, kind: RoomKind) -> Part:
        """The part of a class of basic rooms."""
        return {part.kind: part for part in self.basic}[kind]


@dataclass(frozen=True, kw_only=True)
class GrossNeed:
    """The usable space turned into a building (建筑面积) of a kind, with its ancillary rooms."""

    kind: BuildingKind
    ratio: Decimal
    m2: Decimal
    cite: Citation
    formula: str


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What ancillary rooms are reckoned from, as far as it is told."""

    cars: int = 0
    bicycles: int = 0
    motorcycles: int = 0
    guards: int = 0


@dataclass(frozen=True, kw_only=True)
class UnitStanding:
    """What a unit may have against what it holds, by class of rooms, in usable ㎡."""

    approved: Approved
    held: Mapping[RoomKind, Decimal]
    rooms: Mapping[RoomKind, int]
    unit_code: str = ""
    unit_full: str = ""
    position: int = 0

    @property
    def held_m2(self) -> Decimal:
        """What it holds of basic rooms."""
        return sum((self.held.get(kind, NO_AREA) for kind in BASIC), NO_AREA)

    @property
    def over_m2(self) -> Decimal | None:
        """How much it holds beyond what is approved; negative where there is room left."""
        total = self.approved.total_m2
        return None if total is None else self.held_m2 - total

    def over_of(self, kind: RoomKind) -> Decimal | None:
        """The same for one class."""
        m2 = self.approved.part(kind).m2
        return None if m2 is None else self.held.get(kind, NO_AREA) - m2

    @property
    def is_over(self) -> bool:
        """Whether it holds more than is approved (超面积)."""
        return self.over_m2 is not None and self.over_m2 > 0
