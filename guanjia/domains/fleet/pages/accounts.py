"""单车核算: each car's kilometres, cost and fuel in a month or a year, beside cars of its kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.pages import opening
from guanjia.domains.fleet.queries import accounts as queries
from guanjia.domains.fleet.terms.accounts import CarAccount, Group, Placed, Rates
from guanjia.domains.fleet.terms.costs import CostKind, CostState
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period, PeriodUnreadable
from guanjia.ui import excel, formats, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers.pages import excel as excel_response

SEE = "fleet.cost.see"
_MONTHS, FEN = 12, 100
_TENTH = Decimal("0.1")
# How the table may be ordered: key → title and what is compared, the largest first.
SORTS: dict[str, tuple[str, Callable[[CarAccount], Any]]] = {
    "cost": ("每公里费用", lambda a: a.cost_per_km_fen.rate or -1),
    "fuel": ("百公里油耗", lambda a: a.litres_per_100km.rate or -1),
    "total": ("费用合计", lambda a: a.total_fen),
    "km": ("行驶里程", lambda a: a.km),
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """What an address asks to see."""

    period: Period
    yearly: bool
    unit: Unit | None
    group: str
    sort: str
    idle: bool = False
    fault: str = ""

    def url(self, **changes: str) -> str:
        """The page with something changed."""
        given = {
            "period": _text(self.period, yearly=self.yearly),
            "unit": self.unit.code if self.unit else "",
            "group": self.group,
            "sort": self.sort if self.sort != "unit" else "",
            "idle": "1" if self.idle else "",
            **changes,
        }
        return "?" + urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A number that opens its rows; ``url`` is ``""`` where they may not be opened."""

    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A car's account ready for the page."""

    account: CarAccount
    km: Cell
    trips: Cell
    costs: Sequence[Cell]
    total: Cell
    litres: Cell
    cost: str
    fuel: str


def _text(period: Period, *, yearly: bool) -> str:
    return f"{period.start:%Y}" if yearly else f"{period.start:%Y-%m}"


def read(request: PageRequest, today: date) -> Look:
    """Read an address: a month or a year, at first the last month that is over."""
    text, fault = request.GET.get("period", ""), ""
    period = Period.month_of(date.fromordinal(Period.month_of(today).start.toordinal() - 1))
    if text:
        try:
            period = Period.parse(text)
        except PeriodUnreadable as unreadable:
            fault = str(unreadable)
    yearly = (period.end.year - period.start.year) * _MONTHS + (
        period.end.month - period.start.month
    ) == _MONTHS
    code = request.GET.get("unit", "")[:40]
    unit = Unit.objects.filter(code=code).first() if code else None
    sort = request.GET.get("sort", "")
    return Look(
        period=period, yearly=yearly, unit=unit, group=request.GET.get("group", "")[:60],
        sort=sort if sort in SORTS else "unit", idle=request.GET.get("idle") == "1", fault=fault,
    )  # fmt: skip


def key_of(group: Group) -> str:
    """A group in an address."""
    return f"{group.use}.{group.body}.{group.power}"


def moved(account: CarAccount) -> bool:
    """Whether a car drove or cost something; the others are listed only when asked for."""
    return bool(account.trips or account.entries)


def chosen(
    accounts: Sequence[CarAccount], look: Look, paths: Mapping[int, str]
) -> list[CarAccount]:
    """The accounts that the address asks for, in its order."""
    found = [
        account
        for account in accounts
        if (look.idle or moved(account))
        and (not look.group or key_of(account.group) == look.group)
        and (look.unit is None or paths[account.unit_id].startswith(look.unit.path))
    ]
    if look.sort in SORTS:
        compared = SORTS[look.sort][1]
        found.sort(key=lambda account: (-Decimal(compared(account)), account.plate))
    return found


def _look_up(request: PageRequest, look: Look) -> tuple[list[CarAccount], list[CarAccount], Any]:
    every = queries.of_cars(scope=request.scope, period=look.period)
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in={a.unit_id for a in every})}
    return every, chosen(every, look, {pk: unit.path for pk, unit in units.items()}), units


