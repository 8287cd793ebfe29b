"""能耗概览: a year of all institutions, by area and kind, and who uses most."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import reckoning as actions
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import areas, totals
from guanjia.domains.energy.queries.totals import Body, Group, Year
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind, YesNo
from guanjia.ui import excel, pages
from guanjia.ui.charts import Chart, Series
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers.pages import excel as excel_response

SEE = "energy.return.see"
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_SHOWN = 20
_KG_PER_T = 1000
# What institutions can be ordered by, and how each is called.
ORDERS = {
    "coal": "综合能耗",
    "per_person": "人均综合能耗",
    "per_m2": "单位面积能耗",
    "water_per_person": "人均用水量",
}
_HEADS = (
    "名次", "机构名称", "机构类型", "所属区域", "填报月数", "综合能耗(kgce)",
    "人均综合能耗(kgce/人)",
    "单位面积能耗(kgce/㎡)", "人均用水量(m³/人)", "用能人数", "建筑面积(㎡)",
)  # fmt: skip


def chosen_year(request: PageRequest) -> int:
    """The year of the address; else the newest with returns, or this one."""
    text = request.GET.get("year", "")
    if text.isdecimal() and text.isascii() and _FIRST_YEAR <= int(text[:5]) <= _LAST_YEAR:
        return int(text)
    known = totals.years(request.scope)
    return known[0] if known else timezone.localdate().year


@needs(SEE)
def overview(request: PageRequest) -> HttpResponse:
    """The year as a whole, its areas and kinds, and the institutions in the order asked for."""
    year = chosen_year(request)
    order = request.GET.get("order", "")
    order = order if order in ORDERS else "coal"
    found = totals.year_of(request.scope, year)
    titles = {area.pk: areas.title(area) for area in areas.all_areas()}
    by_area = found.by(lambda body: body.area_id)
    by_kind = found.by(lambda body: body.kind)
    ranked = ranking(found, order)
    context = {
        "year": year,
        "years": [
            {"title": f"{each} 年", "url": link("energy:overview", year=each),
             "current": each == year}
            for each in sorted({*totals.years(request.scope), year}, reverse=True)
        ],
        "whole": _sum(found.whole),
        "areas": [
            {"title": titles[pk], **_behind(year, area=pk), **_sum(by_area[pk])}
            for pk in titles if pk in by_area
        ],
        "kinds": [
            {"title": kind.label, **_behind(year, kind=kind), **_sum(by_kind[kind])}
            for kind in InstitutionKind if kind in by_kind
        ],
        "orders": [
            {"title": title, "url": link("energy:overview", year=year, order=key) + "#ranking",
             "current": key == order}
            for key, title in ORDERS.items()
        ],
        "ranked": [
            {"place": place, "body": body, "area": titles.get(body.area_id, ""),
             "coal": found.coal_of(body), "intensity": found.intensity_of(body)}
            for place, body in ranked[:_SHOWN]
        ],
        "rest": max(len(ranked) - _SHOWN, 0),
        "sources": _sources(found),
        "factors": _factors(found),
        "chart": _chart(found, titles, by_area),
        "export_url": link("energy:overview_export", year=year, order=order),
        "returns_url": _returns(year, standing=YesNo.YES),
        "on_time": timezone.now(),
        "fixed_at": totals.fixed_at(year),
        "may_issue": request.actor.can(actions.ISSUE)
        and reckoning.may_fix(year=year, today=timezone.localdate()).allowed,
    }  # fmt: skip
    return pages.render(request, "energy/overview.html", context)


def ranking(year: Year, order: str) -> list[tuple[int, Body]]:
    """The institutions from the most to the least, with their places; equals share one. Who has
    nothing to compare (no people, no floor space) has no place."""

    def value(body: Body) -> Decimal | None:
        if order == "coal":
            return year.coal_of(body)
        found: Decimal | None = getattr(year.intensity_of(body), order)
        return found

    known = [(amount, body) for body in year.bodies if (amount := value(body))]
    known.sort(key=lambda each: -each[0])
    placed: list[tuple[int, Body]] = []
    before: Decimal | None = None
    for number, (amount, body) in enumerate(known, start=1):
        place = placed[-1][0] if placed and amount == before else number
        placed.append((place, body))
        before = amount
    return placed


def _behind(year: int, **which: Any) -> dict[str, str]:
    """The rows behind a line of totals."""
    return {
        "url": _members(year, **which),
        "silent_url": _members(year, silent=year, **which),
        "returns_url": _returns(year, **which),
    }


def _members(year: int, **which: Any) -> str:
    """The institutions that a year's totals are made of, as they stood at its end."""
    last = min(reckoning.last_day(year), timezone.localdate())
    return link("energy:institutions_list", view="all", on=f"{last:%Y-%m-%d}", **which)


