"""月度督车清单: what was sent to the supervisors, as it was frozen; as a page and as a sheet."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.models import MonthlyList
from guanjia.domains.fleet.pages import oversight_view as view
from guanjia.domains.fleet.queries import oversight as queries
from guanjia.domains.fleet.terms.oversight import Level
from guanjia.ui import excel, formats, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers import pages as register_pages

SEE, DECIDE = "fleet.oversight.see", "fleet.oversight.decide"
_REFUSED = 422
HEADS = (
    "督车编号", "级别", "发生日期", "单位", "号牌号码", "派车单号", "疑点", "情形", "状态",
    "单位说明", "处理结果", "处理意见",
)  # fmt: skip


@needs(SEE)
def monthly_lists(request: PageRequest) -> HttpResponse:
    """All lists, the latest month first, with how many rows of it this person may see."""
    made = list(queries.monthly_lists(request.scope)[:60])
    lines = []
    for each in made:
        counted = queries.tallies(queries.rows_of(scope=request.scope, made=each))
        lines.append({"made": each, **_sums(counted)})
    context = {"lines": lines, "may_make": request.actor.can(DECIDE)}
    return pages.render(request, "fleet/monthly_lists.html", context)


def _sums(counted: Any) -> dict[str, int]:
    return {
        "red": sum(each.red for each in counted),
        "yellow": sum(each.yellow for each in counted),
        "green": sum(each.green for each in counted),
        "total": sum(each.total for each in counted),
    }


def _found(request: PageRequest, list_id: int) -> tuple[MonthlyList, list[dict[str, Any]]]:
    made: MonthlyList = queries.monthly_lists(request.scope).get(pk=list_id)
    return made, queries.rows_of(scope=request.scope, made=made)


@needs(SEE)
def monthly_list(request: PageRequest, list_id: int) -> HttpResponse:
    """One list as it was frozen: counts by unit and level, and its rows."""
    made, rows = _found(request, list_id)
    level, unit = request.GET.get("level", ""), request.GET.get("unit", "")
    chosen = [
        row
        for row in rows
        if (not level or row["level"] == level) and (not unit or row["unit_path"] == unit)
    ]
    newer = queries.monthly_lists(request.scope).filter(month=made.month).first()
    counted = queries.tallies(rows)
    return pages.render(
        request,
        "fleet/monthly_list.html",
        {
            "made": made,
            "title": str(made),
            "tallies": counted,
            "sums": _sums(counted),
            "rows": [_shown(row) for row in chosen],
            "level": Level(level).label if level in set(Level) else "",
            "unit": next((each.unit for each in counted if each.unit_path == unit), ""),
            "newer": newer if newer and newer.pk != made.pk else None,
            "withheld": made.total - len(rows) if not request.scope.everything else 0,
            "on_time": timezone.now(),
        },
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    tone, icon = view.LEVELS[Level(row["level"])]
    return {**row, "tone": tone, "icon": icon, "level_label": Level(row["level"]).label}


@needs(SEE)
def monthly_list_excel(request: PageRequest, list_id: int) -> HttpResponse:
    """The same rows as a sheet."""
    made, rows = _found(request, list_id)
    data = excel.book(
        title=str(made),
        notes=[f"第 {made.edition} 版 {formats.daytime(made.made_at, style='iso')} {made.made_by}"],
        heads=HEADS,
        rows=[_cells(row) for row in rows],
    )
    return register_pages.excel(data, f"{made}.xlsx")


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        row["number"], Level(row["level"]).label, row["on_day"], row["unit"], row["plate"],
        row["trip"], "、".join(row["grounds"]), "\n".join(row["sentences"]), row["state"],
        row["explanation"], row["outcome"], row["decision"],
    ]  # fmt: skip
