"""Repairs of buildings (大中修): ask, plan, begin, accept, settle; each its own verb."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from guanjia.domains.space.events import WorksDecided, WorksUnsettled
from guanjia.domains.space.models import Building, Works
from guanjia.domains.space.queries import works as reading
from guanjia.domains.space.rules import works as rules
from guanjia.domains.space.terms.works import (
    FILES,
    Contract,
    Planned,
    WorksAsked,
    WorksPart,
    WorksState,
)
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI

REQUEST, KEEP = reading.REQUEST, reading.KEEP
_ASKED = ("building_id", "unit_id", "title", "kind", "part", "reason", "estimate_fen")
_PLANNED = ("state", "plan_year", "budget_fen", "funds", "special")
_BEGUN = ("state", "contractor", "paper", "contract_fen", "started_on", "due_on", "over_note")
_ACCEPTED = ("state", "accepted_on", "conclusion")
_SETTLED = ("state", "settled_on", "final_fen", "over_note")
_NOTE_MAX = 200


def day_of(at: datetime) -> date:
    """The day of a moment, as clocks here show it."""
    return at.astimezone(SHANGHAI).date()


def new_number(on: date) -> str:
    """The next 项目编号: ``WX``, the year, a running number."""
    return f"WX{on.year}{numbering.next_number(series='space.works', year=on.year):04d}"


@transaction.atomic
def request(*, actor: Actor, asked: WorksAsked, files: Sequence[int] = (), at: datetime) -> Works:
    """Ask for repairs (申请大中修) of a building in which one's unit has rooms.

    Needs ``space.works.request``. Daily upkeep is the unit's own matter and is not asked for here.
    """
    actor.must(REQUEST)
    scope = actor.scope(REQUEST)
    building: Building = reading.buildings_of(scope, day=day_of(at)).get(pk=asked.building_id)
    verdict = rules.may_ask(asked=asked)
    verdict.enforce()
    made: Works = Works.objects.create(
        number=new_number(day_of(at)),
        building=building,
        unit=_unit_of(actor),
        title=asked.title.strip(),
        kind=asked.kind,
        part=asked.part,
        state=WorksState.ASKED,
        reason=asked.reason.strip(),
        estimate_fen=asked.fen,
        applicant_id=actor.person_id,
        asked_at=at,
    )
    _attach(actor, made, files, at)
    audit.record(
        actor=actor, verb="space.works.requested", on=made, at=at, verdict=verdict,
        after=audit.facts_of(made, *_ASKED),
    )  # fmt: skip
    return made


def _unit_of(actor: Actor) -> Unit:
    person = Person.objects.select_related("unit__parent").filter(pk=actor.person_id or 0).first()
    if person is None:
        refuse("no_person", "账号没有对应的人员。", "请系统管理员登记人员。").enforce()
    assert person is not None  # noqa: S101 — refused above; for the type checker
    return org.home_unit(person.unit)


def _attach(actor: Actor, works: Works, files: Sequence[int], at: datetime) -> None:
    attachments.claim(
        actor=actor, ids=list(files), subject=works, unit=works.unit, bounds=FILES, at=at,
        retain_until=retention.until(at=at),
    )  # fmt: skip


@transaction.atomic
def plan(
    *, actor: Actor, works_id: int, planned: Planned, files: Sequence[int] = (), at: datetime
) -> Works:
    """Put repairs into the plan of a year (列入计划), with their budget and where it comes from.

    Needs ``space.works.keep``. Sooner than the interval lets, only with a special reason.
    """
    works = locked(actor, KEEP, works_id)
    in_state(works, (WorksState.ASKED, WorksState.REFUSED), "不能列入计划。")
    law = law_at(at)
    verdict = rules.may_plan(planned=planned, on=day_of(at), law=law)
    if verdict.allowed:
        verdict += _interval(works, date(planned.year, 12, 31), planned.special, at)
    verdict.enforce()
    before = audit.facts_of(works, *_PLANNED)
    works.state, works.plan_year = WorksState.PLANNED, planned.year
    works.budget_fen, works.funds = planned.budget_fen, planned.funds
    works.special, works.state_note = planned.special.strip()[:_NOTE_MAX], ""
    works.save(update_fields=[*_PLANNED, "state_note"])
    _attach(actor, works, files, at)
    audit.record(
        actor=actor, verb="space.works.planned", on=works, at=at, before=before,
        after=audit.facts_of(works, *_PLANNED), verdict=verdict,
    )  # fmt: skip
    bus.publish(WorksDecided(works_id=works.pk, at=at, by_id=actor.person_id))
    return works


def _interval(works: Works, start: date, special: str, at: datetime) -> Verdict:
    last = reading.last_of(
        building_id=works.building_id, part=WorksPart(works.part), without=works.pk
    )
    return rules.interval(last=last, start=start, special=special, law=law_at(at))


@transaction.atomic
def turn_down(*, actor: Actor, works_id: int, reason: str, at: datetime) -> Works:
    """Leave repairs out of the plan (不列入), with the reason; they may be planned later."""
    works = locked(actor, KEEP, works_id)
    in_state(works, (WorksState.ASKED,), "不能登记不列入。")
    _reasoned(reason)
    _stop(actor, works, WorksState.REFUSED, reason, at)
    bus.publish(WorksDecided(works_id=works.pk, at=at, by_id=actor.person_id))
    return works


@transaction.atomic
def begin(
    *, actor: Actor, works_id: int, contract: Contract, files: Sequence[int] = (), at: datetime
) -> Works:
    """Repairs begin (开工), with their contract; the interval is asked again for that day."""
    works = locked(actor, KEEP, works_id)
    in_state(works, (WorksState.PLANNED,), "不能开工。")
    verdict = rules.may_start(contract=contract, budget_fen=works.budget_fen or 0, on=day_of(at))
    verdict += _interval(works, contract.on, works.special, at)
    verdict.enforce()
    before = audit.facts_of(works, *_BEGUN)
    works.state, works.contractor = WorksState.BUILDING, contract.contractor.strip()
    works.paper, works.contract_fen = contract.paper.strip(), contract.fen
    works.started_on, works.due_on = contract.on, contract.due_on
    works.over_note = contract.over_note.strip()[:_NOTE_MAX]
    works.save(update_fields=[*_BEGUN])
    _attach(actor, works, files, at)
    audit.record(
        actor=actor, verb="space.works.begun", on=works, at=at, before=before,
        after=audit.facts_of(works, *_BEGUN), verdict=verdict,
    )  # fmt: skip
    return works


@transaction.atomic
def accept(
    *,
    actor: Actor,
    works_id: int,
    accepted_on: date,
    conclusion: str,
    files: Sequence[int] = (),
    at: datetime,
) -> Works:
    """Repairs are accepted (验收), with what was found."""
    works = locked(actor, KEEP, works_id)
    in_state(works, (WorksState.BUILDING,), "不能验收。")
    verdict = rules.may_accept(
        accepted_on=accepted_on, started_on=works.started_on or accepted_on,
        conclusion=conclusion, on=day_of(at),
    )  # fmt: skip
    verdict.enforce()
    before = audit.facts_of(works, *_ACCEPTED)
    works.state, works.accepted_on = WorksState.ACCEPTED, accepted_on
    works.conclusion = conclusion.strip()[:_NOTE_MAX]
    works.save(update_fields=[*_ACCEPTED])
    _attach(actor, works, files, at)
    audit.record(
        actor=actor, verb="space.works.accepted", on=works, at=at, before=before,
        after=audit.facts_of(works, *_ACCEPTED), verdict=verdict,
    )  # fmt: skip
    return works


@transaction.atomic
def settle(
    *,
    actor: Actor,
    works_id: int,
    settled_on: date,
    fen: int,
    over_note: str = "",
    files: Sequence[int] = (),
    at: datetime,
) -> Works:
    """The final account (决算), in 分; beyond the budget only with words."""
    works = locked(actor, KEEP, works_id)
    in_state(works, (WorksState.ACCEPTED,), "不能决算。")
    note = over_note.strip() or works.over_note
    verdict = rules.may_settle(
        settled_on=settled_on, accepted_on=works.accepted_on or settled_on, fen=fen,
        budget_fen=works.budget_fen or fen, note=note, on=day_of(at), law=law_at(at),
    )  # fmt: skip
    verdict.enforce()
    before = audit.facts_of(works, *_SETTLED)
    works.state, works.settled_on = WorksState.SETTLED, settled_on
    works.final_fen, works.over_note = fen, note[:_NOTE_MAX]
    works.save(update_fields=[*_SETTLED])
    _attach(actor, works, files, at)
    audit.record(
        actor=actor, verb="space.works.settled", on=works, at=at, before=before,
        after=audit.facts_of(works, *_SETTLED), verdict=verdict,
    )  # fmt: skip
    return works


@transaction.atomic
def call_off(*, actor: Actor, works_id: int, reason: str, at: datetime) -> Works:
    """Call repairs off (取消) before they begin: by the unit while asked, by the keeper also when
    planned."""
    verb = KEEP if actor.can(KEEP) else REQUEST
    works = locked(actor, verb, works_id)
    planned = (WorksState.ASKED, WorksState.PLANNED)
    in_state(works, planned if verb == KEEP else planned[:1], "不能取消。")
    _reasoned(reason)
    _stop(actor, works, WorksState.CALLED_OFF, reason, at)
    return works


def _reasoned(reason: str) -> None:
    if not reason.strip():
        refuse("reason_missing", "没有写原因。", "写明原因。", field="reason").enforce()


def _stop(actor: Actor, works: Works, state: WorksState, note: str, at: datetime) -> None:
    refused = state == WorksState.REFUSED
    verb = "space.works.turned_down" if refused else "space.works.called_off"
    before = audit.facts_of(works, "state")
    works.state, works.state_note = state, note.strip()[:_NOTE_MAX]
    works.save(update_fields=["state", "state_note"])
    audit.record(
        actor=actor, verb=verb, on=works, at=at, before=before,
        after=audit.facts_of(works, "state"), note=note.strip(),
    )  # fmt: skip


@transaction.atomic
def remind(*, at: datetime) -> int:
    """Tell of repairs that were to be settled by now, once each; how many."""
    late = reading.unsettled(Scope.all(), on=day_of(at)).filter(told_late_at=None)
    ids = tuple(late.select_for_update(of=("self",)).values_list("pk", flat=True))
    if ids:
        Works.objects.filter(pk__in=ids).update(told_late_at=at)
        bus.publish(WorksUnsettled(works_ids=ids, at=at))
    return len(ids)


def locked(actor: Actor, verb: str, works_id: int) -> Works:
    """Repairs of the actor's reach, locked; raises ``DoesNotExist`` outside."""
    actor.must(verb)
    rows = Works.objects.within(actor.scope(verb)).select_for_update(of=("self",))
    works: Works = rows.select_related("building", "unit").get(pk=works_id)
    return works


def in_state(works: Works, states: Sequence[WorksState], headline: str) -> None:
    """Refuse an act that does not belong to where the repairs stand."""
    if works.state not in states:
        label = WorksState(works.state).label
        sentence = f"{works.number}现在是{label}。"
        refuse("state", headline, sentence, rules.IN_ORDER).enforce()
