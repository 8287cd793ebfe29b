"""How fast the ledger of rooms answers over 100,000 rooms, today's and a past day's.

That is sixty times the city of the acceptance ledgers, and a unit of 25,000 rooms. Rooms are read
through two time lines, what they were and who held them, and sorted by where they lie: two to three
times the work of a list of trips, hence a limit of its own.

Not part of the suite: ``make bench`` runs it, prints what it measured, and fails above the limits.
"""

import time
from datetime import date
from typing import Any

import pytest
from django.db import connection

from guanjia.domains.space.models import Room
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.tests import builders
from guanjia.domains.space.tests.builders import SINCE, City
from tests.bench.bench_ledgers import client_of, looked, say

ROOMS, BUILDINGS, FLOORS = 100_000, 200, 10
LIST_MS_MAX = 300
CHANGED = date(2020, 3, 1)
KINDS = (RoomKind.OFFICE, RoomKind.OFFICE, RoomKind.SERVICE, RoomKind.EQUIPMENT)

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESSES = (
    "/space/rooms/",
    "/space/rooms/?view=all",
    "/space/rooms/?view=vacant",
    "/space/rooms/?view=all&kind=SERVICE&state=VACANT",
    "/space/rooms/?view=all&unit=3602D036",
    "/space/rooms/?view=all&person=%E8%8E%AB%E5%85%B4",
    "/space/rooms/?view=all&words=12",
    "/space/rooms/?view=unheld",
    "/space/rooms/?view=all&floor=9&kind=SERVICE",
    "/space/rooms/?view=all&sort=-usable_m2",
    "/space/rooms/?view=all&page=1000",
    "/space/rooms/?view=all&on=2020-01-01",
    "/space/rooms/?view=all&on=2020-01-01&kind=SERVICE",
    "/space/rooms/?view=all&on=2020-01-01&unit=3602D036",
)


# Every room was something else before March; three of four are held, by three units.
MADE = """
WITH compound AS (
    INSERT INTO space_compound (name, address, land_title_no, position)
    VALUES ('大院', '', '', 1) RETURNING id
), building AS (
    INSERT INTO space_building (compound_id, name, gross_m2, floors_above, kind, structure,
        title_state, title_no, title_owner, state, safety, position)
    SELECT compound.id, n || '号楼', 30000, 10, 'HIGH', '', 'NONE', '', '', 'DELIVERED', '', n
    FROM compound, generate_series(1, %(buildings)s) n RETURNING id
), floor AS (
    INSERT INTO space_floor (building_id, number)
    SELECT building.id, n FROM building, generate_series(1, 10) n RETURNING id, building_id, number
), room AS (
    INSERT INTO space_room (building_id, floor_id, number)
    SELECT building_id, id, number || lpad(n::text, 2, '0')
    FROM floor, generate_series(1, %(doors)s) n RETURNING id
), spell AS (
    INSERT INTO space_roomspell (room_id, during, kind, usable_m2, state, why, told_at)
    SELECT id, daterange(%(since)s, %(changed)s), 'OFFICE', 10 + id %% 40, 'IN_USE', '', now()
    FROM room
    UNION ALL
    SELECT id, daterange(%(changed)s, NULL), (%(kinds)s::text[])[1 + id / 4 %% 4], 10 + id %% 40,
        CASE id %% 4 WHEN 0 THEN 'VACANT' ELSE 'IN_USE' END, '', now()
    FROM room
), holding AS (
    INSERT INTO space_holding (room_id, unit_id, during, basis, paper)
    SELECT id, (%(units)s::bigint[])[1 + id %% 3], daterange(%(since)s, NULL), 'LEDGER', ''
    FROM room WHERE id %% 4 > 0
)
INSERT INTO space_occupant (room_id, person_id, during)
SELECT id, (%(people)s::bigint[])[1 + id %% cardinality(%(people)s::bigint[])],
    daterange(%(since)s, NULL)
FROM room WHERE id %% 4 > 0
"""


def hundred_thousand(city: City) -> None:
    """So many rooms in buildings of ten floors, by one statement."""
    units = [city.units[name].pk for name in ("farming", "other", "bureau")]
    facts = {
        "buildings": BUILDINGS, "doors": ROOMS // BUILDINGS // FLOORS, "since": SINCE,
        "changed": CHANGED, "kinds": [kind.value for kind in KINDS], "units": units,
        "people": [person.pk for person in city.people.values()],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MADE, facts)


def test_the_list_over_a_hundred_thousand_rooms(capsys: pytest.CaptureFixture[str]) -> None:
    city = builders.city()
    visitors: Any = {name: client_of(city, name) for name in ("keeper", "clerk")}
    few = {
        (who, address): looked(client, address)[1]
        for who, client in visitors.items()
        for address in ADDRESSES
    }
    begin = time.perf_counter()
    hundred_thousand(city)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # what autovacuum does within a minute
    say(capsys, f"{Room.objects.count():,} rooms made in {time.perf_counter() - begin:.0f} s")
    slow = []
    for (who, address), asked in few.items():
        took, now = looked(visitors[who], address)
        say(capsys, f"{took:6.1f} ms {now:3} queries  {who:10} {address}")
        assert now <= asked + 3, "a session is touched once a minute; nothing else may grow"
        if took >= LIST_MS_MAX:
            slow.append(f"{who} {address}: {took:.0f} ms")
    assert not slow
