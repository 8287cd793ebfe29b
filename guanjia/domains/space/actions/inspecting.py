"""What inspectors record on the spot, net or none: each record once, its own time kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.actions import rectifying
from guanjia.domains.space.events import RectificationsAsked
from guanjia.domains.space.models import CheckItem, Holding, Inspection, Mark, Room, Round
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.rounds import NOTE_MAX, PHOTOS, Result, RoundState, Told, Way
from guanjia.kernel.acts.changing import locked, made
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.events import bus
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED, Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.term import Term

INSPECT = "space.round.inspect"
M2_MAX = Decimal(99_999)


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at a room as the telephone tells it; ``scanned_at`` by its own clock."""

    uid: UUID
    room_id: int
    scanned_at: datetime
    items: Sequence[int] = ()
    note: str = ""
    measured_m2: Decimal | None = None
    seen_kind: RoomKind | None = None
    way: Way = Way.PICKED
    photos: Sequence[bytes] = ()


class Came(Term):
    """What became of a record that was sent."""

    STORED = "STORED", "已存"
    KNOWN = "KNOWN", "已有"
    REFUSED = "REFUSED", "没有收下"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one record; ``sentence`` says why it was refused, or what is odd."""

    uid: UUID
    came: Came
    sentence: str = ""


def take_looks(
    *, actor: Actor, round_id: int, looks: Sequence[Look], sent_at: datetime, at: datetime
) -> list[Answer]:
    """Take in what a telephone kept: every record by itself, so that one does not hold up others.

    The same record sent again is there already. ``sent_at``: the telephone's clock when it sent.
    """
    answers = []
    for look in looks:
        try:
            row, new = record_look(
                actor=actor, round_id=round_id, look=look, sent_at=sent_at, at=at
            )
        except Refused as refused:
            answers.append(Answer(uid=look.uid, came=Came.REFUSED, sentence=str(refused)))
            continue
        came = Came.STORED if new else Came.KNOWN
        answers.append(Answer(uid=look.uid, came=came, sentence=_odd(row)))
    return answers


def _odd(row: Inspection) -> str:
    said = []
    if row.clock_off_s:
        minutes = abs(row.clock_off_s) // 60
        way = "快" if row.clock_off_s > 0 else "慢"
        said.append(f"手机时钟{way} {minutes} 分钟，检查时间照手机记，并记下相差")
    if row.replaced:
        said.append("这间房另有更晚的记录，以更晚的为准")
    return "；".join(said)


@transaction.atomic
def record_look(
    *, actor: Actor, round_id: int, look: Look, sent_at: datetime, at: datetime
) -> tuple[Inspection, bool]:
    """Record one look at a room; ``True`` where it is new.

    Needs ``space.round.inspect``, and to be named where a round names its inspectors. A finding
    becomes something to put right. Publishes ``RectificationsAsked``.
    """
    round_: Round = locked(queries.ROUNDS, actor=actor, verb=INSPECT, pk=round_id)
    known: Inspection | None = Inspection.objects.filter(uid=look.uid).first()
    if known is not None:
        same = known.round_id == round_.pk and known.inspector_id == actor.person_id
        (
            ALLOWED if same else refuse("uid_taken", "这条记录已由别人送来。", "重新检查一次。")
        ).enforce()
        return known, False
    _must_go(actor, round_)
    off = rules.clock_off(sent_at=sent_at, received_at=at, law=law_at(at))
    items = _items(round_, look)
    scope = actor.scope(INSPECT)
    looked_at = look.scanned_at - timedelta(seconds=off)
    row = _judged(round_, look, scope=scope, looked_at=looked_at, at=at)
    row.inspector_id, row.inspector_name = actor.person_id, actor.name
    row.clock_off_s = off
    row.due_on = max(round_.due_on or row.on_day, row.on_day) if items else None
    row.replaced = _stand_back(row)
    row.save(force_insert=True)
    Mark.objects.bulk_create([Mark(inspection=row, item=item) for item in items])
    made(
        row, "uid", "scanned_at", "clock_off_s", "measured_m2", "seen_kind", "note",
        actor=actor, verb="space.inspection.recorded", at=at,
        beside={"items": [item.text for item in items]},
    )  # fmt: skip
    _keep_photos(actor, row, look.photos, at)
    if row.due_on is not None and not row.replaced:
        asked = rectifying.ask(actor=actor, inspection=row, due_on=row.due_on, at=at)
        bus.publish(RectificationsAsked(rectification_ids=(asked.pk,), at=at))
    return row, True


def _must_go(actor: Actor, round_: Round) -> None:
    if actor.person_id is None:
        refuse("nobody", "这个账号没有对应的人员，不能记巡检。", "用本人的账号登录。").enforce()
    if not queries.may_go(actor=actor, round_=round_):
        refuse(
            "not_named", "您不在这次巡检的人员里。", "请安排巡检的人加上您。", rules.IN_ITS_DAYS
        ).enforce()


def _items(round_: Round, look: Look) -> list[CheckItem]:
    items = list(
        CheckItem.objects.filter(round=round_, pk__in=set(look.items)).order_by("position")
    )
    verdict: Verdict = ALLOWED
    if len(items) != len(set(look.items)):
        verdict += refuse("items_unknown", "有检查项不属于这次巡检。", "重新打开巡检页再记一次。")
    found = {Result(item.result) for item in items}
    said = look.note.strip()
    if len(said) > NOTE_MAX:
        verdict += refuse("note_long", "说明太长。", f"说明最多 {NOTE_MAX} 个字。", field="note")
    if Result.MISMATCH in found and not (look.measured_m2 or look.seen_kind or said):
        verdict += refuse(
            "mismatch_what",
            "没有写哪里不符。",
            "填实测面积、实际用途，或写说明。",
            field="measured",
        )
    if Result.OTHER in found and not said:
        verdict += refuse("other_what", "没有写是什么问题。", "写说明。", field="note")
    if look.measured_m2 is not None and not 0 < look.measured_m2 <= M2_MAX:
        verdict += refuse(
            "measured_odd", "实测面积不对。", f"填 0 到 {M2_MAX} 之间的数。", field="measured"
        )
    if len(look.photos) > PHOTOS.count_max:
        verdict += refuse(
            "photos_many", "照片太多。", f"最多 {PHOTOS.count_max} 张。", field="photos"
        )
    verdict.enforce()
    return items


def _judged(
    round_: Round, look: Look, *, scope: Scope, looked_at: datetime, at: datetime
) -> Inspection:
    """The record, not yet saved: whose room it was on that day, and what the ledger told of it."""
    try:
        room = Room.objects.select_related("building").get(pk=look.room_id)
    except ObjectDoesNotExist:
        refuse("room_unknown", "台账里没有这间房。", "在房间列表里选。", field="room").enforce()
        raise  # never reached: a refusal was enforced
    day = timezone.localdate(looked_at)
    holding = Holding.objects.on(day).select_related("unit").filter(room=room).first()
    unit: Unit | None = holding.unit if holding else None
    visits = list(queries.visits_of(round_=round_, scope=scope))
    visit = queries.visit_for(visits, unit.path) if unit else None
    rules.may_record(
        state=RoundState(round_.state), begins_on=round_.begins_on, closed_at=round_.closed_at,
        looked_at=looked_at, on_day=day, visited=visit is not None, holder=str(unit or ""),
    ).enforce()  # fmt: skip
    spell = room.spells.on(day).first()
    return Inspection(
        uid=look.uid, round=round_, unit=visit.unit if visit else unit, room=room, on_day=day,
        scanned_at=look.scanned_at.replace(microsecond=0), received_at=at, told=Told.PHONE,
        way=look.way, note=look.note.strip(), measured_m2=look.measured_m2,
        seen_kind=look.seen_kind or "", told_m2=spell.usable_m2 if spell else None,
        told_kind=spell.kind if spell else "",
    )  # fmt: skip


def _stand_back(row: Inspection) -> bool:
    """The latest look at a room counts; whether there is a later one than this."""
    mine = _by_our_clock(row)
    others = Inspection.objects.select_for_update(of=("self",)).filter(
        round=row.round_id, unit=row.unit_id, room=row.room_id, replaced=False
    )
    found = list(others.order_by("pk"))
    later = {
        other.pk for other in found if other.scanned_at is not None and _by_our_clock(other) > mine
    }
    # Which of several looks counts follows from their times, which the trail tells.
    others.exclude(pk__in=later).update(replaced=True)
    return bool(later)


def _by_our_clock(row: Inspection) -> datetime:
    scanned: Any = row.scanned_at  # a telephone always tells
    moment: datetime = scanned - timedelta(seconds=row.clock_off_s)
    return moment


def _keep_photos(actor: Actor, row: Inspection, photos: Sequence[bytes], at: datetime) -> None:
    for place, photo in enumerate(photos, start=1):
        attachments.attach(
            actor=actor, file=photo, name=f"现场{place}.jpg", subject=row, unit=row.unit,
            bounds=PHOTOS, retain_until=retention.until(at=at), at=at, kind="照片",
        )  # fmt: skip
