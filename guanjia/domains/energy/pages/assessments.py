"""考核评分: one institution's points, indicator by indicator, at the desk where it lies."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import assessing as actions
from guanjia.domains.energy.acts.assessments import ACTS
from guanjia.domains.energy.forms import assessments as forms
from guanjia.domains.energy.models import Appeal, Assessment, Indicator, Score
from guanjia.domains.energy.pages import facts
from guanjia.domains.energy.pages import schemes as scheme_pages
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import assessing as queries
from guanjia.domains.energy.terms.assessment import Desk, Fact, How
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, FILL, REVIEW, DECIDE = queries.SEE, queries.FILL, queries.REVIEW, queries.DECIDE
_REFUSED = 422


def _find(request: PageRequest, assessment_id: int) -> Assessment:
    found: Assessment = queries.listed(request.actor.scope(SEE)).get(pk=assessment_id)
    return found


@needs(SEE)
def assessment(request: PageRequest, assessment_id: int) -> HttpResponse:
    """All indicators with the points of every desk."""
    found = _find(request, assessment_id)
    scores = queries.scores_of(found)
    may = _acts(request.actor, found)
    context = {
        "assessment": found,
        "institution": found.institution,
        "scheme": found.scheme,
        "area": areas.title(found.institution.area),
        "lines": [_line(line, scores, may) for line in scheme_pages.lines(found.scheme)],
        "missing": queries.own_missing(found) if may["may_score"] else 0,
        "unreviewed": len(queries.unreviewed(found, How.REVIEW)) if may["may_review"] else 0,
        "no_data": len(queries.unreviewed(found, How.DATA)) if may["may_review"] else 0,
        "acts": [act for act in ACTS if act.may(request.actor, found)],
        "records": trail.told(model="energy.assessment", pk=found.pk),
        **may,
    }
    return pages.render(request, "energy/assessment.html", context)


def _line(line: dict[str, Any], scores: dict[int, Score], may: dict[str, bool]) -> dict[str, Any]:
    row: Indicator = line["row"]
    score = scores.get(row.pk)
    leaf = row.points is not None
    return {
        **line,
        "leaf": leaf,
        "score": score,
        "short": leaf and (score is None or score.points < row.points),
        "act": leaf
        and (
            may["may_review"] or (may["may_score"] and row.how == How.EVIDENCE) or may["may_appeal"]
        ),
        "appeals": list(score.appeals.all()) if score else [],
    }


def _acts(actor: Actor, found: Assessment) -> dict[str, bool]:
    """What this person may do with it as it lies."""
    desk = Desk(found.desk)

    def within(verb: str) -> bool:
        if not actor.can(verb):
            return False
        return bool(Assessment.objects.within(actor.scope(verb)).filter(pk=found.pk).exists())

    return {
        "may_score": desk is Desk.SELF and within(FILL),
        "may_review": (desk is Desk.COUNTY and within(REVIEW))
        or (desk is Desk.CITY and within(DECIDE)),
        "may_appeal": desk is Desk.APPEAL and within(FILL),
        "may_answer": desk is Desk.APPEAL and within(DECIDE),
    }


# ── one indicator ────────────────────────────────────────────────────────────────────────


@needs(SEE)
def indicator(request: PageRequest, assessment_id: int, indicator_id: int) -> HttpResponse:
    """One indicator: what was asked and given, its papers, and what this person may say to it."""
    found = _find(request, assessment_id)
    row: Indicator = found.scheme.indicators.exclude(points=None).get(pk=indicator_id)
    score = Score.objects.filter(assessment=found, indicator=row).first()
    may = _acts(request.actor, found)
    form = _form(request, row, score, found, may)
    if form is not None and form.is_bound and form.is_valid():
        try:
            _enter(request, found, row, score, form)
            pages.flash(request, f"已保存 {row}")
            return pages.to("energy:assessment", found.pk)
        except Refused as refused:
            form.add_refusal(refused)
    context = {
        "assessment": found,
        "institution": found.institution,
        "scheme": found.scheme,
        "row": row,
        "how": scheme_pages.how_of(row),
        "score": score,
        "fact": _fact(found, row, score),
        "form": form,
        "appeals": list(score.appeals.order_by("pk")) if score else [],
        "files": attachments.of(model="energy.score", row_id=score.pk) if score else [],
        **may,
    }
    status = _REFUSED if form is not None and form.is_bound else 200
    return pages.render(request, "energy/indicator.html", context, status=status)


def _fact(found: Assessment, row: Indicator, score: Score | None) -> dict[str, str] | None:
    """What the rows said, in words, and where they lie."""
    if score is None or score.fact is None or not row.measure:
        return None
    fact = Fact(row.measure["fact"])
    return {
        "words": facts.words(fact, score.fact),
        "url": facts.rows(fact, found.institution, found.scheme.year),
    }


def _form(
    request: PageRequest,
    row: Indicator,
    score: Score | None,
    found: Assessment,
    may: dict[str, bool],
) -> Any:
    """The form of the desk it lies at; ``None`` where this person has nothing to say."""
    data = request.POST if request.method == "POST" else None
    if may["may_score"] and row.how == How.EVIDENCE:
        first = {"points": score.own, "words": score.own_words} if score else {}
        return forms.Own(data, initial=first)
    if may["may_review"]:
        side = "city" if found.desk == Desk.CITY else "county"
        first = {} if score is None else {
            "points": getattr(score, side), "words": getattr(score, f"{side}_words")
        }  # fmt: skip
        return forms.Review(data, initial=first)
    if may["may_appeal"] and score is not None:
        return forms.Appeal(data)
    if data is not None:
        raise Http404
    return None


def _enter(
    request: PageRequest, found: Assessment, row: Indicator, score: Score | None, form: Any
) -> None:
    given, actor, at = form.cleaned_data, request.actor, timezone.now()
    if isinstance(form, forms.Own):
        actions.score_self(
            actor=actor, assessment_id=found.pk, indicator_id=row.pk, points=given["points"],
            words=given["words"], files=given["files"], at=at,
        )  # fmt: skip
    elif isinstance(form, forms.Review):
        actions.review(
            actor=actor, assessment_id=found.pk, indicator_id=row.pk, points=given["points"],
            words=given["words"], at=at,
        )  # fmt: skip
    elif score is not None:
        actions.appeal(actor=actor, score_id=score.pk, words=given["words"], at=at)


@needs(SEE)
def score(request: PageRequest, score_id: int) -> HttpResponse:
    """A score by its number, as files and the trail name it: the page of its indicator."""
    found: Score = Score.objects.get(pk=score_id)
    _find(request, found.assessment_id)
    return pages.to("energy:indicator", found.assessment_id, found.indicator_id)


# ── appeals ──────────────────────────────────────────────────────────────────────────────


@needs(DECIDE)
def appeal(request: PageRequest, appeal_id: int) -> HttpResponse:
    """复核申诉."""
    inside = Assessment.objects.within(request.scope)
    rows = Appeal.objects.select_related("score__indicator", "score__assessment__institution")
    found: Appeal = rows.get(pk=appeal_id, score__assessment__in=inside)
    form = forms.Answer(request.POST or None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            actions.answer(
                actor=request.actor, appeal_id=appeal_id, upheld=bool(given["upheld"]),
                points=given["points"], words=given["words"], at=timezone.now(),
            )  # fmt: skip
            pages.flash(request, "已复核申诉")
            return pages.to("energy:assessment", found.score.assessment_id)
        except Refused as refused:
            form.add_refusal(refused)
    context = {"appeal": found, "score": found.score, "form": form,
               "assessment": found.score.assessment}  # fmt: skip
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "energy/appeal.html", context, status=status)
