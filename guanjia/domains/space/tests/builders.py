"""A small city with buildings and rooms, and everybody who has to do with them.

city = builders.city()
city.room("101"), city.actor("keeper"), city.units["farming"]
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from guanjia.domains.space.actions import building_lives, timelines
from guanjia.domains.space.models import Building, Compound, Floor, Room
from guanjia.domains.space.terms.ledger import (
    Basis,
    BuildingKind,
    BuildingState,
    RoomKind,
    RoomState,
    TitleState,
)
from guanjia.kernel.access.models import Account
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.org import actions as units
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature, Rank
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.values.actor import Actor, Reach

TODAY = AT.date()
SINCE = date(2019, 1, 1)
UNITS = {
    "city": org.unit_row("3602", name="景德镇市", nature=Nature.AREA),
    "bureau": org.unit_row(
        "3602D055", "3602", name="市机关事务管理局", short_name="机关事务管理局"
    ),
    "farming": org.unit_row("3602D036", "3602", name="市农业农村局", short_name="农业农村局"),
    "section": org.unit_row("3602D03601", "3602D036", nature=Nature.SECTION),
    "other": org.unit_row("3602D040", "3602", name="市教育局", short_name="教育局"),
}
# who, number, name, unit, rank, duty, reach
PEOPLE = (
    ("chief", "D036001", "余建国", "farming", Rank.BUREAU_HEAD, "space.head", Reach.BELOW),
    ("deputy", "D036002", "占小青", "farming", Rank.BUREAU_DEPUTY, "", Reach.OWN),
    ("clerk", "D036016", "莫兴", "farming", Rank.BELOW_BUREAU, "space.clerk", Reach.BELOW),
    ("sitter", "D036017", "贺思", "farming", Rank.BELOW_BUREAU, "", Reach.OWN),
    ("keeper", "D055010", "彭敏瓷", "bureau", Rank.BELOW_BUREAU, "space.keeper", Reach.CITY),
    ("keeper_too", "D055011", "冯海", "bureau", Rank.BELOW_BUREAU, "space.keeper", Reach.CITY),
    ("inspector", "D055012", "程勇", "bureau", Rank.BELOW_BUREAU, "space.inspector", Reach.CITY),
    ("cashier", "D055013", "方敏", "bureau", Rank.BELOW_BUREAU, "space.cashier", Reach.CITY),
    ("decider", "D055002", "彭立", "bureau", Rank.BUREAU_DEPUTY, "space.decider", Reach.CITY),
    ("supervisor", "D055020", "万清", "bureau", Rank.BELOW_BUREAU, "space.supervisor",
     Reach.CITY_READ),
    ("stranger", "D040016", "洪涛", "other", Rank.BELOW_BUREAU, "space.clerk", Reach.BELOW),
    ("stranger_chief", "D040001", "江敏", "other", Rank.BUREAU_HEAD, "space.head", Reach.BELOW),
)  # fmt: skip
# number, floor, kind, usable ㎡, state, holder, sitters
ROOMS = (
    ("101", 1, RoomKind.OFFICE, "24", RoomState.IN_USE, "farming", ("chief",)),
    ("102", 1, RoomKind.OFFICE, "20", RoomState.IN_USE, "farming", ("deputy",)),
    ("103", 1, RoomKind.OFFICE, "18", RoomState.IN_USE, "farming", ("clerk", "sitter")),
    ("104", 1, RoomKind.SERVICE, "60", RoomState.IN_USE, "farming", ()),
    ("105", 1, RoomKind.EQUIPMENT, "30", RoomState.IN_USE, "", ()),
    ("201", 2, RoomKind.OFFICE, "24", RoomState.VACANT, "", ()),
    ("202", 2, RoomKind.OFFICE, "18", RoomState.VACANT, "", ()),
    ("203", 2, RoomKind.OFFICE, "27", RoomState.IN_USE, "other", ("stranger",)),
    ("204", 2, RoomKind.SERVICE, "40", RoomState.VACANT, "", ()),
    ("B101", -1, RoomKind.QUARTERS, "45", RoomState.VACANT, "", ()),
)


@dataclass
class City:
    """The people, units and rooms of the city, by the names above."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    building: Any = None

    def room(self, number: str) -> Room:
        """The room of this number in the one building."""
        return self.rooms[number]

    def actor(self, who: str) -> Actor:
        """Somebody of the city with the duties they hold."""
        return access.actor(self.accounts[who])


