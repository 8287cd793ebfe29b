"""Reading bills and their lines; the first argument says where one may look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from guanjia.domains.fleet.models import Bill, BillLine, BillLines, Bills, Car, Trip
from guanjia.domains.fleet.queries import pricing
from guanjia.domains.fleet.queries.pricing import Charge
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.bills import (
    BILL_LIFE,
    LINE_LIFE,
    Answer,
    BillFacts,
    BillState,
    LineKind,
)
from guanjia.domains.fleet.terms.cars import Keeping
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

SEE, DRAW, ANSWER = "fleet.bill.see", "fleet.bill.draw", "fleet.bill.answer"
OPEN_ANSWERS = (Answer.WAITING, Answer.DECIDED)


def bills(scope: Scope) -> Bills:
    """The bills inside the scope with what their list shows.

    ``seen_fen``, ``seen_lines``: of the lines one may see, which outside are not all of them.
    """
    lines = BillLine.objects.within(scope).filter(bill=OuterRef("pk")).order_by().values("bill")
    total: Any = F("total_fen")
    if scope.shared:
        owed = lines.annotate(sum=Sum(Coalesce("adjusted_fen", "amount_fen"))).values("sum")
        total = Coalesce(Subquery(owed), 0)
    counted = lines.annotate(count=Count("pk")).values("count")
    disputed = lines.filter(answer=Answer.DISPUTED).annotate(count=Count("pk")).values("count")
    rows: Bills = (
        Bill.objects.within(scope)
        .select_related("unit")
        .annotate(
            seen_fen=total,
            seen_lines=Coalesce(Subquery(counted), 0),
            disputes=Coalesce(Subquery(disputed), 0),
        )
    )
    return rows


def bill(*, scope: Scope, bill_id: int) -> Bill:
    """One bill; raises ``Bill.DoesNotExist`` outside the scope."""
    found: Bill = (
        bills(scope).select_related("answered_by", "closed_by", "drawn_by").get(pk=bill_id)
    )
    return found


def lines(*, scope: Scope, bill_id: int) -> BillLines:
    """The lines of a bill that one may see, in the order of departure."""
    rows: BillLines = (
        BillLine.objects.within(scope)
        .filter(bill=bill_id)
        .select_related(
            "trip__unit",
            "trip__car",
            "trip__shares__car",
            "car",
            "corrects__bill",
            "corrects__trip",
        )
        .prefetch_related("corrections__bill")
        .order_by("kind", "departed_at", "pk")
    )
    return rows


def hides_lines(*, scope: Scope, bill_id: int) -> bool:
    """Whether a bill has lines that are not shown in this scope (保密车辆)."""
    if not scope.shared:
        return False
    seen = BillLine.objects.within(scope).filter(bill=bill_id).values("pk")
    return BillLine.objects.filter(bill=bill_id).exclude(pk__in=seen).exists()


def with_hidden_lines() -> Any:
    """The ids of the bills whose sum tells of a secret car; neither trail nor papers are shared."""
    return Bill.objects.filter(lines__car__secret=True).order_by().values("pk")


def any_hidden() -> bool:
    """Whether there is a secret car at all."""
    return bool(Car.objects.filter(secret=True).exists())


def sees_bill(actor: Actor, bill_id: int) -> bool:
    """Whether somebody may open a bill and its papers, which name every line."""
    scope = actor.scope(SEE)
    if scope.nothing or not Bill.objects.within(scope).filter(pk=bill_id).exists():
        return False
    return not hides_lines(scope=scope, bill_id=bill_id)


BILLS = Subject(
    model="fleet.bill", title="结算单", page="fleet:bill", key="bill_id", path="bills",
    stem="bill", see=SEE, sees=sees_bill, rows=bills, life=BILL_LIFE, beside=("unit",),
    listed=("用车结算", "fleet:bills_list"),
    now=lambda bill: (
        f"{bill.unit.shown} {Period.month_of(bill.month).label()}，{money.yuan(bill.total_fen)}"
    ),
)  # fmt: skip


def facts_of(found: Bill, *, on: date) -> BillFacts:
    """What rules need to know of a bill on a day."""
    counted = BillLine.objects.filter(bill=found.pk).aggregate(
        waiting=Count("pk", filter=Q(answer__in=OPEN_ANSWERS)),
        disputed=Count("pk", filter=Q(answer=Answer.DISPUTED)),
    )
    return BillFacts(
        state=BillState(found.state),
        month_is_over=on >= Period.month_of(found.month).end,
        **counted,
    )


def months(scope: Scope) -> list[date]:
    """The months that have bills inside the scope, the latest first."""
    rows = Bill.objects.within(scope).order_by("-month").values_list("month", flat=True)
    return list(rows.distinct())


# ── what is to be billed ─────────────────────────────────────────────────────────────────


def unbilled(*, scope: Scope, month: date) -> "QuerySet[Trip]":
    """The finished trips that belong on the bills of a month and are on none yet.

    Those of the month, and those of months drawn earlier that were recorded since. Cars that a
    unit keeps itself (单位管理) are not settled.
    """
    drawn = {*Bill.objects.filter(month__lt=month).values_list("month", flat=True), month}
    wanted = Q()
    for each in drawn:
        begin, end = Period.month_of(each).bounds()
        own = Q(shares=None, went_at__gte=begin, went_at__lt=end, driven__isnull=False)
        with_another = Q(shares__went_at__gte=begin, shares__went_at__lt=end)
        wanted |= own & ~Q(car__keeping=Keeping.UNIT)
        wanted |= (
            with_another
            & Q(shares__state=TripState.FINISHED, shares__driven__isnull=False)
            & ~Q(shares__car__keeping=Keeping.UNIT)
        )
    billed = BillLine.objects.filter(kind=LineKind.TRIP).values("trip")
    rows: QuerySet[Trip] = (
        Trip.objects.within(scope)
        .filter(wanted, state=TripState.FINISHED)
        .exclude(pk__in=billed)
        .select_related("unit__parent__parent", "car", "shares__car")
        .order_by("pk")
    )
    return rows


def charged_now(found: Iterable[BillLine]) -> Mapping[int, Charge]:
    """What the trips of lines would cost as they stand now, by trip."""
    trips = [line.trip for line in found if line.kind == LineKind.TRIP and line.trip]
    return pricing.charges(trips)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A line of a bill with what its trip would cost now, where that differs (更正后)."""

    line: BillLine
    now: Charge | None = None

    @property
    def difference_fen(self) -> int:
        """By how much the trip as corrected differs from what was billed."""
        return self.now.amount_fen - self.line.amount_fen if self.now else 0

    @property
    def right_fen(self) -> int:
        """What its trip as corrected comes to; what a dispute took off stays off."""
        return self.line.due + self.difference_fen


