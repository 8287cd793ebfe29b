"""A sample object for every kind of id in an address, and the visitors who knock at every door.

A page whose address takes something new must bring its sample here: the walk over all pages fails
until it does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.test import Client

from guanjia.domains.fleet.actions import dispatching
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT, BUS, HOUR, SECOND, SMALL, THIRD, City
from guanjia.kernel.access import actions as access
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.access.queries import duties_with
from guanjia.kernel.access.tests import builders as accounts
from guanjia.kernel.access.tests.builders import LONG_AGO, SYSTEM
from guanjia.kernel.org import actions as org
from guanjia.kernel.org.models import Post
from guanjia.kernel.org.tests import builders as people
from guanjia.kernel.registers.models import Remark, SavedView, Upload
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.values.actor import Reach
from guanjia.ui.pages import PUBLIC, SIGN_IN

BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass
class House:
    """A furnished house: the small city with a trip at every stage, and visitors."""

    city: City
    trips: dict[str, Trip]
    visitors: dict[tuple[str, str], Account] = field(default_factory=dict)

    def visitor(self, verb: str, who: str) -> Client:
        """Somebody at the door of a page that needs ``verb``.

        ``rightful`` has a duty with the verb all over the city, ``other`` has it for a unit that
        has nothing to do with the samples, ``without`` has no duty at all, ``nobody`` is not
        signed in.
        """
        client = Client()
        if who in self.city.accounts:
            client.force_login(self.city.accounts[who], backend=BACKEND)
        elif who != "nobody":
            client.force_login(self._account(verb, who), backend=BACKEND)
        return client

    def account(self, verb: str, who: str = "rightful") -> Account:
        """The account behind a visitor."""
        return self._account(verb, who)

    def _account(self, verb: str, who: str) -> Account:
        if who == "without" or verb in (SIGN_IN, PUBLIC):
            verb = ""
        if (verb, who) not in self.visitors:
            self.visitors[verb, who] = self._welcome(verb, who)
        return self.visitors[verb, who]

    def _welcome(self, verb: str, who: str) -> Account:
        if verb == "fleet.trip.drive" and who == "rightful":
            return self.city.accounts["driver"]  # a journey is its own driver's, not the city's
        unit = self.city.units["other" if who == "other" else "bureau"]
        number = f"V{len(self.visitors):05d}"
        account = accounts.account(number.lower(), people.person(number, unit))
        if verb:
            holds = duties_with(verb)
            assert holds, f"no duty has the verb {verb}: nobody could ever open the page"
            access.grant(
                actor=SYSTEM,
                account_id=account.pk,
                duty=holds[0],
                reach=Reach.CITY if who == "rightful" else Reach.BELOW,
                unit_id=None if who == "rightful" else unit.pk,
                since=LONG_AGO,
                at=AT,
            )
        return account


def furnish() -> House:
    """Build it all, by calling actions."""
    city = builders.city()
    later = {"planned_from": AT + 30 * HOUR, "planned_to": AT + 31 * HOUR}
    trips = {
        "pending": city.requested(),
        "approved": city.approved(),
        "dispatched": city.dispatched(**later),
        "finished": city.finished(car=SECOND, driver="程勇", end_km=10_900),  # leaves a doubt
        "out": city.out(),
        "urgent": dispatching.dispatch_urgently(
            actor=city.actor("dispatcher"),
            facts=city.wish(),
            car_id=city.cars[THIRD].pk,
            driver_id=city.drivers["方敏"].pk,
            reason="密接转运",
            at=AT,
        ),
    }
    trips["carrier"] = city.dispatched(car=BUS, driver="程勇", **later)
    return House(city=city, trips=trips)


@dataclass(frozen=True)
class Sample:
    """What stands in an address for one name; ``scoped`` when it lies in somebody's scope only."""

    make: Callable[[House, str, str], Any]
    scoped: bool = True


def _trip(house: House, name: str, _: str) -> int:
    stages = {
        "fleet:paper": "urgent",
        "fleet:rate": "finished",
        "fleet:correct": "finished",
        "fleet:explain": "finished",
        "fleet:recall": "dispatched",
        "fleet:replan": "dispatched",
        "fleet:board_dispatch": "approved",
        "fleet:board_recall": "dispatched",
        "fleet:board_replan": "dispatched",
        "fleet:board_share": "approved",
        "fleet:board_depart": "dispatched",
        "fleet:board_finish": "out",
        "fleet:drive_depart": "dispatched",
        "fleet:drive_finish": "out",
    }
    return house.trips[stages.get(name, "pending")].pk


