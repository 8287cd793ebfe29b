"""附上照片和文件 of a room and of a floor."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import room_files as actions
from guanjia.domains.space.forms.room_files import KINDS, PlaceFiles
from guanjia.domains.space.models import Building, Floor, Room
from guanjia.domains.space.pages import filling
from guanjia.domains.space.queries import room_files as reading
from guanjia.domains.space.queries import rooms
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

_WORDS = {"title": "附上照片和文件", "act": "附上文件", "keep": "不附"}


def _act(
    request: PageRequest,
    *,
    words: Mapping[str, str],
    doing: Callable[[dict[str, Any]], int],
) -> HttpResponse:
    """The form, then back to the photos and files of the place."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        count = doing({"files": given["files"], "kind": given["kind"], "at": at})
        pages.flash(request, f"已附上 {count} 个文件")
        return HttpResponseRedirect(words["back_url"] + "#files")

    form = PlaceFiles(filling.posted(request), initial={"kind": KINDS[0]})
    return filling.fill(request, form=form, words={**_WORDS, **words}, enter=enter)


@needs(reading.ADD)
def room_files(request: PageRequest, room_id: int) -> HttpResponse:
    """Photos and papers of a room, by the bureau or by the clerk of the unit that holds it."""
    room: Room = rooms.listed(request.scope, timezone.localdate()).get(pk=room_id)

    def doing(given: dict[str, Any]) -> int:
        return actions.add_to_room(actor=request.actor, room_id=room.pk, **given)

    words = {
        "back": str(room), "back_url": reverse("space:room", args=[room.pk]),
        "list": "房间台账", "list_url": reverse("space:rooms_list"),
        "lead": "使用单位和本局能看；换了单位，新的单位看不到",
    }  # fmt: skip
    return _act(request, words=words, doing=doing)


@needs(reading.ENTER)
def floor_files(request: PageRequest, building_id: int, floor_no: int) -> HttpResponse:
    """Photos and papers of a floor: corridors, exits, equipment."""
    seen = Building.objects.within(request.scope)
    floor = get_object_or_404(
        Floor.objects.select_related("building"), building=building_id, number=floor_no,
        building__in=seen,
    )  # fmt: skip

    def doing(given: dict[str, Any]) -> int:
        return actions.add_to_floor(actor=request.actor, floor_id=floor.pk, **given)

    words = {
        "back": str(floor), "back_url": reverse("space:floor", args=[building_id, floor_no]),
        "list": "楼层平面图", "list_url": reverse("space:floors"),
        "lead": "走廊、楼梯、出口、设备；楼里各单位都能看",
    }  # fmt: skip
    return _act(request, words=words, doing=doing)


@needs(reading.SEE)
def floor_by_id(request: PageRequest, floor_id: int) -> HttpResponse:
    """The page of a floor that a file or a record names."""
    seen = Building.objects.within(request.scope)
    floor = get_object_or_404(Floor, pk=floor_id, building__in=seen)
    return HttpResponseRedirect(
        reverse("space:floor", args=[floor.building_id, floor.number]) + "#files"
    )
