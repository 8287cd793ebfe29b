"""Telling why an empty room is empty and what is to become of it (登记闲置情况)."""

from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import IdleSpell, Room
from guanjia.domains.space.queries import idle
from guanjia.domains.space.rules.allocations import day
from guanjia.domains.space.terms.disposals import IdleCause, IdlePlan
from guanjia.kernel.acts import stretches
from guanjia.kernel.acts.changing import change
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

DEAL = "space.disposal.deal"
_NOTE_MAX = 200


@transaction.atomic
def tell_idle(
    *,
    actor: Actor,
    room_id: int,
    cause: IdleCause,
    plan: IdlePlan,
    note: str = "",
    on: date,
    at: datetime,
) -> IdleSpell:
    """Write down from a day on why a room is empty and what is planned.

    Needs ``space.disposal.deal``; the room must stand empty that day. A second telling of the same
    day replaces the first; the days before keep what was told of them.
    """
    actor.must(DEAL)
    reach = Room.objects.within(actor.scope(DEAL))
    (room,) = timelines.lock([reach.get(pk=room_id).pk])
    _may_tell(room, cause, note, on, at).enforce()
    before = IdleSpell.objects.select_for_update().filter(room=room, during__contains=on).first()
    told = {"cause": cause, "plan": plan, "note": note.strip()}
    was = {name: getattr(before, name, None) for name in told}
    spell = _write(room, before, on, {**told, "told_at": at})
    change(
        room, {}, actor=actor, verb="space.room.idle_told", at=at,
        beside={name: (was[name], value) for name, value in told.items()},
    )  # fmt: skip
    return spell


def _may_tell(room: Room, cause: IdleCause, note: str, on: date, at: datetime) -> Verdict:
    verdict, today = Verdict(), at.astimezone(SHANGHAI).date()
    if on > today:
        verdict += refuse("in_the_future", "日期还没有到。", f"今天是{day(today)}。", field="on")
    elif idle.of_room(room_id=room.pk, day=on) is None:
        sentence = "有使用单位，或台账状态不是空置。"
        verdict += refuse("not_idle", f"{room}在{day(on)}不是闲置。", sentence, field="on")
    if cause == IdleCause.OTHER and not note.strip():
        verdict += refuse("no_note", "选了其他原因，没有写说明。", "写明原因。", field="note")
    if len(note.strip()) > _NOTE_MAX:
        verdict += refuse("long", "说明太长。", f"不超过 {_NOTE_MAX} 字。", field="note")
    return verdict


def _write(room: Room, before: IdleSpell | None, on: date, told: dict[str, object]) -> IdleSpell:
    facts = {"room": room, **told}
    if before is not None:
        spell: IdleSpell = stretches.follow(before, on=on, facts=facts)
        return spell
    later = IdleSpell.objects.filter(room=room, during__startswith__gt=on).first()
    end = later.during.lower if later else None
    return IdleSpell.objects.create(during=DateRange(on, end), **facts)
