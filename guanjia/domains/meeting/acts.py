"""What may be done about meetings and their rooms."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanjia.domains.meeting import actions, forms
from guanjia.domains.meeting import queries as reading
from guanjia.domains.meeting.terms import BOOKING_LIFE, Asking, BookingState, Standing
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

REQUEST, DECIDE, KEEP = reading.REQUEST, reading.DECIDE, reading.KEEP
BOOKINGS, IN_KEPT_ROOMS, ROOMS = reading.BOOKINGS, reading.IN_KEPT_ROOMS, reading.ROOMS
S = BookingState


def _rooms(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    return {"rooms": reading.all_rooms(actor.scope(REQUEST)).filter(standing=Standing.OPEN)}


def _of_room(row: Any, _: date) -> Mapping[str, Any]:
    if row is None:
        return {"asking": Asking.FREE.value, "standing": Standing.OPEN.value}
    return {name: getattr(row, name) for name in forms.Room.base_fields}


def _of_others(row: Any, actor: Actor) -> bool:
    return actor.person_id is None or row.applicant_id != actor.person_id


BOOK = Act(
    key="new", title="预订会议室", button="提交预订", on=BOOKINGS, verb=REQUEST, makes=True,
    form=forms.Ask, fit=_rooms, first=lambda _, today: {"day": today}, do=actions.request,
    keep="不预订", lead="须审批的会议室，同意以后才订好",
    said="{number} {title}，{standing}",
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="取消会议", on=BOOKINGS, verb=REQUEST, to=S.CALLED_OFF,
    also={DECIDE: BOOKING_LIFE.before(S.CALLED_OFF)}, form=forms.Why, do=actions.call_off,
    keep="不取消", said="已取消 {number}，会议室可另订", main=False,
)  # fmt: skip
TURN_DOWN = Act(
    key="turn_down", title="不同意", on=IN_KEPT_ROOMS, verb=DECIDE, to=S.REFUSED, form=forms.Why,
    do=actions.turn_down, keep="返回", said="已登记不同意，预订人已收到通知", main=False,
    offered=_of_others,
)  # fmt: skip
AGREE = Act(
    key="agree", title="同意预订", on=IN_KEPT_ROOMS, verb=DECIDE, to=S.BOOKED, form=forms.Agree,
    do=actions.agree, keep="返回", said="已同意 {number}，预订人已收到通知", offered=_of_others,
)  # fmt: skip
HOLD = Act(
    key="hold", title="登记召开", on=BOOKINGS, verb=REQUEST, to=S.HELD,
    also={DECIDE: BOOKING_LIFE.before(S.HELD)}, form=forms.Hold,
    first=lambda row, _: {"people": row.people}, do=actions.hold,
    said="已登记召开，{people} 人",
)  # fmt: skip
ADD_ROOM = Act(
    key="new", title="登记会议室", on=ROOMS, verb=KEEP, makes=True, form=forms.Room,
    first=_of_room, do=actions.add_room, said="已登记{name}",
)  # fmt: skip
AMEND_ROOM = Act(
    key="amend", title="修改会议室", button="保存", on=ROOMS, verb=KEEP, form=forms.Room,
    first=_of_room, do=actions.amend_room, keep="不修改", said="已修改{name}", main=False,
)  # fmt: skip

# In the order of the buttons on the page of a booking.
ACTS = (BOOK, CALL_OFF, TURN_DOWN, AGREE, HOLD)
ROOM_ACTS = (ADD_ROOM, AMEND_ROOM)
