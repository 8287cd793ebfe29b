"""Journeys of April with their bills, for the tests of settlement."""

from datetime import date, datetime
from typing import Any

from guanjia.domains.fleet.actions import bills, dispatching, journeys, publications
from guanjia.domains.fleet.models import Bill, Trip
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.tests.builders import AT, BUS, HOUR, OWN, SECOND, SYSTEM, City
from guanjia.kernel.values.period import Period

APRIL, MAY = date(2020, 4, 1), date(2020, 5, 1)
MAY_6 = datetime(2020, 5, 6, 9, tzinfo=times.ZONE)  # the first workday of May after the holidays
JUNE_2 = datetime(2020, 6, 2, 9, tzinfo=times.ZONE)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=times.ZONE)


def journey(
    city: City, number: str, went: str, back: str, km: tuple[int, int], **more: Any
) -> Trip:
    """A journey of April as a ledger tells of it."""
    begin, end = moment(went), moment(back)
    return city.recorded(
        number,
        planned_from=begin,
        planned_to=end,
        went_at=begin,
        back_at=end,
        start_km=km[0],
        end_km=km[1],
        **more,
    )


def april(city: City) -> dict[str, Trip]:
    """Two journeys of 农业农村局, one of them its section's, one of 教育局, and one with a car that
    教育局 keeps itself."""
    other = city.units["other"]
    return {
        "near": journey(
            city, "PC2020040800001", "2020-04-08T09:00", "2020-04-08T11:00", (9_000, 9_060)
        ),
        "far": journey(
            city,
            "PC2020040900001",
            "2020-04-09T09:00",
            "2020-04-10T11:00",
            (9_060, 9_375),
            unit=city.units["section"],
        ),
        "other": journey(
            city,
            "PC2020041000001",
            "2020-04-10T09:00",
            "2020-04-10T10:00",
            (9_000, 9_015),
            unit=other,
            car=city.cars[SECOND],
            driver=city.drivers["程勇"],
        ),
        "own": journey(
            city,
            "PC2020041100001",
            "2020-04-13T09:00",
            "2020-04-13T10:00",
            (9_000, 9_100),
            unit=other,
            car=city.cars[OWN],
            driver=city.drivers["方敏"],
        ),
    }


NEAR, FAR, OTHER = 3500 + 45 * 185 + 2 * 1250, 100_000, 4750


def drawn(city: City, month: date = APRIL, at: datetime = MAY_6) -> bills.Drawn:
    return bills.draw_bills(actor=city.actor("car_keeper"), month=month, at=at)


def bill_of(city: City, unit: str = "farming", month: date = APRIL) -> Bill:
    found: Bill = Bill.objects.select_related("unit").get(unit=city.units[unit], month=month)
    return found


def sent(city: City, unit: str = "farming", at: datetime = MAY_6) -> Bill:
    """April's bill of a unit, sent."""
    if not Bill.objects.filter(month=APRIL).exists():
        drawn(city, at=at)
    return bills.send_bill(actor=city.actor("car_keeper"), bill_id=bill_of(city, unit).pk, at=at)


def answered(city: City, *, reasons: dict[str, str] | None = None, at: datetime = MAY_6) -> Bill:
    """The bill of 农业农村局, answered by its clerk; ``reasons``: disputes by trip number."""
    bill = sent(city, at=at)
    lines = {line.trip.number: line.pk for line in bill.lines.select_related("trip")}
    disputes = {lines[number]: text for number, text in (reasons or {}).items()}
    return bills.answer_bill(actor=city.actor("clerk"), bill_id=bill.pk, disputes=disputes, at=at)


def closed(city: City, at: datetime = MAY_6) -> Bill:
    """The bill of 农业农村局, agreed and settled."""
    bill = answered(city, at=at)
    return bills.close_bill(
        actor=city.actor("car_keeper"), bill_id=bill.pk, paid_no="NS0042", at=at
    )


def together(city: City) -> tuple[Trip, Trip]:
    """A journey of today whose car another trip shared: three riders and four."""
    keeper = city.actor("dispatcher")
    carrier = city.dispatched(car=BUS, driver="程勇", passengers=3)
    sharer = city.approved(passengers=4, rider_name="贺思")
    dispatching.share_trip(
        actor=keeper, trip_id=sharer.pk, carrier_id=carrier.pk, at=carrier.planned_from - HOUR
    )
    journeys.depart_trip(
        actor=keeper,
        trip_id=carrier.pk,
        start_km=10_000,
        went_at=carrier.planned_from,
        at=carrier.planned_from,
    )
    journeys.finish_trip(
        actor=keeper,
        trip_id=carrier.pk,
        end_km=10_057,
        back_at=carrier.planned_to,
        at=carrier.planned_to,
    )
    return Trip.objects.get(pk=carrier.pk), Trip.objects.get(pk=sharer.pk)


def furnish(city: City) -> None:
    """The bills of this month with what came back so far, and the month as it was published."""
    month = AT.date().replace(day=1)
    bills.draw_bills(actor=SYSTEM, month=month, at=AT)
    draft = publications.draft_publication(actor=SYSTEM, period=Period.month_of(month), at=JUNE_2)
    publications.publish(actor=SYSTEM, publication_id=draft.pk, at=JUNE_2)
