"""A small city with two rooms, and everybody who has to do with them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from guanjia.domains.meeting import actions
from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.terms import Asking
from guanjia.domains.meeting.tests import scenes
from guanjia.kernel.access.models import Account
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.org import actions as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.org.tests import builders as units
from guanjia.kernel.values.actor import Actor, Reach

HOUR = timedelta(hours=1)
UNITS = {
    "city": units.unit_row("3602", name="景德镇市", nature=Nature.AREA),
    "bureau": units.unit_row("3602D055", "3602", name="市机关事务管理局"),
    "farming": units.unit_row("3602D036", "3602", name="市农业农村局"),
    "other": units.unit_row("3602D040", "3602", name="市教育局"),
}
PEOPLE = (
    ("keeper", "D055010", "彭敏瓷", "bureau", "meeting.keeper"),
    ("helper", "D055011", "冯海", "bureau", "meeting.clerk"),
    ("clerk", "D036016", "莫兴", "farming", "meeting.clerk"),
    ("stranger", "D040016", "洪涛", "other", "meeting.clerk"),
    ("city_keeper", "D055012", "陈立", "bureau", "meeting.keeper"),
    ("their_keeper", "D036017", "贺思", "farming", "meeting.keeper"),
)


@dataclass
class City:
    """What ``city`` made; ``free`` is booked at once, ``asks`` waits for its keeper."""

    units: dict[str, Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    free: Any = None
    asks: Any = None

    def actor(self, who: str) -> Actor:
        """Somebody as they act."""
        return access.actor(self.accounts[who])

    def booked(self, by: str = "clerk", room: MeetingRoom | None = None, **asked: Any) -> Booking:
        """A booking of the free room, a day from now at the same hour."""
        wish = scenes.asked(room or self.free, at=AT, **asked)
        return actions.request(actor=self.actor(by), asked=wish, at=AT)


def city() -> City:
    """Build it."""
    org.enter_units(actor=SYSTEM, rows=list(UNITS.values()), at=AT)
    made = City()
    made.units = {key: Unit.objects.get(code=row["code"]) for key, row in UNITS.items()}
    rows = [units.person_row(number, made.units[unit], name) for _, number, name, unit, _ in PEOPLE]
    org.enter_people(actor=SYSTEM, rows=rows, at=AT)
    for who, number, _, unit, duty in PEOPLE:
        whole = who == "city_keeper"
        reach = (duty, Reach.CITY, None) if whole else (duty, Reach.BELOW, made.units[unit])
        person = Person.objects.get(number=number)
        made.accounts[who] = access.account(who, person, reach)
    made.free = scenes.room(made.actor("keeper"), at=AT)
    made.asks = scenes.room(
        made.actor("keeper"), at=AT, name="发展中心一会议室", seats=100, asking=Asking.ASKED
    )
    return made
