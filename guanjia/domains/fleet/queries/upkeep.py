"""Reading insurance, inspections, plans, work orders, accidents and fines; scope comes first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch

from guanjia.domains.fleet.models import (
    Accident,
    Car,
    Fine,
    Inspection,
    Order,
    OrderItem,
    Orders,
    Plan,
    Policy,
    Trip,
)
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.upkeep import (
    ACCIDENT_LIFE,
    DONE,
    FINE_LIFE,
    ORDER_LIFE,
    PLAN_LIFE,
    DoneBefore,
    Due,
    DueKind,
    DueState,
    LastDone,
    OrderKind,
    OrderState,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Actor, Scope

SEE, ENTER, DECIDE = "fleet.upkeep.see", "fleet.upkeep.enter", "fleet.upkeep.decide"
_CAR = ("car__unit",)


def policies(scope: Scope) -> Any:
    """The policies of cars inside the scope, the latest first."""
    return Policy.objects.within(scope).select_related(*_CAR)


def inspections(scope: Scope) -> Any:
    """The inspections of cars inside the scope."""
    return Inspection.objects.within(scope).select_related(*_CAR)


def orders(scope: Scope) -> Orders:
    """The work orders inside the scope with their car and lines."""
    rows: Orders = (
        Order.objects.within(scope)
        .select_related("car", "unit")
        .prefetch_related(Prefetch("items", queryset=OrderItem.objects.order_by("position")))
    )
    return rows


def accidents(scope: Scope) -> Any:
    """The accidents of cars inside the scope."""
    return Accident.objects.within(scope).select_related(*_CAR, "driver", "trip")


def fines(scope: Scope) -> Any:
    """The fines of cars inside the scope."""
    return Fine.objects.within(scope).select_related(*_CAR, "driver", "trip")


def sees_order(actor: Actor, order_id: int) -> bool:
    """Whether somebody may open an order: in their scope, or its approval concerns them."""
    return ORDERS.reaches(actor, SEE, order_id) or approvals.has_to_do_with(
        actor=actor, subject_type=ORDERS.model, subject_id=order_id
    )


def _order_now(order: Order) -> str:
    quoted = f"，报价 {order.quoted_fen / 100:,.2f} 元" if order.quoted_fen is not None else ""
    return f"{order.car.plate} {order.fault}，{order.garage}{quoted}"


ORDERS = Subject(
    model="fleet.order", title="维保工单", page="fleet:order", key="order_id", path="orders",
    stem="order", see=SEE, sees=sees_order, rows=orders, life=ORDER_LIFE, beside=("unit",),
    listed=("维保工单台账", "fleet:orders_list"), now=_order_now,
)  # fmt: skip


def services() -> list[str]:
    """The services of the plans in use, for the form of a maintenance."""
    rows = Plan.objects.filter(stopped_on=None).order_by("title").values_list("title", flat=True)
    return list(dict.fromkeys(rows))


SEE_FINE, ENTER_FINE = "fleet.fine.see", "fleet.fine.enter"


def _where(row: Accident | Fine) -> str:
    return f"{row.car.plate} {times.moment(row.at)} {row.place}，{row.what}"


ACCIDENTS = Subject(
    model="fleet.accident", title="交通事故", page="fleet:accident", key="accident_id",
    path="accidents", stem="accident", see=SEE_FINE, rows=accidents, life=ACCIDENT_LIFE,
    beside=("car__unit",), listed=("交通事故台账", "fleet:accidents_list"), now=_where,
)  # fmt: skip
FINES = Subject(
    model="fleet.fine", title="违法记录", page="fleet:fine", key="fine_id", path="fines",
    stem="fine", see=SEE_FINE, rows=fines, life=FINE_LIFE, beside=("car__unit", "driver"),
    listed=("交通违法台账", "fleet:fines_list"),
    now=lambda fine: f"{_where(fine)}，罚款 {fine.amount_fen / 100:,.2f} 元",
)  # fmt: skip


# ── what belongs together ────────────────────────────────────────────────────────────────


def trips_at(moments: Iterable[tuple[int, datetime]]) -> Mapping[tuple[int, datetime], Trip]:
    """The same for many cars and instants, in one statement."""
    wanted = set(moments)
    if not wanted:
        return {}
    first, last = min(at for _, at in wanted), max(at for _, at in wanted)
    ran = Trip.objects.filter(
        car__in={car for car, _ in wanted}, ran__overlap=(first, None), went_at__lte=last
    ).select_related("driver")
    by_car: dict[int | None, list[Trip]] = {}
    for trip in ran:
        by_car.setdefault(trip.car_id, []).append(trip)
    return {
        (car_id, at): trip
        for car_id, at in wanted
        for trip in by_car.get(car_id, ())
        if trip.out.at <= at and (trip.back_at is None or at < trip.back_at)
    }


def overlapping(
    *, cover: str, begin: date, last: date, car_id: int, without: Collection[str] = ()
) -> list[Policy]:
    """The policies of one kind of a car that touch the days from ``begin`` to ``last``."""
    rows = Policy.objects.filter(car_id=car_id, cover=cover, during__overlap=(begin, _next(last)))
    return list(rows.exclude(number__in=without).order_by("during"))


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def done_before(*, car_id: int, titles: Collection[str], without: int = 0) -> list[DoneBefore]:
    """Where items of these names were done on a car before."""
    rows = (
        OrderItem.objects.filter(order__car_id=car_id, title__in=titles)
        .exclude(order_id=without)
        .exclude(order__state=OrderState.CANCELLED)
        .filter(order__left_shop_on__isnull=False)
        .values_list("title", "order__number", "order__left_shop_on")
    )
    return [DoneBefore(title=title, number=number, on=on) for title, number, on in rows if on]


def garages(scope: Scope) -> list[str]:
    """The garages used so far, for the form; the most used first."""
    names = Order.objects.within(scope).values_list("garage", flat=True).order_by()
    counted: dict[str, int] = {}
    for name in names:
        counted[name] = counted.get(name, 0) + 1
    return sorted(counted, key=lambda name: (-counted[name], name))


# ── plans ────────────────────────────────────────────────────────────────────────────────


def plans() -> Any:
    """The maintenance plans that hold."""
    return every_plan(Scope.all()).filter(stopped_on=None).order_by("title", "pk")


def every_plan(scope: Scope) -> Any:
    """The plans of cars inside the scope, also those that were stopped; of many cars, of all."""
    return Plan.objects.within(scope).select_related("car__unit")


POLICIES = Subject(
    model="fleet.policy", title="保险单", page="fleet:car", key="policy_id", path="policies",
    stem="policy", see=SEE, rows=policies, listed=("车辆保险台账", "fleet:policies_list"),
    home=lambda policy: policy.car_id,
)  # fmt: skip
INSPECTIONS = Subject(
    model="fleet.inspection", title="检验记录", page="fleet:car", key="inspection_id",
    path="inspections", stem="inspection", see=SEE, rows=inspections,
    listed=("车辆检验台账", "fleet:inspections_list"), home=lambda inspection: inspection.car_id,
)  # fmt: skip
PLANS = Subject(
    model="fleet.plan", title="保养计划", page="fleet:plans", key="plan_id", path="plans",
    stem="plan", see=SEE, rows=every_plan, life=PLAN_LIFE, beside=("car__unit",), name="title",
    listed=("保养计划", "fleet:plans"), home=lambda _: None,
    now=lambda plan: f"{plan.for_whom}，{plan.title}，{plan.every}",
)  # fmt: skip


def plans_of(car: Car, held: Sequence[Plan]) -> list[Plan]:
    """The plans of a car: of one title the one that names it most closely."""
    closest: dict[str, tuple[int, Plan]] = {}
    for plan in held:
        how = _closeness(plan, car)
        if how and how > closest.get(plan.title, (0, plan))[0]:
            closest[plan.title] = (how, plan)
    return [closest[title][1] for title in sorted(closest)]


def _closeness(plan: Plan, car: Car) -> int:
    """How closely a plan names a car; 0 where it does not hold for it."""
    if plan.car_id is not None:
        return 5 if plan.car_id == car.pk else 0
    if (plan.use and plan.use != car.use) or (plan.make and plan.make not in car.make):
        return 0
    return 1 + 2 * bool(plan.make) + bool(plan.use)


def last_services(cars: Collection[int]) -> Mapping[tuple[int, str], LastDone]:
    """When each service was last done on each car, in one statement."""
    rows = (
        Order.objects.filter(car__in=cars, kind=OrderKind.MAINTENANCE, state__in=DONE)
        .order_by("left_shop_on", "pk")
        .values_list("car_id", "service", "left_shop_on", "odometer_km")
    )
    return {(car, service): LastDone(on=on, km=km) for car, service, on, km in rows if on}


# ── what falls due ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class DueThing:
    """Something that falls due for a car; ``plan`` only for maintenance."""

    car: Car
    kind: DueKind
    title: str
    due: Due
    state: DueState
    cite: Citation
    last: LastDone | None = None
    plan: Plan | None = None

    @property
    def rank(self) -> tuple[int, int, str]:
        """What is overdue first, then the nearest."""
        order = {DueState.OVERDUE: 0, DueState.SOON: 1, DueState.UNKNOWN: 2, DueState.LATER: 3}
        days = self.due.days_left if self.due.days_left is not None else 10_000
        return order[self.state], days, self.car.plate


def due_things(
    *, scope: Scope, on: date, cars: Sequence[Car] | None = None, all_states: bool = False
) -> list[DueThing]:
    """What is overdue or near for the cars that run, the most urgent first; three statements.

    ``all_states`` also gives what is far off or not written down. Maintenance of a car without a
    done order counts from its registration while the car is that young; later nobody knows when
    it was last done, and nothing is called overdue.
    """
    if cars is None:
        running = (CarState.IN_USE, CarState.REPAIR, CarState.SEALED)
        cars = list(archive.cars(scope).filter(state__in=running))
    law, held = law_at(on), list(plans())
    done = last_services([car.pk for car in cars])
    found = [
        thing
        for car in cars
        for thing in (*_until(car, on, law), *_planned(car, held, done, on, law))
        if all_states or thing.state in (DueState.OVERDUE, DueState.SOON)
    ]
    return sorted(found, key=lambda thing: thing.rank)


def _until(car: Car, on: date, law: LawInForce) -> Iterable[DueThing]:
    ends = (
        (DueKind.INSPECTION, "检验", car.inspected_until),
        (DueKind.INSURANCE, "交强险", car.insured_until),
    )
    for kind, title, day in ends:
        due = rules.until(day=day, on=on)
        yield DueThing(
            car=car, kind=kind, title=title, due=due, cite=rules.cite_of(kind, law),
            state=rules.state_of(kind=kind, due=due, law=law),
        )  # fmt: skip


def _planned(
    car: Car,
    held: Sequence[Plan],
    done: Mapping[tuple[int, str], LastDone],
    on: date,
    law: LawInForce,
) -> Iterable[DueThing]:
    kind = DueKind.MAINTENANCE
    for plan in plans_of(car, held):
        last = done.get((car.pk, plan.title))
        since = last or LastDone(on=car.registered_on, km=0)
        due = rules.due(plan=plan.facts(), last=since, odometer=car.odometer_km, on=on)
        if last is None and due.reached:
            due = Due()
        yield DueThing(
            car=car, kind=kind, title=plan.title, due=due, last=last, plan=plan,
            state=rules.state_of(kind=kind, due=due, law=law), cite=rules.cite_of(kind, law),
        )  # fmt: skip


def due_for_service(*, scope: Scope, on: date) -> list[DueThing]:
    """Of what falls due only the maintenance, for the list of things to do."""
    return [thing for thing in due_things(scope=scope, on=on) if thing.kind is DueKind.MAINTENANCE]


# ── the page of a car ────────────────────────────────────────────────────────────────────


def of_car(*, car: Car, scope: Scope, limit: int) -> dict[str, Any]:
    """The last policies, inspections and orders of a car inside the scope."""
    return {
        "policies": list(policies(scope).filter(car=car)[:limit]),
        "inspections": list(inspections(scope).filter(car=car)[:limit]),
        "orders": list(orders(scope).filter(car=car)[:limit]),
    }


def incidents_of_car(*, car: Car, scope: Scope, limit: int) -> dict[str, Any]:
    """The last accidents and fines of a car inside the scope."""
    return {
        "accidents": list(accidents(scope).filter(car=car)[:limit]),
        "fines": list(fines(scope).filter(car=car)[:limit]),
    }


def fines_to_handle(scope: Scope) -> Any:
    """The fines nobody has paid yet, the oldest first."""
    return fines(scope).filter(handled_on=None).order_by("at")
