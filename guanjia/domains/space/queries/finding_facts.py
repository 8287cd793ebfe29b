"""What the rows of a day tell that should not be: facts read at once, judged by the rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F

from guanjia.domains.space.models import (
    Building,
    ClearanceRoom,
    Holding,
    Occupant,
    Room,
    RoomSpell,
)
from guanjia.domains.space.queries import buildings, clearances, standards
from guanjia.domains.space.queries.standards import Homes
from guanjia.domains.space.rules import clearances as clearance_rules
from guanjia.domains.space.rules import findings as rules
from guanjia.domains.space.rules import standards as standard_rules
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.domains.space.terms.findings import (
    BuildingFacts,
    Found,
    LateFacts,
    LeaverFacts,
    OfficeSeat,
    UseFacts,
)
from guanjia.domains.space.terms.ledger import (
    AS_OFFICES,
    BuildingState,
    RoomKind,
    RoomState,
    TitleState,
)
from guanjia.kernel.org.models import Person, Post
from guanjia.kernel.org.terms import Employment, Rank
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.values.actor import Scope


@dataclass(frozen=True, kw_only=True)
class _Room:
    """A room of the day: what it was, and the unit that answers for its holder."""

    kind: RoomKind
    usable_m2: Any
    unit_id: int | None


@dataclass(kw_only=True)
class _Book:
    """Everything of a day, read once."""

    day: date
    law: LawInForce
    tree: Homes
    rooms: Mapping[int, _Room]
    seats: Mapping[int, list[Occupant]]  # by person
    people: Mapping[int, list[Person]] = field(default_factory=dict)  # by room
    posts: Mapping[int, list[Post]] = field(default_factory=dict)  # by person

    def home(self, unit_id: int | None) -> int | None:
        """The unit that answers for a unit or section."""
        home = self.tree.of(unit_id)
        return home.pk if home else None

    def posts_at(self, person_id: int, unit_id: int | None) -> list[Post]:
        """The further posts somebody held at a unit by the day, ended ones too."""
        return [
            post
            for post in self.posts.get(person_id, ())
            if self.home(post.unit_id) == unit_id and post.since <= self.day
        ]

    def serves_at(self, person_id: int, unit_id: int | None) -> bool:
        """Whether somebody holds a further post at a unit on the day."""
        held = self.posts_at(person_id, unit_id)
        return any(post.until is None or post.until > self.day for post in held)


def found_on(day: date) -> list[Found]:
    """Everything the rules find as the rows stood on a day, by the law of that day.

    A fixed number of statements, however big the city is.
    """
    book = _read(day)
    everything: list[Found | None] = [
        rules.over_area(verdict=verdict, unit_id=book.home(verdict.unit_id))
        for verdict in standards.judge_city(day=day, scope=Scope.all())
    ]
    everything += [
        rules.unit_over(standing=standing, law=book.law)
        for standing in standards.standings(day=day, scope=Scope.all())
    ]
    late = list(_late(book))
    everything += [rules.late_clearance(facts=each, law=book.law) for each in late]
    cleared = {room for each in late for room in each.room_ids}
    for taken in book.seats.values():
        everything.append(_two(taken, book))
        everything += _leaving(taken, book, without=cleared)
    everything += _buildings(book)
    everything += _uses(book)
    return [found for found in everything if found is not None]


def _read(day: date) -> _Book:
    tree = standards.homes()
    seats: dict[int, list[Occupant]] = defaultdict(list)
    people: dict[int, list[Person]] = defaultdict(list)
    rows = Occupant.objects.on(day).select_related("person", "room__building")
    for row in rows.order_by("person", "room"):
        seats[row.person_id].append(row)
        people[row.room_id].append(row.person)
    there: Any = Room.objects.on(day)
    columns = there.order_by().values_list("pk", "now__kind", "now__usable_m2", "held__unit_id")
    rooms = {
        pk: _Room(kind=RoomKind(kind), usable_m2=usable, unit_id=tree.home.get(unit))
        for pk, kind, usable, unit in columns
    }
    posts: dict[int, list[Post]] = defaultdict(list)
    for post in Post.objects.order_by("since"):
        posts[post.person_id].append(post)
    return _Book(
        day=day, law=law_at(day), tree=tree, rooms=rooms, seats=seats, people=people, posts=posts
    )


# ── people ───────────────────────────────────────────────────────────────────────────────


def _two(taken: list[Occupant], book: _Book) -> Found | None:
    """Somebody who sits in more offices than one."""
    person: Person = taken[0].person
    offices = [
        row
        for row in taken
        if row.room_id in book.rooms and book.rooms[row.room_id].kind is RoomKind.OFFICE
    ]
    if len(offices) <= 1:
        return None
    mine = book.home(person.unit_id)
    seats = []
    for row in offices:
        room = book.rooms[row.room_id]
        of_post = room.unit_id != mine and book.serves_at(person.pk, room.unit_id)
        seats.append(
            OfficeSeat(
                room_id=row.room_id, room=str(row.room), usable_m2=room.usable_m2,
                unit_id=room.unit_id, of_post=of_post,
            )
        )  # fmt: skip
    level = book.tree.level(person.unit_id)
    limit = standard_rules.limit_of(rank=Rank(person.rank), level=level, law=book.law)
    return rules.two_offices(
        person_id=person.pk, person=person.name, seats=seats, limit_m2=limit.m2, unit_id=mine,
        law=book.law,
    )  # fmt: skip


def _leaving(
    taken: list[Occupant], book: _Book, *, without: Iterable[int]
) -> Iterator[Found | None]:
    """Somebody who still sits where they should not; rooms being cleared are found as such."""
    person: Person = taken[0].person
    mine, day = book.home(person.unit_id), book.day
    for row in taken:
        room = book.rooms.get(row.room_id)
        if room is None or row.room_id in without:
            continue
        base: dict[str, Any] = {
            "person_id": person.pk,
            "person": person.name,
            "room_id": row.room_id,
            "room": str(row.room),
            "unit_id": room.unit_id or mine,
        }
        if person.left_on is not None and person.left_on <= day:
            facts = LeaverFacts(on=person.left_on, **base)
            yield rules.late_left(facts=facts, on=day, law=book.law)
        elif room.unit_id != mine and not book.serves_at(person.pk, room.unit_id):
            ends = [post.until for post in book.posts_at(person.pk, room.unit_id) if post.until]
            if ends:
                facts = LeaverFacts(on=max(ends), **base)
                yield rules.late_post(facts=facts, on=day, law=book.law)


def _late(book: _Book) -> Iterator[LateFacts]:
    """Clearances whose time has passed with the rooms still in the unit's hands."""
    rows = clearances.open_on(book.day)
    back: dict[int, list[ClearanceRoom]] = defaultdict(list)
    wanted = ClearanceRoom.objects.filter(clearance__in=[row.pk for row in rows])
    for each in wanted.select_related("room__building").order_by("room"):
        back[each.clearance_id].append(each)
    for row in rows:
        rooms = back[row.pk]
        reason = ClearanceReason(row.reason)
        due = clearance_rules.due(reason=reason, begins_on=row.begins_on, law=book.law)
        yield LateFacts(
            clearance_id=row.pk, number=row.number, reason=reason.label, due_on=row.due_on,
            begins_on=row.begins_on, cite=due.cite if due else None,
            room_ids=tuple(each.room_id for each in rooms),
            rooms="、".join(str(each.room) for each in rooms[:5])
            + (f"等 {len(rooms)} 间" if len(rooms) > 5 else ""),  # noqa: PLR2004 — as many as a line holds
            unit_id=book.home(row.unit_id),
        )  # fmt: skip