def _returns(year: int, **which: Any) -> str:
    """The months that a year's totals are made of."""
    return link(
        "energy:returns_list", view="all", month_from=f"{year}-01-01", month_to=f"{year}-12-31",
        **which,
    )  # fmt: skip


def _sum(group: Group) -> dict[str, Any]:
    told = sum(body.months for body in group.bodies)
    return {
        "count": len(group.bodies),
        "silent": sum(1 for body in group.bodies if not body.months),
        "months": told,
        "tce": group.coal.value / _KG_PER_T,
        "unknown": "、".join(energy.label for energy in group.coal.unknown),
        "electricity": group.amounts.get(Energy.ELECTRICITY, Decimal(0)),
        "water": group.amounts.get(Energy.WATER, Decimal(0)),
        "cost_fen": group.cost_fen,
        "carbon": None if group.carbon.unknown else group.carbon.value / _KG_PER_T,
        "no_carbon": "、".join(energy.label for energy in group.carbon.unknown),
        "intensity": group.intensity,
    }


def _sources(year: Year) -> list[dict[str, Any]]:
    """Every source that was used, with what it is worth."""
    found = []
    for energy, source in SOURCES.items():
        amount = year.whole.amounts.get(energy)
        if amount:
            factor = year.factors.coal.get(energy)
            coal = amount * factor.value / _KG_PER_T if factor else None
            found.append({"energy": energy, "unit": source.unit, "amount": amount, "tce": coal})
    return found


def _factors(year: Year) -> list[dict[str, Any]]:
    return [
        {
            "energy": energy, "unit": SOURCES[energy].unit, "coal": year.factors.coal.get(energy),
            "co2": year.factors.co2.get(energy),
        }
        for energy in Energy
        if energy in year.factors.coal or energy in year.factors.co2
    ]  # fmt: skip


def _chart(year: Year, titles: dict[int, str], groups: dict[int, Group]) -> Chart:
    there = [pk for pk in titles if pk in groups]
    return Chart(
        key="areas",
        title="各区域综合能耗",
        unit="tce",
        noun="区域",
        categories=[titles[pk] for pk in there],
        series=[
            Series(
                name=f"{year.year} 年",
                values=[round(groups[pk].coal.value / _KG_PER_T, 1) for pk in there],
                urls=[_members(year.year, area=pk) for pk in there],
            )
        ],
        flat=True,
        places=1,
    )


@needs(SEE)
def overview_export(request: PageRequest) -> HttpResponse:
    """Every institution's year as an Excel file, in the order asked for."""
    year = chosen_year(request)
    order = request.GET.get("order", "")
    found = totals.year_of(request.scope, year)
    titles = {area.pk: areas.title(area) for area in areas.all_areas()}
    rows = _export_rows(found, order if order in ORDERS else "coal", titles)
    title = f"{year}年公共机构能耗"
    content = excel.book(
        title=title,
        notes=["综合能耗按该年系数折标准煤；单位面积能耗不含汽油、柴油；没有人数或面积的机构不列"],
        heads=_HEADS,
        rows=rows,
    )
    pages.tell_shown(request, rows=len(found.bodies), exported=True)
    return excel_response(content, f"{title}.xlsx")


def _export_rows(found: Year, order: str, titles: dict[int, str]) -> Iterable[list[Any]]:
    for place, body in ranking(found, order):
        each = found.intensity_of(body)
        yield [
            place, body.name, body.kind.label, titles.get(body.area_id, ""), body.months,
            *(None if value is None else float(round(value, 2)) for value in (
                found.coal_of(body), each.per_person, each.per_m2, each.water_per_person,
            )),
            body.people, None if body.floor_m2 is None else float(body.floor_m2),
        ]  # fmt: skip
