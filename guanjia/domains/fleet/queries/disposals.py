"""Reading disposals, lots and the ends of cars' lives; the scope says where one may look."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, Count, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from guanjia.domains.fleet.models import Car, Disposal, DisposalLot, DisposalLots, Disposals, Trip
from guanjia.domains.fleet.rules import lives, times
from guanjia.domains.fleet.rules.disposals import yuan
from guanjia.domains.fleet.terms.cars import Body, CarState, Keeping
from guanjia.domains.fleet.terms.disposals import (
    DATED,
    DISPOSAL_LIFE,
    LOT_LIFE,
    UNDER_WAY,
    UNSENT,
    DisposalMethod,
    DisposalState,
    LifeFacts,
    LotFacts,
)
from guanjia.domains.fleet.terms.trips import BOOKED_STATES, TripState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

SEE, REQUEST = "fleet.disposal.see", "fleet.disposal.request"
DEAL = "fleet.disposal.deal"
SUBJECT = "fleet.disposal"
_WITH = ("car", "unit", "to_unit", "lot")


# ── disposals ────────────────────────────────────────────────────────────────────────────


def disposals(scope: Scope) -> Disposals:
    """The disposals inside the scope with what their list shows."""
    rows: Disposals = Disposal.objects.within(scope).select_related(*_WITH, "payment")
    return rows


def disposal(*, scope: Scope, disposal_id: int) -> Disposal:
    """One disposal; raises ``Disposal.DoesNotExist`` outside the scope."""
    found: Disposal = (
        disposals(scope).select_related("applicant__unit", "car__unit").get(pk=disposal_id)
    )
    return found


def sees_disposal(actor: Actor, disposal_id: int) -> bool:
    """Whether somebody may open a disposal: in their scope, or its approval concerns them."""
    scope = actor.scope(SEE)
    if not scope.nothing and Disposal.objects.within(scope).filter(pk=disposal_id).exists():
        return True
    return approvals.has_to_do_with(actor=actor, subject_type=SUBJECT, subject_id=disposal_id)


def theirs(scope: Scope) -> Disposals:
    """The disposals on which somebody may act: of cars of units inside the scope."""
    rows: Disposals = Disposal.objects.theirs(scope).select_related(*_WITH, "car__unit")
    return rows


def about(row: Disposal) -> str:
    """What is decided, in one line."""
    where = f"划转给{row.to_unit}" if row.to_unit else row.get_method_display()
    valued = f" · 估值 {yuan(row.valuation_fen)}" if row.valuation_fen is not None else ""
    return f"{row.unit} {row.car.plate} {row.car.make} · {where}{valued}"


DISPOSALS = Subject(
    model=SUBJECT, title="车辆处置", page="fleet:disposal", key="disposal_id", path="disposals",
    stem="disposal", see=SEE, sees=sees_disposal, rows=theirs, life=DISPOSAL_LIFE,
    beside=("car__unit", "unit", "to_unit", "lot"),
    listed=("公务用车处置登记", "fleet:disposals_list"), now=about,
)  # fmt: skip
# Under which verb a disposal may be called off (取消) in which states.
CALLING_OFF = {REQUEST: UNSENT, DEAL: DISPOSAL_LIFE.before(DisposalState.CALLED_OFF)}


def of_car(*, scope: Scope, car_id: int) -> Disposals:
    """The disposals of one car, the newest first."""
    return disposals(scope).filter(car_id=car_id).order_by("-pk")


def dealt(*, scope: Scope, period: Period, method: DisposalMethod) -> Disposals:
    """The disposals of a kind whose 处置日期 lies in the period."""
    rows: Disposals = Disposal.objects.within(scope).filter(
        method=method, disposed_on__gte=period.start, disposed_on__lt=period.end
    )
    return rows


def proceeds_fen(rows: Disposals) -> int:
    """What some disposals brought together, in 分."""
    return int(rows.aggregate(sum=Sum("proceeds_fen"))["sum"] or 0)


def disposed_plates(plates: Collection[str]) -> Mapping[str, date]:
    """Plates whose cars were disposed of for good: plate → 处置日期, in one statement."""
    rows = Disposal.objects.filter(car__plate__in=plates, state=DisposalState.DONE).exclude(
        method=DisposalMethod.TRANSFER
    )
    return {row.car.plate: row.disposed_on for row in rows.select_related("car") if row.disposed_on}


def booked_numbers(car_id: int) -> list[str]:
    """The trips a car is promised to or out on."""
    rows = Trip.objects.filter(car=car_id, state__in=BOOKED_STATES).order_by("planned_from")
    return list(rows.values_list("number", flat=True))


def trips_after(days: Mapping[int, date]) -> Mapping[int, Trip]:
    """The first journey of each car after a day: car → trip; two statements at most."""
    found: dict[int, Trip] = {}
    if not days:
        return found
    begin, _ = Period.day(min(days.values())).bounds()
    rows = Trip.objects.filter(
        car__in=list(days), went_at__gte=begin, state__in=[TripState.FINISHED, TripState.OUT]
    )
    for trip in rows.order_by("went_at"):
        car_id = trip.car_id or 0
        if trip.went_at and times.day_of(trip.went_at) > days[car_id]:
            found.setdefault(car_id, trip)
    return found


def waiting(scope: Scope, *states: DisposalState) -> Disposals:
    """The disposals in some states, the longest waiting first."""
    return disposals(scope).filter(state__in=states).order_by("approved_on", "pk")


# ── lots ─────────────────────────────────────────────────────────────────────────────────


def lots(scope: Scope) -> DisposalLots:
    """The lots inside the scope with ``cars``, ``undealt``, ``sum_fen`` and ``paid_in_fen``.

    Sums are of all cars of a lot: it is one settlement, whoever looks.
    """
    of_lot = Disposal.objects.filter(lot=OuterRef("pk")).order_by().values("lot")
    rows: DisposalLots = DisposalLot.objects.within(scope)
    paid_lots = (
        DisposalLot.objects.filter(pk=OuterRef("pk"))
        .order_by()
        .annotate(sum=Sum("payments__amount_fen"))
        .values("sum")
    )
    own = of_lot.filter(payment=None).annotate(sum=Sum("paid_fen")).values("sum")
    return rows.annotate(
        cars=_or_zero(of_lot.annotate(n=Count("pk")).values("n")),
        undealt=_or_zero(of_lot.exclude(state__in=DATED).annotate(n=Count("pk")).values("n")),
        sum_fen=_or_zero(of_lot.annotate(sum=Sum("proceeds_fen")).values("sum")),
        paid_in_fen=_or_zero(paid_lots) + _or_zero(own),
    )


def _or_zero(rows: Any) -> Coalesce:
    return Coalesce(Subquery(rows), Value(0), output_field=BigIntegerField())


def whole_lots(scope: Scope) -> DisposalLots:
    """The lots with their sums, for whoever looks over the whole city: a lot is one settlement."""
    rows = lots(scope)
    return rows if scope.everything else rows.none()


def lot(*, scope: Scope, lot_id: int) -> DisposalLot:
    """One lot with its sums; raises ``DisposalLot.DoesNotExist`` outside the scope."""
    found: DisposalLot = lots(scope).get(pk=lot_id)
    return found


def lot_facts(row: Any, reason: str = "") -> LotFacts:
    """The sums of a lot read by ``lots``."""
    return LotFacts(
        cars=int(row.cars),
        undealt=int(row.undealt),
        sum_fen=int(row.sum_fen),
        total_fen=row.total_fen,
        paid_fen=int(row.paid_in_fen),
        reason=reason or row.difference_reason,
    )


def _sums(row: Any) -> str:
    total = "没有登记" if row.total_fen is None else yuan(row.total_fen)
    return (
        f"{row.get_method_display()}，{row.cars} 辆，各车成交之和 {yuan(row.sum_fen)}，"
        f"成交总额 {total}，缴库 {yuan(row.paid_in_fen)}"
    )


LOTS = Subject(
    model="fleet.disposallot", title="处置批次", page="fleet:lot", key="lot_id", path="lots",
    stem="lot", see=SEE, rows=lots, life=LOT_LIFE, name="title",
    listed=("处置批次", "fleet:lots_list"), now=_sums,
)  # fmt: skip


def in_lots(scope: Scope) -> Disposals:
    """The disposals of cars of units inside the scope that lie in a lot."""
    return theirs(scope).exclude(lot=None)


# A car as it lies in its lot, on whose page it stands.
IN_LOT = replace(
    DISPOSALS, path="lots/cars", stem="lot", page=LOTS.page, rows=in_lots,
    home=lambda row: row.lot_id, listed=LOTS.listed,
)  # fmt: skip


def open_lots(*, scope: Scope, method: str) -> DisposalLots:
    """The lots that a disposal of a kind can be put into."""
    return lots(scope).filter(state="OPEN", method=method)


def to_put(*, scope: Scope, method: str) -> Disposals:
    """The agreed disposals of a kind that are in no lot."""
    return (
        disposals(scope)
        .filter(state=DisposalState.AGREED, method=method, lot=None)
        .order_by("approved_on", "pk")
    )


# ── the ends of lives ────────────────────────────────────────────────────────────────────


def life_facts(car: Car) -> LifeFacts:
    """What the rules of a car's life need to know."""
    return LifeFacts(
        plate=car.plate,
        registered_on=car.registered_on,
        odometer_km=car.odometer_km,
        seats=car.seats,
        keeping=Keeping(car.keeping),
        state=CarState(car.state),
        body=Body(car.body) if car.body else None,
        inspected_until=car.inspected_until,
    )


