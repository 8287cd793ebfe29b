"""How long the whole imported city takes to be judged: every room, every unit, every finding.

Not part of the suite: ``make bench`` runs it, prints what it measured, and fails above the limit.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanjia.demo import city as demo
from guanjia.domains.space.actions import judging
from guanjia.domains.space.models import Occupant, Room
from guanjia.domains.space.queries import finding_facts, standards
from guanjia.kernel.access.tests.builders import AT, SYSTEM, TODAY
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Scope

JUDGED_S_MAX = 2
LEDGERS = ("org.units", "org.people", "space.buildings", "space.rooms")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> int:
    """The ledgers of the demo's city, committed and analysed; how many rooms."""
    demo.take_ledgers(actor=SYSTEM, at=AT, only=LEDGERS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return int(Room.objects.count())


def timed(doing: Callable[[], Any]) -> tuple[float, int, Any]:
    """Seconds, statements, and what it returned."""
    with CaptureQueriesContext(connection) as captured:
        begin = time.perf_counter()
        done = doing()
        took = time.perf_counter() - begin
    return took, len(captured), done


def test_the_whole_city_is_judged(rooms: int, capsys: pytest.CaptureFixture[str]) -> None:
    steps: dict[str, Callable[[], Any]] = {
        "verdicts on all rooms": lambda: standards.judge_city(day=TODAY, scope=Scope.all()),
        "all units": lambda: standards.standings(day=TODAY, scope=Scope.all()),
        "everything found": lambda: finding_facts.found_on(TODAY),
        "look over, findings written": lambda: judging.judge(actor=SYSTEM, day=TODAY, at=AT),
        "look over again": lambda: judging.judge(actor=SYSTEM, day=TODAY, at=AT),
    }
    with capsys.disabled():
        people, seats = Person.objects.count(), Occupant.objects.count()
        print(f"\n  {rooms:,} rooms, {people:,} people, {seats:,} seats", end="")  # noqa: T201 — a benchmark prints what it measured
    slow = []
    for name, doing in steps.items():
        took, asked, done = timed(doing)
        with capsys.disabled():
            many = len(done) if isinstance(done, list) else done
            print(f"\n  {took:5.2f} s {asked:4} statements  {name}: {many}", end="")  # noqa: T201 — as above
        if took >= JUDGED_S_MAX:
            slow.append(f"{name}: {took:.2f} s")
    assert rooms > 1_500
    assert not slow
