"""Making a plan: sending a drawing and looking at what it gives, or drawing on the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import plans as acts
from guanjia.domains.space.models import Building, Floor, PlanUpload
from guanjia.domains.space.pages import plan_picture as pictures
from guanjia.domains.space.queries import plans as reading
from guanjia.domains.space.queries.plans import DRAW
from guanjia.domains.space.rules import plans as rules
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.plans import KnownRoom, Reading, Shape, ShapeRole, Unit
from guanjia.engines.floorplan.drawing import BYTES_MAX
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED, Refused, Verdict, refuse
from guanjia.ui import pages
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

_DAY = {"required": "没有填启用日期。", "invalid": "写成 2026-05-08 这样的日期。"}
_NOTE = {"max_length": "说明最多 200 个字。"}


class Choice(forms.Form):
    """Which layers and which unit of a drawing are taken."""

    unit = forms.ChoiceField(
        required=False, choices=[("", ""), *Unit.choices()],
        error_messages={"invalid_choice": "从列出的单位中选一项。"},
    )  # fmt: skip


class Adopting(Choice):
    """The day from which the plan holds, and a word about it."""

    since = forms.DateField(error_messages=_DAY)
    note = forms.CharField(required=False, max_length=200, error_messages=_NOTE)


class Sketch(forms.Form):
    """A plan drawn on the page: its shapes as JSON, and the edition it began from."""

    shapes = forms.CharField(
        max_length=acts.JSON_MAX,
        error_messages={
            "required": "没有画任何图形。",
            "max_length": "图形太多，一层最多 400 个。",
        },
    )
    edition = forms.IntegerField(min_value=0, max_value=30_000)
    since = forms.DateField(error_messages=_DAY)
    note = forms.CharField(required=False, max_length=200, error_messages=_NOTE)


def _place(request: PageRequest, building_id: int, floor_no: int) -> tuple[Building, Floor]:
    building = get_object_or_404(
        reading.buildings(request.scope, timezone.localdate()), pk=building_id
    )
    return building, get_object_or_404(Floor, building=building, number=floor_no)


# ── a drawing ──────────────────────────────────────────────────────────────────────────────


@needs(DRAW)
def plan_new(request: PageRequest, building_id: int, floor_no: int) -> HttpResponse:
    """Choose how a floor gets its plan; a drawing that is sent is read at once."""
    building, floor = _place(request, building_id, floor_no)
    refused: Sequence[Any] = ()
    if request.method == "POST":
        try:
            return _sent(request, building_id, floor_no)
        except Refused as fault:
            refused = fault.findings
    context = {
        "building": building,
        "floor": floor,
        "refused": refused,
        "megabytes": BYTES_MAX // (1 << 20),
        "editions": reading.editions(floor=floor),
        "waiting": reading.waiting(actor=request.actor, floor=floor),
        "rooms": len(reading.known_rooms(floor=floor, day=timezone.localdate())),
    }
    return pages.render(request, "space/plan_new.html", context, status=422 if refused else 200)


def _sent(request: PageRequest, building_id: int, floor_no: int) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        missing = refuse("file_missing", "没有读：", "先选一个 DXF 或 SVG 文件。", field="file")
        raise Refused(missing.refusals)
    row = acts.upload(
        actor=request.actor, building_id=building_id, number=floor_no, name=file.name or "平面图",
        content=file.read(BYTES_MAX + 1), at=timezone.now(),
    )  # fmt: skip
    return pages.to("space:plan_upload", row.pk)


@dataclass(frozen=True)
class _Taken:
    """Which layers and unit of a drawing a reader chose."""

    layers: tuple[str, ...]
    unit: Unit | None

    @classmethod
    def of(cls, given: Any) -> "_Taken":
        told = checked(Choice(given))
        return cls(
            tuple(given.getlist("layer"))[:200], Unit(told["unit"]) if told["unit"] else None
        )


@needs(DRAW)
def plan_upload(request: PageRequest, drawing_id: int) -> HttpResponse:
    """What a drawing gives: rooms that were found, that are missing, that are doubled."""
    waiting = reading.upload(actor=request.actor, upload_id=drawing_id)
    if request.method == "POST":
        return _adopt(request, waiting)
    return _preview(request, waiting)


def _adopt(request: PageRequest, waiting: PlanUpload) -> HttpResponse:
    try:
        told = checked(Adopting(request.POST))
        taken = _Taken.of(request.POST)
        plan = acts.adopt(
            actor=request.actor, upload_id=waiting.pk, layers=taken.layers, unit=taken.unit,
            since=told["since"], note=told["note"], at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        return _preview(request, waiting, refused=refused)
    pages.flash(
        request, f"{waiting.floor}换上第 {plan.edition} 版平面图，{plan.since:%Y-%m-%d} 起用"
    )
    return pages.to("space:floor", waiting.floor.building_id, waiting.floor.number)


def _preview(
    request: PageRequest, waiting: PlanUpload, *, refused: Refused | None = None
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    findings = refused.findings if refused else ()
    today, at = timezone.localdate(), timezone.now()
    found, verdict = None, ALLOWED
    try:
        taken = _Taken.of(given)
        found = acts.read(waiting=waiting, layers=taken.layers, unit=taken.unit, day=today, at=at)
        rooms = reading.known_rooms(floor=waiting.floor, day=today)
        people = reading.names_on(floor=waiting.floor, days=(today,))
        verdict = rules.judge(shapes=found.shapes, rooms=rooms, law=law_at(at))
        verdict += rules.no_names(shapes=found.shapes, people=people)
    except Refused as fault:
        findings = (*findings, *(f for f in fault.findings if f not in findings))
    context = {
        "waiting": waiting,
        "found": found,
        "verdict": verdict,
        "refused": findings,
        "picture": _drawn(found) if found and found.shapes else None,
        "units": list(Unit),
        "since": given.get("since") or today.isoformat(),
        "note": given.get("note", ""),
    }
    status = 422 if refused else 200
    return pages.render(request, "space/plan_upload.html", context, status=status)


def _drawn(found: Reading) -> pictures.Picture:
    """The shapes as they would stand, without anything of the ledger but numbers and areas."""
    moved, wide, high = rules.fitted(found.shapes)
    known = {room.id: room for room in found.matched}
    rooms = {
        pk: reading.RoomSeen(
            id=pk, number=room.number, floor=0, kind=RoomKind.OFFICE, state=RoomState.IN_USE,
            usable_m2=_drawn_m2(moved, room),
        )
        for pk, room in known.items()
    }  # fmt: skip
    paint = pictures.paint(mode=pictures.Mode.KIND, rooms=())
    return pictures.draw(
        shapes=moved, width_mm=wide, height_mm=high, rooms=rooms, paint=paint,
        hidden="台账没有这间",
    )  # fmt: skip


def _drawn_m2(shapes: Sequence[Shape], room: KnownRoom) -> Any:
    return next(rules.drawn_m2(shape) for shape in shapes if shape.room_id == room.id)


# ── drawn on the page ──────────────────────────────────────────────────────────────────────


@needs(DRAW)
def plan_sketch(request: PageRequest, building_id: int, floor_no: int) -> HttpResponse:
    """Draw the plan of a floor with the mouse, a finger or by typing sizes (网页绘制)."""
    building, floor = _place(request, building_id, floor_no)
    if request.method != "POST":
        return _editor(request, building, floor, *_begin(request, floor))
    try:
        told = checked(Sketch(request.POST))
        plan = acts.sketch(
            actor=request.actor, building_id=building_id, number=floor_no,
            shapes=acts.read_shapes(told["shapes"]), since=told["since"],
            seen_edition=told["edition"], note=told["note"], at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        return _editor(
            request, building, floor, _given(request.POST.get("shapes", "")),
            request.POST.get("edition", "0"), refused=refused,
        )  # fmt: skip
    pages.flash(request, f"{floor}换上第 {plan.edition} 版平面图，{plan.since:%Y-%m-%d} 起用")
    return pages.to("space:floor", building_id, floor_no)


def _begin(request: PageRequest, floor: Floor) -> tuple[list[dict[str, Any]], str]:
    """Where drawing begins: the edition in use, a drawing that was sent, or an empty sheet."""
    editions = reading.editions(floor=floor)
    edition = str(editions[0].edition) if editions else "0"
    sent = request.GET.get("upload", "")
    if sent.isdecimal() and len(sent) < 10:  # noqa: PLR2004 — an id
        waiting = reading.upload(actor=request.actor, upload_id=int(sent))
        taken = _Taken.of(request.GET)
        found = acts.read(
            waiting=waiting, layers=taken.layers, unit=taken.unit, day=timezone.localdate(),
            at=timezone.now(),
        )  # fmt: skip
        return _plain(found.shapes), edition
    if editions and request.GET.get("empty") != "1":
        return _plain(reading.shapes_of(editions[0].shapes.all())), edition
    return [], edition


def _plain(shapes: Sequence[Shape]) -> list[dict[str, Any]]:
    return [
        {
            "role": str(shape.role),
            "label": shape.label,
            "room": shape.room_id,
            "corners": [list(corner) for corner in shape.corners],
        }
        for shape in shapes
    ]


def _given(text: str) -> list[dict[str, Any]]:
    """What was drawn, for the page that says why it was not saved: nothing is lost."""
    try:
        return _plain(acts.read_shapes(text))
    except Refused:
        return []


def _editor(
    request: PageRequest,
    building: Building,
    floor: Floor,
    shapes: list[dict[str, Any]],
    edition: str,
    *,
    refused: Refused | None = None,
) -> HttpResponse:
    today: date = timezone.localdate()
    rooms = reading.known_rooms(floor=floor, day=today)
    verdict = Verdict(refusals=refused.findings) if refused else ALLOWED
    context = {
        "building": building,
        "floor": floor,
        "verdict": verdict,
        "edition": edition if edition.isdecimal() else "0",
        "since": request.POST.get("since") or today.isoformat(),
        "note": request.POST.get("note", ""),
        "drawing": {
            "shapes": shapes,
            "rooms": [
                {"id": room.id, "number": room.number, "m2": float(room.usable_m2)}
                for room in rooms
            ],
            "roles": dict(ShapeRole.choices()),
        },
        "total_m2": sum((room.usable_m2 for room in rooms), start=rules.NONE),
        "rooms": rooms,
        "new_url": reverse("space:plan_new", args=(building.pk, floor.number)),
    }
    return pages.render(request, "space/plan_sketch.html", context, status=422 if refused else 200)
