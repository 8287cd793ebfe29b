"""Reading allocations; the scope says where one may look."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from guanjia.domains.space.models import Allocation, AllocationRoom, Allocations, Room
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.queries import standards as standing_of
from guanjia.domains.space.rules import standards
from guanjia.domains.space.rules.allocations import area, day
from guanjia.domains.space.terms.allocations import (
    ALLOCATION_LIFE,
    FROM_STOCK,
    UNSENT,
    AllocationMethod,
    AllocationState,
    Need,
)
from guanjia.domains.space.terms.ledger import AS_OFFICES
from guanjia.domains.space.terms.standards import BASIC, Approved, Basis, UnitFacts
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Level, Rank
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period
from guanjia.kernel.vouchers.models import Voucher

SEE = "space.allocation.see"
REQUEST, GRANT = "space.allocation.request", "space.allocation.grant"
ENTER = "space.allocation.enter"
# What a unit has for a term: of these the end is told in time.
FOR_A_TERM = (AllocationMethod.LOAN, AllocationMethod.RENT)
LOANS_RUNNING = (AllocationState.IN_USE, AllocationState.RECORDED)


def allocations(scope: Scope) -> Allocations:
    """The allocations inside the scope with what their list shows."""
    rows: Allocations = Allocation.objects.within(scope).select_related("unit", "applicant")
    return rows


def summary_of(allocation: Allocation) -> str:
    """The request in one line: in lists of many kinds of requests, and above the form of an act."""
    way = "续借" if allocation.extends_id else allocation.get_way_display()
    wanted = f" {area(allocation.wanted_m2)}" if allocation.wanted_m2 else ""
    return f"{way}{wanted} · {allocation.reason}"


def _now(found: Allocation) -> str:
    until = f"，到{day(found.last_on)}" if found.is_loan and found.last_on else ""
    return f"{found.unit.shown}，{summary_of(found)}{until}"


def sees_allocation(actor: Actor, allocation_id: int) -> bool:
    """Whether somebody may open an allocation: in their scope, or its approval concerns them."""
    scope = actor.scope(SEE)
    if not scope.nothing and Allocation.objects.within(scope).filter(pk=allocation_id).exists():
        return True
    return approvals.has_to_do_with(actor=actor, subject_type=SUBJECT, subject_id=allocation_id)


ALLOCATIONS = Subject(
    model="space.allocation", title="用房调配", page="space:allocation", key="allocation_id",
    path="allocations", stem="allocation", see=SEE, sees=sees_allocation, rows=allocations,
    life=ALLOCATION_LIFE, beside=("unit__parent", "extends"),
    listed=("办公用房调配", "space:allocations"), now=_now,
)  # fmt: skip
SUBJECT = ALLOCATIONS.model


def ends_without_clearance(found: Allocation) -> bool:
    """Whether no room of the bureau hangs on it: what a ledger told of, a lease, a building."""
    return found.state == AllocationState.RECORDED or found.way not in FROM_STOCK


def with_paper(scope: Scope) -> Allocations:
    """The allocations that have or had a voucher, of ours or of a ledger: the register."""
    return allocations(scope).exclude(paper="")


def counts(scope: Scope) -> dict[str, int]:
    """How many there are in each state."""
    rows = Allocation.objects.within(scope).order_by().values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}


def allocation(*, scope: Scope, allocation_id: int) -> Allocation:
    """One allocation; raises ``Allocation.DoesNotExist`` outside the scope."""
    rows = allocations(scope).select_related("extends", "granted_by")
    found: Allocation = rows.get(pk=allocation_id)
    return found


def reallocated(*, scope: Scope, period: Period) -> Allocations:
    """The 调剂 that were approved in a period and granted; called off ones and loans are none."""
    rows: Allocations = (
        Allocation.objects.within(scope)
        .counted()
        .filter(
            way=AllocationMethod.REALLOCATE,
            approved_on__gte=period.start,
            approved_on__lt=period.end,
        )
    )
    return rows


def replaced_papers(papers: Collection[str]) -> set[str]:
    """Which of these numbers stand on a paper that was issued here and is void or replaced."""
    gone = Voucher.objects.filter(numbered__in=papers, subject_model=SUBJECT)
    standing = Allocation.objects.filter(paper__in=papers).values("paper")
    return set(gone.exclude(numbered__in=standing).values_list("numbered", flat=True))


def gross_m2(rows: Allocations) -> Decimal:
    """The 建筑面积 of some allocations together, in ㎡."""
    return rows.aggregate(m2=Sum("gross_m2"))["m2"] or Decimal(0)


def waiting(scope: Scope, *states: AllocationState) -> Allocations:
    """The allocations in some states, the longest waiting first."""
    return allocations(scope).filter(state__in=states).order_by("approved_on", "pk")


def terms_ending(*, scope: Scope, on: date, days: int) -> Allocations:
    """The loans and leases (租用) that run and end within some days of a day, or have ended."""
    rows: Allocations = (
        allocations(scope)
        .filter(
            way__in=FOR_A_TERM,
            state__in=LOANS_RUNNING,
            last_on__lte=on + timedelta(days=days),
        )
        .order_by("last_on", "pk")
    )
    return rows


def given(allocation: Allocation) -> list[AllocationRoom]:
    """The rooms that are given."""
    return [row for row in _rooms(allocation) if not row.back]


def going_back(allocation: Allocation) -> list[AllocationRoom]:
    """The old rooms that go back after the move."""
    return [row for row in _rooms(allocation) if row.back]


def _rooms(allocation: Allocation) -> list[AllocationRoom]:
    rows = allocation.rooms.select_related("room__building__compound", "room__floor")
    return list(rows)


def of_room(*, room: Room, scope: Scope) -> Allocations:
    """The allocations by which a room was given, the newest first."""
    rows: Allocations = (
        allocations(scope).filter(rooms__room=room, rooms__back=False).order_by("-pk")
    )
    return rows


def named(allocation: Allocation) -> Mapping[Rank, int]:
    """How many of each rank are to be seated."""
    return {Rank(row.rank): row.persons for row in allocation.needs.all()}


# ── what a unit may have and has ─────────────────────────────────────────────────────────


def own_rooms(*, unit: Unit, day: date) -> list[Any]:
    """The rooms that a unit and its sections hold on a day."""
    scope = Scope(paths=(unit.path,))
    return list(rooms.as_of(day=day, scope=scope).order_by("building", "floor__number", "number"))


def staff_by_rank(unit: Unit) -> Mapping[Rank, int]:
    """The people in service at a unit and its sections, by rank: what a request begins with."""
    ranks = (
        Person.objects.serving()
        .filter(unit__path__startswith=unit.path)
        .exclude(employment="RETIRED")
        .values_list("rank", flat=True)
    )
    counted = Counter(Rank(rank) for rank in ranks)
    return {rank: counted[rank] for rank in Rank if counted[rank]}


def people_of(*, unit: Unit, day: date) -> int | None:
    """How many people the standard knows of at a unit: its establishment, or what is derived for
    it; ``None`` where it knows nothing."""
    known = standing_of.standing(unit_id=unit.pk, day=day)
    return known.approved.facts.persons or None if known is not None else None


def approved_for(*, unit: Unit, persons: Mapping[Rank, int], law: LawInForce) -> Approved:
    """What a unit with these people may have, part by part, each with its article."""
    facts = UnitFacts(
        id=unit.pk,
        name=unit.shown,
        level=Level(unit.level),
        ranks=dict(persons),
        basis=Basis.ENTERED if persons else Basis.UNKNOWN,
        headcount=unit.headcount,
    )
    found = standards.approved(facts=facts, law=law)
    # These are the people who are to be seated, not an establishment.
    told = found.service.formula.replace("编制 ", "用房 ", 1)
    return replace(found, service=replace(found.service, formula=told))


def ranks_for(*, unit: Unit, law: LawInForce) -> list[Rank]:
    """The ranks that the standard names for organs of the unit's level, and those of its staff."""
    level, staff = Level(unit.level), staff_by_rank(unit)
    limits = {rank: standards.limit_of(rank=rank, level=level, law=law) for rank in Rank}
    named = [rank for rank, limit in limits.items() if limit.m2 is not None and not limit.note]
    return [rank for rank in Rank if rank in named or rank in staff]


