"""The nouns of meetings (会议): rooms, where a booking stands, what is asked for. Pure."""

from dataclasses import dataclass
from datetime import datetime

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class Asking(Term):
    """Whether somebody must agree before a room is booked (预订方式)."""

    FREE = "FREE", "直接预订"
    ASKED = "ASKED", "须审批"


class Standing(Term):
    """Whether a room can be booked (状态)."""

    OPEN = "OPEN", "可预订"
    CLOSED = "CLOSED", "停用"


class BookingState(Term):
    """Where a booking stands (状态)."""

    REQUESTED = "REQUESTED", "待审批"
    BOOKED = "BOOKED", "已预订"
    HELD = "HELD", "已召开"
    REFUSED = "REFUSED", "不同意"
    CALLED_OFF = "CALLED_OFF", "已取消"


_S = BookingState
BOOKING_LIFE = Life(
    states={
        _S.REQUESTED: Stage(
            tone="wait", icon="hourglass", to=(_S.BOOKED, _S.REFUSED, _S.CALLED_OFF)
        ),
        _S.BOOKED: Stage(tone="move", icon="calendar", to=(_S.HELD, _S.CALLED_OFF)),
        _S.HELD: Stage(tone="done", icon="circle-check"),
        _S.REFUSED: Stage(tone="stop", icon="circle-x"),
        _S.CALLED_OFF: Stage(tone="idle", icon="circle-x"),
    },
    rule="会议先预订，须审批的经同意，再召开",
)
RECORDED = {  # what the acts that the trail records are called
    "meeting.booking.agreed": "同意会议室预订",
    "meeting.booking.called_off": "取消会议",
    "meeting.booking.entered": "登记会议台账",
    "meeting.booking.held": "登记会议召开",
    "meeting.booking.requested": "预订会议室",
    "meeting.booking.turned_down": "不同意会议室预订",
    "meeting.meetingroom.added": "登记会议室",
    "meeting.meetingroom.amended": "修改会议室",
}
# While a booking stands so, nobody else has the room at that time.
TAKES_ROOM = (_S.REQUESTED, _S.BOOKED, _S.HELD)
LEDGER_STATES = (_S.HELD, _S.CALLED_OFF)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked for: which room, from when to when (aware), for how many."""

    title: str
    room_id: int
    starts_at: datetime
    ends_at: datetime
    people: int
    services: str = ""


@dataclass(frozen=True, kw_only=True)
class Hall:
    """A room as the search for a free one knows it; ``busy``: from, to, sorted or not."""

    room_id: int
    name: str
    seats: int
    busy: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True)
class Slot:
    """A span and what is to be said of it: who has the room then, or which room is free."""

    what: str
    starts_at: datetime
    ends_at: datetime
