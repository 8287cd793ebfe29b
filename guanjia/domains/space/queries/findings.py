"""The findings there are (用房问题), for whoever may see them."""

from datetime import date
from typing import Any

from django.db.models import Q

from guanjia.domains.space.models import Finding
from guanjia.domains.space.terms.findings import FINDING_LIFE, FindingState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Scope

SEE, EXPLAIN, DECIDE = "space.finding.see", "space.finding.explain", "space.finding.decide"
JUDGE = "space.finding.judge"


def findings(scope: Scope) -> Any:
    """The findings inside the scope with what they are about."""
    return Finding.objects.within(scope).select_related(
        "unit", "room__building", "person", "building", "explained_by", "decided_by", "continues"
    )


FINDINGS = Subject(
    model="space.finding", title="用房问题", page="space:finding", see=SEE, rows=findings,
    life=FINDING_LIFE, key="finding_id", path="findings", stem="finding", beside=("unit",),
    listed=("用房问题", "space:findings_list"),
    now=lambda row: f"{row.label}，{row.headline.rstrip('。')}",
)  # fmt: skip


def finding(*, scope: Scope, finding_id: int) -> Finding:
    """One finding; ``Finding.DoesNotExist`` outside the scope."""
    found: Finding = findings(scope).get(pk=finding_id)
    return found


def to_explain(scope: Scope) -> Any:
    """Findings that wait for the word of their unit."""
    rows = findings(scope).filter(state=FindingState.RAISED, unit__isnull=False)
    return rows.order_by("due_on", "pk")


def to_mend(scope: Scope) -> Any:
    """Findings that their unit is to mend."""
    rows = findings(scope).filter(state=FindingState.MENDING)
    return rows.order_by("mend_by", "pk")


def to_decide(scope: Scope, *, on: date) -> Any:
    """Findings to decide: explained, or with the time for it over, or of the bureau itself."""
    over = Q(state=FindingState.RAISED) & (Q(due_on__lt=on) | Q(unit=None))
    rows = findings(scope).filter(Q(state=FindingState.EXPLAINED) | over)
    return rows.order_by("due_on", "pk")


def open_about(
    *,
    scope: Scope,
    room_id: int | None = None,
    unit_id: int | None = None,
    on: date | None = None,
) -> Any:
    """The open findings about a room or of a unit, for the pages of these.

    ``on``: those of that day or before which were still open when it ended; now if not given.
    """
    rows = findings(scope)
    if on is None:
        rows = rows.open()
    else:
        rows = rows.filter(judged_on__lte=on)
        rows = rows.filter(Q(closed_at=None) | Q(closed_at__date__gt=on))
    if room_id is not None:
        rows = rows.filter(room=room_id)
    if unit_id is not None:
        rows = rows.filter(unit=unit_id)
    return rows.order_by("-judged_on", "pk")


def said_before(row: Finding) -> Finding | None:
    """The nearest of the findings that this one continues on which the same unit had its say."""
    earlier: Finding | None = row.continues
    while earlier is not None and earlier.unit_id == row.unit_id:
        if earlier.explanation:
            return earlier
        earlier = earlier.continues
    return None


def cite_of(row: Finding) -> Citation:
    """The citation as it was when the finding was made."""
    return Citation(
        title=row.cite_title,
        article=row.cite_article,
        number=row.cite_number,
        since=row.cite_since,
        checked_on=row.cite_checked_on,
        source=row.cite_source,
        key=row.cite_key,
        own=row.cite_own,
    )
