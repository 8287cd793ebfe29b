"""Reading sealings and their cars; the first argument says where one may look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from guanjia.domains.fleet.models import Car, Cars, SealedCar, SealedCars, Sealing, Sealings
from guanjia.domains.fleet.queries import clues
from guanjia.domains.fleet.rules import sealing as rules
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.sealing import SEALED_LIFE, SealState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.calendar.terms import DayKind
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.values.actor import Actor, Scope

SEE, PLAN, HAND_IN = "fleet.seal.see", "fleet.seal.plan", "fleet.seal.hand_in"
_WITH = ("sealing", "unit", "car__unit", "sealed_by", "released_by", "asked_by")
_AROUND = timedelta(days=14)
_AHEAD = timedelta(days=370)


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """A holiday of the calendar with the time cars stand still over it."""

    name: str
    first: date
    last: date
    begin_at: datetime
    end_at: datetime


def holidays(*, since: date, law: LawInForce, limit: int = 4) -> list[Holiday]:
    """The holidays that begin on or after a day, in order, as the calendar has them."""
    found = calendar.days(since - _AROUND, since + _AHEAD)
    runs: list[list[date]] = []
    for day, kind in sorted(found.items()):
        if kind.kind is not DayKind.HOLIDAY:
            continue
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [_holiday(found[run[0]].name, run[0], run[-1], law) for run in runs if run[0] >= since][
        :limit
    ]


def _holiday(name: str, first: date, last: date, law: LawInForce) -> Holiday:
    begin, end = bounds(first=first, last=last, law=law)
    return Holiday(name=name or "节假日", first=first, last=last, begin_at=begin, end_at=end)


def bounds(*, first: date, last: date, law: LawInForce) -> tuple[datetime, datetime]:
    """From when to when cars stand still over these days, by the calendar with 调休."""
    around = clues.days(first - _AROUND, last + _AROUND)
    return rules.bounds(first=first, last=last, days=sorted(around.items()), law=law)


def sealings(scope: Scope) -> Sealings:
    """All sealings, the latest first, with how many cars inside the scope stand where."""
    mine = SealedCar.objects.within(scope).values("pk")
    inside = Q(cars__in=mine)
    rows: Sealings = Sealing.objects.within(scope).annotate(
        n=Count("cars", filter=inside),
        **{
            f"n_{state.value.lower()}": Count("cars", filter=inside & Q(cars__state=state))
            for state in SealState
        },
    )
    return rows.order_by("-during")


def sealing(*, scope: Scope, sealing_id: int) -> Any:
    """One sealing with its counts inside the scope."""
    return sealings(scope).get(pk=sealing_id)


def cars_of(*, scope: Scope, sealing_id: int) -> SealedCars:
    """The cars of a sealing inside the scope, unit by unit."""
    rows = sealed_cars(scope).filter(sealing_id=sealing_id)
    found: SealedCars = rows.order_by("unit__position", "car__plate")
    return found


def sealed_cars(scope: Scope) -> SealedCars:
    """The cars of all sealings inside the scope."""
    rows: SealedCars = SealedCar.objects.within(scope).select_related(*_WITH)
    return rows


def sealed_car(*, scope: Scope, sealed_id: int) -> SealedCar:
    """One car in a sealing; raises ``SealedCar.DoesNotExist`` outside the scope."""
    found: SealedCar = sealed_cars(scope).get(pk=sealed_id)
    return found


def to_be_sealed(scope: Scope) -> Cars:
    """The cars that a sealing holds: all that are in use or could be, but those out of use."""
    rows: Cars = (
        Car.objects.within(scope)
        .filter(state__in=[CarState.IN_USE, CarState.REPAIR])
        .select_related("unit")
        .order_by("unit__position", "plate")
    )
    return rows


def to_hand_in(scope: Scope, *, at: datetime) -> SealedCars:
    """The cars whose sealing has begun or begins within two days and that nobody handed in."""
    soon = at + timedelta(days=2)
    rows: SealedCars = (
        SealedCar.objects.within(scope)
        .filter(state=SealState.TO_SEAL, sealing__during__startswith__lt=soon)
        .filter(sealing__called_off_at=None)
        .filter(sealing__during__endswith__gt=at)
        .select_related("sealing", "unit", "car")
        .order_by("sealing__during", "pk")
    )
    return rows


def sees_sealed(actor: Actor, sealed_id: int) -> bool:
    """Whether somebody may open a car in a sealing: in scope, or its approval concerns them."""
    scope = actor.scope(SEE)
    if not scope.nothing and SealedCar.objects.within(scope).filter(pk=sealed_id).exists():
        return True
    return approvals.has_to_do_with(
        actor=actor, subject_type="fleet.sealedcar", subject_id=sealed_id
    )


def _now(row: SealedCar) -> str:
    """How a car stands before it is handed in or fetched back."""
    told = [f"{row.car}，{row.sealing.title}"]
    if row.state == SealState.TO_SEAL:
        told.append(f"已登记 {row.car.odometer_km:,} 公里")
    elif row.sealed_km is not None:
        told.append(f"封存时 {row.sealed_km:,} 公里")
    if row.state == SealState.SEALED:
        off = row.sealing.called_off_at is not None
        told.append("封存已取消，走过的公里不再比对" if off else "走过的公里会列入督车")
    return "，".join(told)


SEALINGS = Subject(
    model="fleet.sealing", title="节假日封存", page="fleet:sealing", key="sealing_id",
    path="sealing", stem="sealing", see=SEE, sees=lambda actor, _: actor.can(SEE), rows=sealings,
    name="title", listed=("节假日封存", "fleet:sealings"),
)  # fmt: skip
SEALED = Subject(
    model="fleet.sealedcar", title="封存车辆", page="fleet:sealed_car", key="sealed_id",
    path="sealing/cars", stem="sealed_car", see=SEE, sees=sees_sealed, rows=sealed_cars,
    life=SEALED_LIFE, beside=("sealing", "car", "unit"), name="car", listed=SEALINGS.listed,
    now=_now,
)  # fmt: skip


def states(rows: Sequence[SealedCar]) -> dict[str, int]:
    """How many of some cars stand in which state."""
    found = dict.fromkeys((state.value for state in SealState), 0)
    for row in rows:
        found[row.state] += 1
    return found
