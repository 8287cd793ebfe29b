"""Filings: what they lack, how far an area has come, who reported in time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate

from guanjia.domains.energy.models import Doubt, Filing, MonthReturn
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.rules.filings import Readiness
from guanjia.domains.energy.terms.returns import (
    FILING_LIFE,
    WRITABLE,
    DoubtState,
    FilingKind,
    FilingState,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import SHANGHAI

SEE, REVIEW, ACCEPT, OPEN = (
    "energy.return.see",
    "energy.filing.review",
    "energy.filing.accept",
    "energy.filing.open",
)
FILL = "energy.return.fill"


def listed(scope: Scope) -> Any:
    """The filings of a scope with whose they are."""
    return Filing.objects.within(scope).select_related("institution__area")


FILINGS = Subject(
    model="energy.filing", title="能耗报表", page="energy:filing", key="filing_id",
    path="filings", stem="filing", see=SEE, rows=listed, life=FILING_LIFE,
    beside=("institution__area",), name="name", listed=("能耗报表报送", "energy:filings_list"),
    now=lambda filing: f"{filing.name}，{filing.due_on:%Y-%m-%d} 前报送",
)  # fmt: skip
# From where which desk gives a filing back to its institution (退回).
SENDING_BACK = {REVIEW: (FilingState.COUNTY,), ACCEPT: (FilingState.CITY,)}


def lies_with_city(filing_id: int) -> bool:
    """Whether a filing waits for the city."""
    return bool(Filing.objects.filter(pk=filing_id, state=FilingState.CITY).exists())


def readiness(filing: Filing) -> Readiness:
    """What a filing still lacks."""
    return readinesses([filing])[filing.pk]


def readinesses(filings: Collection[Filing]) -> Mapping[int, Readiness]:
    """The same of many, in two statements."""
    wanted = {filing.pk: rules.months(FilingKind(filing.kind), filing.first) for filing in filings}
    institutions = {filing.institution_id for filing in filings}
    all_months = {month for months in wanted.values() for month in months}
    told = MonthReturn.objects.filter(institution__in=institutions, month__in=all_months)
    by_institution: dict[int, dict[date, int]] = defaultdict(dict)
    for pk, institution, month in told.values_list("pk", "institution", "month"):
        by_institution[institution][month] = pk
    doubts = dict(
        Doubt.objects.filter(month_return__in=told.values("pk"), state=DoubtState.OPEN)
        .order_by()
        .values_list("month_return")
        .annotate(n=Count("pk"))
    )
    found = {}
    for filing in filings:
        there = by_institution[filing.institution_id]
        months = wanted[filing.pk]
        found[filing.pk] = Readiness(
            missing=tuple(month for month in months if month not in there),
            doubts=sum(doubts.get(there[month], 0) for month in months if month in there),
        )
    return found


_COUNTED = ("total", "drafting", "county", "city", "back", "locked", "late", "in_time")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an area has come with a period."""

    area_id: int
    total: int = 0
    drafting: int = 0
    county: int = 0
    city: int = 0
    back: int = 0
    locked: int = 0
    late: int = 0  # not sent, and the day is past
    in_time: int = 0  # sent by the day

    @property
    def sent(self) -> int:
        """How many have left their institution."""
        return self.county + self.city + self.locked

    @property
    def rate(self) -> int | None:
        """How many of hundred were sent in time (按时报送率); ``None`` of none."""
        return round(100 * self.in_time / self.total) if self.total else None


def progress(*, scope: Scope, kind: FilingKind, first: date, today: date) -> list[Progress]:
    """Every area of a scope in one period, in the order of the areas; one statement."""
    rows = Filing.objects.within(scope).filter(kind=kind, first=first).order_by()
    sent_on = TruncDate("sent_at", tzinfo=SHANGHAI)
    counted: Any = (
        rows.annotate(sent_on=sent_on)
        .values("institution__area")
        .annotate(
            total=Count("pk"),
            drafting=Count("pk", filter=Q(state=FilingState.DRAFT)),
            county=Count("pk", filter=Q(state=FilingState.COUNTY)),
            city=Count("pk", filter=Q(state=FilingState.CITY)),
            back=Count("pk", filter=Q(state=FilingState.SENT_BACK)),
            locked=Count("pk", filter=Q(state=FilingState.LOCKED)),
            late=Count("pk", filter=Q(state__in=WRITABLE, due_on__lt=today)),
            in_time=Count("pk", filter=Q(sent_on__lte=F("due_on"))),
        )
        .order_by("institution__area__position")
    )
    return [
        Progress(area_id=area, **{name: row[name] for name in _COUNTED})
        for row in counted
        for area in [row["institution__area"]]
    ]


def one_by_one(*, scope: Scope, kind: FilingKind, first: date) -> dict[int, list[Filing]]:
    """Every filing of a period, by area and in the order of the register."""
    rows = Filing.objects.within(scope).filter(kind=kind, first=first)
    rows = rows.select_related("institution").order_by("institution__position", "pk")
    found: dict[int, list[Filing]] = defaultdict(list)
    for row in rows:
        found[row.institution.area_id].append(row)
    return found


def whole(parts: Iterable[Progress]) -> Progress:
    """The areas together."""
    parts = list(parts)
    return Progress(area_id=0, **{n: sum(getattr(part, n) for part in parts) for n in _COUNTED})


def periods(scope: Scope) -> list[tuple[FilingKind, date]]:
    """The periods that were opened, newest first."""
    rows = Filing.objects.within(scope).order_by("-first", "kind")
    return [
        (FilingKind(kind), first) for kind, first in rows.values_list("kind", "first").distinct()
    ]


def of_return(row: MonthReturn) -> list[Filing]:
    """The filings that a month belongs to."""
    wanted = [
        (kind, rules.first_of(kind, row.month)) for kind in (FilingKind.QUARTER, FilingKind.YEAR)
    ]
    condition = Q()
    for kind, first in wanted:
        condition |= Q(kind=kind, first=first)
    return list(Filing.objects.filter(condition, institution=row.institution_id).order_by("kind"))


def to_send(scope: Scope) -> Any:
    """The filings of a scope that wait to be sent, the first due first."""
    return listed(scope).filter(state__in=WRITABLE).order_by("due_on", "pk")


def at_county(scope: Scope) -> Any:
    """Those that wait for the county's review."""
    return listed(scope).filter(state=FilingState.COUNTY).order_by("due_on", "pk")


def at_city(scope: Scope) -> Any:
    """Those that wait for the city to accept them."""
    return listed(scope).filter(state=FilingState.CITY).order_by("due_on", "pk")
