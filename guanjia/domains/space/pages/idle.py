"""闲置用房: what stands empty together, and one room's emptiness. The list is a register."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions.idle import tell_idle
from guanjia.domains.space.forms import disposals as forms
from guanjia.domains.space.models import Room
from guanjia.domains.space.pages import filling
from guanjia.domains.space.queries import disposals as reading
from guanjia.domains.space.queries import idle as queries
from guanjia.domains.space.registers.idle import long_days
from guanjia.domains.space.terms.disposals import IdleCause, IdlePlan
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats, pages
from guanjia.ui.pages import PageRequest, needs

SEE, DEAL = queries.SEE, queries.DEAL


@needs(SEE)
def idle(request: PageRequest) -> HttpResponse:
    """What stands empty on a day, what is used for the public good, what is owed; each opens."""
    day, past = filling.asked_day(request)
    days = long_days(day)
    summed = queries.summed(day=day, scope=request.scope, long_days=days)
    biggest = max((one.m2 for one in summed.by_cause), default=0)
    context = {
        "day": day,
        "past": past,
        "long_days": days,
        "summed": summed,
        "urls": {key: _list(day, past, view=key) for key in ("all", "long", "untold")},
        "causes": [
            {
                "title": IdleCause(one.key).label, "rooms": one.rooms, "m2": one.m2,
                "share": round(one.m2 / biggest * 100) if biggest else 0,
                "url": _list(day, past, view="all", cause=one.key),
            }
            for one in summed.by_cause
        ],
        "uses": _uses(request.scope, day),
        "late": reading.late(request.scope, on=day).count(),
        "may_ask": request.actor.can("space.disposal.request"),
    }  # fmt: skip
    return pages.render(request, "space/idle.html", context)


def _list(day: date, past: bool, **query: str) -> str:
    asked = query | ({"on": f"{day:%Y-%m-%d}"} if past else {})
    return f"{reverse('space:idle_list')}?{urlencode(asked)}"


def _uses(scope: Scope, day: date) -> list[dict[str, Any]]:
    """What rooms were used for on a day, by purpose; each opens its disposals."""
    return [
        {
            "title": one.title, "rooms": one.rooms, "m2": one.m2,
            "url": f"{reverse('space:disposals_list')}?{urlencode(one.query)}",
        }
        for one in reading.uses(scope=scope, day=day)
    ]  # fmt: skip


@needs(SEE)
def idle_room(request: PageRequest, room_id: int) -> HttpResponse:
    """One room's emptiness: since when, why, the plan, what was asked for it before."""
    rows = Room.objects.within(request.scope).select_related("building__compound", "floor")
    room, today = rows.get(pk=room_id), timezone.localdate()
    row = queries.of_room(room_id=room.pk, day=today)
    actor = request.actor
    context = {
        "room": room,
        "row": row,
        "days": (today - row.since).days if row and row.since else None,
        "cause": IdleCause(row.cause).label if row and row.cause else "",
        "plan": IdlePlan(row.plan).label if row and row.plan else "",
        "told": queries.told_of(room_id=room.pk),
        "uses": [
            (one, *one.chip[:2]) for one in reading.of_room(room_id=room.pk, scope=request.scope)
        ],
        "may_tell": row is not None and actor.can(DEAL),
        "may_ask": row is not None and not row.use_id and actor.can("space.disposal.request"),
        "sees_room": actor.can("space.room.see"),
    }
    return pages.render(request, "space/idle_room.html", context)


@needs(DEAL)
def idle_tell(request: PageRequest, room_id: int) -> HttpResponse:
    """登记闲置情况."""
    room = Room.objects.within(request.scope).select_related("building").get(pk=room_id)
    row = queries.of_room(room_id=room.pk, day=timezone.localdate())

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        tell_idle(
            actor=request.actor, room_id=room.pk, cause=IdleCause(given["cause"]),
            plan=IdlePlan(given["plan"]), note=given["note"], on=given["on"], at=at,
        )  # fmt: skip
        pages.flash(request, f"已登记 {room} 的闲置情况")
        return pages.to("space:idle_room", room.pk)

    first = {"on": timezone.localdate(), "plan": IdlePlan.NONE}
    if row is not None and row.cause:
        first |= {"cause": row.cause, "plan": row.plan, "note": row.note}
    form = forms.IdleTold(filling.posted(request), initial=first)
    return filling.fill(request, form=form, words=_words(room, row), enter=enter)


def _words(room: Room, row: Any) -> Mapping[str, Any]:
    since = formats.day(row.since) if row is not None and row.since else "起始不详"
    now = f"{since}起闲置" if row is not None and row.since else since
    return {
        "title": "登记闲置情况", "act": "登记闲置情况", "back": str(room), "list": "闲置用房台账",
        "back_url": reverse("space:idle_room", args=[room.pk]),
        "list_url": reverse("space:idle_list"), "now": now if row is not None else "现在不是闲置",
    }  # fmt: skip