def _remark(house: House, name: str, *_: str) -> int:
    if name == "fleet:car_explain":
        found, _new = Remark.objects.get_or_create(
            register="fleet.cars",
            object_id=house.city.cars[SMALL].pk,
            code="vin_doubt",
            defaults={"kind": RemarkKind.DOUBT, "headline": "车辆识别代号存疑。", "raised_at": AT},
        )
        return found.pk
    return Remark.objects.get(object_id=house.trips["finished"].pk, code="km_doubt").pk


def _unit(house: House, *_: str) -> int:
    return house.city.units["farming"].pk


def _post(house: House, *_: str) -> int:
    person, unit = house.city.person("asker"), house.city.units["bureau"]
    held = Post.objects.filter(person=person).first()
    return (
        held
        or org.hold_post(
            actor=SYSTEM,
            person_id=person.pk,
            unit_id=unit.pk,
            title="副科长",
            since=AT.date(),
            at=AT,
        )
    ).pk


def _upload(house: House, name: str, verb: str) -> int:
    noun = name.rpartition(":")[2].partition("_")[0]
    register = {"units": "org.units", "people": "org.people"}.get(noun, f"fleet.{noun}")
    return Upload.objects.create(
        account=house.account(verb),
        register=register,
        digest="0" * 64,
        name="台账.xlsx",
        size=1,
        state="FAILED",
        report={},
        created_at=AT,
        touched_at=AT,
    ).pk


def _view(house: House, name: str, verb: str) -> int:
    noun = name.rpartition(":")[2].partition("_")[0]
    for each in ("trips", "cars", "drivers"):
        if name.startswith(f"fleet:{each}"):
            noun = f"fleet.{each}"
    register = {"units": "org.units", "people": "org.people"}.get(noun, noun)
    return SavedView.objects.get_or_create(
        account=house.account(verb), register=register, title="我的", defaults={"query": ""}
    )[0].pk


def _drop(house: House, name: str, verb: str) -> int:
    return _view(house, name.replace("_drop_view", ""), verb)


SAMPLES: dict[str, Sample] = {
    "trip_id": Sample(_trip),
    "remark_id": Sample(_remark),
    "car_id": Sample(lambda house, *_: house.city.cars[SMALL].pk),
    "driver_id": Sample(lambda house, *_: house.city.drivers["方敏"].pk),
    "unit_id": Sample(_unit),
    "person_id": Sample(lambda house, *_: house.city.person("asker").pk),
    "post_id": Sample(_post),
    "upload_id": Sample(_upload),
    "view_id": Sample(_drop),
    # What follows is the same for everybody who may look at all.
    "account_id": Sample(lambda house, *_: house.city.accounts["asker"].pk, scoped=False),
    "grant_id": Sample(
        lambda house, *_: Grant.objects.get(account=house.city.accounts["asker"]).pk, scoped=False
    ),
    "day": Sample(lambda *_: date(2020, 5, 9), scoped=False),
    "act": Sample(lambda *_: "rename", scoped=False),
}
# Names that mean different things on different pages.
NAMED: dict[tuple[str, str], Sample] = {
    ("portal:provision", "key"): Sample(lambda *_: "fleet.licence.valid", scoped=False),
    ("report:figure", "key"): Sample(lambda *_: "fleet.trips", scoped=False),
    ("GET /api/figures/{key}", "key"): Sample(lambda *_: "fleet.trips", scoped=False),
}
# What must be told besides the address.
QUERY: dict[str, dict[str, str]] = {
    "GET /api/report": {"period": "2020-H1"},
    "GET /api/figures/{key}": {"period": "2020-H1"},
}
BODIES: dict[str, Callable[[House], dict[str, Any]]] = {
    "fleet:board_share": lambda house: {"carrier": house.trips["carrier"].pk},
}
# Where the verb of the door is not enough: a decision is its own unit's, not the city's.
RIGHTFUL = {
    "fleet:approve": "approver",
    "fleet:send_back": "approver",
    "fleet:hand_over": "approver",
    "POST /api/fleet/trips/{int:trip_id}/approve": "approver",
    "POST /api/fleet/trips/{int:trip_id}/return": "approver",
    "POST /api/fleet/trips/{int:trip_id}/hand-over": "approver",
}


def sample(name: str, kwarg: str) -> Sample:
    """The sample for a name in an address; fails with what is to be done."""
    found = NAMED.get((name, kwarg)) or SAMPLES.get(kwarg)
    assert found is not None, (
        f"{name} takes {kwarg!r}, and no sample object is known for it: a page that is not "
        "written yet. Add the sample to tests/house/samples.py."
    )
    return found
