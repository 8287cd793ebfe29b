"""Reading disposals (处置利用) and what they bring; the scope says where one may look."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, Sum

from guanjia.domains.space.models import Disposal, DisposalIncome, DisposalRoom, Disposals
from guanjia.domains.space.rules.allocations import area, day
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.disposals import (
    DISPOSAL_LIFE,
    INCOME_LIFE,
    LASTING,
    UNSENT,
    DisposalState,
    DisposalWay,
    IncomeState,
    Purpose,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.values.actor import Actor, Scope

SEE, REQUEST, DEAL = "space.disposal.see", "space.disposal.request", "space.disposal.deal"


def disposals(scope: Scope) -> Disposals:
    """The disposals inside the scope with what their list shows."""
    rows: Disposals = Disposal.objects.within(scope).select_related("unit", "to_unit", "applicant")
    return rows


def listed(scope: Scope) -> Any:
    """The same with their rooms read along, as ``given``."""
    inside = DisposalRoom.objects.select_related("room__building")
    return disposals(scope).prefetch_related(Prefetch("rooms", queryset=inside, to_attr="given"))


def disposal(*, scope: Scope, disposal_id: int) -> Disposal:
    """One disposal; raises ``Disposal.DoesNotExist`` outside the scope."""
    found: Disposal = disposals(scope).get(pk=disposal_id)
    return found


def sees_disposal(actor: Actor, disposal_id: int) -> bool:
    """Whether somebody may open a disposal: in their scope, or its approval concerns them."""
    scope = actor.scope(SEE)
    if not scope.nothing and Disposal.objects.within(scope).filter(pk=disposal_id).exists():
        return True
    return approvals.has_to_do_with(actor=actor, subject_type=SUBJECT, subject_id=disposal_id)


def about(found: Disposal) -> str:
    """What is decided, in one line."""
    what = found.get_way_display()
    if found.purpose:
        what = f"{what}（{found.get_purpose_display()}）"
    user = f" · {found.user}" if found.user else ""
    worth = f" · 评估 {yuan(found.valuation_fen)}" if found.valuation_fen is not None else ""
    return f"{found.place} · {area(found.usable_m2)} · {what}{user}{worth}"


DISPOSALS = Subject(
    model="space.disposal", title="闲置用房处置利用", page="space:disposal", key="reuse_id",
    path="disposals", stem="disposal", see=SEE, sees=sees_disposal, rows=disposals,
    life=DISPOSAL_LIFE, beside=("unit__parent", "to_unit"),
    listed=("闲置用房处置利用", "space:disposals_list"), now=about,
)  # fmt: skip
SUBJECT = DISPOSALS.model


def rooms_of(disposal: Disposal) -> list[DisposalRoom]:
    """Its rooms with their buildings."""
    return list(disposal.rooms.select_related("room__building__compound", "room__floor"))


def under_way(*, room_ids: Collection[int], without: int | None = None) -> list[DisposalRoom]:
    """The open parts of other disposals that any of these rooms has."""
    rows = DisposalRoom.objects.filter(room__in=room_ids, open=True).exclude(disposal=without)
    return list(rows.select_related("disposal", "room__building"))


def incomes(scope: Scope) -> Any:
    """What disposals inside the scope bring."""
    return DisposalIncome.objects.within(scope).select_related("disposal__to_unit")


def _income_now(found: DisposalIncome) -> str:
    return f"{found.title}，应缴 {yuan(found.due_fen)}，{day(found.due_on)}前"


INCOMES = Subject(
    model="space.disposalincome", title="处置收入", page="space:disposal",
    home=lambda found: found.disposal_id, key="income_id", path="incomes", stem="income", see=SEE,
    rows=incomes, life=INCOME_LIFE, beside=("disposal",), name="title",
    listed=("处置收入", "space:incomes_list"), now=_income_now,
)  # fmt: skip


def income(*, scope: Scope, income_id: int) -> DisposalIncome:
    """One income; raises ``DisposalIncome.DoesNotExist`` outside the scope."""
    found: DisposalIncome = incomes(scope).get(pk=income_id)
    return found


def late(scope: Scope, *, on: date) -> Any:
    """The incomes that were not in the treasury by their last day."""
    return incomes(scope).filter(state=IncomeState.DUE, due_on__lt=on).order_by("due_on", "pk")


def to_pay(scope: Scope, *, on: date) -> Any:
    """The incomes to pay in now: what they are for has begun."""
    return incomes(scope).filter(state=IncomeState.DUE, from_on__lte=on).order_by("due_on", "pk")


def to_carry_out(scope: Scope) -> Any:
    """What is decided and waits to be carried out, the longest first."""
    return disposals(scope).filter(state=DisposalState.AGREED).order_by("approved_on", "pk")


def to_send(scope: Scope) -> Any:
    """What waits to be valued and sent, or was sent back."""
    return disposals(scope).filter(state__in=UNSENT).order_by("pk")


def ending(scope: Scope, *, on: date, days: int) -> Any:
    """Leases and public uses that end within some days, or have ended and were not taken back."""
    rows = disposals(scope).filter(state=DisposalState.RUNNING, way__in=LASTING)
    return rows.filter(last_on__lte=on + timedelta(days=days)).order_by("last_on", "pk")


def of_room(*, room_id: int, scope: Scope) -> Any:
    """The disposals that a room was part of, the newest first."""
    return disposals(scope).filter(rooms__room=room_id).order_by("-pk")


def late_rows(on: date) -> Q:
    """The condition that an income is late on a day."""
    return Q(state=IncomeState.DUE, due_on__lt=on)


@dataclass(frozen=True, kw_only=True)
class Use:
    """Rooms that disposals put to some use on a day; ``query`` finds the disposals in the list."""

    title: str
    rooms: int
    m2: Decimal
    query: dict[str, str]


def uses(*, scope: Scope, day: date) -> list[Use]:
    """What rooms were used for on a day by public use and lease, the largest first."""
    begun = Q(carried_on__lte=day, way__in=LASTING)
    running = disposals(scope).filter(begun, Q(ended_on=None) | Q(ended_on__gt=day))
    rows = (
        running.values("way", "purpose")
        .annotate(parts=Count("rooms"), m2=Sum("rooms__usable_m2"))
        .order_by("-m2")
    )
    return [
        Use(
            title=Purpose(one["purpose"]).label
            if one["purpose"]
            else DisposalWay(one["way"]).label,
            rooms=one["parts"],
            m2=one["m2"],
            query={"view": "all", "way": one["way"], "state": "RUNNING"}
            | ({"purpose": one["purpose"]} if one["purpose"] else {}),
        )
        for one in rows
    ]
