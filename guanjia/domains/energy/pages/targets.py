"""目标完成: how a year stands to the plan, by area, kind and institution; and targets filed."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.models import YearTarget
from guanjia.domains.energy.pages.holding import within
from guanjia.domains.energy.pages.links import link, returns_link
from guanjia.domains.energy.pages.years import chosen_year
from guanjia.domains.energy.queries import areas, totals
from guanjia.domains.energy.queries import targets as queries
from guanjia.domains.energy.queries.targets import Comparison, Pair, Standing
from guanjia.domains.energy.rules import targets as rules
from guanjia.domains.energy.rules.targets import Plan
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.targets import UNITS, Aim, AimState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.ui import excel, pages, trail
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers.pages import excel as excel_response

SEE, FILE, TELL = queries.SEE, queries.FILE, queries.TELL
_REFUSED, _PER_PAGE = 422, 30
_ORDER = {AimState.UNMET: 0, AimState.MET: 1, AimState.UNKNOWN: 2}


@needs(SEE)
def targets(request: PageRequest) -> HttpResponse:
    """The year beside its base: the whole, areas, kinds, and the institutions behind first."""
    year = chosen_year(request)
    plan, aim = queries.plan_of(year), _aim(request)
    context: dict[str, Any] = {
        "year": year, "plan": plan, "aim": aim, "unit": UNITS[aim],
        "years": [
            {"title": f"{each} 年", "url": link("energy:targets", year=each, aim=aim),
             "current": each == year}
            for each in sorted({*totals.years(request.scope), year}, reverse=True)
        ],
        "on_time": timezone.now(),
    }  # fmt: skip
    if plan is not None:
        context |= _compared(request, year, plan, aim)
    return pages.render(request, "energy/targets.html", context)


def _aim(request: PageRequest) -> Aim:
    asked = request.GET.get("aim", "")
    return Aim(asked) if asked in set(Aim) else Aim.PER_PERSON


def _state(request: PageRequest) -> AimState | None:
    asked = request.GET.get("state", "")
    return AimState(asked) if asked in set(AimState) else None


def _compared(request: PageRequest, year: int, plan: Plan, aim: Aim) -> dict[str, Any]:
    two = queries.compare(
        request.scope, year=year, base_year=plan.base_year, today=timezone.localdate()
    )
    due, wanted = plan.due(aim, year), _state(request)
    ranked = _ranked(two, aim, due)
    shown = [each for each in ranked if wanted in (None, each[1].judged.state)]
    page = Paginator(shown, _PER_PAGE).get_page(request.GET.get("page"))
    titles = {area.pk: areas.title(area) for area in areas.all_areas()}
    return {
        "over": two.over,
        "due": due,
        "aims": [_fig(two, each, plan, year, aim) for each in Aim if each in plan.percents],
        "areas": _areas(two, aim, due, titles),
        "kinds": _kinds(two, aim, due),
        "states": _states(ranked, year, aim, wanted),
        "page": page,
        "rows": [_row(two, pair, standing, titles) for pair, standing in page],
        "export_url": link("energy:targets_export", year=year),
    }


def _fig(two: Comparison, each: Aim, plan: Plan, year: int, chosen: Aim) -> dict[str, Any]:
    found = two.standing(each, two.pairs, plan.due(each, year))
    return {
        "aim": each, "standing": found, "current": each is chosen,
        "url": link("energy:targets", year=year, aim=each),
    }  # fmt: skip


def _areas(
    two: Comparison, aim: Aim, due: Decimal | None, titles: dict[int, str]
) -> list[dict[str, Any]]:
    groups: dict[int, list[Pair]] = {}
    for pair in two.pairs:
        groups.setdefault(pair.body.area_id, []).append(pair)
    return [
        {"title": titles[pk],
         "url": link("energy:institutions_list", view="all", area=pk),
         "all": len(groups[pk]),
         **side(two.standing(aim, groups[pk], due, two.areas.get(pk)), two.year.year,
                two.base_year, area=pk)}
        for pk in titles if pk in groups
    ]  # fmt: skip


def _kinds(two: Comparison, aim: Aim, due: Decimal | None) -> list[dict[str, Any]]:
    groups: dict[InstitutionKind, list[Pair]] = {}
    for pair in two.pairs:
        groups.setdefault(pair.body.kind, []).append(pair)
    return [
        {"title": kind.label,
         "url": link("energy:institutions_list", view="all", kind=kind),
         "all": len(groups[kind]),
         **side(two.standing(aim, groups[kind], due), two.year.year, two.base_year, kind=kind)}
        for kind in InstitutionKind if kind in groups
    ]  # fmt: skip


def side(found: Standing, year: int, base_year: int, **query: Any) -> dict[str, Any]:
    """A standing with the rows behind its two figures: those of the months compared."""
    base_url = returns_link(base_year, span=found.span, **query)
    if found.baseline is not None:
        base_url = link("energy:baselines_list", view="all", year=base_year, **query)
    return {
        "standing": found, "judged": found.judged, "base_url": base_url,
        "now_url": returns_link(year, span=found.span, **query),
    }  # fmt: skip


def _ranked(two: Comparison, aim: Aim, due: Decimal | None) -> list[tuple[Pair, Standing]]:
    """The institutions, those furthest behind first, those nobody can judge last."""
    found = [(pair, two.of(aim, pair, due)) for pair in two.pairs]

    def place(each: tuple[Pair, Standing]) -> tuple[int, Decimal]:
        judged = each[1].judged
        return _ORDER[judged.state], judged.deviation or Decimal(0)

    return sorted(found, key=place)


def _states(
    ranked: Sequence[tuple[Pair, Standing]], year: int, aim: Aim, wanted: AimState | None
) -> list[dict[str, Any]]:
    counts = [(None, "全部", len(ranked))]
    for state in (AimState.UNMET, AimState.MET, AimState.UNKNOWN):
        n = sum(1 for _, each in ranked if each.judged.state is state)
        counts.append((state, state.label, n))  # type: ignore[arg-type]  # a state where one is asked
    return [
        {"title": title, "count": n, "current": state is wanted,
         "url": link("energy:targets", year=year, aim=aim, state=state or "") + "#institutions"}
        for state, title, n in counts
    ]  # fmt: skip


def _row(two: Comparison, pair: Pair, found: Standing, titles: dict[int, str]) -> dict[str, Any]:
    words = pair.body.name
    return {
        "title": pair.body.name, "area": titles.get(pair.body.area_id, ""),
        "url": link("energy:institution", pair.body.id, year=two.year.year),
        **side(found, two.year.year, two.base_year, words=words),
    }  # fmt: skip


# ── Excel ────────────────────────────────────────────────────────────────────────────────

_HEADS = (
    "范围", "名称", "指标", "单位", "比较机构(家)", "比较月份", "基期", "本期", "下降(%)",
    "应下降(%)", "偏差(百分点)", "结果", "原因",
)  # fmt: skip


@needs(SEE)
def targets_export(request: PageRequest) -> HttpResponse:
    """Everybody's standing to every aim as an Excel file."""
    year, today = chosen_year(request), timezone.localdate()
    plan = queries.plan_of(year)
    rows: list[list[Any]] = []
    notes = [f"{year} 年没有规划目标"]
    if plan is not None:
        two = queries.compare(request.scope, year=year, base_year=plan.base_year, today=today)
        rows = list(_export_rows(two, plan))
        notes = [f"{plan.title}，按年平均；基期 {plan.base_year} 年，只比较两年都填报的月份"]
    title = f"{year}年节能目标完成情况"
    pages.tell_shown(request, rows=len(rows), exported=True)
    content = excel.book(title=title, notes=notes, heads=_HEADS, rows=rows)
    return excel_response(content, f"{title}.xlsx")


