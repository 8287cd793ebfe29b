"""What the supervisors' window (监督窗口) shows: what a field offers, and what is told to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Value

from guanjia.domains.fleet.models import MonthlyList, Publication
from guanjia.domains.fleet.queries import oversight
from guanjia.domains.fleet.terms.oversight import GRAVEST, Level
from guanjia.domains.fleet.terms.publications import PublicationState
from guanjia.kernel.registers import catalogue
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.values.actor import Actor, Scope

_PREFIX = "fleet."
NOTICES = 5


@dataclass(frozen=True)
class Offered:
    """A register of the field with how many rows of it the actor may see."""

    register: Register
    count: int


def offered(actor: Actor) -> list[Offered]:
    """The registers of the department that the actor's duties open, counted in one statement."""
    found = [
        register
        for register in catalogue.all_registers()
        if register.key.startswith(_PREFIX) and actor.can(register.see)
    ]
    counts = _counts(found, actor)
    return [Offered(register, counts.get(register.key, 0)) for register in found]


def _counts(registers: Sequence[Register], actor: Actor) -> dict[str, int]:
    """How many rows of each register lie inside the actor's scope; one statement for all."""
    counted = [
        register.rows(actor.scope(register.see))
        .select_related(None)
        .order_by()
        .annotate(_register=Value(register.key))
        .values("_register")
        .annotate(_count=Count("pk", distinct=True))
        .values_list("_register", "_count")
        for register in registers
    ]
    if not counted:
        return {}
    first, *others = counted
    return dict(first.union(*others, all=True) if others else first)


@dataclass(frozen=True)
class Told:
    """The latest monthly list of findings, how many are on it and how grave they are."""

    row: MonthlyList
    levels: Sequence[tuple[Level, int]]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(count for _, count in self.levels)


def latest_list(scope: Scope) -> Told | None:
    """The latest monthly list, counted as its page shows it; ``None`` before the first."""
    row = oversight.monthly_lists(scope).first()
    if row is None:
        return None
    levels = [each["level"] for each in oversight.rows_of(scope=scope, made=row)]
    return Told(row, [(level, levels.count(level.value)) for level in GRAVEST])


def notices() -> Sequence[Publication]:
    """The notices that are published now, the newest first; they are everybody's.

    Of one that was corrected only what stands in its place.
    """
    there = Publication.objects.filter(state=PublicationState.PUBLISHED)
    rows = there.exclude(correction__in=there).order_by("-published_at")
    return list(rows[:NOTICES])
