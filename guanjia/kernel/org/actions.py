"""Changing the tree of units and its people; every change leaves a record."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from pypinyin import Style, lazy_pinyin

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit import entering
from guanjia.kernel.org.models import Person, Post, Unit, UnitChange
from guanjia.kernel.org.terms import Reform
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor


def initials_of(name: str) -> str:
    """The first letters of the pinyin, as people type them to find a name."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore"))[:20].lower()


@transaction.atomic
def enter_units(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> tuple[int, int, int]:
    """Enter units as a ledger states them; a parent may stand in any row of the same ledger.

    Each row: ``code``, ``parent_code`` (or ``None``) and fields of ``Unit`` by name.
    Returns how many were created, changed and left as they were. Needs ``org.unit.enter``.
    """
    actor.must("org.unit.enter")
    wanted = {row["code"]: dict(row) for row in rows}
    codes = set(wanted) | {row["parent_code"] for row in rows if row.get("parent_code")}
    known = {u.code: u for u in Unit.objects.select_for_update().filter(code__in=codes)}
    created = updated = 0
    records = []
    for code in _parents_first(wanted):
        row = wanted[code]
        parent = known.get(row.pop("parent_code", None) or "")
        facts = {k: v for k, v in row.items() if k != "code"}
        facts["parent_id"] = parent.pk if parent else None
        path = f"{parent.path if parent else '/'}{code}/"
        unit = known.get(code)
        if unit is None:
            unit = known[code] = Unit.objects.create(code=code, path=path, **facts)
            created += 1
            records.append(
                audit.entry(actor=actor, verb="org.unit.entered", on=unit, at=at, after=facts)
            )
            continue
        before = {name: getattr(unit, name) for name in facts}
        if before == facts and unit.path == path:
            continue
        _move_subtree(unit, path)
        for name, value in facts.items():
            setattr(unit, name, value)
        unit.save()
        updated += 1
        records.append(
            audit.entry(
                actor=actor, verb="org.unit.entered", on=unit, at=at, before=before, after=facts
            )
        )
    audit.record_many(records)
    return created, updated, len(wanted) - created - updated


def _parents_first(wanted: Mapping[str, Mapping[str, Any]]) -> list[str]:
    ordered: list[str] = []
    placed: set[str] = set()

    def place(code: str, below: frozenset[str]) -> None:
        if code in placed or code not in wanted or code in below:
            return
        place(wanted[code].get("parent_code") or "", below | {code})
        placed.add(code)
        ordered.append(code)

    for code in wanted:
        place(code, frozenset())
    return ordered


def _move_subtree(unit: Unit, path: str) -> None:
    if unit.path == path:
        return
    below = list(Unit.objects.filter(path__startswith=unit.path).exclude(pk=unit.pk))
    for child in below:
        child.path = path + child.path[len(unit.path) :]
    Unit.objects.bulk_update(below, ["path"])
    unit.path = path


@transaction.atomic
def enter_people(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> tuple[int, int, int]:
    """Enter people as a ledger states them: fields of ``Person`` by name, ``unit`` as an object.

    Returns how many were created, changed and left as they were. Needs ``org.person.enter``.
    """
    actor.must("org.person.enter")

    def complete(person: Person) -> None:
        person.initials = initials_of(person.name)

    entered = entering.enter(
        actor=actor,
        model=Person,
        key="number",
        rows=rows,
        verb="org.person.entered",
        at=at,
        complete=complete,
    )
    return entered.counts()


@transaction.atomic
def rename_unit(
    *,
    actor: Actor,
    unit_id: int,
    name: str,
    short_name: str,
    on: date,
    document: str = "",
    at: datetime,
) -> Unit:
    """Rename a unit (更名); its rows stay, the old name is kept in its history."""
    actor.must("org.unit.reform")
    unit = Unit.objects.within(actor.scope("org.unit.reform")).select_for_update().get(pk=unit_id)
    before = audit.facts_of(unit, "name", "short_name")
    UnitChange.objects.create(
        kind=Reform.RENAMED,
        on=on,
        unit=unit,
        successor=unit,
        before=unit.name,
        after=name,
        document=document,
        recorded_at=at,
    )
    unit.name, unit.short_name = name, short_name
    unit.save(update_fields=["name", "short_name"])
    audit.record(
        actor=actor,
        verb="org.unit.renamed",
        on=unit,
        at=at,
        before=before,
        after=audit.facts_of(unit, "name", "short_name"),
        note=document,
    )
    return unit


@transaction.atomic
def merge_unit(
    *, actor: Actor, unit_id: int, into_id: int, on: date, document: str = "", at: datetime
) -> Unit:
    """Merge a unit into another (并入): people and sections move over, the old unit closes."""
    actor.must("org.unit.reform")
    inside = Unit.objects.within(actor.scope("org.unit.reform")).select_for_update()
    both = {unit.pk: unit for unit in inside.filter(pk__in=[unit_id, into_id]).order_by("pk")}
    if not {unit_id, into_id} <= both.keys():
        raise Unit.DoesNotExist
    unit, into = both[unit_id], both[into_id]
    if unit_id == into_id or into.path.startswith(unit.path):
        refuse("merge_circle", "不能并入。", "单位不能并入自己或自己的下级。").enforce()
    if into.closed_on is not None:
        refuse("merge_closed", "不能并入。", f"{into}已撤销，选一个在册的单位。").enforce()
    moved = list(unit.people.values_list("pk", flat=True))
    Person.objects.filter(pk__in=moved).update(unit=into)
    for child in unit.children.all():
        _move_subtree(child, f"{into.path}{child.code}/")
        child.parent = into
        child.save(update_fields=["parent", "path"])
    _close(unit, on)
    UnitChange.objects.create(
        kind=Reform.MERGED,
        on=on,
        unit=unit,
        successor=into,
        before=unit.name,
        after=into.name,
        document=document,
        recorded_at=at,
    )
    audit.record(
        actor=actor,
        verb="org.unit.merged",
        on=unit,
        at=at,
        after={"into": into.code, "people": moved},
        note=document,
    )
    return into


@transaction.atomic
def split_unit(
    *,
    actor: Actor,
    unit_id: int,
    parts: Sequence[Mapping[str, Any]],
    on: date,
    document: str = "",
    at: datetime,
) -> list[Unit]:
    """Split new units off a unit (分出): each part a row of ``enter_units`` plus ``people`` ids.

    The old unit lives on with whom it keeps; close it by merging or closing it afterwards.
    """
    actor.must("org.unit.reform")
    unit = Unit.objects.within(actor.scope("org.unit.reform")).select_for_update().get(pk=unit_id)
    made = []
    for part in parts:
        facts = {key: value for key, value in part.items() if key != "people"}
        parent = unit.parent
        part_unit = Unit.objects.create(
            parent=parent, path=f"{parent.path if parent else '/'}{facts['code']}/", **facts
        )
        moved = list(unit.people.filter(pk__in=part.get("people", ())).values_list("pk", flat=True))
        Person.objects.filter(pk__in=moved).update(unit=part_unit)
        UnitChange.objects.create(
            kind=Reform.SPLIT,
            on=on,
            unit=unit,
            successor=part_unit,
            before=unit.name,
            after=part_unit.name,
            document=document,
            recorded_at=at,
        )
        audit.record(
            actor=actor,
            verb="org.unit.split",
            on=unit,
            at=at,
            after={"part": part_unit.code, "people": moved},
            note=document,
        )
        made.append(part_unit)
    return made


@transaction.atomic
def close_unit(*, actor: Actor, unit_id: int, on: date, document: str = "", at: datetime) -> Unit:
    """Close a unit (撤销) that has nobody left."""
    actor.must("org.unit.reform")
    unit = Unit.objects.within(actor.scope("org.unit.reform")).select_for_update().get(pk=unit_id)
    left = unit.people.serving().count()
    if left:
        refuse("still_people", "不能撤销。", f"还有 {left} 人在册，先办理调动或并入。").enforce()
    _close(unit, on)
    UnitChange.objects.create(
        kind=Reform.CLOSED, on=on, unit=unit, before=unit.name, document=document, recorded_at=at
    )
    audit.record(actor=actor, verb="org.unit.closed", on=unit, at=at, note=document)
    return unit


def _close(unit: Unit, on: date) -> None:
    unit.closed_on = on
    unit.save(update_fields=["closed_on"])


@transaction.atomic
def hold_post(
    *, actor: Actor, person_id: int, unit_id: int, title: str, since: date, at: datetime
) -> Post:
    """Give somebody a further post (兼任) at a unit."""
    actor.must("org.person.enter")
    scope = actor.scope("org.person.enter")
    person = Person.objects.within(scope).select_for_update().get(pk=person_id)
    unit = Unit.objects.within(scope).get(pk=unit_id)
    post = Post.objects.create(person=person, unit=unit, title=title, since=since)
    audit.record(
        actor=actor,
        verb="org.post.held",
        on=person,
        at=at,
        after={"unit": unit.code, "post": title},
    )
    return post


@transaction.atomic
def leave_post(*, actor: Actor, post_id: int, until: date, at: datetime) -> Post:
    """End a further post (免去兼职)."""
    actor.must("org.person.enter")
    inside = Person.objects.within(actor.scope("org.person.enter"))
    post = Post.objects.select_for_update().get(pk=post_id, person__in=inside)
    post.until = until
    post.save(update_fields=["until"])
    audit.record(
        actor=actor, verb="org.post.left", on=post.person, at=at, after={"post": post.title}
    )
    return post


@transaction.atomic
def tell_left(*, actor: Actor, person_id: int, left_on: date | None, at: datetime) -> Person:
    """Enter the day somebody left or retired (离职、退休), ``None`` to take it back.

    Further posts that are still held end with it. Needs ``org.person.enter``. Who left is offered
    nowhere any more, and their account lets nobody in; what they had under way is other people's
    to settle.
    """
    actor.must("org.person.enter")
    inside = Person.objects.within(actor.scope("org.person.enter"))
    person: Person = inside.select_for_update(of=("self",)).get(pk=person_id)
    if left_on is not None:
        _may_leave(person, left_on, timezone.localdate(at))
    if person.left_on == left_on:
        return person
    before = audit.facts_of(person, "left_on")
    person.left_on = left_on
    person.save(update_fields=["left_on"])
    if left_on is not None:
        person.posts.filter(until=None, since__lt=left_on).update(until=left_on)
    audit.record(
        actor=actor,
        verb="org.person.left" if left_on else "org.person.back",
        on=person,
        at=at,
        before=before,
        after=audit.facts_of(person, "left_on"),
    )
    return person


def _may_leave(person: Person, left_on: date, today: date) -> None:
    # Who left is left out from that moment on, whatever the day: a day to come is entered then.
    if left_on > today:
        sentence = f"今天是 {today:%Y-%m-%d}，到那天再登记。"
        refuse("in_the_future", "离职日期还没有到。", sentence, field="left_on").enforce()
    if person.hired_on is not None and left_on < person.hired_on:
        sentence = f"入职是 {person.hired_on:%Y-%m-%d}，核对日期。"
        refuse("too_early", "离职早于入职。", sentence, field="left_on").enforce()