def life_of(car: Car, law: LawInForce, on: date) -> Verdict:
    """What comes up for one car."""
    return lives.life_ahead(car=life_facts(car), law=law, on=on)


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Which cars are near the end of something, as conditions of the database."""

    renewal: Q
    years: Q
    kilometres: Q
    inspection: Q

    @property
    def any(self) -> Q:
        """Near the end of anything."""
        return self.renewal | self.years | self.kilometres | self.inspection


def ends(law: LawInForce, on: date) -> Ends:
    """The same limits as ``rules.lives``, written as conditions; a test compares the two."""
    ahead = int(law[lives.MONTHS_AHEAD].value)
    horizon = lives.months_after(on, ahead)
    renewal = years = kilometres = inspection = Q(pk__in=[])
    if lives.REPLACEMENT_YEARS in law:
        minimum = int(law[lives.REPLACEMENT_YEARS].value)
        renewal = _served(minimum, horizon) & ~Q(keeping=Keeping.LEASED)
    if lives.YEARS in law:
        for names, condition in _built(law):
            limits = [law[lives.YEARS].value.get(name) for name in names]
            known = [int(limit) for limit in limits if limit is not None]
            if known:
                years |= condition & _served(min(known), horizon)
    if lives.KILOMETRES in law:
        near = int(law[lives.KM_AHEAD].value)
        for names, condition in _built(law):
            limit = law[lives.KILOMETRES].value.get(names[0])
            if limit is not None:
                kilometres |= condition & Q(odometer_km__gte=int(limit) - near)
    if lives.CYCLES in law:
        days = timedelta(days=int(law[lives.DAYS_AHEAD].value))
        inspection = Q(inspected_until__lte=on + days)
    return Ends(renewal=renewal, years=years, kilometres=kilometres, inspection=inspection)


def _served(years: int, horizon: date) -> Q:
    """Registered so long ago that the years are full by a day."""
    first = lives.years_after(horizon, -years)
    if (horizon + timedelta(days=1)).day == 1:  # who began on 29 February is full on the 28th too
        first = lives.month_end(first)
    return Q(registered_on__lte=first)


def _built(law: LawInForce) -> Sequence[tuple[tuple[str, ...], Q]]:
    """What cars are built as, by name of the provision's entries, as conditions."""
    types = law[lives.SEATS].value
    small, medium = int(types["SMALL"]), int(types["MEDIUM"])
    own = ~Q(keeping=Keeping.LEASED)
    unknown = Q(body="") & own
    return (
        (("SEDAN",), Q(body=Body.SEDAN) & own),
        (("SMALL",), (Q(body=Body.SMALL) & own) | unknown & Q(seats__lte=small)),
        (
            ("MEDIUM",),
            (Q(body=Body.MEDIUM) & own) | unknown & Q(seats__gt=small, seats__lte=medium),
        ),
        (("LARGE",), (Q(body=Body.LARGE) & own) | unknown & Q(seats__gt=medium)),
        (("TRUCK",), Q(body=Body.TRUCK)),
        (("WORK", "WORK_CARGO"), Q(body=Body.WORK) & own),
        (("LEASED",), Q(keeping=Keeping.LEASED) & ~Q(body=Body.TRUCK)),
    )


def ending(scope: Scope) -> Any:
    """The cars that are not gone, for the list of what comes to an end."""
    return (
        Car.objects.within(scope)
        .exclude(state=CarState.DISPOSED)
        .select_related("unit")
        .annotate(
            disposal_id=Subquery(
                Disposal.objects.filter(car=OuterRef("pk"), state__in=UNDER_WAY).values("pk")[:1]
            )
        )
    )