@needs(SEE)
def accounts(request: PageRequest) -> HttpResponse:
    """The table, the dearest ten by both rates, and the medians of the kinds."""
    today = timezone.localdate()
    look = read(request, today)
    every, shown, units = _look_up(request, look)
    law, kinds = law_at(look.period.last), kinds_of(shown)
    worst = int(law["fleet.account.worst"].value)
    context = {
        "look": look,
        "fault": look.fault,
        "kinds": kinds,
        "rows": [row_of(a, kinds, request.actor, look.period) for a in shown],
        "totals": totals_of(shown, kinds),
        "sums": _sums(shown, kinds, request, look),
        "worst_cost": _worst(shown, "cost_per_km_fen", worst),
        "worst_fuel": _worst(shown, "litres_per_100km", worst),
        "groups": [_group(*found, look) for found in queries.groups_of(every)],
        "group_label": next((a.group.label for a in every if key_of(a.group) == look.group), ""),
        "units": sorted(units.values(), key=lambda unit: unit.position),
        "sorts": [("unit", "单位"), *((key, title) for key, (title, _) in SORTS.items())],
        "nav": _nav(look, today),
        "group_min": law["fleet.account.group_min"].value,
        "cites": [law["fleet.account.per_car"].cite, law["fleet.account.per_car_energy"].cite],
        "export_url": reverse("fleet:accounts_export") + look.url(),
        "without_km": sum(1 for a in shown if not a.km),
        "idle": sum(1 for a in every if not moved(a)),
        "idle_url": look.url(idle="" if look.idle else "1"),
        "today": today,
    }
    return pages.render(request, "fleet/accounts.html", context)


def kinds_of(accounts: Sequence[CarAccount]) -> list[CostKind]:
    """The kinds of cost that occur, in their own order."""
    occurring = {kind for account in accounts for kind in account.costs}
    return [kind for kind in CostKind if kind in occurring]


def _nav(look: Look, today: date) -> dict[str, Any]:
    """The period before and after, and the same by month or year."""
    start = look.period.start
    if look.yearly:
        before, after = f"{start.year - 1}", f"{start.year + 1}"
        other = f"{start.year}-{today.month if start.year == today.year else 1:02d}"
    else:
        before = f"{date.fromordinal(start.toordinal() - 1):%Y-%m}"
        after = f"{look.period.end:%Y-%m}"
        other = f"{start:%Y}"
    month, year = (other, "") if look.yearly else ("", other)
    return {
        "before": look.url(period=before),
        "after": look.url(period=after) if look.period.end <= today else "",
        "segments": [
            {"title": "按月", "url": look.url(period=month) if month else look.url(),
             "current": not look.yearly},
            {"title": "按年", "url": look.url(period=year) if year else look.url(),
             "current": look.yearly},
        ],
    }  # fmt: skip


# ── rows ─────────────────────────────────────────────────────────────────────────────────


def costs_url(actor: Actor, period: Period, **filters: str) -> str:
    """The register of costs with just what counts in a period."""
    counted = {"state": CostState.COUNTED.value, **opening.days("spent", period)}
    return opening.rows(actor, "fleet.costs", **counted, **filters)


def row_of(account: CarAccount, kinds: Sequence[CostKind], actor: Actor, period: Period) -> Row:
    """A car's account with every number leading to its rows."""
    words = {"words": account.plate}
    trips = opening.trips(actor, period, **words)
    return Row(
        account=account,
        km=Cell(text=formats.num(account.km), url=trips if account.trips else ""),
        trips=Cell(text=formats.num(account.trips), url=trips if account.trips else ""),
        costs=[
            Cell(
                text=formats.yuan(account.costs[kind]) if kind in account.costs else "",
                url=costs_url(actor, period, kind=kind.value, **words)
                if kind in account.costs
                else "",
            )
            for kind in kinds
        ],
        total=Cell(
            text=formats.yuan(account.total_fen) if account.entries else "",
            url=costs_url(actor, period, **words) if account.entries else "",
        ),
        litres=Cell(
            text=formats.num(account.litres, places=2) if account.litres else "",
            url=costs_url(actor, period, kind=CostKind.FUEL.value, **words)
            if account.litres
            else "",
        ),
        cost=per_km(account.cost_per_km_fen.rate),
        fuel=per_100km(account.litres_per_100km.rate),
    )


def per_km(rate: Decimal | None) -> str:
    """分 per km as 元: ``1.25``; ``""`` where there is none."""
    return "" if rate is None else f"{rate / FEN:.2f}"


def per_100km(rate: Decimal | None) -> str:
    """Litres per 100 km: ``8.3``."""
    return "" if rate is None else f"{rate.quantize(_TENTH)}"


def totals_of(accounts: Sequence[CarAccount], kinds: Sequence[CostKind]) -> dict[str, Any]:
    """The sums of what is shown."""
    return {
        "cars": len(accounts),
        "km": sum(a.km for a in accounts),
        "trips": sum(a.trips for a in accounts),
        "days": sum(a.days_used for a in accounts),
        "costs": [sum(a.costs.get(kind, 0) for a in accounts) for kind in kinds],
        "total_fen": sum(a.total_fen for a in accounts),
        "litres": sum((a.litres for a in accounts), Decimal(0)),
        "kwh": sum((a.kwh for a in accounts), Decimal(0)),
    }


