"""What happened to rooms; ids only, and when where the row does not tell. Pure."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class RoomsHandedOver:
    """Rooms went to a unit, from a day on."""

    room_ids: tuple[int, ...]
    unit_id: int
    on: date


@dataclass(frozen=True)
class RoomsHandedBack:
    """Rooms came back to the bureau on a day; they stand empty from then on."""

    room_ids: tuple[int, ...]
    unit_id: int
    on: date


# ── rounds (巡检) and what is put right after them (整改) ────────────────────────────────────


@dataclass(frozen=True)
class RoundBegun:
    """A round was planned, or is under way now; its units are told."""

    round_id: int


@dataclass(frozen=True)
class RectificationsAsked:
    """Units have something to put right."""

    rectification_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class RectificationAnswered:
    """A unit says that it is put right."""

    rectification_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class RectificationReturned:
    """What a unit did is not enough; the row says why."""

    rectification_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class RectificationEnded:
    """Something was accepted as put right, or called off."""

    rectification_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class RectificationsLate:
    """Units let their time pass."""

    rectification_ids: tuple[int, ...]
    at: datetime


# ── giving offices and taking them back ──────────────────────────────────────────────────


@dataclass(frozen=True)
class AllocationGranted:
    """Rooms were chosen for a unit and wait to be handed over."""

    allocation_id: int
    at: datetime
    by_id: int | None


@dataclass(frozen=True)
class LoanEnding:
    """A loan or a lease ends soon: within ``days`` of its last day, as the bureau set it; 0 at the
    end."""

    allocation_id: int
    days: int
    at: datetime


@dataclass(frozen=True)
class ClearanceOpened:
    """A unit is to give rooms back."""

    clearance_id: int
    at: datetime
    by_id: int | None


@dataclass(frozen=True)
class ClearanceHandedBack:
    """The unit handed rooms back; they wait to be accepted."""

    clearance_id: int
    at: datetime
    by_id: int | None


@dataclass(frozen=True)
class ClearanceSentBack:
    """The rooms were not accepted as they are."""

    clearance_id: int
    at: datetime
    by_id: int | None


@dataclass(frozen=True)
class ClearanceDue:
    """The time to give rooms back ends soon, or is over; ``turn``: the how many-th time it is late,
    from 0 on."""

    clearance_id: int
    late: bool
    turn: int
    at: datetime


@dataclass(frozen=True)
class SpaceFindingsRaised:
    """Findings (用房问题) that wait for their units' explanation."""

    finding_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class SpaceFindingDecided:
    """Somebody decided on a finding: 整改 or 不成立; ``by_id`` is the person."""

    finding_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class SpaceFindingReturned:
    """An explanation was not enough and was sent back; ``by_id`` is the person."""

    finding_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class SpaceFindingsLate:
    """Units let their time to explain findings pass and are reminded."""

    finding_ids: tuple[int, ...]
    at: datetime


# ── using and giving up idle rooms (处置利用) ─────────────────────────────────────────────


@dataclass(frozen=True)
class DisposalCarried:
    """Idle rooms went to who uses them, or out of the ledger."""

    disposal_id: int
    at: datetime
    by_id: int | None


@dataclass(frozen=True)
class IncomesLate:
    """Incomes of disposals that were not in the treasury in time."""

    income_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class UsesEnding:
    """Leases and public uses that end soon, or have ended."""

    disposal_ids: tuple[int, ...]
    at: datetime


# ── surveys (统计摸底) ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SurveyPlanned:
    """Units are asked for their returns."""

    survey_id: int
    at: datetime


@dataclass(frozen=True)
class SurveyReminded:
    """Units were reminded of returns that have not come."""

    filing_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class SurveyReturnMoved:
    """A return went on: to the unit's head, to the bureau, through, or back to be mended."""

    filing_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class SurveyPublished:
    """The report of a survey was published; its units may look."""

    survey_id: int
    at: datetime


# ── 周转房 ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class RentsLate:
    """Rents of 周转房 that were not paid in time."""

    rent_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class TenanciesEnding:
    """Tenancies whose term, or whose time to move out, ends soon or is over."""

    tenancy_ids: tuple[int, ...]
    at: datetime


# ── repairs of buildings (大中修) ─────────────────────────────────────────────────────────


@dataclass(frozen=True)
class WorksDecided:
    """Repairs were put into a plan, or left out; the row says which."""

    works_id: int
    at: datetime
    by_id: int | None


@dataclass(frozen=True)
class WorksUnsettled:
    """Repairs that were to be settled by now."""

    works_ids: tuple[int, ...]
    at: datetime