def city() -> City:
    """The bureau, a unit with rooms, another unit, a building with ten rooms."""
    made = City()
    units.enter_units(actor=SYSTEM, rows=[dict(row) for row in UNITS.values()], at=AT)
    found = {unit.code: unit for unit in Unit.objects.select_related("parent")}
    made.units = {name: found[row["code"]] for name, row in UNITS.items()}
    _people(made)
    _building(made)
    return made


def furnish(*, units: dict[str, Unit], people: dict[str, Person]) -> City:
    """The building with its ten rooms in a city that is there: its units ``farming`` and ``other``,
    and who sits there (``chief``, ``deputy``, ``clerk``, ``sitter``, ``stranger``)."""
    made = City(units=units, people=people)
    _building(made)
    return made


def always(**facts: Any) -> None:
    """Every building was so all along."""
    for building in Building.objects.order_by("pk"):
        building_lives.restate(building, on=None, facts=facts, why="", told_at=AT)


def annex(made: City) -> Building:
    """A second building, with one room on floor 1, which only 农业农村局 holds."""
    building = Building.objects.create(
        compound=Compound.objects.create(name="老市委大院", position=1), name="1号楼",
        gross_m2=Decimal(3663), floors_above=4, kind=BuildingKind.MULTI, built_year=1987,
        title_state=TitleState.NONE, delivered_on=SINCE, state=BuildingState.DELIVERED,
    )  # fmt: skip
    floor = Floor.objects.create(building=building, number=1)
    room = Room.objects.create(building=building, floor=floor, number="N101")
    timelines.begin(
        room=room, since=SINCE, told_at=AT, kind=RoomKind.OFFICE, usable_m2=Decimal(20),
        state=RoomState.IN_USE,
    )  # fmt: skip
    timelines.hold(room=room, unit=made.units["farming"], since=SINCE, basis=Basis.LEDGER)
    return building


def _people(made: City) -> None:
    rows = [
        {**org.person_row(number, made.units[unit], name), "rank": rank}
        for _, number, name, unit, rank, _, _ in PEOPLE
    ]
    units.enter_people(actor=SYSTEM, rows=rows, at=AT)
    people = {person.number: person for person in Person.objects.select_related("unit")}
    for who, number, _, unit, _, duty, reach in PEOPLE:
        made.people[who] = people[number]
        if duty:
            hangs_on = made.units[unit] if reach is Reach.BELOW else None
            made.accounts[who] = access.account(who, people[number], (duty, reach, hangs_on))


def _building(made: City) -> None:
    compound = Compound.objects.create(name="市发展中心北苑", address="新区大道 1 号")
    made.building = Building.objects.create(
        compound=compound, name="常委楼", gross_m2=Decimal(4607), floors_above=5,
        kind=BuildingKind.MULTI, built_year=2019, title_state=TitleState.REGISTERED,
        title_no="赣(2020)景德镇市不动产权第4042号", title_owner="景德镇市机关事务管理局",
        delivered_on=SINCE, state=BuildingState.DELIVERED,
    )  # fmt: skip
    for number, level, kind, usable, state, holder, sitters in ROOMS:
        floor, _ = Floor.objects.get_or_create(building=made.building, number=level)
        room = Room.objects.create(building=made.building, floor=floor, number=number)
        timelines.begin(
            room=room, since=SINCE, told_at=AT, kind=kind, usable_m2=Decimal(usable), state=state
        )
        if holder:
            timelines.hold(room=room, unit=made.units[holder], since=SINCE, basis=Basis.LEDGER)
        for who in sitters:
            timelines.seat(room=room, person=made.people[who], since=SINCE)
        made.rooms[number] = room
