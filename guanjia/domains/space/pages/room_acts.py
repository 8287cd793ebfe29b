"""What people do to rooms: each act on a page of its own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import rooms as actions
from guanjia.domains.space.actions import seating
from guanjia.domains.space.forms import ledger as forms
from guanjia.domains.space.models import Building, Room
from guanjia.domains.space.pages import filling
from guanjia.domains.space.pages.buildings import m2
from guanjia.domains.space.queries import rooms as queries
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.regulations.verdict import refuse
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

ENTER, SEAT = "space.room.enter", "space.room.seat"


def _room(request: PageRequest, room_id: int) -> Any:
    """The room as it stands today inside the scope of the act; gone rooms are not acted on."""
    return queries.listed(request.scope, timezone.localdate()).get(pk=room_id)


def _now(row: Any) -> str:
    """What the room is today, in one line above the form."""
    held = f"{row.held.unit} 使用" if row.held else "没有使用单位"
    kind, state = row.now.get_kind_display(), row.now.get_state_display()
    return f"现在：{kind}，使用面积 {m2(row.now.usable_m2)}，{state}，{held}"


def _act(
    request: PageRequest,
    row: Any,
    *,
    form: forms.ActForm,
    words: Mapping[str, Any],
    doing: Callable[[dict[str, Any], datetime], tuple[str, int]],
) -> HttpResponse:
    """The form about one room; afterwards to the page of the room that the act says."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        sentence, goes_to = doing(given, at)
        pages.flash(request, sentence)
        return pages.to("space:room", goes_to)

    around = {
        "back": str(row), "back_url": reverse("space:room", args=[row.pk]), "list": "房间台账",
        "list_url": reverse("space:rooms_list"), "now": _now(row), **words,
    }  # fmt: skip
    return filling.fill(request, form=form, words=around, enter=enter)


@needs(ENTER)
def room_new(request: PageRequest) -> HttpResponse:
    """新建房间."""
    mine = Building.objects.within(request.scope).select_related("compound")

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        made = actions.add_room(
            actor=request.actor, building_id=given["building"].pk, floor=given["floor"],
            number=given["number"], facts=_facts(given), since=given["on"], why=given["why"], at=at,
        )  # fmt: skip
        pages.flash(request, f"已登记 {made}")
        return pages.to("space:room", made.pk)

    first = {
        "kind": RoomKind.OFFICE, "state": RoomState.VACANT, "on": timezone.localdate(),
        "building": request.GET.get("building", "")[:18], "floor": request.GET.get("floor", "")[:3],
    }  # fmt: skip
    form = forms.RoomNew(request.POST or None, initial=first, buildings=mine)
    words = {
        "title": "新建房间", "act": "登记房间", "back": "房间台账",
        "back_url": reverse("space:rooms_list"), "lead": "许多间一起登记，用导入 Excel",
    }  # fmt: skip
    return filling.fill(request, form=form, words=words, enter=enter)


def _facts(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": RoomKind(given["kind"]),
        "state": RoomState(given["state"]),
        "usable_m2": given["usable_m2"],
        "gross_m2": given["gross_m2"],
    }


@needs(ENTER)
def room_change(request: PageRequest, room_id: int) -> HttpResponse:
    """登记房间变动: class, areas, state, from a day on."""
    row = _room(request, room_id)

    def doing(given: dict[str, Any], at: datetime) -> tuple[str, int]:
        actions.change_room(
            actor=request.actor, room_id=row.pk, changes=_facts(given), on=given["on"],
            why=given["why"], at=at,
        )  # fmt: skip
        return f"已登记 {row} {given['on']:%Y-%m-%d} 起的变动", row.pk

    first = {name: getattr(row.now, name) for name in actions.CHANGEABLE}
    form = forms.RoomFacts(request.POST or None, initial=first | {"on": timezone.localdate()})
    words = {"title": "登记房间变动", "act": "登记变动", "lead": "之前的台账不变，按日期都能查到"}
    return _act(request, row, form=form, words=words, doing=doing)


@needs(ENTER)
def room_holder(request: PageRequest, room_id: int) -> HttpResponse:
    """登记使用单位, where no voucher tells."""
    row = _room(request, room_id)

    def doing(given: dict[str, Any], at: datetime) -> tuple[str, int]:
        unit = given["unit"]
        actions.tell_holder(
            actor=request.actor, room_id=row.pk, unit_id=unit.pk if unit else None, on=given["on"],
            why=given["why"], at=at,
        )  # fmt: skip
        told = f"由 {unit} 使用" if unit else "没有使用单位"
        return f"已登记 {row} {given['on']:%Y-%m-%d} 起{told}", row.pk

    first = {"unit": row.held.unit.code if row.held else "", "on": timezone.localdate()}
    form = forms.HolderForm(request.POST or None, initial=first)
    words = {
        "title": "登记使用单位", "act": "登记使用单位", "units": _units(),
        "lead": "补登台账里原有的使用单位；新的分配走调配，腾退走腾退移交",
    }  # fmt: skip
    return _act(request, row, form=form, words=words, doing=doing)


