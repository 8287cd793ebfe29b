"""Returns go through the unit's head and the bureau: on, back with the reason, or excused."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from guanjia.domains.space.actions import survey_filling as filling
from guanjia.domains.space.events import SurveyReturnMoved
from guanjia.domains.space.models import Holding, SurveyDifference, SurveyReturn
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.rules import surveys as rules
from guanjia.domains.space.terms.surveys import DiffState, Entry, ReturnState, SurveyState
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

APPROVE, REVIEW = queries.APPROVE, queries.REVIEW
BACK_MAX, EXCUSE_MAX = 500, 200


def _at(
    actor: Actor, verb: str, filing_id: int, wanted: ReturnState, headline: str
) -> SurveyReturn:
    """The return, locked, where somebody with this verb has it."""
    filing = filling.locked(actor, verb, filing_id)
    rules.survey_open(SurveyState(filing.survey.state), headline).enforce()
    rules.may_step(state=ReturnState(filing.state), wanted=wanted, headline=headline).enforce()
    return filing


def _moved(  # noqa: PLR0917 — whose act, on what, which, when, from where, with what words
    actor: Actor, filing: SurveyReturn, verb: str, at: datetime, before: str, note: str = ""
) -> SurveyReturn:
    audit.record(
        actor=actor, verb=verb, on=filing, at=at,
        before={"state": before}, after=audit.facts_of(filing, "state"), note=note,
    )  # fmt: skip
    bus.publish(SurveyReturnMoved(filing_id=filing.pk, by_id=actor.person_id, at=at))
    return filing


@transaction.atomic
def approve_return(*, actor: Actor, filing_id: int, at: datetime) -> SurveyReturn:
    """The unit's head agrees (单位审批), and the return comes to the bureau.

    Needs ``space.survey.approve``; who sent it does not approve it.
    """
    filing = _at(actor, APPROVE, filing_id, ReturnState.SENT, "没有同意。")
    own = actor.person_id is not None and actor.person_id == filing.sent_by_id
    rules.may_approve(own=own).enforce()
    filing.state, filing.approved_at = ReturnState.APPROVED, at
    filing.approved_by_id = actor.person_id
    filing.reported_at = filing.reported_at or at
    filing.save(update_fields=["state", "approved_at", "approved_by", "reported_at"])
    return _moved(actor, filing, "space.surveyreturn.approved", at, ReturnState.SENT)


@transaction.atomic
def send_back(*, actor: Actor, filing_id: int, why: str, at: datetime) -> SurveyReturn:
    """Back to the unit's clerk (退回), with what to mend; by the head or by the bureau.

    Needs ``space.survey.approve`` while it waits for the head, ``space.survey.review`` afterwards.
    """
    lies = SurveyReturn.objects.filter(pk=filing_id).values_list("state", flat=True).first()
    at_head = lies == ReturnState.SENT or not actor.can(REVIEW)
    verb, state = (APPROVE, ReturnState.SENT) if at_head else (REVIEW, ReturnState.APPROVED)
    filing = _at(actor, verb, filing_id, state, "没有退回。")
    words = _words(why, BACK_MAX, "没有退回。", "写明要改什么")
    filing.state = ReturnState.FILLING
    filing.back_by, filing.back_at, filing.back_why = actor.name, at, words
    filing.save(update_fields=["state", "back_by", "back_at", "back_why"])
    return _moved(actor, filing, "space.surveyreturn.returned", at, state, words)


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
    filing = _at(actor, REVIEW, filing_id, ReturnState.APPROVED, "没有通过。")
    rules.may_accept(taken=queries.counted_elsewhere(filing), law=law_at(at)).enforce()
    made = _differences(filing, at)
    filing.state, filing.accepted_at = ReturnState.ACCEPTED, at
    filing.accepted_by_id = actor.person_id
    filing.save(update_fields=["state", "accepted_at", "accepted_by"])
    note = f"与台账有 {len(made)} 处差异" if made else ""
    return _moved(actor, filing, "space.surveyreturn.accepted", at, ReturnState.APPROVED, note)


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
    filing = _at(actor, REVIEW, filing_id, ReturnState.FILLING, "没有免报。")
    filing.excuse = _words(why, EXCUSE_MAX, "没有免报。", "写明免报的原因")
    filing.state = ReturnState.EXCUSED
    filing.save(update_fields=["state", "excuse"])
    return _moved(
        actor, filing, "space.surveyreturn.excused", at, ReturnState.FILLING, filing.excuse
    )


@transaction.atomic
def ask_again(*, actor: Actor, filing_id: int, at: datetime) -> SurveyReturn:
    """An excused unit is asked after all (恢复填报). Needs ``space.survey.review``."""
    filing = _at(actor, REVIEW, filing_id, ReturnState.EXCUSED, "没有恢复。")
    filing.state, filing.excuse = ReturnState.FILLING, ""
    filing.save(update_fields=["state", "excuse"])
    return _moved(actor, filing, "space.surveyreturn.asked_again", at, ReturnState.EXCUSED)


@transaction.atomic
def look_again(*, actor: Actor, survey_id: int, at: datetime) -> int:
    """Check every return that is not through (重新核对): what other units say since may concern
    it. Needs ``space.survey.review``; returns how many were looked at."""
    actor.must(REVIEW)
    ids = (
        SurveyReturn.objects.within(actor.scope(REVIEW))
        .filter(survey=survey_id, survey__state=SurveyState.OPEN)
        .exclude(state__in=(ReturnState.ACCEPTED, ReturnState.EXCUSED))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    done = 0
    for pk in ids:
        filling.check(filling.locked(actor, REVIEW, pk), at=at)
        done += 1
    return done
