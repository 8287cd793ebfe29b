"""What people are told of bookings: the keeper that one waits, the host what became of it."""

from guanjia.domains.meeting.events import BookingMoved
from guanjia.domains.meeting.models import Booking
from guanjia.domains.meeting.queries import DECIDE
from guanjia.domains.meeting.rules import span
from guanjia.domains.meeting.terms import BookingState
from guanjia.kernel.access import queries as access
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, mark_over, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.period import SHANGHAI

_TEXT = "meeting/notices/booking.txt"
ASKED = NoticeKind(key="meeting.asked", title="待审批会议室", template=_TEXT)
DECIDED = NoticeKind(key="meeting.decided", title="会议室预订结果", template=_TEXT)
KINDS = (ASKED, DECIDED)


def moved(news: BookingMoved) -> None:
    """To those who keep its room, once it waits for them; after that to whoever asked."""
    booking = Booking.objects.select_related("room__unit", "unit").get(pk=news.booking_id)
    waits = booking.state == BookingState.REQUESTED
    if not waits:
        mark_over(kinds=[ASKED], subject=about(booking), but=(), at=news.at)
    send(
        kind=ASKED if waits else DECIDED,
        to=[one.pk for one in _keepers(booking, news)] if waits else [booking.applicant_id],
        without=[news.by_id],
        facts={
            "state": booking.state,
            "title": booking.title,
            "room": booking.room.name,
            "when": span(booking.starts_at, booking.ends_at),
            "unit": booking.unit.shown,
            "people": booking.people,
            "note": booking.state_note,
        },
        subject=about(booking),
        once=f"{booking.pk}:{booking.state}",
        at=news.at,
    )


def _keepers(booking: Booking, news: BookingMoved) -> list[Person]:
    if booking.room.unit is None:
        return []
    on = news.at.astimezone(SHANGHAI).date()
    return access.holders(verb=DECIDE, unit=booking.room.unit, on=on)


def subscribe() -> None:
    """Hear of it."""
    bus.subscribe(BookingMoved, moved)