def seen_lines(*, scope: Scope, bill_id: int) -> list[Seen]:
    """The lines of a bill; those whose trip was corrected since with both values."""
    return corrected(lines(scope=scope, bill_id=bill_id))


def corrected(rows: Iterable[BillLine]) -> list[Seen]:
    """Lines with what their trips would cost now, where that differs."""
    rows = list(rows)
    now = charged_now(rows)
    found = []
    for line in rows:
        charge = now.get(line.trip_id or 0) if line.kind == LineKind.TRIP else None
        odd = charge is not None and (charge.km, charge.hours, charge.amount_fen) != (
            line.km,
            line.hours,
            line.amount_fen,
        )
        found.append(Seen(line=line, now=charge if odd else None))
    return found


def _every_line(scope: Scope) -> BillLines:
    rows: BillLines = BillLine.objects.within(scope).select_related("bill__unit", "trip")
    return rows


def _line_now(line: BillLine) -> str:
    """A line, as it was billed and as its trip stands now, and what was said of it."""
    trip, seen = line.trip, corrected([line])[0]
    told = [f"{trip.number} {trip.destination}" if trip else "", f"{line.km or 0:,} 公里"]
    told += [money.yuan(line.due)]
    if seen.now is not None:
        told += [f"更正后 {seen.now.km:,} 公里、{money.yuan(seen.now.amount_fen)}"]
    told += [f"异议：{line.dispute}" if line.dispute else ""]
    return "，".join(filter(None, told))


LINES = Subject(
    model="fleet.billline", title="结算明细", page="fleet:bill", key="line_id",
    path="bills/lines", stem="bill", see=SEE, rows=_every_line, life=LINE_LIFE,
    beside=("bill__unit", "trip"), name="bill", listed=BILLS.listed, now=_line_now,
    home=lambda line: line.bill_id,
)  # fmt: skip


def settled_fen(line: BillLine) -> int:
    """What was charged for a line in all: itself and the adjustments that followed."""
    return line.due + sum(more.due for more in line.corrections.all())


# ── what waits for somebody ──────────────────────────────────────────────────────────────


def to_answer(actor: Actor) -> Bills:
    """The bills that wait for the answer of this person's units; who draws bills waits himself."""
    rows: Bills = bills(actor.scope(ANSWER)).filter(state=BillState.SENT).order_by("answer_due_on")
    return rows


def to_decide(scope: Scope) -> Bills:
    """The bills with disputes to decide, the earliest first."""
    return bills(scope).filter(state=BillState.DISPUTED).order_by("answered_at", "pk")


def overdue(*, scope: Scope, at: datetime) -> Bills:
    """The bills whose unit has not answered in time."""
    rows: Bills = bills(scope).overdue(times.day_of(at)).order_by("answer_due_on")
    return rows