def _units() -> Sequence[Unit]:
    rows = Unit.objects.open().exclude(nature__in=[Nature.SECTION, Nature.AREA])
    return list(rows.order_by("position", "code"))


@needs(SEAT)
def room_seat(request: PageRequest, room_id: int) -> HttpResponse:
    """登记使用人."""
    row = _room(request, room_id)
    near = _people(row)

    def doing(given: dict[str, Any], at: datetime) -> tuple[str, int]:
        people = given["people"]
        verdict = seating.seat_people(
            actor=request.actor, room_id=row.pk, people_ids=[one.pk for one in people],
            on=given["on"], why=given["why"], at=at,
        )  # fmt: skip
        names = "、".join(one.name for one in people) or "没有人"
        told = f"已登记 {row} {given['on']:%Y-%m-%d} 起的使用人：{names}"
        return "；".join([told, *(one.sentence.rstrip("。") for one in verdict.warnings)]), row.pk

    sitting = "、".join(one.person.number for one in row.sitting)
    form = forms.SeatForm(
        request.POST or None, initial={"people": sitting, "on": timezone.localdate()}, near=near
    )
    names = "、".join(one.person.name for one in row.sitting)
    words = {
        "title": "登记使用人", "act": "登记使用人", "people": near,
        "now": f"{_now(row)}，使用人 {names or '没有登记'}",
    }  # fmt: skip
    return _act(request, row, form=form, words=words, doing=doing)


def _people(row: Any) -> Sequence[Person]:
    """The serving people of the unit that holds the room: whom to offer by name."""
    if row.held is None:
        return []
    rows = Person.objects.serving().filter(unit__path__startswith=row.held.unit.path)
    return list(rows.order_by("unit__position", "number"))


@needs(ENTER)
def room_merge(request: PageRequest, room_id: int) -> HttpResponse:
    """合并房间: this one and others of its floor."""
    row = _room(request, room_id)

    def doing(given: dict[str, Any], at: datetime) -> tuple[str, int]:
        ids = _beside(row, given["rooms"])
        made = actions.merge_rooms(
            actor=request.actor, room_ids=[row.pk, *ids], number=given["number"],
            usable_m2=given["usable_m2"], on=given["on"], why=given["why"], at=at,
        )  # fmt: skip
        return f"已合并为 {made}", made.pk

    first = {"number": row.number, "on": timezone.localdate()}
    form = forms.MergeForm(request.POST or None, initial=first)
    words = {
        "title": "合并房间", "act": "合并房间", "keep": "不合并",
        "lead": "同一层、同一单位使用的房间合成一间，原来的房间留在之前的台账里",
    }  # fmt: skip
    return _act(request, row, form=form, words=words, doing=doing)


def _beside(row: Any, numbers: Sequence[str]) -> list[int]:
    """The ids of other rooms of the building by number; refused where one is unknown."""
    rows = Room.objects.filter(building=row.building_id, number__in=numbers)
    found = dict(rows.values_list("number", "pk"))
    if unknown := [one for one in numbers if one not in found]:
        sentence = f"{row.building}没有 {'、'.join(unknown)}，核对房间号。"
        refuse("room_unknown", "没有登记：", sentence, field="rooms").enforce()
    return [found[one] for one in numbers]


@needs(ENTER)
def room_split(request: PageRequest, room_id: int) -> HttpResponse:
    """拆分房间."""
    row = _room(request, room_id)

    def doing(given: dict[str, Any], at: datetime) -> tuple[str, int]:
        made = actions.split_room(
            actor=request.actor, room_id=row.pk, parts=given["parts"], on=given["on"],
            why=given["why"], at=at,
        )  # fmt: skip
        numbers = "、".join(one.number for one in made)
        total = sum(part.usable_m2 for part in given["parts"])
        told = f"已拆分为 {numbers}"
        if total != row.now.usable_m2:
            told += f"，使用面积合计 {m2(total)}，原来 {m2(row.now.usable_m2)}"
        return told, made[0].pk

    form = forms.SplitForm(request.POST or None, initial={"on": timezone.localdate()})
    words = {
        "title": "拆分房间", "act": "拆分房间", "keep": "不拆分",
        "lead": "拆出的房间由原来的单位继续使用，原来的房间留在之前的台账里",
    }  # fmt: skip
    return _act(request, row, form=form, words=words, doing=doing)
