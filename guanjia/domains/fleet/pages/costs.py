"""Costs of cars: one with its trip and remarks, sheets against their totals; acts are declared."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from guanjia.domains.fleet.acts.costs import ON_COSTS
from guanjia.domains.fleet.models import Cost, Statement
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.queries import sheets as trips
from guanjia.domains.fleet.queries.fuel import REGISTER
from guanjia.domains.fleet.terms.costs import (
    ON_THE_WAY,
    SHEETS,
    CostKind,
    CostSource,
)
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkState
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, ENTER, JUDGE = queries.SEE, queries.ENTER, queries.JUDGE


def cars_for(actor: Actor, verb: str) -> Any:
    """The cars the person may act for."""
    return archive.cars(actor.scope(verb)).order_by("plate")


# ── one cost ─────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def cost(request: PageRequest, cost_id: int) -> HttpResponse:
    """One cost: what it was for, its trip, what is odd, what was done."""
    actor = request.actor
    shown = (
        queries.costs(actor.scope(SEE))
        .select_related("car", "unit", "trip", "card__car", "replaced_by", "sale", "toll")
        .get(pk=cost_id)
    )
    context = {
        "cost": shown,
        "title": f"{shown.get_kind_display()} {money.yuan(shown.amount_fen)}",
        "chip": shown.chip,
        "facts": _facts(shown),
        "remarks": _remarks(cost_id),
        "replaced": list(shown.replaces.select_related("trip")),
        "trip": _trip_line(shown, actor),
        "records": trail.told(model="fleet.cost", pk=cost_id),
        "list_url": _like_url(shown),
        "acts": [act for act in ON_COSTS if act.may(actor, shown)],
        "may_explain": actor.can(ENTER) and cars_for(actor, ENTER).filter(pk=shown.car_id).exists(),
        "sees_car": _sees_car(actor, shown),
    }
    return pages.render(request, "fleet/cost.html", context)


def _sees_car(actor: Actor, cost: Cost) -> bool:
    scope = actor.scope("fleet.car.see")
    return actor.can("fleet.car.see") and archive.cars(scope).filter(pk=cost.car_id).exists()


def _facts(cost: Cost) -> list[tuple[str, str]]:
    when = formats.daytime(cost.spent_at) if cost.spent_at else formats.day(cost.spent_on)
    facts = [
        ("费用类别", cost.get_kind_display()),
        ("时间", when),
        ("金额", money.yuan(cost.amount_fen)),
        ("承担单位", str(cost.unit)),
        ("地点", " · ".join(filter(None, (cost.place, cost.area)))),
        ("来源", cost.get_source_display()),
        ("票据号" if cost.source == CostSource.HAND else "流水号", queries.number_of(cost)),
    ]
    facts += _energy_facts(cost) + _sheet_facts(cost)
    if cost.state_note:
        facts.append(("状态说明", cost.state_note))
    return [*facts, ("备注", cost.note)]


def _energy_facts(cost: Cost) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if cost.kind == CostKind.FUEL:
        price = ""
        if cost.litres and cost.amount_fen:
            price = f"（每升 {cost.amount_fen / 100 / float(cost.litres):.2f} 元）"
        facts.append(("升数", f"{cost.litres} 升{price}" if cost.litres else ""))
        facts.append(("加满", {True: "是", False: "否", None: "没有登记"}[cost.full]))
    if cost.kind == CostKind.CHARGE:
        facts.append(("电量", f"{cost.kwh} 度" if cost.kwh else ""))
    if cost.kind in (CostKind.FUEL, CostKind.CHARGE) or cost.odometer_km is not None:
        facts.append(
            ("里程表", f"{cost.odometer_km:,} 公里" if cost.odometer_km is not None else "")
        )
    return facts


def _sheet_facts(cost: Cost) -> list[tuple[str, str]]:
    if cost.source == CostSource.FUEL_SHEET:
        return [("加油卡", cost.sale.card_number), ("油品", cost.sale.grade)]
    if cost.source == CostSource.ETC_SHEET:
        entry = cost.toll.entry_place
        if cost.toll.entry_at:
            entry = f"{entry} {formats.daytime(cost.toll.entry_at)}"
        return [("入口", entry), ("ETC 卡号", cost.toll.card_number)]
    return []


def _trip_line(cost: Cost, actor: Actor) -> dict[str, Any] | None:
    """The trip with its link, where the person may open it; ``None`` where none is expected."""
    if cost.trip is None:
        return {"number": ""} if cost.kind in ON_THE_WAY else None
    sees = actor.can("fleet.trip.see") and (
        trips.trips(actor.scope("fleet.trip.see")).filter(pk=cost.trip.pk).exists()
    )
    return {"number": cost.trip.number, "trip": cost.trip, "opens": sees}


def _like_url(cost: Cost) -> str:
    """This car's costs of the same kind and month, in the register."""
    month = Period.month_of(cost.spent_on)
    query = {
        "view": "counted",
        "words": cost.car.plate,
        "kind": cost.kind,
        "spent_from": month.start.isoformat(),
        "spent_to": month.last.isoformat(),
    }
    return f"{reverse('fleet:costs_list')}?{urlencode(query)}"