def _export_rows(two: Comparison, plan: Plan) -> Iterable[list[Any]]:
    titles = {area.pk: areas.title(area) for area in areas.all_areas()}
    year = two.year.year
    for aim in (each for each in Aim if each in plan.percents):
        due = plan.due(aim, year)
        whole = two.standing(aim, two.pairs, due)
        yield _cells("合计", "", aim, whole)
        for row in _areas(two, aim, due, titles):
            yield _cells("区域", row["title"], aim, row["standing"])
        for row in _kinds(two, aim, due):
            yield _cells("机构类型", row["title"], aim, row["standing"])
        for pair in two.pairs:
            yield _cells("机构", pair.body.name, aim, two.of(aim, pair, due))


def _cells(what: str, title: str, aim: Aim, found: Standing) -> list[Any]:
    judged = found.judged
    numbers = (judged.base, judged.now, judged.fall, judged.due, judged.deviation)
    return [
        what, title, aim.label, UNITS[aim], found.count, found.when,
        *(None if value is None else float(round(value, 2)) for value in numbers),
        judged.state.label, judged.why,
    ]  # fmt: skip


# ── what institutions filed ──────────────────────────────────────────────────────────────


@needs(SEE)
def target(request: PageRequest, target_id: int) -> HttpResponse:
    """A filed target with its plan, and how it stands."""
    row: YearTarget = queries.filed(request.scope).get(pk=target_id)
    today = timezone.localdate()
    own = queries.own([row.institution_id], year=row.year, today=today)
    base_year = queries.base_of(row, queries.plan_of(row.year))
    context = {
        "target": row, "institution": row.institution, "running": row.year >= today.year,
        "base_year": base_year,
        "lines": [
            {"aim": aim, "unit": UNITS[aim],
             **side(each, row.year, base_year or row.year, words=row.institution.name)}
            for aim, each in own.get(row.institution_id, {}).items()
        ],
        "files": attachments.of(model="energy.yeartarget", row_id=row.pk),
        "may_file": within(request, FILE, row.institution_id),
        "filing": law_at(today)[rules.FILING],
        "records": trail.told(model="energy.yeartarget", pk=row.pk),
    }  # fmt: skip
    return pages.render(request, "energy/target.html", context)
