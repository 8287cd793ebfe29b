"""统计摸底: plan a survey, see how far its units are, remind, prolong, call off, publish."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.space.actions import survey_reports, survey_review
from guanjia.domains.space.actions import surveys as actions
from guanjia.domains.space.forms import surveys as forms
from guanjia.domains.space.models import Survey
from guanjia.domains.space.pages import survey_view as view
from guanjia.domains.space.queries import standards
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.surveys import SurveyKind, SurveyState
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.texts import is_id
from guanjia.ui import pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

SEE, PLAN, REVIEW = queries.SEE, queries.PLAN, queries.REVIEW
_REFUSED = 422


@needs(PLAN)
def survey_new(request: PageRequest) -> HttpResponse:
    """布置统计: what, as of which day, until when, whom."""
    at = timezone.now()
    today = timezone.localdate(at)
    units = _units(request, today)
    first = {"kind": SurveyKind.YEARLY, "as_of": today, "title": f"{today.year}年办公用房统计年报"}
    form = forms.Plan(request.POST or None, units=units, initial=first)
    refused: tuple[Any, ...] = ()
    if form.is_bound and form.is_valid():
        try:
            made = actions.plan_survey(actor=request.actor, plan=_plan(form), at=at)
        except Refused as no:
            form.add_refusal(no)
            refused = tuple(one for one in no.findings if one.field not in form.fields)
        else:
            count = made.returns.count()
            pages.flash(
                request, f"已布置“{made}”，{count} 个单位的填报单已按台账预填，单位已收到通知"
            )
            return pages.to("space:survey", made.pk)
    chosen = {int(pk) for pk in form["units"].value() or () if is_id(str(pk))}
    context = {"form": form, "refused": refused, "units": units, "chosen": chosen}
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "space/survey_new.html", context, status=status)


def _units(request: PageRequest, day: date) -> list[Unit]:
    """Units that hold a room today, or answer for a section that does: whom a survey asks."""
    tree = standards.homes()
    held = {tree.home[pk] for pk in queries.holders_on(day)}
    rows = Unit.objects.within(request.scope).filter(pk__in=held)
    return list(rows.order_by("position", "code"))


def _plan(form: forms.Plan) -> actions.Plan:
    given = form.cleaned_data
    return actions.Plan(
        title=given["title"], kind=SurveyKind(given["kind"]), as_of=given["as_of"],
        due_on=given["due_on"], units=given["units"], notice=given["notice"],
    )  # fmt: skip


@needs(SEE)
def survey(request: PageRequest, survey_id: int) -> HttpResponse:
    """One survey: how far its units are; each number opens its returns."""
    return _page(request, survey_id, at=timezone.now())


def _page(
    request: PageRequest, survey_id: int, *, at: datetime, refused: Refused | None = None
) -> HttpResponse:
    actor, today = request.actor, timezone.localdate(at)
    scope = actor.scope(SEE)
    found = queries.survey(scope=scope, survey_id=survey_id)
    filings = list(queries.returns(scope).filter(survey=found).order_by("unit__position", "pk"))
    sums = queries.sums(filings)
    progress = queries.progress(survey=found, scope=scope, today=today)
    context = {
        "survey": found,
        "chip": found.chip,
        "progress": progress,
        "counts": view.counts(found, progress),
        "lines": [
            (filing, view.return_chip(filing, today=today), *sums.get(filing.pk, (0, 0, 0)))
            for filing in filings
        ],
        "owing": sum(1 for filing in filings if filing.state in ("FILLING", "SENT")),
        "open": found.state == SurveyState.OPEN,
        "may_plan": actor.can(PLAN),
        "may_review": actor.can(REVIEW),
        "may_report": scope.everything,
        "records": trail.told(model="space.survey", pk=found.pk) if scope.everything else (),
        "typed": request.POST if refused else {},
        "refused": refused.findings if refused else (),
        "today": today,
    }
    return pages.render(request, "space/survey.html", context, status=_REFUSED if refused else 200)


def _act(request: PageRequest, survey_id: int, doing: Callable[[datetime], str]) -> HttpResponse:
    at = timezone.now()
    Survey.objects.within(request.scope).only("pk").get(pk=survey_id)  # outside: 404
    try:
        said = doing(at)
    except Refused as refused:
        return _page(request, survey_id, at=at, refused=refused)
    pages.flash(request, said)
    return pages.back(request, reverse("space:survey", args=[survey_id]))


@needs(PLAN)
@require_POST
def survey_remind(request: PageRequest, survey_id: int) -> HttpResponse:
    """催报: all units that owe, or the one that is named."""

    def doing(at: datetime) -> str:
        one = request.POST.get("filing", "")
        ids = [int(one)] if is_id(one) else None
        told = actions.remind(actor=request.actor, survey_id=survey_id, filing_ids=ids, at=at)
        return f"已催报 {told} 个单位" if told else "没有要催的单位：今天都催过，或都已报到本局"

    return _act(request, survey_id, doing)


@needs(PLAN)
@require_POST
def survey_prolong(request: PageRequest, survey_id: int) -> HttpResponse:
    """改填报期限."""

    def doing(at: datetime) -> str:
        given = checked(forms.Due(request.POST), headline="没有改期限。")
        actions.prolong_survey(actor=request.actor, survey_id=survey_id, at=at, **given)
        return f"填报期限改为 {given['due_on']:%Y-%m-%d}"

    return _act(request, survey_id, doing)


@needs(PLAN)
@require_POST
def survey_call_off(request: PageRequest, survey_id: int) -> HttpResponse:
    """取消统计."""

    def doing(at: datetime) -> str:
        given = checked(forms.Why(request.POST), headline="没有取消。")
        actions.call_off_survey(actor=request.actor, survey_id=survey_id, why=given["why"], at=at)
        return "已取消，已填的留作查阅"

    return _act(request, survey_id, doing)


@needs(REVIEW)
@require_POST
def survey_look_again(request: PageRequest, survey_id: int) -> HttpResponse:
    """重新核对: what other units say since."""

    def doing(at: datetime) -> str:
        done = survey_review.look_again(actor=request.actor, survey_id=survey_id, at=at)
        return f"已重新核对 {done} 张填报单"

    return _act(request, survey_id, doing)


@needs(PLAN)
@require_POST
def survey_publish(request: PageRequest, survey_id: int) -> HttpResponse:
    """发布统计报表."""

    def doing(at: datetime) -> str:
        survey_reports.publish_survey(actor=request.actor, survey_id=survey_id, at=at)
        return "统计报表已发布，数据固定，台账以后的变动不改写"

    return _act(request, survey_id, doing)
