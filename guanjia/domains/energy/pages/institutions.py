"""One public institution: what it is and was, its months, and what is done with them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import institutions as actions
from guanjia.domains.energy.acts import institutions as acts
from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.pages import beside
from guanjia.domains.energy.pages.holding import within
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import analysis, areas, doubts, totals, waste
from guanjia.domains.energy.queries import filings as filing_queries
from guanjia.domains.energy.queries import institutions as queries
from guanjia.domains.energy.queries import meters as meter_queries
from guanjia.domains.energy.queries import returns as returning
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.institutions import KIND_CODES, InstitutionKind
from guanjia.ui import formats, pages, trail
from guanjia.ui.charts import Chart, Series
from guanjia.ui.pages import PageRequest, needs

SEE, FILL = queries.SEE, "energy.return.fill"
_FIRST_YEAR, _LAST_YEAR, _MONTHS = 2000, 2199, 12
_FEN = Decimal(100)


@needs(SEE)
def institution(request: PageRequest, institution_id: int) -> HttpResponse:
    """The institution with a year of its months."""
    found = find(request, institution_id)
    known = totals.years_of(found.pk)
    year = _year(request, known)
    months = totals.months_of(found.pk, year)
    used = [energy for energy in Energy if any(energy in lines for lines in months.values())]
    whole = totals.year_of(request.scope, year, institutions=[found.pk])
    body = next(iter(whole.bodies), None)
    context = {
        "institution": found,
        "facts": _facts(found),
        "spells": list(found.spells.select_related("area").order_by("-during")),
        "year": year,
        "years": [
            {"title": f"{each} 年", "url": link("energy:institution", found.pk, year=each),
             "current": each == year}
            for each in sorted({*known, year}, reverse=True)
        ],
        "energies": [(energy, SOURCES[energy].unit) for energy in used],
        "rows": _rows(found, year, months, used),
        "body": body,
        "coal": whole.coal_of(body) if body else None,
        "intensity": whole.intensity_of(body) if body else None,
        "peers": _peers(found, year),
        "doubts": doubts.of_institution(found.pk),
        "filings": _filings(request, found),
        "audits": list(found.audits.order_by("-begun_on")),
        "demonstrations": list(found.demonstrations.order_by("-on")),
        "changes": queries.changes_of(found.pk),
        "may_reform": within(request, actions.ENTER, found.pk),
        "waste": _waste(found, year),
        "meters": _meters(request, found),
        "may_enter_meters": within(request, "energy.meter.enter", found.pk),
        "clerks": list(found.clerks.filter(until=None).select_related("person")),
        "chart": _chart(found, year, months),
        "may_fill": may_fill(request, found.pk),
        "may_name": acts.NAME.may(request.actor, found),
        "may_restate": acts.RESIZE.may(request.actor, found),
        "records": trail.told(model="energy.institution", pk=found.pk),
        "sees_audits": request.actor.can("energy.audit.see"),
        "analysis_url": _analysis(request, found, year) if year in known else "",
        "more": beside.of(request, found, year, timezone.localdate()),
        "list_url": link("energy:returns_list", view="all", words=found.code),
    }  # fmt: skip
    return pages.render(request, "energy/institution.html", context)


def find(request: PageRequest, institution_id: int) -> Institution:
    """The institution, where it lies in the reader's scope."""
    rows = queries.listed(request.actor.scope(SEE), timezone.localdate())
    found: Institution | None = rows.filter(pk=institution_id).first()
    if found is not None:
        return found
    # One that has left the register is shown as it was last.
    left: Institution = Institution.objects.within(request.actor.scope(SEE)).get(pk=institution_id)
    left.now = left.spells.order_by("-during").first()
    return left


def may_fill(request: PageRequest, institution_id: int) -> bool:
    """Whether the reader may tell its months."""
    return within(request, FILL, institution_id)


def _year(request: PageRequest, known: list[int]) -> int:
    text = request.GET.get("year", "")
    if text.isdecimal() and text.isascii() and _FIRST_YEAR <= int(text[:5]) <= _LAST_YEAR:
        return int(text)
    return known[0] if known else timezone.localdate().year


