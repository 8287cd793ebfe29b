"""Floor plans: a drawing is sent and read, looked at, adopted; or a plan is drawn on the page."""

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from guanjia.domains.space.models import Building, Floor, FloorPlan, PlanShape, PlanUpload
from guanjia.domains.space.queries import plans as reading
from guanjia.domains.space.queries.plans import DRAW
from guanjia.domains.space.rules import plan_reading
from guanjia.domains.space.rules import plans as rules
from guanjia.domains.space.terms.plans import (
    CORNERS_MAX,
    LABEL_MAX,
    SHAPES_MAX,
    AreaGap,
    Reading,
    Shape,
    ShapeRole,
    SourceKind,
    Unit,
)
from guanjia.engines.floorplan import geometry
from guanjia.engines.floorplan import reading as drawings
from guanjia.engines.floorplan.drawing import Unreadable, from_json
from guanjia.kernel.acts.changing import gone, made
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import naming, store
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.remarks import Raised
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.values.texts import storable

KEPT = timedelta(hours=24)  # a drawing that nobody adopts
WAITING_MAX = 20  # of one account
AHEAD_DAYS_MAX = 366
JSON_MAX = 2_000_000  # characters of a plan drawn on the page
_NAME_MAX = 120
_HEAD = "平面图没有读成。"
_NOT_SAVED = "平面图没有保存。"


def upload(
    *, actor: Actor, building_id: int, number: int, name: str, content: bytes, at: datetime
) -> PlanUpload:
    """Take a drawing in and read it; it waits a day to be looked at and adopted.

    Needs ``space.plan.draw``. Raises ``Refused`` with ``field="file"`` and one sentence for what is
    no drawing, too large, or cannot be read; nothing is kept then.
    """
    actor.must(DRAW)
    if actor.account_id is None:
        raise ValueError("a drawing waits for somebody's account")
    floor = _floor(actor, building_id, number)
    if PlanUpload.objects.filter(account=actor.account_id).count() >= WAITING_MAX:
        why = f"您有 {WAITING_MAX} 份上传了还没采用的图。先采用，或去掉不用的。"
        refuse("plan_waiting", _HEAD, why, _own("待采用的图有上限"), field="file").enforce()
    try:
        kind = drawings.kind_of(content=content)
        drawing = drawings.read(content=content)
    except Unreadable as fault:
        refuse(
            fault.code, _HEAD, fault.why, _own("只收能读出轮廓的 DXF、SVG 图"), field="file"
        ).enforce()
        raise  # never reached: a refusal was enforced
    with transaction.atomic():
        row: PlanUpload = PlanUpload.objects.create(
            floor=floor,
            source=SourceKind.SVG if kind == "svg" else SourceKind.DXF,
            name=naming.cleaned(name)[-_NAME_MAX:],
            bytes=len(content),
            digest=store.keep(content),
            found=drawing.as_json(),
            account_id=actor.account_id,
            sent_at=at,
        )
        made(
            row, "source", "name", "bytes", "digest", "floor_id",
            actor=actor, verb="space.plan.uploaded", at=at,
        )  # fmt: skip
    return row


def read(
    *,
    waiting: PlanUpload,
    layers: Collection[str] = (),
    unit: Unit | None = None,
    day: date,
    at: datetime,
) -> Reading:
    """What a waiting drawing gives with these layers and this unit; ``Refused`` where nothing."""
    try:
        return plan_reading.read_as_plan(
            drawing=from_json(waiting.found),
            rooms=reading.known_rooms(floor=waiting.floor, day=day),
            layers=layers,
            unit=unit,
            law=law_at(at),
        )
    except Unreadable as fault:
        refuse(fault.code, _HEAD, fault.why, _own("平面图由封闭的轮廓组成")).enforce()
        raise  # never reached: a refusal was enforced