def need_of(
    *,
    unit: Unit,
    persons: Mapping[Rank, int],
    back: Collection[int],
    day: date,
    law: LawInForce,
) -> Need:
    """What a unit with these people may have, and what it holds on a day.

    ``back``: ids of its rooms that it gives back. Basic rooms only (基本办公用房), usable ㎡.
    """
    own = [row for row in own_rooms(unit=unit, day=day) if row.held.basis in AS_OFFICES]
    held = [row for row in own if row.now.kind in BASIC]
    areas = {row.pk: row.now.usable_m2 for row in held}
    return Need(
        persons=sum(persons.values()),
        entitled_m2=approved_for(unit=unit, persons=persons, law=law).total_m2,
        held_m2=sum(areas.values(), Decimal(0)),
        back_m2=sum((areas.get(pk, Decimal(0)) for pk in set(back)), Decimal(0)),
    )


def need_of_allocation(allocation: Allocation, *, day: date, law: LawInForce) -> Need:
    """The need of an allocation as the ledger stands on a day."""
    return need_of(
        unit=allocation.unit,
        persons=named(allocation),
        back=[row.room_id for row in going_back(allocation)],
        day=day,
        law=law,
    )


def counted(value: str) -> Q:
    """The condition that allocations count for figures, or that they do not."""
    yes = Q(pk__in=Allocation.objects.counted().values("pk"))
    return yes if value == "COUNTS" else ~yes


def without_extension() -> Q:
    """The condition that no request to make a loan longer is under way; one that was sent or taken
    back, or called off, keeps no loan from its end."""
    under_way = Allocation.objects.exclude(state__in=(AllocationState.CALLED_OFF, *UNSENT))
    extended = under_way.filter(extends__isnull=False).values(old=F("extends"))
    return ~Q(pk__in=extended)
