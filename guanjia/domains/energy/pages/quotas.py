"""能耗定额: the values in force and how kinds stand to them; those over it and what they say."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.energy.actions import quotas as actions
from guanjia.domains.energy.forms.quotas import Answer, Explanation
from guanjia.domains.energy.models import QuotaCase
from guanjia.domains.energy.pages.holding import within
from guanjia.domains.energy.pages.links import link, returns_link
from guanjia.domains.energy.pages.scales import standing
from guanjia.domains.energy.pages.years import chosen_year
from guanjia.domains.energy.queries import quotas as queries
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.queries.quotas import Measured
from guanjia.domains.energy.rules import quotas as rules
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.quotas import (
    MEASURE_UNITS,
    OWED,
    CaseState,
    Place,
    QuotaMeasure,
)
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

SEE, JUDGE, EXPLAIN, DECIDE = queries.SEE, queries.JUDGE, queries.EXPLAIN, queries.DECIDE
_REFUSED, _PER_PAGE = 422, 30


@needs(SEE)
def quotas(request: PageRequest) -> HttpResponse:
    """The quotas of a year, how many institutions stand where, and which kinds have none."""
    return _overview(request)


def _overview(request: PageRequest, *, refused: Refused | None = None) -> HttpResponse:
    year, today = chosen_year(request), timezone.localdate()
    rows = queries.of_year(request.scope, year, today)
    tallies = queries.tallies(rows, queries.law_of(year, today))
    having = {tally.kind for tally in tallies}
    context = {
        "year": year, "running": year >= today.year,
        "years": [
            {"title": f"{each} 年", "url": link("energy:quotas", year=each),
             "current": each == year}
            for each in sorted({*totals.years(request.scope), year}, reverse=True)
        ],
        "tallies": [_tally(tally, year) for tally in tallies],
        "without": [kind.label for kind in InstitutionKind if kind not in having],
        "behind": _behind(request, rows, year),
        "cases": _counts(request, year, today),
        "may_judge": request.actor.can(JUDGE),
        "refused": refused.findings if refused else (),
        "on_time": timezone.now(),
    }  # fmt: skip
    status = _REFUSED if refused else 200
    return pages.render(request, "energy/quotas.html", context, status=status)


def _tally(tally: queries.Tally, year: int) -> dict[str, Any]:
    measure = tally.quota.measure

    def behind(place: Place | str = "") -> str:
        query = {"year": year, "kind": tally.kind, "measure": measure, "place": place}
        return link("energy:quotas", **query) + "#institutions"

    return {
        "kind": tally.kind, "measure": measure, "unit": MEASURE_UNITS[measure],
        "quota": tally.quota, "total": tally.total, "url": behind(),
        "places": [(place, tally.places.get(place, 0), behind(place)) for place in Place],
    }  # fmt: skip


def _behind(
    request: PageRequest, rows: Sequence[Measured], year: int
) -> dict[str, Any] | None:  # fmt: skip
    """The institutions behind a count of the table: those of a kind, a measure, and a place."""
    asked = {name: request.GET.get(name, "") for name in ("kind", "measure", "place")}
    if asked["kind"] not in set(InstitutionKind) or asked["measure"] not in set(QuotaMeasure):
        return None
    found = [
        each for each in rows
        if each.body.kind == asked["kind"] and each.quota.measure == asked["measure"]
        and (asked["place"] in ("", each.place))
    ]  # fmt: skip
    found.sort(key=lambda each: -each.value)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    place = Place(asked["place"]).label if asked["place"] in set(Place) else ""
    return {
        "title": f"{InstitutionKind(asked['kind']).label} {place}".strip(), "page": page,
        "rows": [{**standing(each, year), "body": each.body} for each in page],
        "unit": MEASURE_UNITS[QuotaMeasure(asked["measure"])],
        "measure": QuotaMeasure(asked["measure"]).label,
    }  # fmt: skip


def _counts(request: PageRequest, year: int, today: Any) -> list[dict[str, Any]]:
    rows = queries.listed(request.scope).filter(year=year)
    parts = (
        ("owed", "待说明", rows.filter(state__in=OWED)),
        ("late", "逾期未说明", rows.filter(state__in=OWED, due_on__lt=today)),
        ("told", "已说明待核", rows.filter(state=CaseState.TOLD)),
        ("taken", "已采纳", rows.filter(state=CaseState.ACCEPTED)),
    )
    return [
        {"title": title, "count": found.count(),
         "url": link("energy:quota_cases_list", view=view, year=year)}
        for view, title, found in parts
    ]  # fmt: skip


@needs(JUDGE)
@require_POST
def quotas_judge(request: PageRequest) -> HttpResponse:
    """判定超定额 of a year."""
    text = request.POST.get("year", "")
    year = int(text) if text.isdecimal() and text.isascii() and len(text) == 4 else 0  # noqa: PLR2004 — a year
    if not year:
        return pages.to("energy:quotas")
    try:
        asked, lapsed = actions.judge_year(actor=request.actor, year=year, at=timezone.now())
    except Refused as refused:
        return _overview(request, refused=refused)
    said = f"{asked} 家次新列为超定额，已通知说明" if asked else "没有新的超定额"
    more = f"，{lapsed} 件按现在的数据不再超定额" if lapsed else ""
    pages.flash(request, f"{year}年：{said}{more}")
    return HttpResponseRedirect(link("energy:quotas", year=year))


# ── a case ───────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def quota_case(request: PageRequest, quota_id: int) -> HttpResponse:
    """One institution over its quota: the figures it was judged by, its words, what came of it."""
    return _page(request, quota_id)


def _page(
    request: PageRequest, quota_id: int, *, refused: Refused | None = None, act: str = "",
    form: Explanation | None = None,
) -> HttpResponse:  # fmt: skip
    found: QuotaCase = queries.listed(request.actor.scope(SEE)).get(pk=quota_id)
    state, measure = CaseState(found.state), QuotaMeasure(found.measure)
    owed = state in OWED and within(request, EXPLAIN, found.institution_id)
    decides = state is CaseState.TOLD and within(request, DECIDE, found.institution_id)
    if owed and form is None:
        form = Explanation(initial={"words": found.words})
    context = {
        "case": found, "institution": found.institution, "measure": measure,
        "unit": MEASURE_UNITS[measure],
        "over": round(100 * (found.value - found.bound) / found.bound, 1),
        "demand": law_at(timezone.localdate())[rules.DEMANDS],
        "late": state in OWED and found.due_on < timezone.localdate(),
        "form": form if owed else None,
        "may_decide": decides,
        "returns_url": returns_link(found.year, words=found.institution.name),
        "files": attachments.of(model="energy.quotacase", row_id=found.pk),
        "refused": refused.findings if refused else (),
        "act": act,
        "typed": request.POST.get("words", "") if refused else "",
        "records": trail.told(model="energy.quotacase", pk=found.pk),
    }  # fmt: skip
    status = _REFUSED if refused or (form is not None and form.is_bound) else 200
    return pages.render(request, "energy/quota_case.html", context, status=status)


@needs(EXPLAIN)
@require_POST
def quota_explain(request: PageRequest, quota_id: int) -> HttpResponse:
    """说明超定额."""
    queries.listed(request.scope).get(pk=quota_id)  # outside: 404
    form = Explanation(request.POST)
    if not form.is_valid():
        return _page(request, quota_id, form=form)
    try:
        actions.explain(
            actor=request.actor, case_id=quota_id, words=form.cleaned_data["words"],
            files=form.cleaned_data["files"], at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        return _page(request, quota_id, refused=refused)
    pages.flash(request, "已提交说明，等机关事务管理机构核")
    return pages.to("energy:quota_case", quota_id)


def _answer(
    request: PageRequest, quota_id: int, act: str, said: str, doing: Callable[[str, datetime], Any]
) -> HttpResponse:
    queries.listed(request.scope).get(pk=quota_id)  # outside: 404
    try:
        doing(checked(Answer(request.POST), headline="没有办成。")["words"], timezone.now())
    except Refused as refused:
        return _page(request, quota_id, refused=refused, act=act)
    pages.flash(request, said)
    return pages.to("energy:quota_case", quota_id)


@needs(DECIDE)
@require_POST
def quota_accept(request: PageRequest, quota_id: int) -> HttpResponse:
    """采纳 an explanation."""
    return _answer(
        request, quota_id, "accept", "已采纳说明",
        lambda words, at: actions.accept(
            actor=request.actor, case_id=quota_id, words=words, at=at
        ),
    )  # fmt: skip


@needs(DECIDE)
@require_POST
def quota_back(request: PageRequest, quota_id: int) -> HttpResponse:
    """退回 an explanation, with reasons."""
    return _answer(
        request, quota_id, "back", "已退回，重新说明",
        lambda words, at: actions.send_back(
            actor=request.actor, case_id=quota_id, words=words, at=at
        ),
    )  # fmt: skip