def adopt(
    *,
    actor: Actor,
    upload_id: int,
    layers: Collection[str] = (),
    unit: Unit | None = None,
    since: date,
    note: str = "",
    at: datetime,
) -> FloorPlan:
    """Make a waiting drawing the plan of its floor from a day on (采用平面图).

    Only whoever sent it. ``Refused`` says what of the drawing cannot be a plan.
    """
    actor.must(DRAW)
    with transaction.atomic():
        waiting: PlanUpload = (
            PlanUpload.objects.select_for_update(of=("self",))
            .select_related("floor")
            .get(pk=upload_id, account=actor.account_id)
        )
        found = read(waiting=waiting, layers=layers, unit=unit, day=since, at=at)
        plan = _enter(
            actor, waiting.floor_id, found.shapes, since=since, note=note, at=at,
            source=SourceKind(waiting.source), source_name=waiting.name, digest=waiting.digest,
        )  # fmt: skip
        waiting.delete()
    return plan


def sketch(
    *,
    actor: Actor,
    building_id: int,
    number: int,
    shapes: Sequence[Shape],
    since: date,
    seen_edition: int = 0,
    note: str = "",
    at: datetime,
) -> FloorPlan:
    """Make what was drawn on the page the plan of a floor from a day on (保存平面图).

    ``seen_edition``: the edition the drawing began from; a newer one by somebody else refuses.
    """
    actor.must(DRAW)
    with transaction.atomic():
        floor = _floor(actor, building_id, number)
        return _enter(
            actor, floor.pk, shapes, since=since, note=note, at=at, source=SourceKind.SKETCH,
            seen_edition=seen_edition,
        )  # fmt: skip


def discard(*, actor: Actor, drawing_id: int, at: datetime) -> PlanUpload:
    """Throw away a waiting drawing (不采用); only whoever sent it."""
    actor.must(DRAW)
    with transaction.atomic():
        rows = reading.UPLOADS.within(actor, DRAW).select_for_update(of=("self",))
        waiting: PlanUpload = rows.get(pk=drawing_id)
        gone(waiting, "name", "digest", "floor_id", actor=actor, verb="space.plan.discarded", at=at)
        attachments.forget(waiting.digest)
    return waiting


def sweep(*, at: datetime) -> int:
    """Let drawings go that nobody adopted within a day; returns how many."""
    with transaction.atomic():
        old = list(
            PlanUpload.objects.select_for_update(skip_locked=True).filter(sent_at__lt=at - KEPT)
        )
        for waiting in old:
            waiting.delete()
            attachments.forget(waiting.digest)
    return len(old)


def read_shapes(text: str) -> list[Shape]:
    """The shapes a page sent as JSON; ``Refused`` for what is no such list. Judged elsewhere."""
    try:
        if len(text) > JSON_MAX:
            raise ValueError("too long")
        told = json.loads(text)
        if not isinstance(told, list) or len(told) > SHAPES_MAX:
            raise ValueError("no list, or too many shapes")
        return [_shape(each) for each in told]
    except (ValueError, TypeError, KeyError, RecursionError):
        why = "页面送来的图形读不出来。刷新页面再画；刚才的图形仍在本页。"
        refuse(
            "plan_unread", _NOT_SAVED, why, _own("图形以页面的格式保存"), field="shapes"
        ).enforce()
        raise  # never reached: a refusal was enforced


def _shape(told: Any) -> Shape:
    corners = told["corners"]
    if not isinstance(corners, list) or len(corners) > CORNERS_MAX:
        raise ValueError("corners")
    room = told.get("room")
    return Shape(
        label=storable(str(told.get("label") or ""))[: LABEL_MAX + 1],
        role=ShapeRole(told["role"]),
        corners=tuple((_whole(x), _whole(y)) for x, y in corners),
        room_id=_whole(room) if room is not None else None,
    )


