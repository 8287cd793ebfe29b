"""Taking in inspections that ledgers tell of (巡检记录): they are facts, whatever came of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.actions import rectifying
from guanjia.domains.space.actions.rounds import add_items
from guanjia.domains.space.events import RectificationsAsked
from guanjia.domains.space.models import (
    CheckItem,
    Inspection,
    Mark,
    Rectification,
    Room,
    Round,
    Visit,
)
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import ItemFacts, RectState, Result, RoundState, Told
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.events import bus
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon

ENTER = "space.round.enter"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a ledger: who looked at what in which round, and what was found."""

    title: str
    unit: Unit
    on: date
    inspector: str
    results: tuple[Result, ...]
    due_on: date | None = None
    room: Room | None = None
    looked_at: datetime | None = None

    @property
    def problems(self) -> tuple[Result, ...]:
        """What was found, without 无问题."""
        return tuple(each for each in self.results if each is not Result.FINE)

    @property
    def key(self) -> tuple[str, int, int | None, datetime | None]:
        """By what a row is known again."""
        return self.title, self.unit.pk, self.room.pk if self.room else None, self.looked_at


@transaction.atomic
def enter_inspections(*, actor: Actor, rows: Sequence[Row], at: datetime) -> tuple[int, int, int]:
    """Enter inspections as a ledger states them; returns created, changed, left as they were.

    Needs ``space.round.enter``. An unknown round is made with the usual checklist; one that lies
    in the past is closed at once. A finding with a day by which it is to be mended becomes a
    rectification. What came from a telephone is not changed. Publishes ``RectificationsAsked``.
    """
    actor.must(ENTER)
    _inside(actor, rows)
    known = known_of(rows, locked=True)
    rounds = _rounds(actor, rows, at)
    created = updated = unchanged = 0
    asked: list[Rectification] = []
    for row in rows:
        old = known.get(row.key)
        if old is None:
            new = _create(actor, rounds[row.title], row, at)
            asked += _ask(actor, new, row, at)
            created += 1
        elif old.told == Told.LEDGER and differs(old, row):
            _change(actor, old, row, at)
            asked += _ask(actor, old, row, at)
            updated += 1
        else:
            unchanged += 1
    today = timezone.localdate(at)
    fresh = tuple(each.pk for each in asked if each.due_on >= today)
    if fresh:
        bus.publish(RectificationsAsked(rectification_ids=fresh, at=at))
    return created, updated, unchanged


def _inside(actor: Actor, rows: Sequence[Row]) -> None:
    ids = {row.unit.pk for row in rows}
    mine = set(
        Unit.objects.within(actor.scope(ENTER)).filter(pk__in=ids).values_list("pk", flat=True)
    )
    if outside := [str(row.unit) for row in rows if row.unit.pk not in mine]:
        refuse("outside", f"{outside[0]}不在您的范围内。", "由管理它的单位登记。").enforce()


def known_of(
    rows: Iterable[Row], *, locked: bool = False
) -> dict[tuple[str, int, int | None, datetime | None], Inspection]:
    """The records there are of the rounds that some rows name, by what a row is known by."""
    found = Inspection.objects.filter(round__title__in={row.title for row in rows})
    if locked:
        found = found.select_for_update(of=("self",))
    found = found.select_related("round", "unit", "room__building").prefetch_related("marks__item")
    return {
        (each.round.title, each.unit_id, each.room_id, each.scanned_at): each
        for each in found.order_by("pk")
    }


def _rounds(actor: Actor, rows: Sequence[Row], at: datetime) -> Mapping[str, Round]:
    """The rounds by title: those there are, wide enough for their rows, and new ones."""
    by_title: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_title[row.title].append(row)
    there = {
        each.title: each
        for each in Round.objects.select_for_update().filter(title__in=by_title).order_by("pk")
    }
    for title, mine in by_title.items():
        if title not in there:
            there[title] = _make(actor, title, mine, at)
        elif there[title].from_ledger:
            _widen(actor, there[title], mine, at)
        _visit(there[title], mine)
    return there


