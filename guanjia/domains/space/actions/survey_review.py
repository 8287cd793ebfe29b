"""Returns go through the unit's head and the bureau: on, back with the reason, or excused."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from guanjia.domains.space.actions import survey_filling as filling
from guanjia.domains.space.models import Holding, Survey, SurveyDifference, SurveyReturn
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.rules import surveys as rules
from guanjia.domains.space.terms.surveys import DiffState, Entry, SurveyState
from guanjia.domains.space.terms.surveys import ReturnState as S
from guanjia.kernel.acts.changing import change, in_state, locked
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

APPROVE, REVIEW = queries.APPROVE, queries.REVIEW
BACK_MAX, EXCUSE_MAX = 500, 200


def _at(actor: Actor, verb: str, filing_id: int, wanted: S, act: str) -> SurveyReturn:
    """The return, locked, where somebody with this verb has it, of a survey that runs."""
    filing = filling.locked(actor, verb, filing_id)
    in_state(queries.SURVEYS, filing.survey, act=act, when=(SurveyState.OPEN,))
    in_state(queries.RETURNS, filing, act=act, when=(wanted,))
    return filing


@transaction.atomic
def approve_return(*, actor: Actor, filing_id: int, at: datetime) -> SurveyReturn:
    """The unit's head agrees (单位审批), and the return comes to the bureau.

    Needs ``space.survey.approve``; who sent it does not approve it.
    """
    filing = _at(actor, APPROVE, filing_id, S.SENT, "同意")
    own = actor.person_id is not None and actor.person_id == filing.sent_by_id
    change(
        filing,
        {
            "state": S.APPROVED, "approved_at": at, "approved_by_id": actor.person_id,
            "reported_at": filing.reported_at or at,
        },
        actor=actor, verb="space.surveyreturn.approved", at=at,
        verdict=rules.may_approve(own=own), news=[filling.moved(filing, actor, at)],
    )  # fmt: skip
    return filing


@transaction.atomic
def send_back(*, actor: Actor, filing_id: int, why: str, at: datetime) -> SurveyReturn:
    """Back to the unit's clerk (退回), with what to mend; by the head or by the bureau.

    Needs ``space.survey.approve`` while it waits for the head, ``space.survey.review`` afterwards.
    """
    lies = SurveyReturn.objects.filter(pk=filing_id).values_list("state", flat=True).first()
    at_head = lies == S.SENT or not actor.can(REVIEW)
    verb, state = (APPROVE, S.SENT) if at_head else (REVIEW, S.APPROVED)
    filing = _at(actor, verb, filing_id, state, "退回")
    words = _words(why, BACK_MAX, "没有退回。", "写明要改什么")
    change(
        filing,
        {"state": S.FILLING, "back_by": actor.name, "back_at": at, "back_why": words},
        actor=actor, verb="space.surveyreturn.returned", at=at, note=words,
        news=[filling.moved(filing, actor, at)],
    )  # fmt: skip
    return filing


def _words(text: str, most: int, headline: str, what: str) -> str:
    words = text.strip()
    if not words or len(words) > most:
        refuse(
            "why_missing", headline, f"{what}，1 到 {most} 个字。", rules.ORDER, field="why"
        ).enforce()
    return words


@transaction.atomic
def accept_return(*, actor: Actor, filing_id: int, at: datetime) -> SurveyReturn:
    """The bureau accepts a return (审核通过): it is locked, its differences go to the ledger's
    keeper one by one.

    A room counts with one unit only. Needs ``space.survey.review``.
    """
    filing = _at(actor, REVIEW, filing_id, S.APPROVED, "通过")
    rules.may_accept(taken=queries.counted_elsewhere(filing), law=law_at(at)).enforce()
    found = _differences(filing, at)
    change(
        filing,
        {"state": S.ACCEPTED, "accepted_at": at, "accepted_by_id": actor.person_id},
        actor=actor, verb="space.surveyreturn.accepted", at=at,
        note=f"与台账有 {len(found)} 处差异" if found else "",
        news=[filling.moved(filing, actor, at)],
    )  # fmt: skip
    return filing


def _differences(filing: SurveyReturn, at: datetime) -> Sequence[SurveyDifference]:
    rows = list(filing.rooms.all())
    people = queries.people_filed(rows)
    added = [row.room_id for row in rows if row.entry == Entry.ADDED and row.room_id]
    held = Holding.objects.filter(room__in=added).on(filing.survey.as_of).select_related("unit")
    found = rules.differences(
        [queries.room_filed(row, people) for row in rows],
        holders={holding.room_id: str(holding.unit) for holding in held},
        unit=str(filing.unit),
    )
    made: Sequence[SurveyDifference] = SurveyDifference.objects.bulk_create(
        [
            SurveyDifference(
                row_id=each.row_id, kind=each.kind, ours=each.ours, theirs=each.theirs,
                state=DiffState.OPEN, found_at=at,
            )
            for each in found
        ]
    )  # fmt: skip
    return made


@transaction.atomic
def excuse_return(*, actor: Actor, filing_id: int, why: str, at: datetime) -> SurveyReturn:
    """A unit need not return anything this time (免报), with the reason: the report takes the
    ledger instead. Needs ``space.survey.review``."""
    filing = _at(actor, REVIEW, filing_id, S.FILLING, "免报")
    words = _words(why, EXCUSE_MAX, "没有免报。", "写明免报的原因")
    change(
        filing, {"state": S.EXCUSED, "excuse": words}, actor=actor,
        verb="space.surveyreturn.excused", at=at, note=words,
        news=[filling.moved(filing, actor, at)],
    )  # fmt: skip
    return filing


@transaction.atomic
def ask_again(*, actor: Actor, filing_id: int, at: datetime) -> SurveyReturn:
    """An excused unit is asked after all (恢复填报). Needs ``space.survey.review``."""
    filing = _at(actor, REVIEW, filing_id, S.EXCUSED, "恢复填报")
    change(
        filing, {"state": S.FILLING, "excuse": ""}, actor=actor,
        verb="space.surveyreturn.asked_again", at=at, news=[filling.moved(filing, actor, at)],
    )  # fmt: skip
    return filing


@transaction.atomic
def look_again(*, actor: Actor, survey_id: int, at: datetime) -> Survey:
    """Check every return that is not through (重新核对): what other units say since may concern
    it. Needs ``space.survey.review``; the survey says how many were looked at (``told``)."""
    survey: Survey = locked(
        queries.SURVEYS, actor=actor, verb=REVIEW, pk=survey_id, act="重新核对",
        when=(SurveyState.OPEN,),
    )  # fmt: skip
    rows = SurveyReturn.objects.within(actor.scope(REVIEW)).filter(survey=survey_id)
    ids = list(
        rows.exclude(state__in=(S.ACCEPTED, S.EXCUSED)).order_by("pk").values_list("pk", flat=True)
    )
    for pk in ids:
        filling.check(filling.locked(actor, REVIEW, pk), at=at)
    survey.told = len(ids)
    return survey