def _facts(found: Institution) -> list[tuple[str, str]]:
    now = found.now
    kind = InstitutionKind(now.kind)
    return [
        ("信用代码", found.code),
        ("机构类型", f"{kind.label}（代码 {KIND_CODES[kind]}）"),
        ("所属区域", areas.title(now.area)),
        ("建筑面积", f"{formats.num(now.floor_m2)} ㎡" if now.floor_m2 is not None else ""),
        ("用能人数", f"{formats.num(now.people)} 人" if now.people is not None else ""),
        ("编制人数", f"{formats.num(now.staff)} 人" if now.staff is not None else ""),
        ("入库日期", formats.day(found.entered_on, style="iso")),
        ("退出日期", formats.day(found.left_on, style="iso") if found.left_on else ""),
        ("在线考核", "列入" if now.assessed else "没有列入"),
        ("重点用能", "是" if now.key_user else "否"),
    ]


def _analysis(request: PageRequest, found: Institution, year: int) -> str:
    """Where the analysis of a year is, for a key user of that year."""
    scope = request.actor.scope(analysis.SEE)
    there = not scope.nothing and analysis.key_users(scope, year).filter(pk=found.pk).exists()
    return link("energy:analysis_draft", found.pk, year) if there else ""


Months = Mapping[date, Mapping[Energy, tuple[Any, Any]]]


def _rows(
    found: Institution, year: int, months: Months, used: list[Energy]
) -> list[dict[str, Any]]:
    """Twelve months, told or not, with the sums of those told."""
    ids = dict(found.returns.filter(month__year=year).values_list("month", "pk"))
    open_doubts = returning.doubted(list(ids.values()))
    rows = []
    for number in range(1, _MONTHS + 1):
        month = date(year, number, 1)
        lines = months.get(month, {})
        rows.append(
            {
                "month": month,
                "url": link("energy:month", found.pk, f"{month:%Y-%m}"),
                "told": month in ids,
                "doubts": open_doubts.get(ids.get(month, 0), 0),
                "amounts": [lines.get(energy, (None, None))[0] for energy in used],
                "cost_fen": sum(cost or 0 for _, cost in lines.values()) if lines else None,
            }
        )
    return rows


def _waste(found: Institution, year: int) -> list[dict[str, Any]]:
    """What was carried away in the year by kind, each with its rows."""
    return [
        {
            "kind": kind,
            "kg": kg,
            "url": link(
                "energy:waste_list", view="all", kind=kind, words=found.code,
                on_from=f"{year}-01-01", on_to=f"{year}-12-31",
            ),
        }
        for kind, kg in waste.of_year(found.pk, year).items()
    ]  # fmt: skip


def _meters(request: PageRequest, found: Institution) -> list[Any]:
    scope = request.actor.scope(meter_queries.SEE)
    if scope.nothing:
        return []
    return list(meter_queries.listed(scope).filter(institution=found.pk, until=None))


def _peers(found: Institution, year: int) -> dict[str, Any] | None:
    """The intensities of its kind in the year: what an institution is compared with."""
    if found.now is None:
        return None
    return totals.peers(kind=InstitutionKind(found.now.kind), year=year)


def _filings(request: PageRequest, found: Institution) -> Any:
    rows = filing_queries.listed(request.actor.scope(SEE)).filter(institution=found.pk)
    return rows.order_by("-first", "kind")[:8]


def _chart(found: Institution, year: int, months: Months) -> Chart:
    """Electricity by month, this year beside the last."""
    before = totals.months_of(found.pk, year - 1)

    def amounts(of: Months, of_year: int) -> list[Decimal | None]:
        return [
            of.get(date(of_year, n, 1), {}).get(Energy.ELECTRICITY, (None, None))[0]
            for n in range(1, _MONTHS + 1)
        ]

    urls = [link("energy:month", found.pk, f"{year}-{n:02}") for n in range(1, _MONTHS + 1)]
    series = [Series(name=f"{year} 年", values=amounts(months, year), urls=urls)]
    if before:
        series.insert(0, Series(name=f"{year - 1} 年", values=amounts(before, year - 1)))
    return Chart(
        key="electricity", title="逐月用电", unit="kWh", noun="月份",
        categories=[f"{n} 月" for n in range(1, _MONTHS + 1)], series=series,
    )  # fmt: skip