def _sums(
    accounts: Sequence[CarAccount], kinds: Sequence[CostKind], request: PageRequest, look: Look
) -> dict[str, Any]:
    """The sums of money that open their rows: of the whole city, for a part of its cars the
    register has no filter."""
    whole = request.scope.everything and look.unit is None and not look.group
    period, actor = look.period, request.actor

    def cell(fen: int, **filters: str) -> Cell:
        return Cell(
            text=formats.yuan(fen), url=costs_url(actor, period, **filters) if whole else ""
        )

    return {
        "costs": [
            cell(sum(a.costs.get(kind, 0) for a in accounts), kind=kind.value) for kind in kinds
        ],
        "total": cell(sum(a.total_fen for a in accounts)),
    }


def _worst(accounts: Sequence[CarAccount], by: str, count: int) -> list[dict[str, Any]]:
    shown = per_km if by == "cost_per_km_fen" else per_100km
    found = []
    for account in queries.dearest(accounts, by=by, count=count):
        placed: Placed = getattr(account, by)
        found.append(
            {
                "account": account,
                "rate": shown(placed.rate),
                "median": shown(placed.median),
                "above": placed.above,
                "placed": placed,
            }
        )
    return found


def _group(group: Group, cars: int, cost: Rates, fuel: Rates, look: Look) -> dict[str, Any]:
    return {
        "key": key_of(group),
        "label": group.label,
        "cars": cars,
        "cost": per_km(cost.median),
        "cost_cars": cost.cars,
        "fuel": per_100km(fuel.median),
        "fuel_cars": fuel.cars,
        "url": look.url(group=key_of(group)),
        "current": key_of(group) == look.group,
    }


# ── the sheet ────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def accounts_export(request: PageRequest) -> HttpResponse:
    """导出 Excel: exactly the rows that are shown, in their order."""
    at = timezone.now()
    look = read(request, timezone.localdate(at))
    _, shown, _ = _look_up(request, look)
    kinds = kinds_of(shown)
    made = f"{request.actor.name} {formats.daytime(at, style='iso')} 导出"
    content = excel.book(
        title="公务用车单车核算",
        notes=[f"{look.period.label()}  共 {len(shown)} 辆  {made}", *NOTES],
        heads=heads_of(kinds),
        rows=[sheet_row(account, kinds) for account in shown],
        totals=_sheet_totals(totals_of(shown, kinds)),
    )
    period = _text(look.period, yearly=look.yearly)
    return excel_response(content, f"单车核算{period}.xlsx")


NOTES = (
    "口径：里程、单数取已完成的派车单（合乘只计一次）；费用按日期计入，只含状态为计入的；"
    "百公里油耗为期内加油升数除以期内里程。",
)


def heads_of(kinds: Sequence[CostKind]) -> list[str]:
    """The head row of the sheet."""
    return [
        "号牌号码", "品牌型号", "单位", "同类", "里程(km)", "出车(单)", "用车天数",
        *(f"{kind.label}(元)" for kind in kinds), "费用合计(元)", "加油(L)", "充电(kWh)",
        "每公里费用(元)", "同类中位数(元)", "名次", "百公里油耗(L)", "同类中位数(L)", "名次 ",
    ]  # fmt: skip


def sheet_row(account: CarAccount, kinds: Sequence[CostKind]) -> list[Any]:
    """A car's account as the sheet has it; an empty cell where there is nothing."""
    cost, fuel = account.cost_per_km_fen, account.litres_per_100km
    return [
        account.plate, account.make, account.unit_name, account.group.label, account.km,
        account.trips, account.days_used,
        *(_yuan(account.costs.get(kind)) for kind in kinds),
        _yuan(account.total_fen if account.entries else None),
        account.litres or None, account.kwh or None,
        _yuan(cost.rate), _yuan(cost.median), _place(cost),
        fuel.rate, fuel.median, _place(fuel),
    ]  # fmt: skip


def _place(placed: Placed) -> str:
    return "" if placed.place is None else f"{placed.place}/{placed.among}"


def _yuan(fen: Any) -> Decimal | None:
    return None if fen is None else (Decimal(fen) / FEN).quantize(Decimal("0.01"))


def _sheet_totals(totals: Mapping[str, Any]) -> list[Any]:
    return [
        "合计", "", "", f"{totals['cars']} 辆", totals["km"], totals["trips"], totals["days"],
        *(_yuan(fen) for fen in totals["costs"]), _yuan(totals["total_fen"]),
        totals["litres"] or None, totals["kwh"] or None, *[None] * 6,
    ]  # fmt: skip
