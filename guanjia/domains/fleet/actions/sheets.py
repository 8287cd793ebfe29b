"""The monthly sheets of others: the fuel company (油卡对账单), the toll road (ETC 对账单)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import costs, doubting, replacing, sightings
from guanjia.domains.fleet.models import Car, Cost, FuelSale, Statement, TollPass
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.queries import places
from guanjia.domains.fleet.terms.costs import SHEETS, CostKind, CostSource, CostState
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

TAKE = "fleet.cost.judge"
Rows = Sequence[Mapping[str, Any]]
_DETAILS = {
    CostSource.FUEL_SHEET: (FuelSale, "sale", ("card_number", "grade", "price_yuan")),
    CostSource.ETC_SHEET: (TollPass, "toll", ("card_number", "entry_place", "entry_at")),
}
_FACTS = ("car", "spent_at", "spent_on", "amount_fen", "litres", "odometer_km", "place")


@transaction.atomic
def take_fuel_sheet(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Take in sales of the fuel company: each becomes a cost, its details and a sighting.

    Each row: ``source_no``, ``car``, ``spent_at``, ``amount_fen``, ``litres``, ``odometer_km``,
    ``place``, ``card_number``, ``grade``, ``price_yuan``. Needs ``fleet.cost.judge``. Trips are
    found by the time; what drivers told of the same money is replaced; what is odd becomes a
    doubt. Returns created, changed, unchanged.
    """
    return _take(actor, rows, CostSource.FUEL_SHEET, CostKind.FUEL, at)


