"""The nouns of giving offices to units (调配): how, where it stands, what is needed. Pure."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=6)  # the request, the papers of an exchange or a lease


class AllocationMethod(Term):
    """How a unit comes to offices (调配方式); the first four in the prescribed order."""

    REALLOCATE = "REALLOCATE", "调剂"
    SWAP = "SWAP", "置换"
    RENT = "RENT", "租用"
    BUILD = "BUILD", "建设"
    LOAN = "LOAN", "借用"


class LettingOut(Term):
    """What a unit must never do with its offices."""

    LEASE_OUT = "LEASE_OUT", "出租"
    LEND_OUT = "LEND_OUT", "出借"


class AllocationState(Term):
    """Where an allocation stands (状态)."""

    PENDING = "PENDING", "待审批"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    AGREED = "AGREED", "待选房"
    RESERVED = "RESERVED", "待交接"
    IN_USE = "IN_USE", "使用中"
    RECORDED = "RECORDED", "台账登记"
    ENDED = "ENDED", "已结束"
    CALLED_OFF = "CALLED_OFF", "已取消"


_S = AllocationState
ALLOCATION_LIFE = Life(
    states={
        _S.PENDING: Stage(
            tone="wait", icon="hourglass",
            to=(_S.AGREED, _S.RETURNED, _S.WITHDRAWN, _S.CALLED_OFF),
        ),
        _S.RETURNED: Stage(
            tone="stop", icon="arrow-back-up",
            to=(_S.PENDING, _S.WITHDRAWN, _S.AGREED, _S.CALLED_OFF),
        ),
        _S.WITHDRAWN: Stage(tone="idle", icon="arrow-back-up", to=(_S.PENDING, _S.CALLED_OFF)),
        # In use at once: a longer loan, a lease, a building, where nothing is handed over.
        _S.AGREED: Stage(
            tone="wait", icon="clock-hour-4",
            to=(_S.RETURNED, _S.RESERVED, _S.IN_USE, _S.CALLED_OFF),
        ),
        # Agreed again: other rooms are to be chosen.
        _S.RESERVED: Stage(tone="move", icon="key", to=(_S.AGREED, _S.IN_USE, _S.CALLED_OFF)),
        _S.IN_USE: Stage(tone="done", icon="circle-check", to=(_S.ENDED,)),
        _S.RECORDED: Stage(tone="done", icon="circle-check", to=(_S.ENDED,)),
        _S.ENDED: Stage(tone="idle", icon="circle-check"),
        _S.CALLED_OFF: Stage(tone="idle", icon="ban"),
    },
    rule="用房调配先审批，再选房、交接",
)  # fmt: skip


class Standing(Term):
    """Whether an allocation counts (效力): approved, with its paper, and not called off."""

    COUNTS = "COUNTS", "有效"
    NOT = "NOT", "已取消"


# Ways that take rooms of the bureau's own; a lease or a building is found or made outside.
FROM_STOCK = (AllocationMethod.REALLOCATE, AllocationMethod.SWAP, AllocationMethod.LOAN)
UNSENT = (AllocationState.RETURNED, AllocationState.WITHDRAWN)
GRANTED = (AllocationState.RESERVED, AllocationState.IN_USE)
OVER = (AllocationState.ENDED, AllocationState.CALLED_OFF)
UNDER_WAY = (*UNSENT, AllocationState.PENDING, AllocationState.AGREED, AllocationState.RESERVED)
# Approved, with its paper, and not called off: what figures count.
COUNTED = (
    AllocationState.RESERVED,
    AllocationState.IN_USE,
    AllocationState.RECORDED,
    AllocationState.ENDED,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request says. ``last_on``: the last day of a loan; areas are usable ㎡.

    ``persons``: how many of each rank are to be seated in all. ``refusals``: why an earlier way
    will not do. ``back``: ids of the unit's rooms that it gives back once it has moved.
    """

    way: AllocationMethod | LettingOut
    reason: str
    wanted_m2: Decimal
    persons: dict[Rank, int] = field(default_factory=dict)
    refusals: dict[AllocationMethod, str] = field(default_factory=dict)
    since_on: date | None = None
    last_on: date | None = None
    back: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a unit may have (核定) and has of offices, service and equipment rooms, in usable ㎡.

    ``entitled_m2`` is ``None`` where no provision in force tells it; ``back_m2`` is what goes back.
    """

    persons: int
    entitled_m2: Decimal | None
    held_m2: Decimal
    back_m2: Decimal = Decimal(0)

    @property
    def free_m2(self) -> Decimal | None:
        """What may still be given; never below zero."""
        if self.entitled_m2 is None:
            return None
        return max(self.entitled_m2 - self.held_m2 + self.back_m2, Decimal(0))


@dataclass(frozen=True, kw_only=True)
class FreeRoom:
    """An empty room that can be had; ``since``: empty since, ``None`` before the ledger began."""

    id: int
    name: str
    number: str
    building: str
    compound: str
    floor: int
    kind: str
    usable_m2: Decimal
    gross_m2: Decimal | None
    since: date | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Rooms of one building that together come near a need."""

    building: str
    compound: str
    rooms: tuple[FreeRoom, ...]
    need_m2: Decimal

    @property
    def usable_m2(self) -> Decimal:
        """What they have together."""
        return sum((room.usable_m2 for room in self.rooms), Decimal(0))

    @property
    def short_m2(self) -> Decimal:
        """What is missing to the need; below zero what they have beyond it."""
        return self.need_m2 - self.usable_m2

    @property
    def floors(self) -> tuple[int, ...]:
        """On which floors they lie."""
        return tuple(sorted({room.floor for room in self.rooms}))

    @property
    def empty_since(self) -> date | None:
        """Since when the longest empty of them is empty; ``None`` before the ledger began."""
        days = [room.since for room in self.rooms]
        return None if None in days else min(day for day in days if day is not None)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Who holds a room in the stretch that is asked for; days half-open, ``None`` is open."""

    room_id: int
    room: str
    unit: str
    since: date | None
    until: date | None