# ── buildings ────────────────────────────────────────────────────────────────────────────


def _buildings(book: _Book) -> Iterator[Found | None]:
    for row in buildings.as_at(Building.objects.order_by("pk"), book.day):
        delivered = row.state == BuildingState.DELIVERED and (
            row.delivered_on is None or row.delivered_on <= book.day
        )
        known = row.titled_on is None or row.titled_on <= book.day
        titled = known and row.title_state in (TitleState.REGISTERED, TitleState.FILED)
        facts = BuildingFacts(
            id=row.pk, name=str(row), delivered=delivered, delivered_on=row.delivered_on,
            titled=titled, title=TitleState(row.title_state).label,
        )  # fmt: skip
        yield rules.untitled(building=facts, law=book.law)


# ── what units do with their rooms ───────────────────────────────────────────────────────


def _uses(book: _Book) -> Iterator[Found | None]:
    held = Holding.objects.on(book.day).filter(basis__in=AS_OFFICES)
    spells: dict[int, list[RoomSpell]] = defaultdict(list)
    # Unknown beginnings come first: the oldest spell says what the room was at the start.
    lives = RoomSpell.objects.filter(room__in=held.values("room"))
    for spell in lives.order_by(F("during__startswith").asc(nulls_first=True)):
        spells[spell.room_id].append(spell)
    for holding in held.select_related("room__building", "unit").order_by("room"):
        yield from _use(holding, spells[holding.room_id], book)


