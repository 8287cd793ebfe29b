"""Reading purchases; the first argument says where one may look."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count, Q

from guanjia.domains.fleet.models import Purchase, Purchases
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.purchases import (
    DEAD,
    DECIDED,
    HOLDING,
    MENDING,
    PURCHASE_LIFE,
    PurchaseKind,
    PurchaseState,
    YearSoFar,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

SEE, ASK = "fleet.purchase.see", "fleet.purchase.request"
CARD, ENTER = "fleet.purchase.card", "fleet.purchase.enter"
SUBJECT = "fleet.purchase"
_WITH = ("unit", "old_car", "new_car", "applicant")


def purchases(scope: Scope) -> Purchases:
    """The purchases inside the scope with what their list shows."""
    rows: Purchases = Purchase.objects.within(scope).select_related(*_WITH)
    return rows


def purchase(*, actor: Actor, purchase_id: int) -> Purchase:
    """One purchase inside the scope, or one whose approval this person has to do with; else 404."""
    scope = actor.scope(SEE)
    inside = not scope.nothing and purchases(scope).filter(pk=purchase_id).first()
    if inside:
        return inside
    concerned = approvals.has_to_do_with(actor=actor, subject_type=SUBJECT, subject_id=purchase_id)
    found: Purchase = purchases(Scope.all() if concerned else Scope()).get(pk=purchase_id)
    return found


def sees_purchase(actor: Actor, purchase_id: int) -> bool:
    """Whether somebody may open a purchase: it is in their scope, or its approval concerns them."""
    scope = actor.scope(SEE)
    inside = not scope.nothing and Purchase.objects.within(scope).filter(pk=purchase_id).exists()
    return inside or approvals.has_to_do_with(
        actor=actor, subject_type=SUBJECT, subject_id=purchase_id
    )


def summary_of(purchase: Purchase) -> str:
    """The purchase in one line: in lists of many kinds of requests, and above an act's form."""
    use = Use(purchase.use).label
    old = f" · 更新 {purchase.old_car.plate}" if purchase.old_car else " · 新增"
    price = f" · {purchase.price_fen / 1_000_000:.2f} 万元" if purchase.price_fen else ""
    return f"{use} {purchase.make}{old}{price}"


PURCHASES = Subject(
    model=SUBJECT, title="更新购置", page="fleet:purchase", key="purchase_id", path="purchases",
    stem="purchase", see=SEE, sees=sees_purchase, rows=purchases, life=PURCHASE_LIFE,
    beside=("unit", "old_car__unit", "applicant"), listed=("更新购置", "fleet:purchases"),
    now=lambda found: f"{found.unit.shown}，{summary_of(found)}",
)  # fmt: skip
# Under which verb a purchase may be given up (取消) in which states.
CANCELLING = {
    ASK: (PurchaseState.PENDING, *MENDING),
    CARD: PURCHASE_LIFE.before(PurchaseState.CANCELLED),
}


def renewals(scope: Scope) -> Purchases:
    """The renewals that were agreed to: what the register 公务用车更新审批 holds."""
    return purchases(scope).filter(kind=PurchaseKind.RENEWAL, state__in=DECIDED)


def renewed(*, scope: Scope, period: Period) -> Purchases:
    """The renewals whose approval lies in a period."""
    return renewals(scope).filter(approved_on__gte=period.start, approved_on__lt=period.end)


def renewals_of(car_ids: Collection[int]) -> Mapping[int, Purchase]:
    """The renewal of each old car that is not dead, by the car's id."""
    rows = Purchase.objects.filter(old_car__in=car_ids).exclude(state__in=DEAD)
    return {row.old_car_id: row for row in rows if row.old_car_id is not None}


def year_so_far(*, year: int, law: LawInForce, without: int | None = None) -> YearSoFar:
    """The purchases of a year over the whole city: agreed to in it, or under way since it."""
    kinds = law["fleet.purchase.new_energy_kinds"].value
    agreed = Q(state__in=DECIDED, approved_on__year=year)
    under_way = Q(state__in=HOLDING, approved_on=None, asked_at__year=year)
    rows = Purchase.objects.filter(agreed | under_way).exclude(pk=without or 0).order_by()
    counted = rows.aggregate(
        bought=Count("pk"), new_energy=Count("pk", filter=Q(energy__in=list(kinds)))
    )
    return YearSoFar(**counted)


def to_card(scope: Scope) -> Purchases:
    """The agreed purchases that wait for the new car's card, the longest waiting first."""
    return purchases(scope).filter(state=PurchaseState.AGREED).order_by("approved_on", "pk")


def sent_back(*, person_id: int) -> Purchases:
    """The purchases that came back to this person to be mended."""
    rows = Purchase.objects.filter(applicant_id=person_id, state=PurchaseState.RETURNED)
    found: Purchases = rows.select_related(*_WITH).order_by("pk")
    return found


def counts(scope: Scope) -> Mapping[str, int]:
    """How many purchases stand in each state, in one statement."""
    rows: Any = Purchase.objects.within(scope).order_by().values("state").annotate(n=Count("pk"))
    return dict(rows.values_list("state", "n"))
