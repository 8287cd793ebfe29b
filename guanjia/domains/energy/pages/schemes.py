"""考核方案: a table of indicators, who takes part, how far they are, and its publication."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.energy.actions import assessing, schemes
from guanjia.domains.energy.actions import publications as publishing
from guanjia.domains.energy.forms import assessments as forms
from guanjia.domains.energy.models import EnergyPublication, Indicator, Scheme
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import assessing as queries
from guanjia.domains.energy.queries import institutions, publications
from guanjia.domains.energy.rules import schemes as rules
from guanjia.domains.energy.terms.assessment import Desk, Fact, How, Scale, SchemeState
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats, pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

SEE, PLAN = queries.SEE, queries.PLAN
_REFUSED = 422


@needs(SEE)
def scheme(request: PageRequest, scheme_id: int) -> HttpResponse:
    """A scheme with its tree, its members and its appeals."""
    return _page(request, scheme_id)


def _page(
    request: PageRequest, scheme_id: int, *, refused: Refused | None = None, act: str = ""
) -> HttpResponse:
    found: Scheme = queries.schemes(Scope.all()).get(pk=scheme_id)
    leaves = queries.leaf_rows(found)
    listed = institutions.listed(Scope.all(), timezone.localdate()).count()
    plans = request.actor.can(PLAN)
    context = {
        "scheme": found,
        "lines": lines(found),
        "extra": sum((row.points or 0 for row in leaves if row.extra), 0),
        "grades": [(grade.title, formats.num(grade.least)) for grade in queries.grades(found)],
        "listed": listed,
        "appeals": list(queries.open_appeals(found, request.actor.scope(PLAN))) if plans else [],
        "may_open": plans and found.state == SchemeState.DRAFT,
        "may_join": plans and found.state == SchemeState.OPEN,
        "may_urge": _may_urge(request, found),
        "may_reckon": plans and found.state == SchemeState.OPEN,
        "may_publish": plans and found.state == SchemeState.OPEN,
        "may_tell": _may_tell(request, found, notice := publications.newest_of_scheme(found.pk)),
        "notice": notice if notice and publications.sees_publication(request.actor, notice.pk)
        else None,
        "list_url": link("energy:assessments_list", view="all", scheme=found.pk),
        "short_url": link("energy:assessments_list", view="short", scheme=found.pk),
        "refused": refused.findings if refused else (),
        "act": act,
        "typed": request.POST if refused else {},
        "records": trail.told(model="energy.scheme", pk=found.pk),
    }  # fmt: skip
    status = _REFUSED if refused else 200
    return pages.render(request, "energy/scheme.html", context, status=status)


def _may_tell(request: PageRequest, found: Scheme, told: EnergyPublication | None) -> bool:
    """Who publishes may lay the ranks out, once they stand."""
    if not request.actor.can(publications.MAKE):
        return False
    whole = request.actor.scope(publications.MAKE).everything
    return bool(whole and found.state == SchemeState.PUBLISHED and told is None)


def _may_urge(request: PageRequest, found: Scheme) -> bool:
    """Who reviews some of it, while somebody has not scored itself."""
    if not request.actor.can(queries.REVIEW):
        return False
    rows = queries.waiting(request.actor.scope(queries.REVIEW), Desk.SELF)
    return bool(rows.filter(scheme=found).exists())


def lines(found: Scheme) -> list[dict[str, Any]]:
    """The tree as rows: how deep, what, how it is scored."""
    rows = list(found.indicators.order_by("position"))
    depth: dict[int | None, int] = {None: -1}
    shown = []
    for row in rows:
        depth[row.pk] = depth[row.parent_id] + 1
        shown.append({"row": row, "depth": depth[row.pk], "how": how_of(row)})
    return shown


def how_of(row: Indicator) -> str:
    """How a leaf is scored, in words."""
    if row.how != How.DATA:
        return How(row.how).label if row.how else ""
    measure: Any = row.measure
    words = Fact(measure["fact"]).label
    scale = Scale(measure["scale"])
    if scale is Scale.REACHES:
        words += f"达到 {measure['bound']}"
    elif scale is Scale.EACH:
        words += f"每次 {measure['each']} 分"
    elif scale is Scale.STEPS:
        sign = "≥" if measure.get("up") else "≤"
        words += "：" + "，".join(
            f"{sign}{bound} 得 {points}" for bound, points in measure["steps"]
        )
    else:
        words += "按比例"
    return words


@needs(PLAN)
def scheme_new(request: PageRequest) -> HttpResponse:
    """编制方案 out of a table."""
    form = forms.Plan(request.POST or None, initial={"year": timezone.localdate().year})
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            made = schemes.plan_scheme(
                actor=request.actor, table=schemes.tables()[given["table"]], year=given["year"],
                title=given["title"], at=timezone.now(),
            )  # fmt: skip
            pages.flash(request, f"已编制 {made}，核对指标后启用")
            return pages.to("energy:scheme", made.pk)
        except Refused as refused:
            form.add_refusal(refused)
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "energy/scheme_new.html", {"form": form}, status=status)


def _done(
    request: PageRequest, scheme_id: int, act: str, doing: Callable[[datetime], str]
) -> HttpResponse:
    try:
        said = doing(timezone.now())
    except Refused as refused:
        return _page(request, scheme_id, refused=refused, act=act)
    pages.flash(request, said)
    return pages.to("energy:scheme", scheme_id)


@needs(PLAN)
@require_POST
def scheme_open(request: PageRequest, scheme_id: int) -> HttpResponse:
    """启用: everybody in the online assessment begins."""

    def doing(at: datetime) -> str:
        given = checked(forms.Open(request.POST), headline="没有启用。")
        ids = _named(given.pop("members"), "没有启用：")
        count = schemes.open_scheme(
            actor=request.actor, scheme_id=scheme_id, institution_ids=ids, at=at, **given
        )
        return f"已启用，{count} 家参加"

    return _done(request, scheme_id, "open", doing)


def _named(words: list[str], headline: str) -> list[int]:
    """The institutions somebody wrote down, or a refusal that names the lines nobody knows."""
    found, unknown = institutions.named(Scope.all(), words)
    rules.all_known(unknown=unknown, headline=headline).enforce()
    return found


@needs(PLAN)
@require_POST
def scheme_join(request: PageRequest, scheme_id: int) -> HttpResponse:
    """增加参加机构: who asks to take part later, as for 示范单位."""

    def doing(at: datetime) -> str:
        words = checked(forms.Join(request.POST), headline="没有增加。")["members"]
        ids = _named(words, "没有增加：")
        count = schemes.join(actor=request.actor, scheme_id=scheme_id, institution_ids=ids, at=at)
        return f"已增加 {count} 家"

    return _done(request, scheme_id, "join", doing)


@needs(queries.REVIEW)
@require_POST
def scheme_urge(request: PageRequest, scheme_id: int) -> HttpResponse:
    """一键催报: all of one's area that have not handed in their own scores."""
    found: Scheme = Scheme.objects.get(pk=scheme_id)
    rows = queries.waiting(request.scope, Desk.SELF).filter(scheme=found)
    ids = list(rows.values_list("pk", flat=True))
    count = assessing.urge(actor=request.actor, assessment_ids=ids, at=timezone.now())
    pages.flash(request, f"已催 {count} 家" if count else "没有要催的机构")
    return pages.to("energy:scheme", scheme_id)


@needs(PLAN)
@require_POST
def scheme_reckon(request: PageRequest, scheme_id: int) -> HttpResponse:
    """重新取数: what the rows say by now."""

    def doing(at: datetime) -> str:
        count = schemes.reckon_again(actor=request.actor, scheme_id=scheme_id, at=at)
        return f"已按现在的数据计算 {count} 家"

    return _done(request, scheme_id, "", doing)


@needs(PLAN)
@require_POST
def scheme_publish(request: PageRequest, scheme_id: int) -> HttpResponse:
    """公布名次."""

    def doing(at: datetime) -> str:
        schemes.publish(actor=request.actor, scheme_id=scheme_id, at=at)
        return "已公布名次"

    return _done(request, scheme_id, "", doing)


@needs(publications.MAKE)
@require_POST
def scheme_notice(request: PageRequest, scheme_id: int) -> HttpResponse:
    """拟公示稿 of the ranks."""
    try:
        made = publishing.draft_ranks(actor=request.actor, scheme_id=scheme_id, at=timezone.now())
    except Refused as refused:
        return _page(request, scheme_id, refused=refused)
    pages.flash(request, "已拟公示稿，核对后公示")
    return pages.to("energy:notice", made.pk)
