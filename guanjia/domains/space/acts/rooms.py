"""What may be done about rooms (房间): from a day on, the days before stay as they were."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from guanjia.domains.space.actions import rooms as actions
from guanjia.domains.space.actions import seating
from guanjia.domains.space.forms import ledger as forms
from guanjia.domains.space.models import Building, Room
from guanjia.domains.space.queries.rooms import ROOM, now
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

ENTER, SEAT = "space.room.enter", "space.room.seat"
_PAGE = "space/room_act.html"


def _buildings(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    mine = Building.objects.within(actor.scope(ENTER))
    return {"buildings": mine.select_related("compound")}


def _new(_: Any, today: date) -> Mapping[str, Any]:
    return {"kind": RoomKind.OFFICE, "state": RoomState.VACANT, "on": today}


def _facts(room: Any, today: date) -> Mapping[str, Any]:
    return {**{name: getattr(room.now, name) for name in actions.CHANGEABLE}, "on": today}


def _holder(room: Any, today: date) -> Mapping[str, Any]:
    return {"unit": room.held.unit.code if room.held else "", "on": today}


def _units(_: Any, __: Any, ___: Actor, ____: datetime) -> Mapping[str, Any]:
    rows = Unit.objects.open().exclude(nature__in=[Nature.SECTION, Nature.AREA])
    return {"units": list(rows.order_by("position", "code"))}


def _sitting(room: Any, today: date) -> Mapping[str, Any]:
    return {"people": "、".join(one.person.number for one in room.sitting), "on": today}


def _near(room: Any, _: Actor, __: date) -> Mapping[str, Any]:
    return {"near": _people(room)}


def _people(room: Any) -> Sequence[Person]:
    """The serving people of the unit that holds the room: whom to offer by name."""
    if room.held is None:
        return []
    rows = Person.objects.serving().filter(unit__path__startswith=room.held.unit.path)
    return list(rows.order_by("unit__position", "number"))


def _seats(room: Any, form: forms.SeatForm, _: Actor, __: datetime) -> Mapping[str, Any]:
    names = "、".join(one.person.name for one in room.sitting) or "没有登记"
    return {"people": form.near, "now": f"{now(room)}，使用人 {names}"}


def _said_held(room: Room, given: Mapping[str, Any]) -> str:
    unit = Unit.objects.filter(pk=given["unit_id"]).first()
    told = f"由 {unit} 使用" if unit else "没有使用单位"
    return f"已登记 {room} {given['on']:%Y-%m-%d} 起{told}"


def _said_sat(room: Any, given: Mapping[str, Any]) -> str:
    people = Person.objects.in_bulk(given["people_ids"])
    names = "、".join(people[pk].name for pk in given["people_ids"]) or "没有人"
    told = f"已登记 {room} {given['on']:%Y-%m-%d} 起的使用人：{names}"
    return "；".join([told, *(one.sentence.rstrip("。") for one in room.warnings)])


def _said_split(room: Any, given: Mapping[str, Any]) -> str:
    told = f"已拆分为 {'、'.join(part.number for part in given['parts'])}"
    total = sum(part.usable_m2 for part in given["parts"])
    if total == room.was_m2:
        return told
    return f"{told}，使用面积合计 {total:,.1f} ㎡，原来 {room.was_m2:,.1f} ㎡"


NEW = Act(
    key="new", title="新建房间", button="登记房间", on=ROOM, verb=ENTER, makes=True,
    form=forms.RoomNew, fit=_buildings, first=_new, do=actions.add_room,
    said=lambda room: f"已登记 {room}", lead="许多间一起登记，用导入 Excel",
)  # fmt: skip
CHANGE = Act(
    key="change", title="登记房间变动", button="登记变动", on=ROOM, verb=ENTER,
    form=forms.RoomFacts, first=_facts, do=actions.change_room, hears=True,
    said=lambda room, given: f"已登记 {room} {given['on']:%Y-%m-%d} 起的变动",
    lead="之前的台账不变，按日期都能查到",
)  # fmt: skip
HOLDER = Act(
    key="holder", title="登记使用单位", on=ROOM, verb=ENTER, form=forms.HolderForm, first=_holder,
    do=actions.tell_holder, hears=True, said=_said_held, template=_PAGE, more=_units,
    lead="补登台账里原有的使用单位；新的分配走调配，腾退走腾退移交",
)  # fmt: skip
SEAT_PEOPLE = Act(
    key="seat", title="登记使用人", on=ROOM, verb=SEAT, form=forms.SeatForm, fit=_near,
    first=_sitting, do=seating.seat_in, hears=True, said=_said_sat, template=_PAGE, more=_seats,
)  # fmt: skip
MERGE = Act(
    key="merge", title="合并房间", on=ROOM, verb=ENTER, form=forms.MergeForm,
    first=lambda room, today: {"number": room.number, "on": today}, do=actions.merge_beside,
    keep="不合并", said=lambda room: f"已合并为 {room}",
    lead="同一层、同一单位使用的房间合成一间，原来的房间留在之前的台账里",
)  # fmt: skip
SPLIT = Act(
    key="split", title="拆分房间", on=ROOM, verb=ENTER, form=forms.SplitForm,
    first=lambda _, today: {"on": today}, do=actions.split_into, hears=True, said=_said_split,
    keep="不拆分", lead="拆出的房间由原来的单位继续使用，原来的房间留在之前的台账里",
)  # fmt: skip

ACTS = (NEW, CHANGE, HOLDER, SEAT_PEOPLE, MERGE, SPLIT)
