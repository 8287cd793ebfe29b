"""Reading 周转房: who lives where, what is owed; the scope says where one may look."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from guanjia.domains.space.models import Rent, RentPayment, Room, Tenancies, Tenancy
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.tenancies import TENANCY_LIFE, RentOwed, TenancyState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Actor, Scope

SEE, KEEP, COLLECT = "space.tenancy.see", "space.tenancy.keep", "space.tenancy.collect"


def tenancies(scope: Scope) -> Tenancies:
    """The tenancies inside the scope with what their list shows."""
    rows: Tenancies = Tenancy.objects.within(scope).select_related(
        "room__building__compound", "room__floor", "tenant__unit"
    )
    return rows


def listed(scope: Scope) -> Any:
    """The same with what they owe: ``owed_fen`` and since when it is due (``owed_due``), ``None``
    for nothing; and ``owed_months``."""
    # Asked for each row, not joined: whoever counts these rows counts tenancies.
    unpaid = Rent.objects.filter(tenancy=OuterRef("pk"), payment=None).order_by()
    by_tenancy = unpaid.values("tenancy")
    return tenancies(scope).annotate(
        owed_fen=Subquery(by_tenancy.annotate(n=Sum("fen")).values("n")),
        owed_due=Subquery(by_tenancy.annotate(n=Min("due_on")).values("n")),
        owed_months=Coalesce(Subquery(by_tenancy.annotate(n=Count("pk")).values("n")), 0),
    )


def tenancy(*, scope: Scope, tenancy_id: int) -> Tenancy:
    """One tenancy; raises ``Tenancy.DoesNotExist`` outside the scope."""
    found: Tenancy = tenancies(scope).get(pk=tenancy_id)
    return found


def sees_tenancy(actor: Actor, tenancy_id: int) -> bool:
    """Whether somebody may open a tenancy: in their scope, or their own."""
    rows = Tenancy.objects.filter(pk=tenancy_id)
    if actor.person_id and rows.filter(tenant=actor.person_id).exists():
        return True
    scope = actor.scope(SEE)
    return not scope.nothing and bool(rows.within(scope).exists())


def payments(scope: Scope) -> Any:
    """What was paid of the tenancies inside the scope."""
    rows = RentPayment.objects.filter(tenancy__in=tenancies(scope).values("pk"))
    return rows.select_related("tenancy__tenant")


def _now(found: Tenancy) -> str:
    who = f"{found.tenant.name} {found.tenant.unit.shown}，{found.room}"
    return f"{who}，{found.since_on:%Y-%m-%d} 至 {found.last_on:%Y-%m-%d}"


TENANCIES = Subject(
    model="space.tenancy", title="周转房租住", page="space:tenancy", key="tenancy_id",
    path="tenancies", stem="tenancy", see=SEE, sees=sees_tenancy, rows=tenancies,
    life=TENANCY_LIFE, beside=("tenant__unit", "room__building"),
    listed=("周转房租住台账", "space:tenancies_list"), now=_now,
)  # fmt: skip
# The same for the cashier, who comes to them from another list.
OWED = replace(TENANCIES, listed=("周转房收租", "space:rent_desk"))
PAYMENTS = Subject(
    model="space.rentpayment", title="周转房收款", page="space:tenancy_take",
    home=lambda paid: paid.tenancy_id, key="payment_id", path="rents/payments", stem="payment",
    see=COLLECT, rows=payments, name="receipt", listed=OWED.listed,
    now=lambda paid: f"{paid.tenancy.tenant.name}，{paid.months}，{yuan(paid.fen)}",
)  # fmt: skip
SUBJECT = TENANCIES.model


def rents(scope: Scope) -> Any:
    """The rents inside the scope with what their list shows."""
    return Rent.objects.within(scope).select_related(
        "tenancy__tenant__unit", "tenancy__room__building", "payment"
    )


def owed_of(tenancy: Tenancy) -> list[RentOwed]:
    """Every month of a tenancy as rules see it, the oldest first."""
    return [
        RentOwed(id=one.pk, month=one.month, fen=one.fen, paid=one.payment_id is not None)
        for one in tenancy.rents.order_by("month")
    ]


def late(scope: Scope, *, on: date) -> Any:
    """The rents that were to be paid before a day and were not, the oldest first."""
    return rents(scope).filter(payment=None, due_on__lt=on).order_by("due_on", "pk")


def with_arrears(scope: Scope) -> Any:
    """The tenancies that owe anything, the one that owes most first."""
    return listed(scope).filter(owed_months__gt=0).order_by("-owed_fen", "pk")


def ending(scope: Scope, *, on: date, days: int) -> Any:
    """Who is to move out within some days, or should have: by the term, or after their post."""
    until = on + timedelta(days=days)
    rows = tenancies(scope).filter(state=TenancyState.RUNNING)
    return rows.filter(Q(last_on__lte=until) | Q(leave_by__lte=until)).order_by("last_on", "pk")


def left_posts(scope: Scope) -> Any:
    """Tenants who left by the list of people, and whose return nobody asked for yet."""
    rows = tenancies(scope).filter(state=TenancyState.RUNNING, left_on=None)
    return rows.filter(tenant__left_on__isnull=False).order_by("tenant__left_on", "pk")


def running(scope: Scope) -> Any:
    """Who lives somewhere now."""
    return listed(scope).filter(state=TenancyState.RUNNING)


def found(scope: Scope, *, words: str) -> Any:
    """Tenancies by the tenant's name, 工号, or the number of the room."""
    rows = listed(scope).exclude(state=TenancyState.CALLED_OFF)
    named = Q(tenant__name__icontains=words) | Q(tenant__number__iexact=words)
    return rows.filter(named | Q(room__number__icontains=words)).order_by("tenant__name", "-pk")


def free_quarters(*, day: date) -> Any:
    """The quarters that stand empty on a day, with what they are."""
    there: Any = Room.objects.on(day)
    rows = there.filter(now__kind=RoomKind.QUARTERS, now__state=RoomState.VACANT)
    lived = Tenancy.objects.filter(state=TenancyState.RUNNING).values("room")
    rows = rows.exclude(pk__in=lived).select_related("building__compound", "floor", "now")
    return rows.order_by("building__position", "floor__number", "number")


def lived_by(*, room_ids: Collection[int], since: date) -> Any:
    """The tenancies that any of these rooms has on a day or later."""
    rows = Tenancy.objects.filter(room__in=room_ids).exclude(state=TenancyState.CALLED_OFF)
    rows = rows.filter(Q(ended_on=None) | Q(ended_on__gt=since))
    return rows.select_related("tenant", "room__building")


def lives_in(*, tenant_id: int, since: date) -> Any:
    """The tenancies that somebody has on a day or later."""
    rows = Tenancy.objects.filter(tenant=tenant_id).exclude(state=TenancyState.CALLED_OFF)
    rows = rows.filter(Q(ended_on=None) | Q(ended_on__gt=since))
    return rows.select_related("room__building")


def over_term(on: date) -> Q:
    """The condition that somebody is still there after the term or after leaving their post."""
    return Q(state=TenancyState.RUNNING) & (Q(last_on__lt=on) | Q(leave_by__lt=on))
