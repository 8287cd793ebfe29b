"""Rounds for the tests: planned, begun, looked at, as people do it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from guanjia.domains.space.actions import inspecting, rectifying, rounds
from guanjia.domains.space.actions.inspecting import Look
from guanjia.domains.space.models import CheckItem, Inspection, Rectification, Round
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import Result
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

TITLE = "2020年办公用房专项巡检"


def plan(city: City, **changes: Any) -> rounds.Plan:
    """A round of both units that begins today, with the usual checklist."""
    facts: dict[str, Any] = {
        "title": TITLE,
        "begins_on": TODAY,
        "ends_on": TODAY + timedelta(days=9),
        "units": [city.units["farming"].pk, city.units["other"].pk],
        "items": rules.usual_items(law=law_at(TODAY)),
    }
    return rounds.Plan(**facts | changes)


def planned(city: City, *, at: datetime = AT, **changes: Any) -> Round:
    """The same, planned by the keeper."""
    return rounds.plan_round(actor=city.actor("keeper"), plan=plan(city, **changes), at=at)


def running(city: City, *, at: datetime = AT, **changes: Any) -> Round:
    """The same, begun."""
    made = planned(city, at=at, **changes)
    return rounds.begin_round(actor=city.actor("keeper"), round_id=made.pk, at=at)


def items(round_: Round, *results: Result) -> list[int]:
    """The ids of the lines for some results."""
    return [CheckItem.objects.get(round=round_, result=each).pk for each in results]


def look(
    city: City,
    round_: Round,
    room: str,
    *results: Result,
    uid: UUID | None = None,
    scanned_at: datetime = AT,
    **rest: Any,
) -> Look:
    """A look at a room as a telephone sends it."""
    return Look(
        uid=uid or uuid4(), room_id=city.room(room).pk, scanned_at=scanned_at,
        items=items(round_, *results), **rest,
    )  # fmt: skip


def send(
    city: City,
    round_: Round,
    looks: Sequence[Look],
    *,
    who: str = "inspector",
    at: datetime = AT,
    sent_at: datetime | None = None,
) -> list[inspecting.Answer]:
    """A telephone sends what it kept."""
    return inspecting.take_looks(
        actor=city.actor(who), round_id=round_.pk, looks=looks, sent_at=sent_at or at, at=at
    )


def asked(
    city: City, round_: Round, room: str = "101", *results: Result, **rest: Any
) -> Rectification:
    """Something to put right after a look at a room."""
    found = results or (Result.OVER,)
    (answer,) = send(city, round_, [look(city, round_, room, *found, **rest)])
    row = Inspection.objects.get(uid=answer.uid)
    rect: Rectification = Rectification.objects.get(inspection=row)
    return rect


def answered(city: City, rect: Rectification, *, at: datetime = AT) -> Rectification:
    """The unit's clerk says that it is put right."""
    return rectifying.answer(
        actor=city.actor("clerk"), rectification_id=rect.pk, explanation="已隔出一间，面积合标",
        at=at,
    )  # fmt: skip


def day(text: str) -> date:
    """A day as people write it."""
    return date.fromisoformat(text)


def furnish(city: City, keeper: Actor, inspector: Actor) -> Rectification:
    """A round of the farming bureau under way, with something it has to put right; for a house
    whose keeper and inspector are not the small city's."""
    made = rounds.plan_round(actor=keeper, plan=plan(city, units=[city.units["farming"].pk]), at=AT)
    rounds.begin_round(actor=keeper, round_id=made.pk, at=AT)
    seen = look(city, made, "101", Result.OVER)
    inspecting.take_looks(actor=inspector, round_id=made.pk, looks=[seen], sent_at=AT, at=AT)
    rect: Rectification = Rectification.objects.get(inspection__uid=seen.uid)
    return rect
