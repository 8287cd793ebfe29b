"""What happened to trips; ids only, and when where the row does not tell."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TripRequested:
    """Somebody asked for a car."""

    trip_id: int


@dataclass(frozen=True)
class TripApproved:
    """A request was agreed to and waits for a car."""

    trip_id: int


@dataclass(frozen=True)
class TripDispatched:
    """A trip was given a car and a driver; ``instead_of`` the driver who had it before (改派)."""

    trip_id: int
    instead_of: int | None = None


@dataclass(frozen=True)
class TripRecalled:
    """A dispatch was taken back; the trip and who shared its car wait again."""

    trip_id: int
    driver_id: int | None
    sharer_ids: tuple[int, ...]
    by_id: int | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class TripReplanned:
    """A trip was moved to another time."""

    trip_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class TripDeparted:
    """A car went out."""

    trip_id: int


@dataclass(frozen=True)
class TripFinished:
    """A car came back with its reading."""

    trip_id: int


@dataclass(frozen=True)
class TripCancelled:
    """A trip will not take place; who shared its car waits again.

    ``at`` is ``None`` where an approval ended it, which tells the applicant itself.
    """

    trip_id: int
    driver_id: int | None = None
    sharer_ids: tuple[int, ...] = ()
    by_id: int | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class CarCarded:
    """A car that was bought after an approved request has its card in the register."""

    car_id: int
    purchase_id: int


@dataclass(frozen=True)
class CarDisposed:
    """A car's disposal is finished: its card is cancelled and its place is free."""

    car_id: int
    disposal_id: int


@dataclass(frozen=True)
class PurchaseAgreed:
    """A purchase was agreed to for good and waits for its car."""

    purchase_id: int


@dataclass(frozen=True)
class PurchaseReported:
    """A purchase the city agreed to waits for the province's answer."""

    purchase_id: int


@dataclass(frozen=True)
class PurchaseAnswered:
    """The province answered to a purchase that was reported to it."""

    purchase_id: int
    at: datetime


@dataclass(frozen=True)
class QuotaChanged:
    """A change of a quota was agreed to; it holds from the day it names."""

    change_id: int


@dataclass(frozen=True)
class BillSent:
    """A bill went to its unit, or came back with every dispute decided (``again``)."""

    bill_id: int
    at: datetime
    by_id: int | None = None
    again: bool = False


@dataclass(frozen=True)
class BillAnswered:
    """A unit answered every line of its bill."""

    bill_id: int
    disputed: int


@dataclass(frozen=True)
class BillClosed:
    """A bill was settled."""

    bill_id: int


@dataclass(frozen=True)
class PublicationTold:
    """A public notice was published, or withdrawn."""

    publication_id: int


@dataclass(frozen=True)
class DisposalDealt:
    """A car was sold, scrapped or given back; its proceeds are to be paid in."""

    disposal_id: int
    at: datetime
    by_id: int | None = None


@dataclass(frozen=True)
class FindingsRaised:
    """Oversight found something new, or new words for what was explained already."""

    finding_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class FindingsLate:
    """Units let their time to explain pass and are reminded."""

    finding_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class FindingExplained:
    """A unit explained a finding."""

    finding_id: int


@dataclass(frozen=True)
class FindingReturned:
    """An explanation was not enough and was sent back."""

    finding_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class FindingDecided:
    """A finding was decided on."""

    finding_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class MonthlyListMade:
    """A month's list of findings was frozen for the supervisors."""

    list_id: int


@dataclass(frozen=True)
class SealingPlanned:
    """A holiday's sealing was planned."""

    sealing_id: int


@dataclass(frozen=True)
class SealingCalledOff:
    """A sealing was called off (取消) before it was over."""

    sealing_id: int
    at: datetime


@dataclass(frozen=True)
class OrderAgreed:
    """The quote of a work order was agreed to; its car may go to the garage."""

    order_id: int


@dataclass(frozen=True)
class OrderSettled:
    """A work order was paid; its sum is a cost of the car."""

    order_id: int


@dataclass(frozen=True)
class FinesEntered:
    """Traffic offences were written down, new or corrected."""

    fine_ids: tuple[int, ...]
