"""A list of places, clues and reviews for the tests of oversight and sealing."""

from datetime import date, datetime, timedelta
from typing import Any

from guanjia.domains.fleet.actions import entering, oversight, reviewing, sealing, sightings
from guanjia.domains.fleet.models import Car, Finding, Sighting, Trip
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.domains.fleet.tests.builders import AT, SMALL, SYSTEM, City
from guanjia.kernel.values.period import Period

PLACES = (
    ("浮梁县", "浮梁县", "浮梁", ""),
    ("乐平市", "乐平市", "乐平", ""),
    ("婺源县", "婺源县", "婺源、江湾", "浮梁县"),
    ("昌江区", "昌江区", "", ""),
    ("珠山区", "珠山区", "", ""),
    ("市农业农村局", "珠山区", "", ""),
)


def place_rows() -> list[dict[str, str]]:
    return [
        {"name": name, "area": area, "aliases": aliases, "on_the_way": way}
        for name, area, aliases, way in PLACES
    ]


def know_places() -> None:
    sightings.enter_places(actor=SYSTEM, rows=place_rows(), at=AT)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=times.ZONE)


def seen(city: City, when: str, place: str, car: str = SMALL, **facts: Any) -> Sighting:
    row = {"car": city.cars[car], "at": moment(when), "place": place,
           "source": SightingSource.TOLL, **facts}  # fmt: skip
    return sightings.record_sightings(actor=SYSTEM, rows=[row], at=AT)[0]


def drove(city: City, number: str, begin: str, end: str, **facts: Any) -> Trip:
    """A journey as a ledger tells of it; ``plan`` its approved window where it differs."""
    plan = facts.pop("plan", (begin, end))
    km = facts.pop("km", None)
    car = facts.pop("car", city.cars[SMALL])
    start = km[0] if km else Car.objects.get(pk=car.pk).odometer_km
    row = city.sheet(
        number,
        car=car,
        planned_from=moment(plan[0]),
        planned_to=moment(plan[1]),
        went_at=moment(begin),
        back_at=moment(end),
        start_km=start,
        end_km=km[1] if km else start + 60,
        **facts,
    )
    entering.record_trips(actor=SYSTEM, rows=[row], at=AT)
    return Trip.objects.get(number=number)


def review(first: str = "2020-05-01", last: str = "2020-05-19", at: datetime = AT) -> Any:
    """Look over some days, both included; by the system."""
    period = Period(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))
    return reviewing.review(actor=SYSTEM, period=period, at=at)


def codes(finding: Finding) -> dict[str, str]:
    """The standing grounds and their levels."""
    return {row.code: row.level for row in finding.grounds.filter(gone_at=None)}


def furnish(city: City) -> None:
    """For the house: places, a clue, what came of it, a month's list, and a sealing ahead."""
    know_places()
    seen(city, "2020-05-11T15:00", "江湾停车场")
    review()
    oversight.make_monthly_list(actor=SYSTEM, month=date(2020, 5, 1), at=AT)
    sealing.plan_sealing(
        actor=SYSTEM, title="端午节封存", begin_at=moment("2020-06-24T18:00"),
        end_at=moment("2020-06-28T08:00"), notice="封存停驶。", at=AT,
    )  # fmt: skip