def _use(holding: Holding, spells: list[RoomSpell], book: _Book) -> Iterator[Found | None]:
    now = _at(spells, book.day)
    if now is None:
        return
    begin = holding.during.lower
    given = (_at(spells, begin) if begin else None) or spells[0]
    sitting = book.people.get(holding.room_id, [])
    base: dict[str, Any] = {
        "room_id": holding.room_id,
        "room": str(holding.room),
        "unit_id": book.home(holding.unit_id),
        "unit": str(holding.unit),
    }
    changed = UseFacts(
        **base,
        since=now.during.lower,
        given_as=RoomKind(given.kind).label,
        now_as=RoomKind(now.kind).label,
    )
    yield rules.function_changed(facts=changed, law=book.law)
    empty = None if sitting else _empty_since(spells, now, begin)
    yield rules.vacant_held(facts=UseFacts(**base, empty_since=empty), on=book.day, law=book.law)
    foreign = tuple(each.name for each in sitting if _is_foreign(each, holding, book))
    if foreign or now.state == RoomState.LENT:
        yield rules.lent_out(facts=UseFacts(**base, people=foreign), law=book.law)
    if now.kind == RoomKind.TECHNICAL and sitting:
        names = tuple(each.name for each in sitting)
        yield rules.technical_misuse(facts=UseFacts(**base, people=names), law=book.law)


def _at(spells: list[RoomSpell], day: date) -> RoomSpell | None:
    for spell in spells:
        begin, end = spell.during.lower, spell.during.upper
        if (begin is None or begin <= day) and (end is None or day < end):
            return spell
    return None


def _empty_since(spells: list[RoomSpell], now: RoomSpell, held: date | None) -> date | None:
    """Since when a room has stood empty without a break; not before its unit had it."""
    if now.state != RoomState.VACANT:
        return None
    begin = now.during.lower
    for spell in reversed(spells):
        if begin and spell.during.upper == begin and spell.state == RoomState.VACANT:
            begin = spell.during.lower
    known = [each for each in (begin, held) if each is not None]
    return max(known) if known else None


def _is_foreign(person: Person, holding: Holding, book: _Book) -> bool:
    """Whether somebody belongs to another unit than the holder's and is not on loan (借调)."""
    if person.employment == Employment.SECONDED or person.left_on is not None:
        return False
    holder, mine = book.home(holding.unit_id), book.home(person.unit_id)
    # A post that ended is found as such (免兼职未腾退), not as a room passed on.
    return mine != holder and not book.posts_at(person.pk, holder)
