"""年度考核: the points of every unit in a year, what they are made of, and the sheet."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from guanjia.domains.space.pages import round_view as view
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.queries import scores as reading
from guanjia.domains.space.terms.rounds import RectState
from guanjia.kernel.org.models import Unit
from guanjia.ui import excel, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers.pages import excel as excel_response

SEE = queries.SEE
_HEADS = (
    "单位编码", "单位", "检查次数", "有问题", "整改", "逾期", "问题扣分", "逾期扣分", "得分",
)  # fmt: skip
_FIRST_YEAR, _LAST_YEAR = 1990, 2199


def _year(request: PageRequest) -> int:
    """The year of the address; else the last in which anybody was inspected, or this one."""
    text = request.GET.get("year", "")
    if text.isdecimal() and text.isascii() and _FIRST_YEAR <= int(text[:5]) <= _LAST_YEAR:
        return int(text)
    known = reading.years(request.scope)
    return known[0] if known else timezone.localdate().year


@needs(SEE)
def scores(request: PageRequest) -> HttpResponse:
    """Every inspected unit of the scope with its points, in protocol order."""
    year, at = _year(request), timezone.now()
    today = timezone.localdate(at)
    found = reading.scores(year=year, scope=request.scope, on=today)
    law = reading.law_of(year=year, on=today)
    context = {
        "year": year,
        "years": [
            {"title": f"{each} 年", "url": f"?year={each}", "current": each == year}
            for each in sorted({*reading.years(request.scope), year}, reverse=True)
        ],
        "rows": [_row(one, year) for one in found],
        "times": law["space.score.item_times"],
        "full": law["space.score.full"],
        "export_url": link("space:scores_export", year=year),
        "on_time": at,
    }
    return pages.render(request, "space/scores.html", context)


def _row(one: reading.UnitScore, year: int) -> dict[str, Any]:
    days = {"on_from": f"{year}-01-01", "on_to": f"{year}-12-31"}
    found = {"found_from": f"{year}-01-01", "found_to": f"{year}-12-31"}
    found["state"] = ",".join(state for state in RectState if state != RectState.CALLED_OFF)
    code = one.unit.code
    return {
        "one": one,
        "url": link("space:score_unit", one.unit.pk, year=year),
        "records_url": view.inspections_url(unit=code, **days),
        "problems_url": view.inspections_url(unit=code, view="deducted", **days),
        "rects_url": view.rectifications_url(unit=code, **found),
        "late_url": view.rectifications_url(unit=code, view="was_late", **found),
    }


@needs(SEE)
def scores_export(request: PageRequest) -> HttpResponse:
    """The same as an Excel file."""
    year, today = _year(request), timezone.localdate()
    found = reading.scores(year=year, scope=request.scope, on=today)
    title = f"{year}年办公用房管理年度考核得分"
    content = excel.book(
        title=title,
        notes=[f"截至 {today:%Y-%m-%d}，按巡检发现问题和逾期整改扣分"],
        heads=_HEADS,
        rows=[
            [
                one.unit.code, one.unit.name, one.records, one.problems, one.rectifications,
                one.late, float(one.score.findings), float(one.score.late), float(one.score.left),
            ]
            for one in found
        ],
    )  # fmt: skip
    pages.tell_shown(request, rows=len(found), exported=True)
    return excel_response(content, f"{title}.xlsx")


@needs(SEE)
def score_unit(request: PageRequest, unit_id: int) -> HttpResponse:
    """How a unit's points come about: every deduction with the record it rests on."""
    year, today = _year(request), timezone.localdate()
    unit = Unit.objects.get(pk=unit_id)
    account = reading.account(year=year, unit=unit, scope=request.scope, on=today)
    if not account.records:
        raise Http404
    law = reading.law_of(year=year, on=today)
    context = {
        "unit": unit,
        "year": year,
        "account": account,
        "score": account.score,
        "times": law["space.score.item_times"],
        "late_rule": law["space.score.late"],
        "full": law["space.score.full"],
        "back_url": link("space:scores", year=year),
        "records_url": view.inspections_url(
            unit=unit.code, on_from=f"{year}-01-01", on_to=f"{year}-12-31"
        ),
    }
    return pages.render(request, "space/score_unit.html", context)
