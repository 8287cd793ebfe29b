"""Reading public notices, and the rows they are counted from."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from guanjia.domains.fleet.models import Cost, Publication, Publications, Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.publications import PUBLICATION_LIFE, PublicationState, Told
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period
from guanjia.kernel.vouchers import codes

SEE, MAKE = "fleet.publication.see", "fleet.publication.make"
_WITH = ("corrects", "correction", "published_by", "withdrawn_by", "drawn_by")


def every(scope: Scope) -> Publications:
    """Every notice, drafts too, for whoever may see any."""
    rows: Publications = Publication.objects.within(scope).select_related(*_WITH)
    return rows


def publications(actor: Actor) -> Publications:
    """The notices this person may open: what was published, and drafts for whoever sees them."""
    rows: Publications = Publication.objects.select_related(*_WITH)
    return rows if actor.can(SEE) else rows.told()


def publication(*, actor: Actor, publication_id: int) -> Publication:
    """One notice; raises ``Publication.DoesNotExist`` for a draft that is not theirs to see."""
    found: Publication = publications(actor).get(pk=publication_id)
    return found


def sees_publication(actor: Actor, publication_id: int) -> bool:
    """Whether somebody may open a notice."""
    return bool(publications(actor).filter(pk=publication_id).exists())


NOTICES = Subject(
    model="fleet.publication", title="用车公示", page="fleet:publication", key="publication_id",
    path="publications", stem="publication", see=SEE, sees=sees_publication, rows=every,
    life=PUBLICATION_LIFE, name="title", listed=("用车公示", "fleet:publications"),
    now=lambda notice: f"{notice.title}，第 {notice.edition} 版",
)  # fmt: skip


def by_code(text: str) -> Publication | None:
    """The published notice of a code, also one corrected or withdrawn since, or ``None``."""
    rows = Publication.objects.told().select_related("corrects", "correction")
    found: Publication | None = rows.filter(code=codes.read(text)).first()
    return found


def editions(found: Publication) -> list[Publication]:
    """Every published edition of a notice, the first one first."""
    rows = Publication.objects.told().filter(start=found.start, end=found.end)
    return list(rows.select_related("published_by").order_by("edition"))


def newest(*, period: Period) -> Publication | None:
    """The last edition of a period, drafts too, or ``None``."""
    found: Publication | None = (
        Publication.objects.filter(start=period.start, end=period.end).order_by("-edition").first()
    )
    return found


# ── counting ─────────────────────────────────────────────────────────────────────────────


def told_of(period: Period) -> list[Told]:
    """Use and cost of a period by unit and month, as everybody may know them.

    Counted in the scope of the outside: no journey and no cost of a secret car. Sections count as
    their unit. In the protocol order of the units, then by month.
    """
    trips: dict[tuple[int, str], tuple[int, int]] = {}
    costs: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    homes = _homes()
    finished = sheets.finished_trips(scope=Scope.outside(), period=period).order_by()
    for unit_id, month, count, km in (
        finished.annotate(month=TruncMonth("went_at", tzinfo=times.ZONE))
        .values("unit", "month")
        .annotate(count=Count("pk"), km=Sum("driven"))
        .values_list("unit", "month", "count", "km")
    ):
        key = homes[unit_id].pk, f"{month:%Y-%m}"
        had = trips.get(key, (0, 0))
        trips[key] = had[0] + count, had[1] + int(km or 0)
    for unit_id, month, kind, fen in (
        counted_costs(Scope.outside(), period)
        .order_by()
        .annotate(month=TruncMonth("spent_on"))
        .values("unit", "month", "kind")
        .annotate(fen=Sum("amount_fen"))
        .values_list("unit", "month", "kind", "fen")
    ):
        kinds = costs[homes[unit_id].pk, f"{month:%Y-%m}"]
        kinds[kind] = kinds.get(kind, 0) + int(fen or 0)
    by_pk = {unit.pk: unit for unit in homes.values()}
    keys = sorted(
        {*trips, *costs},
        key=lambda key: (by_pk[key[0]].position, by_pk[key[0]].code, key[1]),
    )
    return [_told(by_pk[pk], month, trips, costs) for pk, month in keys]


def _told(unit: Unit, month: str, trips: Any, costs: Any) -> Told:
    count, km = trips.get((unit.pk, month), (0, 0))
    kinds = {kind: fen for kind, fen in costs.get((unit.pk, month), {}).items() if fen}
    return Told(unit=unit.code, name=unit.name, month=month, trips=count, km=km, costs=kinds)


def _homes() -> dict[int, Unit]:
    """The unit that answers for each unit or section."""
    units = Unit.objects.select_related("parent__parent__parent")
    return {unit.pk: org.home_unit(unit) for unit in units}


def counted_costs(scope: Scope, period: Period) -> "QuerySet[Cost]":
    """The costs of a period that count, inside the scope."""
    rows: QuerySet[Cost] = (
        Cost.objects.within(scope)
        .counted()
        .filter(spent_on__gte=period.start, spent_on__lt=period.end)
    )
    return rows


# ── the rows behind a number ─────────────────────────────────────────────────────────────


def trips_behind(*, scope: Scope, period: Period, unit: str) -> "QuerySet[Trip]":
    """The journeys that a published number counts, as far as the scope lets one see them."""
    rows: QuerySet[Trip] = (
        sheets.finished_trips(scope=Scope.outside(), period=period)
        .filter(pk__in=Trip.objects.within(scope).values("pk"))
        .select_related("unit", "car", "driver")
        .order_by("went_at", "pk")
    )
    return rows.filter(unit__in=_answered_for(unit)) if unit else rows


def costs_behind(*, scope: Scope, period: Period, unit: str, kind: str) -> "QuerySet[Cost]":
    """The costs that a published number counts, as far as the scope lets one see them."""
    rows = counted_costs(Scope.outside(), period).filter(
        pk__in=Cost.objects.within(scope).values("pk")
    )
    if unit:
        rows = rows.filter(unit__in=_answered_for(unit))
    if kind:
        rows = rows.filter(kind=kind)
    return rows.select_related("unit", "car").order_by("spent_on", "pk")


def _answered_for(code: str) -> list[int]:
    """The unit of a code and the sections that count as it."""
    return [pk for pk, home in _homes().items() if home.code == code]


def drafts(actor: Actor) -> Publications:
    """The drafts that whoever makes notices has not published yet."""
    return publications(actor).filter(state=PublicationState.DRAFT).order_by("drawn_at")
