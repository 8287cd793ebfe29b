"""Reading quotas: how they stand on any day, present or past."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from guanjia.domains.fleet.models import (
    CarStay,
    CarStays,
    Purchase,
    Purchases,
    Quota,
    QuotaChange,
    QuotaChanges,
    Quotas,
)
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.quotas import CHANGE_LIFE, NOTHING, ChangeState, Standing
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.values.actor import Actor, Scope

SEE, ASK, ENTER = "fleet.quota.see", "fleet.quota.request", "fleet.quota.enter"
_NO_KEEPERS = (Nature.AREA, Nature.SECTION)  # areas and sections keep no cars of their own


def units_within(scope: Scope) -> list[Unit]:
    """The units of a scope that may keep cars."""
    rows = Unit.objects.open().within(scope).exclude(nature__in=_NO_KEEPERS)
    return list(rows.select_related("parent"))


def quotas(*, scope: Scope, on: date) -> Quotas:
    """The quotas inside the scope with how they stand on a day, and the last document of each.

    ``number``, ``on_books``, ``document``, ``approved_on`` are annotations.
    """
    agreed = QuotaChange.objects.in_effect(on).filter(quota=OuterRef("pk"))
    totals = agreed.order_by().values("quota").annotate(all=Sum("delta")).values("all")
    stays = CarStay.objects.within(scope).on(on)
    stays = stays.filter(unit=OuterRef("unit"), use=OuterRef("use")).order_by()
    last = agreed.order_by("-takes_effect_on", "-pk")
    rows: Quotas = (
        Quota.objects.within(scope)
        .select_related("unit")
        .annotate(
            number=Coalesce(Subquery(totals), 0),
            on_books=Coalesce(
                Subquery(stays.values("unit").annotate(n=Count("pk")).values("n")), 0
            ),
            document=Subquery(last.values("document")[:1]),
            approved_on=Subquery(last.values("takes_effect_on")[:1]),
        )
        .filter(approved_on__isnull=False)
    )
    return rows


def changes(scope: Scope) -> QuotaChanges:
    """The changes of quotas inside the scope, the newest first."""
    rows: QuotaChanges = QuotaChange.objects.within(scope).select_related(
        "quota__unit", "applicant"
    )
    return rows


def change(*, actor: Actor, change_id: int) -> QuotaChange:
    """One change inside the scope, or one whose approval this person has to do with; else 404."""
    scope = actor.scope(SEE)
    rows = changes(scope if sees_in(scope, change_id) else Scope())
    if approvals.has_to_do_with(actor=actor, subject_type=SUBJECT, subject_id=change_id):
        rows = changes(Scope.all())
    found: QuotaChange = rows.get(pk=change_id)
    return found


def sees_in(scope: Scope, change_id: int) -> bool:
    """Whether a change lies in a scope."""
    return not scope.nothing and QuotaChange.objects.within(scope).filter(pk=change_id).exists()


def sees_change(actor: Actor, change_id: int) -> bool:
    """Whether somebody may open a change: it is in their scope, or its approval concerns them."""
    return sees_in(actor.scope(SEE), change_id) or approvals.has_to_do_with(
        actor=actor, subject_type=SUBJECT, subject_id=change_id
    )


def summary_of(change: QuotaChange) -> str:
    """A change in one line: in lists of many kinds of requests, and above the form of an act."""
    word = "增加" if change.delta > 0 else "核减"
    use = Use(change.quota.use).label
    return f"{use}编制{word} {abs(change.delta)} 辆 · {change.reason}"


CHANGES = Subject(
    model="fleet.quotachange", title="编制变更", page="fleet:quota_change", key="change_id",
    path="quotas/changes", stem="quota", see=SEE, sees=sees_change, rows=changes,
    life=CHANGE_LIFE, beside=("quota__unit", "applicant"), listed=("公务用车编制", "fleet:quotas"),
    now=lambda change: f"{change.quota.unit.shown}，{summary_of(change)}",
)  # fmt: skip
SUBJECT = CHANGES.model


def sent_back(*, person_id: int) -> QuotaChanges:
    """The changes that came back to this person to be mended."""
    rows = QuotaChange.objects.filter(applicant_id=person_id, state=ChangeState.RETURNED)
    found: QuotaChanges = rows.select_related("quota__unit").order_by("pk")
    return found


def standing(*, unit_id: int, use: str, on: date, without: int | None = None) -> Standing:
    """How the quota of one unit and class stands on a day; ``without`` one purchase.

    For the rules, which must know the whole truth; three statements.
    """
    granted = QuotaChange.objects.in_effect(on).filter(quota__unit=unit_id, quota__use=use)
    taken = reserving(on).filter(unit=unit_id, use=use)
    if without is not None:
        taken = taken.exclude(pk=without)
    number = granted.order_by().aggregate(all=Sum("delta"))["all"]
    return Standing(
        quota=number or 0,
        on_books=CarStay.objects.on(on).filter(unit=unit_id, use=use).count(),
        reserved=taken.count(),
        known=number is not None,
    )


def standings(
    *, scope: Scope, on: date, unit_ids: Collection[int] | None = None
) -> Mapping[int, Mapping[Use, Standing]]:
    """How every quota inside the scope stands on a day, by unit and class; three statements.

    Classes of which there is nothing to tell are left out.
    """
    wanted = Q() if unit_ids is None else Q(unit__in=unit_ids)
    numbers: dict[tuple[int, str], list[Any]] = defaultdict(lambda: [None, 0, 0])
    granted = QuotaChange.objects.within(scope).in_effect(on)
    if unit_ids is not None:
        granted = granted.filter(quota__unit__in=unit_ids)
    for unit, use, total in (
        granted.order_by()
        .values("quota__unit", "quota__use")
        .annotate(all=Sum("delta"))
        .values_list("quota__unit", "quota__use", "all")
    ):
        numbers[unit, use][0] = total
    rows: tuple[tuple[int, Any], ...] = (
        (1, CarStay.objects.within(scope).on(on)),
        (2, reserving(on).within(scope)),
    )
    for place, found in rows:
        counted = found.filter(wanted).order_by().values("unit", "use").annotate(n=Count("pk"))
        for unit, use, count in counted.values_list("unit", "use", "n"):
            numbers[unit, use][place] = count
    by_unit: dict[int, dict[Use, Standing]] = defaultdict(dict)
    for (unit, use), (quota, on_books, reserved) in numbers.items():
        by_unit[unit][Use(use)] = Standing(
            quota=quota or 0, on_books=on_books, reserved=reserved, known=quota is not None
        )
    return by_unit


def reserving(day: date) -> Purchases:
    """The purchases that take a place of the quota on a day.

    A renewal takes none while the old car still stands in the same unit and class: it gives its
    place to the new one.
    """
    old_stands = CarStay.objects.on(day).filter(
        car=OuterRef("old_car"), unit=OuterRef("unit"), use=OuterRef("use")
    )
    rows: Purchases = Purchase.objects.holding_on(day).filter(~Exists(old_stands))
    return rows


def on_books(*, scope: Scope, unit_id: int, on: date) -> CarStays:
    """The cars on a unit's books on a day."""
    rows: CarStays = (
        CarStay.objects.within(scope)
        .on(on)
        .filter(unit=unit_id)
        .select_related("car")
        .order_by("use", "car__plate")
    )
    return rows


def latest(*, quota_ids: Collection[int]) -> Mapping[int, QuotaChange]:
    """The change that took effect last, by quota."""
    rows = (
        QuotaChange.objects.filter(quota__in=quota_ids, state=ChangeState.AGREED)
        .order_by("quota", F("takes_effect_on").desc(), "-pk")
        .distinct("quota")
    )
    return {row.quota_id: row for row in rows}


def of(by_unit: Mapping[int, Mapping[Use, Standing]], unit_id: int, use: Use) -> Standing:
    """One cell of ``standings``; nothing where there is nothing to tell."""
    return by_unit.get(unit_id, {}).get(use, NOTHING)
