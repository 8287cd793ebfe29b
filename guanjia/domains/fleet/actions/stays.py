"""Putting a car on a unit's books, moving it to another's, taking it off. Inside a caller's act."""

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.fleet.models import Car, CarStay
from guanjia.domains.fleet.terms.cars import Keeping
from guanjia.domains.fleet.terms.stays import CameBy, LeftBy
from guanjia.kernel.acts import stretches


def arrive(*, car: Car, since: date, by: CameBy) -> CarStay | None:
    """The car stands on its unit's books from a day on; a leased one stays on nobody's.

    Nothing happens when it stands there already. The caller has locked the car and writes the
    record of what it does.
    """
    if car.keeping == Keeping.LEASED or _open(car) is not None:
        return None
    stay: CarStay = CarStay.objects.create(
        car=car, unit_id=car.unit_id, use=car.use, during=DateRange(since, None), came_by=by
    )
    return stay


def leave(*, car: Car, on: date, by: LeftBy) -> CarStay | None:
    """The car leaves the books: ``on`` is the first day it no longer stands there.

    A car that was never put on the books (entered as disposed) gets the stay it had since its
    registration. Returns ``None`` where there is nothing to end.
    """
    stay = _open(car)
    if stay is None:
        if car.keeping == Keeping.LEASED or car.stays.exists() or on <= car.registered_on:
            return None
        past: CarStay = CarStay.objects.create(
            car=car, unit_id=car.unit_id, use=car.use, came_by=CameBy.LEDGER, left_by=by,
            during=DateRange(car.registered_on, on),
        )  # fmt: skip
        return past
    if on <= stay.during.lower:  # entered and gone on one day: it never stood there
        stay.delete()
        return None
    stay.left_by = by
    stretches.finish(stay, on, "left_by")
    return stay


def move(*, car: Car, on: date, came_by: CameBy, left_by: LeftBy) -> CarStay | None:
    """The car stands on the books of the unit and class it has now, from a day on.

    Call it after the car was changed; without a change of unit or class nothing happens.
    """
    stay = _open(car)
    if stay is not None:
        if (stay.unit_id, stay.use) == (car.unit_id, car.use) and car.keeping != Keeping.LEASED:
            return None
        leave(car=car, on=on, by=left_by)
    return arrive(car=car, since=on, by=came_by)


def _open(car: Car) -> CarStay | None:
    found: CarStay | None = (
        CarStay.objects.select_for_update().filter(car=car, during__upper_inf=True).first()
    )
    return found