def _make(actor: Actor, title: str, rows: Sequence[Row], at: datetime) -> Round:
    days = [row.on for row in rows]
    dues = [row.due_on for row in rows if row.due_on]
    past = max(days) < timezone.localdate(at)
    row: Round = Round.objects.create(
        title=title, begins_on=min(days), ends_on=max(days), due_on=max(dues, default=None),
        state=RoundState.CLOSED if past else RoundState.RUNNING, from_ledger=True,
        planned_by=actor.name, planned_at=at, begun_at=at, closed_by=actor.name if past else "",
        closed_at=at if past else None,
    )  # fmt: skip
    add_items(row, rules.usual_items(law=law_at(row.begins_on)))
    made(row, "state", "begins_on", "ends_on", actor=actor, verb="space.round.entered", at=at)
    return row


def _widen(actor: Actor, there: Round, rows: Sequence[Row], at: datetime) -> None:
    days = [there.begins_on, there.ends_on, *(row.on for row in rows)]
    if (min(days), max(days)) != (there.begins_on, there.ends_on):
        facts = {"begins_on": min(days), "ends_on": max(days)}
        change(there, facts, actor=actor, verb="space.round.entered", at=at)


def _visit(round_: Round, rows: Sequence[Row]) -> None:
    there = set(round_.visits.values_list("unit", flat=True))
    more = {row.unit.pk: row.unit for row in rows if row.unit.pk not in there}
    Visit.objects.bulk_create([Visit(round=round_, unit=unit) for unit in more.values()])


def _items(round_: Round, results: Sequence[Result]) -> list[CheckItem]:
    """The lines of the checklist for what a ledger says was found; a missing one is added."""
    lines = {item.result: item for item in round_.items.order_by("-position")}
    position = max((item.position for item in lines.values()), default=0)
    found = []
    for result in results:
        if result not in lines:
            position += 1
            lines[result] = _line(round_, result, position)
        found.append(lines[result])
    return found


def _line(round_: Round, result: Result, position: int) -> CheckItem:
    usual = {each.result: each for each in rules.usual_items(law=law_at(round_.begins_on))}
    facts: ItemFacts = usual[result]
    line: CheckItem = CheckItem.objects.create(
        round=round_, position=position, result=result, text=facts.text, points=facts.points
    )
    return line


def _create(actor: Actor, round_: Round, row: Row, at: datetime) -> Inspection:
    record: Inspection = Inspection.objects.create(
        round=round_, unit=row.unit, room=row.room, on_day=row.on, scanned_at=row.looked_at,
        received_at=at, inspector_name=row.inspector, told=Told.LEDGER, due_on=row.due_on,
    )  # fmt: skip
    items = _items(round_, row.problems)
    Mark.objects.bulk_create([Mark(inspection=record, item=item) for item in items])
    made(
        record, "unit_id", "room_id", "on_day", "inspector_name", "due_on",
        actor=actor, verb="space.inspection.entered", at=at,
        beside={"results": [each.label for each in row.results]},
    )  # fmt: skip
    return record


def _told(record: Inspection) -> tuple[Any, ...]:
    problems = {each for each in record.results if each is not Result.FINE}
    return record.on_day, record.inspector_name, record.due_on, problems


def differs(old: Inspection, row: Row) -> bool:
    """Whether a ledger tells something else than is there."""
    return _told(old) != (row.on, row.inspector, row.due_on, set(row.problems))


def _change(actor: Actor, old: Inspection, row: Row, at: datetime) -> None:
    results = [each.label for each in old.results], [each.label for each in row.results]
    wanted = _items(old.round, row.problems)
    Mark.objects.filter(inspection=old).exclude(item__in=wanted).delete()
    there = set(Mark.objects.filter(inspection=old).values_list("item", flat=True))
    fresh = [item for item in wanted if item.pk not in there]
    Mark.objects.bulk_create([Mark(inspection=old, item=item) for item in fresh])
    change(
        old, {"on_day": row.on, "inspector_name": row.inspector, "due_on": row.due_on},
        actor=actor, verb="space.inspection.entered", at=at, beside={"results": results},
    )  # fmt: skip


def _ask(actor: Actor, record: Inspection, row: Row, at: datetime) -> list[Rectification]:
    """What is to be put right by the ledger; another day there moves what is still open."""
    if row.due_on is None or not row.problems:
        return []
    there = Rectification.objects.filter(inspection=record).order_by("-pk").first()
    if there is None:
        told = row.looked_at or noon(row.on)
        return [
            rectifying.ask(actor=actor, inspection=record, due_on=row.due_on, at=at, since=told)
        ]
    if there.state == RectState.OPEN and there.due_on != row.due_on:
        facts = {"due_on": row.due_on}
        change(there, facts, actor=actor, verb="space.rectification.moved", at=at)
    return []
