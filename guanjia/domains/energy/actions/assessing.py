"""Assessments from desk to desk: self-scored, reviewed by county and city, appealed, settled."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.events import Appealed, AssessmentMoved, AssessmentsUrged
from guanjia.domains.energy.models import Appeal, Assessment, Indicator, Scheme, Score
from guanjia.domains.energy.queries import assessing as queries
from guanjia.domains.energy.queries import facts as reading
from guanjia.domains.energy.rules import schemes as rules
from guanjia.domains.energy.rules import scoring
from guanjia.domains.energy.terms.assessment import AppealState, Desk, How, SchemeState
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

FILL, REVIEW, DECIDE = queries.FILL, queries.REVIEW, queries.DECIDE
ASSESSMENTS = queries.ASSESSMENTS
FILES = Bounds(count_max=6)


@transaction.atomic
def reckon(*, scheme_id: int, at: datetime, assessment_ids: Collection[int] | None = None) -> int:
    """Reckon what data says for every assessment that is not decided; returns how many.

    What was decided is what its institution was told and may appeal against. Where rows say nothing
    of a fact, the indicator keeps no points of its own. Safe to repeat: it is how everyday work
    counts as it is done.
    """
    scheme = Scheme.objects.get(pk=scheme_id)
    decided = [Desk.APPEAL, Desk.DONE]
    rows = Assessment.objects.filter(scheme=scheme).exclude(desk__in=decided)
    if assessment_ids is not None:
        rows = rows.filter(pk__in=assessment_ids)
    members = {row.institution_id: row for row in rows.select_for_update().order_by("pk")}
    read = [row for row in queries.leaf_rows(scheme) if row.how == How.DATA]
    told = reading.of_year(list(members), year=scheme.year, today=timezone.localdate(at))
    there = {
        (score.assessment_id, score.indicator_id): score
        for score in Score.objects.filter(assessment__in=[row.pk for row in members.values()])
    }
    new: list[Score] = []
    changed: list[Score] = []
    for institution, assessment in members.items():
        for indicator in read:
            measure = scoring.Measure.of(indicator.measure or {})
            fact = told[institution].get(measure.fact)
            points = scoring.points_of(measure, fact, most=_most(indicator))
            score = there.get((assessment.pk, indicator.pk))
            if score is None:
                new.append(Score(assessment=assessment, indicator=indicator, fact=fact, own=points))
            elif (score.fact, score.own) != (_kept(fact), points):
                score.fact, score.own = fact, points
                changed.append(score)
    Score.objects.bulk_create(new, batch_size=2000)
    Score.objects.bulk_update(changed, ["fact", "own"], batch_size=2000)
    _settle(scheme, list(members.values()))
    return len(members)


def _kept(fact: Decimal | None) -> Decimal | None:
    """As the column keeps it."""
    return None if fact is None else fact.quantize(Decimal("0.0001"))


def recount(*, institution_ids: Collection[int], years: Collection[int], at: datetime) -> None:
    """Reckon again what data says in the open assessments of some institutions and years: what was
    done today counts today."""
    wanted = Assessment.objects.filter(
        institution__in=institution_ids, scheme__state=SchemeState.OPEN, scheme__year__in=years
    )
    by_scheme: dict[int, list[int]] = defaultdict(list)
    for pk, scheme in wanted.values_list("pk", "scheme"):
        by_scheme[scheme].append(pk)
    for scheme_id, pks in by_scheme.items():
        reckon(scheme_id=scheme_id, assessment_ids=pks, at=at)


def _settle(scheme: Scheme, rows: Sequence[Assessment]) -> None:
    """What the points of assessments come to now."""
    leaves = queries.leaves(scheme)
    points: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for pk, number, got in Score.objects.filter(assessment__in=rows).values_list(
        "assessment", "indicator__number", "points"
    ):
        points[pk][number] = got
    for row in rows:
        found = queries.result_of(scheme, leaves, points[row.pk])
        row.total, row.outcome = found.total, found.outcome
        row.grade, row.reasons = found.grade, list(found.reasons)
    Assessment.objects.bulk_update(rows, ["total", "outcome", "grade", "reasons"], batch_size=1000)


# ── the institution ──────────────────────────────────────────────────────────────────────


@transaction.atomic
def score_self(
    *,
    actor: Actor,
    assessment_id: int,
    indicator_id: int,
    points: Decimal,
    words: str = "",
    files: Sequence[int] = (),
    at: datetime,
) -> Score:
    """An institution says how many points an indicator deserves, with its papers."""
    assessment: Assessment = locked(
        ASSESSMENTS, actor=actor, verb=FILL, pk=assessment_id, act="自评打分", when=(Desk.SELF,)
    )
    indicator = _indicator(assessment, indicator_id, How.EVIDENCE)
    verdict = scoring.may_score(points, most=_most(indicator), words=words, cut=False).enforce()
    score = _score(assessment, indicator)
    if files:
        attachments.claim(actor=actor, ids=files, subject=score, bounds=FILES, at=at)
    change(
        score, {"own": points, "own_words": words}, actor=actor,
        verb="energy.assessment.scored", at=at, verdict=verdict, on=assessment,
        beside=_which(indicator),
    )  # fmt: skip
    _settle(assessment.scheme, [assessment])
    return score


@transaction.atomic
def send(*, actor: Actor, assessment_id: int, at: datetime) -> Assessment:
    """An institution hands its scores in: to the county, or at once to the city."""
    assessment: Assessment = locked(
        ASSESSMENTS, actor=actor, verb=FILL, pk=assessment_id, act="提交自评", when=(Desk.SELF,)
    )
    of_city = assessment.institution.area.parent_id is None
    facts: dict[str, Any] = {"desk": Desk.CITY if of_city else Desk.COUNTY}
    if assessment.self_at is None:
        facts["self_at"] = at
    change(
        assessment, facts, actor=actor, verb="energy.assessment.sent", at=at,
        verdict=rules.may_send(missing=queries.own_missing(assessment)),
        news=[_moved(assessment, actor, at)],
    )  # fmt: skip
    return assessment


def _moved(assessment: Assessment, actor: Actor, at: datetime) -> AssessmentMoved:
    return AssessmentMoved(assessment_id=assessment.pk, by_id=actor.person_id, at=at)


@transaction.atomic
def appeal(*, actor: Actor, score_id: int, words: str, at: datetime) -> Appeal:
    """An institution holds something against the points of an indicator."""
    score, assessment = _scored(actor, FILL, score_id, act="申诉")
    rules.may_appeal(
        words=words,
        open_one=score.appeals.filter(state=AppealState.OPEN).exists(),
        until=assessment.scheme.appeal_until,
        today=timezone.localdate(at),
    ).enforce()
    asked: Appeal = Appeal.objects.create(
        score=score, words=words.strip(), asked_at=at, state=AppealState.OPEN
    )
    made(
        asked, "words", actor=actor, verb="energy.assessment.appealed", at=at, on=assessment,
        beside={"indicator": str(score.indicator)},
    )  # fmt: skip
    bus.publish(Appealed(appeal_id=asked.pk, by_id=actor.person_id, at=at))
    return asked


# ── the reviewers ────────────────────────────────────────────────────────────────────────


@transaction.atomic
def review(
    *,
    actor: Actor,
    assessment_id: int,
    indicator_id: int,
    points: Decimal | None,
    words: str = "",
    at: datetime,
) -> Score:
    """A desk gives other points than were asked (``None`` takes its own back), and says why."""
    of_city = queries.lies_with_city(assessment_id)
    verb = DECIDE if of_city else REVIEW
    assessment: Assessment = locked(
        ASSESSMENTS, actor=actor, verb=verb, pk=assessment_id, act="评审打分",
        when=queries.REVIEWING[verb],
    )  # fmt: skip
    indicator = _indicator(assessment, indicator_id)
    score = _score(assessment, indicator)
    asked = score.county if of_city and score.county is not None else score.own
    cut = points is not None and asked is not None and points < asked
    side = "city" if of_city else "county"
    change(
        score, {side: points, f"{side}_words": words}, actor=actor,
        verb="energy.assessment.reviewed", at=at, on=assessment, beside=_which(indicator),
        verdict=scoring.may_score(points, most=_most(indicator), words=words, cut=cut),
    )  # fmt: skip
    _settle(assessment.scheme, [assessment])
    return score


@transaction.atomic
def hand_on(*, actor: Actor, assessment_id: int, at: datetime) -> Assessment:
    """The county is through with it."""
    assessment: Assessment = locked(
        ASSESSMENTS, actor=actor, verb=REVIEW, pk=assessment_id, act="转市级评审",
        when=(Desk.COUNTY,),
    )  # fmt: skip
    change(
        assessment, {"desk": Desk.CITY}, actor=actor, verb="energy.assessment.handed_on", at=at,
        news=[_moved(assessment, actor, at)],
    )  # fmt: skip
    return assessment


@transaction.atomic
def send_back(*, actor: Actor, assessment_id: int, reason: str, at: datetime) -> Assessment:
    """A desk wants the institution to mend its scores or papers."""
    # Whoever reviews at both desks gives back from the one at which it lies.
    at_city = ASSESSMENTS.reaches(actor, DECIDE, assessment_id)
    verb = DECIDE if at_city and queries.lies_with_city(assessment_id) else REVIEW
    assessment: Assessment = locked(
        ASSESSMENTS, actor=actor, verb=verb, pk=assessment_id, act="退回自评",
        when=queries.REVIEWING[verb],
    )  # fmt: skip
    change(
        assessment, {"desk": Desk.SELF, "back_why": reason}, actor=actor,
        verb="energy.assessment.sent_back", at=at, verdict=rules.worded(reason, "没有退回："),
        note=reason, news=[_moved(assessment, actor, at)],
    )  # fmt: skip
    return assessment


@transaction.atomic
def decide(*, actor: Actor, assessment_id: int, at: datetime) -> Assessment:
    """The city is through with it: the points are shown to the institution, which may appeal.

    Refused while an indicator that only a reviewer judges has no points.
    """
    assessment: Assessment = locked(
        ASSESSMENTS, actor=actor, verb=DECIDE, pk=assessment_id, act="评定", to=Desk.APPEAL
    )
    waiting = queries.unreviewed(assessment, How.REVIEW)
    verdict = rules.may_decide(unreviewed=[str(row) for row in waiting]).enforce()
    # Points of nothing can be appealed too.
    there = Score.objects.filter(assessment=assessment).values("indicator")
    leaves = Indicator.objects.filter(scheme=assessment.scheme_id).exclude(points=None)
    Score.objects.bulk_create(
        Score(assessment=assessment, indicator=one) for one in leaves.exclude(pk__in=there)
    )
    change(
        assessment, {"desk": Desk.APPEAL}, actor=actor, verb="energy.assessment.decided", at=at,
        verdict=verdict, news=[_moved(assessment, actor, at)],
    )  # fmt: skip
    return assessment


@transaction.atomic
def answer(
    *,
    actor: Actor,
    appeal_id: int,
    upheld: bool,
    points: Decimal | None = None,
    words: str,
    at: datetime,
) -> Appeal:
    """The city answers an appeal; one that is upheld changes the points."""
    actor.must(DECIDE)
    asked: Appeal = Appeal.objects.select_for_update(of=("self",)).get(
        pk=appeal_id, state=AppealState.OPEN
    )
    score, assessment = _scored(actor, DECIDE, asked.score_id, act="复核申诉")
    rules.worded(words, "没有保存：").enforce()
    if upheld:
        scoring.told(points).enforce()
        scoring.may_score(points, most=_most(score.indicator), words=words, cut=False).enforce()
        facts = {"city": points, "city_words": words.strip()[:300]}
        change(
            score, facts, actor=actor, verb="energy.assessment.reviewed", at=at, on=assessment,
            beside=_which(score.indicator),
        )  # fmt: skip
    state = AppealState.UPHELD if upheld else AppealState.REJECTED
    change(
        asked, {"state": state, "answer": words, "answered_at": at}, actor=actor,
        verb="energy.assessment.answered", at=at, on=assessment, beside=_which(score.indicator),
    )  # fmt: skip
    _settle(assessment.scheme, [assessment])
    bus.publish(Appealed(appeal_id=asked.pk, by_id=actor.person_id, at=at))
    return asked


# ── reminders ────────────────────────────────────────────────────────────────────────────


def urge_members(*, actor: Actor, scheme_id: int, at: datetime) -> int:
    """Remind all members of a scheme that have not handed in their own scores (一键催报)."""
    rows = queries.waiting(actor.scope(REVIEW), Desk.SELF).filter(scheme=scheme_id)
    return urge(actor=actor, assessment_ids=list(rows.values_list("pk", flat=True)), at=at)


@transaction.atomic
def urge(*, actor: Actor, assessment_ids: Collection[int], at: datetime) -> int:
    """Remind the institutions among these that have not handed in their own scores (催报); returns
    how many. Whom one may review, or decide about, one may remind."""
    verb = DECIDE if actor.can(DECIDE) else REVIEW
    actor.must(verb)
    rows = Assessment.objects.within(actor.scope(verb)).filter(
        pk__in=assessment_ids, desk=Desk.SELF, scheme__state=SchemeState.OPEN
    )
    found = list(rows.select_related("scheme", "institution__area").order_by("pk"))
    audit.record_many(
        audit.entry(actor=actor, verb="energy.assessment.urged", on=one, at=at) for one in found
    )
    if found:
        bus.publish(AssessmentsUrged(assessment_ids=tuple(one.pk for one in found), at=at))
    return len(found)


def remind(*, actor: Actor, at: datetime) -> int:
    """Remind of scores that are due in a few days, and of those late since yesterday."""
    today = timezone.localdate(at)
    days = int(law_at(today)["energy.assessment.remind_days"].value)
    rows = Assessment.objects.filter(desk=Desk.SELF).filter(
        scheme__self_until__in=[today + timedelta(days=days), today - timedelta(days=1)]
    )
    return urge(actor=actor, assessment_ids=list(rows.values_list("pk", flat=True)), at=at)


# ── rows ─────────────────────────────────────────────────────────────────────────────────


def _scored(actor: Actor, verb: str, score_id: int, *, act: str) -> tuple[Score, Assessment]:
    """Points that may be appealed against, and whose they are, locked."""
    score: Score = Score.objects.select_related("indicator").get(pk=score_id)
    assessment: Assessment = locked(
        ASSESSMENTS, actor=actor, verb=verb, pk=score.assessment_id, act=act, when=(Desk.APPEAL,)
    )
    return score, assessment


def _indicator(assessment: Assessment, indicator_id: int, how: How | None = None) -> Indicator:
    rows = Indicator.objects.filter(scheme=assessment.scheme_id, points__isnull=False)
    found: Indicator = (rows.filter(how=how) if how else rows).get(pk=indicator_id)
    return found


def _most(indicator: Indicator) -> Decimal:
    """The points of a leaf."""
    return Decimal(indicator.points or 0)


def _score(assessment: Assessment, indicator: Indicator) -> Score:
    found: Score = Score.objects.select_for_update().get_or_create(
        assessment=assessment, indicator=indicator
    )[0]
    return found


def _which(indicator: Indicator) -> dict[str, tuple[str, str]]:
    """Of which indicator the trail of the assessment tells."""
    return {"indicator": (str(indicator), str(indicator))}