def _whole(number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError("a whole number was expected")
    if abs(number) >= 2**31:
        raise ValueError("out of bounds")
    return number


# ── inside an act ──────────────────────────────────────────────────────────────────────────


def _own(title: str) -> Citation:
    return Citation(title=title, own=True)


def _floor(actor: Actor, building_id: int, number: int) -> Floor:
    building = Building.objects.within(actor.scope(DRAW)).get(pk=building_id)
    floor: Floor = Floor.objects.get(building=building, number=number)
    return floor


def _enter(
    actor: Actor,
    floor_id: int,
    shapes: Sequence[Shape],
    *,
    since: date,
    note: str,
    at: datetime,
    source: SourceKind,
    seen_edition: int | None = None,
    **of: str,
) -> FloorPlan:
    """Write an edition with its shapes; the floor is locked, so that editions come one by one."""
    floor = (
        Floor.objects.select_for_update(of=("self",)).select_related("building").get(pk=floor_id)
    )
    last = FloorPlan.objects.filter(floor=floor).order_by("-edition").first()
    _in_time(last, since, at, seen_edition)
    law, rooms = law_at(at), reading.known_rooms(floor=floor, day=since)
    tidy = [
        Shape(
            label=each.label.strip(), role=each.role, room_id=each.room_id,
            corners=tuple(geometry.tidied(each.corners)) or each.corners,
        )
        for each in shapes
    ]  # fmt: skip
    people = reading.names_on(floor=floor, days=(since, at.astimezone(SHANGHAI).date()))
    verdict = rules.judge(shapes=tidy, rooms=rooms, law=law)
    verdict = (verdict + rules.no_names(shapes=tidy, people=people)).enforce()
    fitted, wide, high = rules.fitted(tidy)
    plan: FloorPlan = FloorPlan.objects.create(
        floor=floor, edition=last.edition + 1 if last else 1, since=since, source=source,
        width_mm=wide, height_mm=high, note=note.strip()[:200], drawn_by_id=actor.person_id,
        drawn_at=at, **of,
    )  # fmt: skip
    PlanShape.objects.bulk_create(
        [_row(plan, place, each) for place, each in enumerate(fitted, start=1)]
    )
    made(
        plan, "edition", "since", "source", "source_name", "digest",
        actor=actor, verb="space.plan.adopted", at=at, verdict=verdict,
        beside={
            "shapes": len(fitted), "rooms": sum(each.room_id is not None for each in fitted)
        },
    )  # fmt: skip
    _doubt(rules.gaps(shapes=tidy, rooms=rooms, law=law), at)
    return plan


def _in_time(last: FloorPlan | None, since: date, at: datetime, seen_edition: int | None) -> None:
    if last is not None and seen_edition is not None and last.edition != seen_edition:
        who = str(last.drawn_by) if last.drawn_by else "系统"
        why = f"{who}刚换过这层的图（第 {last.edition} 版）。另开本层看新图，再决定是否保存这一张。"
        refuse("plan_newer", _NOT_SAVED, why, _own("在最新一版上修改")).enforce()
    if last is not None and since < last.since:
        why = f"现用的图自 {last.since:%Y-%m-%d} 启用，新图不能更早。改启用日期。"
        refuse("plan_before", _NOT_SAVED, why, _own("新版图不早于上一版"), field="since").enforce()
    if since > at.astimezone(SHANGHAI).date() + timedelta(days=AHEAD_DAYS_MAX):
        why = "启用日期最多提前一年。改启用日期。"
        refuse("plan_ahead", _NOT_SAVED, why, _own("启用日期最多提前一年"), field="since").enforce()


def _row(plan: FloorPlan, place: int, shape: Shape) -> PlanShape:
    x, y = geometry.anchor(shape.corners)
    return PlanShape(
        plan=plan, place=place, room_id=shape.room_id, role=shape.role, label=shape.label,
        polygon=[list(corner) for corner in shape.corners],
        anchor_x=max(x, 0), anchor_y=max(y, 0), area_m2=rules.drawn_m2(shape),
    )  # fmt: skip


def _doubt(gaps: Sequence[AreaGap], at: datetime) -> None:
    """What the plan says otherwise than the ledger is a doubt at the room, for its keeper."""
    remarks.raise_remarks(
        register="space.rooms",
        remarks=[
            Raised(
                object_id=gap.room_id, code="plan_area", kind=RemarkKind.DOUBT,
                headline="平面图与台账面积不符。",
                sentence=f"图上 {gap.drawn_m2:.1f} ㎡，台账使用面积 {gap.ledger_m2:.1f} ㎡。",
                cite=_own("图上面积与台账使用面积应相符"), field="usable_m2",
            )
            for gap in gaps
        ],
        at=at,
    )  # fmt: skip
