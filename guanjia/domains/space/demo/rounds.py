"""Rounds of the demo: last summer's is put right, one of the spring is closed, one is under way."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from PIL import Image, ImageDraw

from guanjia.demo.accounts import RED_CROSS
from guanjia.domains.space.actions import inspecting, rectifying, rounds
from guanjia.domains.space.actions.inspecting import Look
from guanjia.domains.space.models import CheckItem, Rectification, Round
from guanjia.domains.space.queries import rounds as reading
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import RectState, Result, Way
from guanjia.kernel.access import queries as access
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI

KEEPER, INSPECTOR, CLERK = "pengminci", "xunjian", "suxiao"
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_UIDS = UUID("5f3c7a54-6f0e-4b53-9a4c-2f0f3f1d8c11")  # the same records every time
_UNITS = 12
_LEFT_OPEN = 2  # of last summer's ledger
_NOTES = {
    Result.OVER: "隔墙拆除后两间并用，实测超出核定面积",
    Result.MISMATCH: "与台账面积不符，按实测填",
    Result.VACANT: "室内无人办公、堆放旧家具，台账仍为在用",
    Result.CHANGED: "办公室改作活动室使用",
    Result.UNPUBLISHED: "公示栏没有本年度用房情况",
}


def live(*, at: datetime) -> None:
    """Three rounds at different steps of their life; ``at``: the moment of the demo."""
    keeper = access.actor_named(username=KEEPER, on=at.date())
    inspector = access.actor_named(username=INSPECTOR, on=at.date())
    clerk = access.actor_named(username=CLERK, on=at.date())
    _put_right(keeper)
    units = _units(at)
    _spring(keeper, inspector, units[:4], at - 75 * _DAY)
    _under_way(keeper, inspector, clerk, units, at)


def _units(at: datetime) -> list[Unit]:
    """Units with rooms, the red cross first: its clerk and head have accounts."""
    held = reading.holding_units(at.astimezone(SHANGHAI).date())
    held.sort(key=lambda unit: (unit.code != RED_CROSS, unit.position, unit.pk))
    return held[:_UNITS]


def _put_right(keeper: Actor) -> None:
    """What the ledger of 2020 tells was put right in its time; the last two nobody told of."""
    rows = Rectification.objects.filter(round__from_ledger=True, state=RectState.OPEN)
    for row in list(rows.order_by("pk"))[:-_LEFT_OPEN]:
        when = datetime.combine(row.due_on - 3 * _DAY, time(10), SHANGHAI)
        rectifying.answer(
            actor=keeper, rectification_id=row.pk, explanation="已按要求整改，台账同步更新", at=when
        )
        rectifying.accept(actor=keeper, rectification_id=row.pk, closing="现场看过", at=when + _DAY)


def _plan(
    keeper: Actor, title: str, units: Sequence[Unit], *, begins: date, ends: date, due: date
) -> Round:
    at = datetime.combine(begins - 3 * _DAY, time(9), SHANGHAI)
    plan = rounds.Plan(
        title=title, begins_on=begins, ends_on=ends, due_on=due,
        units=[unit.pk for unit in units], items=rules.usual_items(law=law_at(begins)),
        notice="请各单位备好分台账、房间钥匙，派一名同志陪同。",
    )  # fmt: skip
    made = rounds.plan_round(actor=keeper, plan=plan, at=at)
    return rounds.begin_round(
        actor=keeper, round_id=made.pk, at=datetime.combine(begins, time(8, 30), SHANGHAI)
    )


def _look(
    inspector: Actor, made: Round, room_id: int, when: datetime, *found: Result, photos: int = 0,
    measured: Decimal | None = None,
) -> Rectification | None:  # fmt: skip
    """One look at a room, sent twenty minutes later; what has to be put right after it."""
    ids = CheckItem.objects.filter(round=made, result__in=found).values_list("pk", flat=True)
    look = Look(
        uid=uuid5(_UIDS, f"{made.title}/{room_id}"), room_id=room_id, scanned_at=when,
        items=list(ids), note="；".join(_NOTES.get(each, each.label) for each in found),
        measured_m2=measured, way=Way.SCANNED if room_id % 3 else Way.PICKED,
        photos=[_photo(each) for each in found for _ in range(photos)],
    )  # fmt: skip
    sent = when + 20 * _MINUTE
    inspecting.take_looks(actor=inspector, round_id=made.pk, looks=[look], sent_at=sent, at=sent)
    return Rectification.objects.filter(inspection__uid=look.uid).first()


def _photo(result: Result) -> bytes:
    """A picture that stands for a photo: a room with its window."""
    image = Image.new("RGB", (960, 720), "#d9dde2")
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 720), (240, 500), (720, 500), (960, 720)], fill="#b9a88c")
    draw.rectangle([360, 140, 600, 360], fill="#f5f8fb", outline="#8a94a3", width=6)
    draw.line([480, 140, 480, 360], fill="#8a94a3", width=6)
    if result is not Result.VACANT:
        draw.rectangle([120, 430, 420, 560], fill="#7a6248")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _rooms(made: Round, day: date) -> dict[int, list[int]]:
    """Rooms to go to by unit id."""
    found: dict[int, list[int]] = {}
    for told in reading.rooms_to_go(round_=made, scope=Scope.all(), day=day):
        found.setdefault(told["u"], []).append(told["id"])
    return found


def _spring(keeper: Actor, inspector: Actor, units: Sequence[Unit], at: datetime) -> None:
    """A round of some weeks ago, closed: two things put right, one let pass its time."""
    begins = at.astimezone(SHANGHAI).date()
    ends, due = begins + 4 * _DAY, begins + 35 * _DAY
    title = f"{begins.year}年{begins.month}月办公用房专项检查"
    made = _plan(keeper, title, units, begins=begins, ends=ends, due=due)
    rects: list[Rectification] = []
    for place, (_, rooms) in enumerate(sorted(_rooms(made, begins).items())):
        start = datetime.combine(begins + place * _DAY, time(9, 10), SHANGHAI)
        for n, room in enumerate(rooms[:6]):
            found = {2: [Result.VACANT], 4: [Result.UNPUBLISHED]}.get(n, [])
            rect = _look(inspector, made, room, start + n * 7 * _MINUTE, *found, photos=1)
            rects += [rect] if rect else []
    for rect in rects[1:]:
        when = datetime.combine(due - 6 * _DAY, time(15), SHANGHAI)
        rectifying.answer(
            actor=keeper, rectification_id=rect.pk, explanation="已腾清，台账改为空置", at=when
        )
        rectifying.accept(actor=keeper, rectification_id=rect.pk, at=when + _DAY)
    unvisited = {
        one.unit.pk: "单位正在搬迁"
        for one in reading.progress(round_=made, scope=Scope.all(), day=ends)
        if not one.visited
    }
    rounds.close_round(
        actor=keeper, round_id=made.pk, excuses=unvisited, closing="问题已列入整改",
        at=datetime.combine(ends, time(17), SHANGHAI),
    )  # fmt: skip


def _under_way(
    keeper: Actor, inspector: Actor, clerk: Actor, units: Sequence[Unit], at: datetime
) -> None:
    """The round of these days: five units looked at, what they found at every step."""
    today = at.astimezone(SHANGHAI).date()
    begins = today - 5 * _DAY
    made = _plan(
        keeper, f"{today.year}年办公用房年度巡检", units,
        begins=begins, ends=today + 6 * _DAY, due=today + 30 * _DAY,
    )  # fmt: skip
    by_unit = _rooms(made, today)
    for place, unit in enumerate(units[:5]):
        start = datetime.combine(begins + place * _DAY, time(9, 5), SHANGHAI)
        rooms = by_unit.get(unit.pk, [])
        rects = []
        for n, room in enumerate(rooms[: 40 if place < 4 else 4]):  # noqa: PLR2004 — the last half done
            found = {1: [Result.OVER], 4: [Result.MISMATCH], 9: [Result.CHANGED]}.get(n, [])
            measured = Decimal("26.40") if found == [Result.MISMATCH] else None
            when = start + n * 6 * _MINUTE
            rect = _look(inspector, made, room, when, *found, photos=1, measured=measured)
            rects += [rect] if rect else []
        if place == 0:
            _answers(clerk, keeper, rects, at)


def _answers(clerk: Actor, keeper: Actor, rects: Sequence[Rectification], at: datetime) -> None:
    """The red cross answers: the first waits to be accepted, the second came back."""
    for rect in rects[:2]:
        rectifying.answer(
            actor=clerk,
            rectification_id=rect.pk,
            explanation="隔墙已恢复，一间交回管理科",
            at=at - 2 * _DAY,
        )
    for rect in rects[1:2]:
        rectifying.send_back(
            actor=keeper, rectification_id=rect.pk, comment="附整改后的照片", at=at - _DAY
        )