def _remarks(cost_id: int) -> list[Remark]:
    return list(
        Remark.objects.filter(register=REGISTER, object_id=cost_id)
        .exclude(state=RemarkState.CLOSED)
        .select_related("explained_by")
        .order_by("-state", "pk")
    )


# ── sheets against their totals ──────────────────────────────────────────────────────────


@needs(SEE)
def statements(request: PageRequest) -> HttpResponse:
    """Each month's sheet: rows and money here, the total it states, and what differs."""
    scope = request.actor.scope(SEE)
    lines = [
        _line(source, row) for source in SHEETS for row in queries.totals_of_months(scope, source)
    ]
    known = {(line["source"], line["month"]) for line in lines}
    stated = (
        {(CostSource(each.source), each.month): each for each in Statement.objects.all()}
        if scope.everything
        else {}
    )
    lines += [
        _line(source, {"spent_on__year": month.year, "spent_on__month": month.month})
        for source, month in stated
        if (source, month) not in known
    ]
    lines = [line | _compared(line, stated.get((line["source"], line["month"]))) for line in lines]
    lines.sort(key=lambda line: (line["month"], line["source"]), reverse=True)
    context = {
        "lines": lines,
        "may": request.actor.can(JUDGE) and scope.everything,
        "whole": scope.everything,
    }
    return pages.render(request, "fleet/statements.html", context)


def _line(source: CostSource, row: dict[str, Any]) -> dict[str, Any]:
    month = date(row["spent_on__year"], row["spent_on__month"], 1)
    period = Period.month_of(month)
    name = "fleet:fuel_sheet_list" if source is CostSource.FUEL_SHEET else "fleet:toll_sheet_list"
    query = {
        "view": "all", "spent_from": period.start.isoformat(), "spent_to": period.last.isoformat()
    }  # fmt: skip
    return {
        "source": source,
        "month": month,
        "fen": row.get("fen", 0),
        "entries": row.get("entries", 0),
        "unmatched": row.get("unmatched", 0),
        "url": f"{reverse(name)}?{urlencode(query)}",
        "unmatched_url": f"{reverse(name)}?{urlencode({**query, 'tripped': 'WITHOUT'})}",
    }


def _compared(line: dict[str, Any], stated: Statement | None) -> dict[str, Any]:
    if stated is None:
        return {"stated": None, "differs_fen": None, "differs_entries": None}
    entries = None if stated.entries is None else line["entries"] - stated.entries
    return {
        "stated": stated,
        "differs_fen": line["fen"] - stated.total_fen,
        "differs_entries": entries,
    }
