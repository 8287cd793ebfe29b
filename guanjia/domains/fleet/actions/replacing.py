"""The same money told by a driver and by a sheet counts once: the row of the sheet stays."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from guanjia.domains.fleet.models import Cost
from guanjia.domains.fleet.rules import reimbursing
from guanjia.domains.fleet.terms.costs import SHEETS, CostSource, CostState
from guanjia.kernel.acts.changing import change
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor

VERB = "fleet.cost.replaced"
_WINDOW = timedelta(days=16)  # a trip may be long, and its driver tells the cost at its end

Pair = tuple[Cost, Cost, str]


@transaction.atomic
def replace(
    *, actor: Actor, car_ids: Collection[int], since: date, until: date, at: datetime
) -> list[Cost]:
    """Let rows of sheets replace what drivers told of the same money between two days.

    Safe to repeat. What the driver told beyond the sheet (加满, 里程表) goes over to its row. Both
    rows stay and name each other. Returns every row that changed.
    """
    rows = list(
        Cost.objects.counted()
        .select_for_update(of=("self",))
        .filter(
            car__in=car_ids,
            source__in=(CostSource.TRIP, *SHEETS),
            spent_on__gte=since - _WINDOW,
            spent_on__lte=until + _WINDOW,
        )
        .order_by("pk")
    )
    taken = set(
        Cost.objects.filter(replaced_by__in=[row.pk for row in rows]).values_list(
            "replaced_by_id", flat=True
        )
    )
    changed: dict[int, Cost] = {}
    for told, row, note in _pairs(rows, taken):
        _put(actor, told, row, note, at)
        changed |= {told.pk: told, row.pk: row}
    return list(changed.values())


def _pairs(rows: Sequence[Cost], taken: set[int]) -> Iterable[Pair]:
    lines: dict[tuple[int, str], tuple[list[Cost], list[Cost]]] = defaultdict(lambda: ([], []))
    for row in rows:
        lines[row.car_id, row.kind][row.source != CostSource.TRIP].append(row)
    for told, sheet in lines.values():
        free = [row for row in sheet if row.pk not in taken]
        singles = _singles(told, free)
        yield from singles
        gone = {row.pk for pair in singles for row in pair[:2]}
        for each in told:
            if each.pk in gone:
                continue
            rows = _sum(each, [row for row in free if row.pk not in gone])
            if rows:
                gone |= {row.pk for row in rows}
                label, total = CostSource(rows[-1].source).label, money.yuan(each.amount_fen)
                yield each, rows[-1], f"{label} {len(rows)} 笔，合计 {total}"


def _singles(told: Sequence[Cost], free: Sequence[Cost]) -> list[Pair]:
    """Tellings and rows of the same money, the surest pairs first: of one trip, of one day."""
    alike = [
        (each.trip_id is None or each.trip_id != row.trip_id, days, each.pk, row.pk, each, row)
        for each in told
        for row in free
        if _same_amount(each, row)
        and (
            (row.trip_id is not None and row.trip_id == each.trip_id)
            or reimbursing.same_days(
                one=each.spent_on, other=row.spent_on, law=law_at(each.spent_on)
            )
        )
        for days in [abs((row.spent_on - each.spent_on).days)]
    ]
    pairs: list[Pair] = []
    gone: set[int] = set()
    for *_, each, row in sorted(alike, key=lambda pair: pair[:4]):
        if not {each.pk, row.pk} & gone:
            gone |= {each.pk, row.pk}
            pairs.append((each, row, f"{CostSource(row.source).label} {row.source_no}"))
    return pairs


def _same_amount(told: Cost, row: Cost) -> bool:
    """Equal money; of a driver who told only litres, equal litres."""
    if told.amount_fen:
        return told.amount_fen == row.amount_fen
    return told.litres is not None and told.litres == row.litres


def _sum(told: Cost, free: Sequence[Cost]) -> list[Cost]:
    """All rows of the trip, where they come to what was told: drivers tell the sum of gates."""
    rows = [row for row in free if row.trip_id is not None and row.trip_id == told.trip_id]
    total = sum(row.amount_fen for row in rows)
    return rows if told.amount_fen and total == told.amount_fen else []


def _put(actor: Actor, told: Cost, row: Cost, note: str, at: datetime) -> None:
    facts = {"state": CostState.REPLACED, "replaced_by_id": row.pk, "state_note": note[:200]}
    change(told, facts, actor=actor, verb=VERB, at=at, note=note)
    gained = {
        name: getattr(told, name)
        for name in ("full", "odometer_km")
        if getattr(row, name) is None and getattr(told, name) is not None
    }
    if gained:
        change(row, gained, actor=actor, verb="fleet.cost.amended", at=at, note=f"取自 {told}")