@transaction.atomic
def take_toll_sheet(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Take in passages of the toll road: each becomes a cost, its details and two sightings.

    Each row: ``source_no``, ``car``, ``spent_at`` (出口时间), ``amount_fen``, ``place`` (出口站),
    ``card_number``, ``entry_place``, ``entry_at``. Otherwise as ``take_fuel_sheet``.
    """
    return _take(actor, rows, CostSource.ETC_SHEET, CostKind.TOLL, at)


def _take(
    actor: Actor, rows: Rows, source: CostSource, kind: CostKind, at: datetime
) -> tuple[int, int, int]:
    actor.must(TAKE)
    _must_hold(actor, [row["car"] for row in rows])
    known = {
        cost.source_no: cost
        for cost in Cost.objects.select_for_update(of=("self",))
        .select_related("sale", "toll")
        .filter(source=source, source_no__in=[row["source_no"] for row in rows])
        .order_by("pk")
    }
    whole = [_whole(row, source, kind) for row in rows]
    cards = queries.cards_on((row["card_number"], row["spent_on"]) for row in whole)
    new = [row for row in whole if row["source_no"] not in known]
    made = _record(actor, new, source, cards, at)
    changed = [
        known[row["source_no"]]
        for row in whole
        if row["source_no"] in known and _amend(actor, known[row["source_no"]], row, cards, at)
    ]
    _sight(actor, new, source, at)
    touched = [*made, *changed]
    if touched:
        days = [cost.spent_on for cost in touched]
        swapped = replacing.replace(
            actor=actor, car_ids={cost.car_id for cost in touched}, since=min(days),
            until=max(days), at=at,
        )  # fmt: skip
        fresh = {cost.pk: cost for cost in [*touched, *swapped]}
        doubting.look(costs=list(fresh.values()), at=at)
    return len(made), len(changed), len(whole) - len(made) - len(changed)


def _whole(row: Mapping[str, Any], source: CostSource, kind: CostKind) -> dict[str, Any]:
    spent_on = queries.day_of(row["spent_at"])
    return {**row, "source": source, "kind": kind, "spent_on": spent_on}


def _must_hold(actor: Actor, cars: Iterable[Car]) -> None:
    plates = {car.pk: car.plate for car in cars}
    mine = Car.objects.within(actor.scope(TAKE)).filter(pk__in=plates)
    outside = set(plates) - set(mine.values_list("pk", flat=True))
    if outside:
        names = "、".join(sorted(plates[pk] for pk in outside)[:5])
        refuse(
            "car_outside", f"{names}不在您的范围内。", "整份对账单由公务用车管理员导入。"
        ).enforce()


def _record(
    actor: Actor,
    rows: Rows,
    source: CostSource,
    cards: Mapping[tuple[str, date], Any],
    at: datetime,
) -> list[Cost]:
    model, _, names = _DETAILS[source]
    bare = [
        {name: value for name, value in row.items() if name not in names}
        | {"card": cards.get((row["card_number"], row["spent_on"]))}
        for row in rows
    ]
    made = costs.record_costs(actor=actor, rows=costs.completed(bare), at=at)
    by_number = {cost.source_no: cost for cost in made}
    model._default_manager.bulk_create(
        [
            model(cost=by_number[row["source_no"]], **{name: row[name] for name in names})
            for row in rows
        ],
        batch_size=500,
    )
    return made


def _amend(
    actor: Actor, cost: Cost, row: Mapping[str, Any], cards: Mapping[Any, Any], at: datetime
) -> bool:
    """The sheet says something else than before: it is followed, and both are kept in the trail."""
    _, related, names = _DETAILS[CostSource(cost.source)]
    detail = getattr(cost, related)
    facts = {name: row[name] for name in _FACTS if name in row}
    facts = {n: v for n, v in facts.items() if _told(cost, n) != (v.pk if n == "car" else v)}
    if cost.odometer_km is not None and facts.get("odometer_km", 0) is None:
        del facts["odometer_km"]  # what was written down here, and the company does not know
    more = {name: row[name] for name in names if getattr(detail, name) != row[name]}
    if not (facts or more) or cost.state == CostState.VOID:
        return False
    asked = {n: facts.get(n, getattr(cost, n)) for n in ("car", "kind", "spent_on", "spent_at")}
    (whole,) = costs.completed([asked])
    card = cards.get((row["card_number"], row["spent_on"]))
    told = {n: v for n, v in facts.items() if n != "car"} | {
        "car_id": asked["car"].pk, "unit_id": whole["unit"].pk, "trip_id": whole["trip_id"],
        "card_id": card.pk if card else None,
    }  # fmt: skip
    beside = {name: (getattr(detail, name), value) for name, value in more.items()}
    for name, value in more.items():
        setattr(detail, name, value)
    detail.save()
    change(cost, told, actor=actor, verb="fleet.cost.changed", at=at, beside=beside)
    return True


def _told(cost: Cost, name: str) -> Any:
    return cost.car_id if name == "car" else getattr(cost, name)


def _sight(actor: Actor, rows: Rows, source: CostSource, at: datetime) -> None:
    """A sale or a gate says where the car was."""
    seen = []
    for row in rows:
        if source is CostSource.FUEL_SHEET:
            seen.append(_sighting(row, SightingSource.FUEL, row["spent_at"], row["place"], "油卡"))
            continue
        seen.append(_sighting(row, SightingSource.TOLL, row["spent_at"], row["place"], "ETC", "出"))
        if row["entry_at"] is not None and row["entry_place"]:
            entry = (row["entry_at"], row["entry_place"])
            seen.append(_sighting(row, SightingSource.TOLL, *entry, "ETC", "入"))
    areas = areas_of({each["place"] for each in seen})
    sightings.record_sightings(
        actor=actor, rows=[each | {"area": areas[each["place"]]} for each in seen], at=at
    )


def _sighting(  # noqa: PLR0917 — what is told of one moment
    row: Mapping[str, Any],
    source: SightingSource,
    moment: datetime,
    place: str,
    sheet: str,
    side: str = "",
) -> dict[str, Any]:
    note = f"{sheet}流水 {row['source_no']}" + (f"，{side}口" if side else "")
    return {
        "car": row["car"],
        "at": moment,
        "place": place or sheet,
        "source": source,
        "ref": f"{row['source_no']}{side}",
        "note": note,
    }


def areas_of(texts: Iterable[str]) -> dict[str, str]:
    """In which county each place lies; ``""`` where nobody knows."""
    book = places.gazetteer()
    return {text: book.area(text) for text in texts}


@transaction.atomic
def state_total(
    *,
    actor: Actor,
    source: CostSource,
    month: date,
    total_fen: int,
    entries: int | None,
    at: datetime,
) -> Statement:
    """Write down the total that a sheet states for a month (对账单总额), to compare with its rows.

    Needs ``fleet.cost.judge``. Told again, it is corrected.
    """
    actor.must(TAKE)
    if source not in SHEETS:
        refuse("not_a_sheet", "这不是对账单。", "选油卡或 ETC 对账单。", field="source").enforce()
    first = month.replace(day=1)
    stated = Statement.objects.select_for_update().filter(source=source, month=first)
    old: Statement | None = stated.first()
    told = {
        "total_fen": total_fen, "entries": entries, "told_by_id": actor.person_id, "told_at": at
    }  # fmt: skip
    if old is None:
        row: Statement = Statement.objects.create(source=source, month=first, **told)
        made(row, "total_fen", "entries", actor=actor, verb="fleet.statement.told", at=at)
        return row
    if (old.total_fen, old.entries) != (total_fen, entries):
        change(old, told, actor=actor, verb="fleet.statement.told", at=at)
    return old
