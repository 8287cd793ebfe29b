"""What both sides are told about allocations and clearances: granted, ending, to be given back."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from guanjia.domains.space.events import (
    AllocationGranted,
    ClearanceDue,
    ClearanceHandedBack,
    ClearanceOpened,
    ClearanceSentBack,
    LoanEnding,
)
from guanjia.domains.space.models import Allocation, Clearance
from guanjia.domains.space.rules.allocations import area
from guanjia.domains.space.terms.allocations import FROM_STOCK, AllocationMethod
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.org.models import Unit
from guanjia.ui import formats


def _kind(name: str, title: str) -> NoticeKind:
    return NoticeKind(key=f"space.{name}", title=title, template=f"space/notices/space_{name}.txt")


GRANTED = _kind("allocation_granted", "用房已调配")
ENDING = _kind("loan_ending", "借用、租用到期提醒")
OPENED = _kind("clearance_opened", "腾退通知")
HANDED_BACK = _kind("clearance_handed_back", "腾退待接收")
SENT_BACK = _kind("clearance_sent_back", "腾退退回整改")
DUE = _kind("clearance_due", "腾退期限提醒")
KINDS = (GRANTED, ENDING, OPENED, HANDED_BACK, SENT_BACK, DUE)
REQUEST, GRANT = "space.allocation.request", "space.allocation.grant"
HAND_BACK, ACCEPT = "space.allocation.hand_back", "space.allocation.accept"


def _keepers(unit: Unit, verb: str, at: datetime) -> list[int]:
    """Who keeps offices at the bureau."""
    return [p.pk for p in holders(verb=verb, unit=unit, on=timezone.localdate(at))]


def _clerks(unit: Unit, verb: str, keeps: str, at: datetime) -> list[int]:
    """Who acts for a unit; not the bureau's keepers, who have the list of all."""
    keepers = set(_keepers(unit, keeps, at))
    return [pk for pk in _keepers(unit, verb, at) if pk not in keepers]


def _of_allocation(allocation: Allocation) -> dict[str, Any]:
    return {
        "unit": str(allocation.unit),
        "number": allocation.number,
        "paper": allocation.paper,
        "way": allocation.get_way_display(),
        "rented": allocation.way == AllocationMethod.RENT,
        "place": allocation.place,
        "outside": AllocationMethod(allocation.way) not in FROM_STOCK,
        "m2": area(allocation.usable_m2 or allocation.gross_m2 or Decimal(0)),
        "last": formats.day(allocation.last_on) if allocation.last_on else "",
    }


def granted(news: AllocationGranted) -> None:
    """Rooms were chosen: to who asked and the unit's clerks, to come and receive them; or what was
    leased or built for them has its papers."""
    allocation = Allocation.objects.select_related("unit").get(pk=news.allocation_id)
    people = [allocation.applicant_id, *_clerks(allocation.unit, REQUEST, GRANT, news.at)]
    send(
        kind=GRANTED, to=people, facts=_of_allocation(allocation), subject=about(allocation),
        without=[news.by_id], once=f"{allocation.pk}:{allocation.paper}", at=news.at,
    )  # fmt: skip


def ending(news: LoanEnding) -> None:
    """A loan or a lease ends: to both sides, once for each stage."""
    allocation = Allocation.objects.select_related("unit").get(pk=news.allocation_id)
    if allocation.last_on is None:
        return
    left = (allocation.last_on - timezone.localdate(news.at)).days
    people = [
        *_clerks(allocation.unit, REQUEST, GRANT, news.at),
        *_keepers(allocation.unit, GRANT, news.at),
    ]
    send(
        kind=ENDING, to=people, facts=_of_allocation(allocation) | {"left": left},
        subject=about(allocation), once=f"{allocation.pk}:{allocation.last_on}:{news.days}",
        at=news.at,
    )  # fmt: skip


def _of_clearance(clearance: Clearance) -> dict[str, Any]:
    return {
        "unit": str(clearance.unit),
        "number": clearance.number,
        "reason": clearance.get_reason_display(),
        "count": clearance.rooms.count(),
        "due": formats.day(clearance.due_on),
        "note": clearance.state_note,
    }


def _clearance(clearance_id: int) -> Clearance:
    found: Clearance = Clearance.objects.select_related("unit").get(pk=clearance_id)
    return found


def opened(news: ClearanceOpened) -> None:
    """A unit is to give rooms back: to its clerks."""
    clearance = _clearance(news.clearance_id)
    send(
        kind=OPENED, to=_clerks(clearance.unit, HAND_BACK, ACCEPT, news.at),
        facts=_of_clearance(clearance), subject=about(clearance), without=[news.by_id],
        once=f"{clearance.pk}", at=news.at,
    )  # fmt: skip


def handed_back(news: ClearanceHandedBack) -> None:
    """Rooms wait to be accepted: to the keepers."""
    clearance = _clearance(news.clearance_id)
    send(
        kind=HANDED_BACK, to=_keepers(clearance.unit, ACCEPT, news.at),
        facts=_of_clearance(clearance), subject=about(clearance), without=[news.by_id],
        once=f"{clearance.pk}:{news.at.isoformat()}", at=news.at,
    )  # fmt: skip


def sent_back(news: ClearanceSentBack) -> None:
    """Rooms were not accepted: to the clerks, with what is missing."""
    clearance = _clearance(news.clearance_id)
    send(
        kind=SENT_BACK, to=_clerks(clearance.unit, HAND_BACK, ACCEPT, news.at),
        facts=_of_clearance(clearance), subject=about(clearance), without=[news.by_id],
        once=f"{clearance.pk}:{news.at.isoformat()}", at=news.at,
    )  # fmt: skip


def due(news: ClearanceDue) -> None:
    """The time ends, or is over: to the clerks; late, to the keepers too."""
    clearance = _clearance(news.clearance_id)
    people = _clerks(clearance.unit, HAND_BACK, ACCEPT, news.at)
    if news.late:
        people += _keepers(clearance.unit, ACCEPT, news.at)
    late = (timezone.localdate(news.at) - clearance.due_on).days
    send(
        kind=DUE, to=people, facts=_of_clearance(clearance) | {"late": max(late, 0)},
        subject=about(clearance), once=f"{clearance.pk}:{news.late}:{news.turn}", at=news.at,
    )  # fmt: skip


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(AllocationGranted, granted)
    bus.subscribe(LoanEnding, ending)
    bus.subscribe(ClearanceOpened, opened)
    bus.subscribe(ClearanceHandedBack, handed_back)
    bus.subscribe(ClearanceSentBack, sent_back)
    bus.subscribe(ClearanceDue, due)
