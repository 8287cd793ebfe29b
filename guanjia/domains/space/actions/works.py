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
from guanjia.kernel.acts.changing import Files, change, locked, made, reasoned
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org import queries as org
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI

REQUEST, KEEP, WORKS = reading.REQUEST, reading.KEEP, reading.WORKS
CALLING_OFF = reading.CALLING_OFF
_ASKED = ("building_id", "unit_id", "title", "kind", "part", "reason", "estimate_fen")
S = WorksState


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
    asked_for: Works = Works.objects.create(
        number=new_number(day_of(at)),
        building=building,
        unit=org.unit_of(actor),
        title=asked.title.strip(),
        kind=asked.kind,
        part=asked.part,
        state=WorksState.ASKED,
        reason=asked.reason.strip(),
        estimate_fen=asked.fen,
        applicant_id=actor.person_id,
        asked_at=at,
    )
    made(
        asked_for, *_ASKED, actor=actor, verb="space.works.requested", at=at, verdict=verdict,
        files=_files(asked_for, files),
    )  # fmt: skip
    return asked_for


def _files(works: Works, files: Sequence[int]) -> Files:
    return Files(ids=files, bounds=FILES, unit=works.unit)


@transaction.atomic
def plan(
    *, actor: Actor, works_id: int, planned: Planned, files: Sequence[int] = (), at: datetime
) -> Works:
    """Put repairs into the plan of a year (列入计划), with their budget and where it comes from.

    Needs ``space.works.keep``. Sooner than the interval lets, only with a special reason.
    """
    works: Works = locked(WORKS, actor=actor, verb=KEEP, pk=works_id, act="列入计划", to=S.PLANNED)
    verdict = rules.may_plan(planned=planned, on=day_of(at), law=law_at(at))
    if verdict.allowed:
        verdict += _interval(works, date(planned.year, 12, 31), planned.special, at)
    change(
        works,
        {
            "state": S.PLANNED, "state_note": "", "plan_year": planned.year,
            "budget_fen": planned.budget_fen, "funds": planned.funds, "special": planned.special,
        },
        actor=actor, verb="space.works.planned", at=at, verdict=verdict,
        files=_files(works, files), news=[_decided(works, actor, at)],
    )  # fmt: skip
    return works


def _decided(works: Works, actor: Actor, at: datetime) -> WorksDecided:
    return WorksDecided(works_id=works.pk, at=at, by_id=actor.person_id)


def _interval(works: Works, start: date, special: str, at: datetime) -> Verdict:
    last = reading.last_of(
        building_id=works.building_id, part=WorksPart(works.part), without=works.pk
    )
    return rules.interval(last=last, start=start, special=special, law=law_at(at))


@transaction.atomic
def turn_down(*, actor: Actor, works_id: int, reason: str, at: datetime) -> Works:
    """Leave repairs out of the plan (不列入), with the reason; they may be planned later."""
    works: Works = locked(
        WORKS, actor=actor, verb=KEEP, pk=works_id, act="登记不列入", to=S.REFUSED
    )
    note = reasoned(reason)
    change(
        works, {"state": S.REFUSED, "state_note": note}, actor=actor,
        verb="space.works.turned_down", at=at, note=note, news=[_decided(works, actor, at)],
    )  # fmt: skip
    return works


@transaction.atomic
def begin(
    *, actor: Actor, works_id: int, contract: Contract, files: Sequence[int] = (), at: datetime
) -> Works:
    """Repairs begin (开工), with their contract; the interval is asked again for that day."""
    works: Works = locked(WORKS, actor=actor, verb=KEEP, pk=works_id, act="开工", to=S.BUILDING)
    verdict = rules.may_start(contract=contract, budget_fen=works.budget_fen or 0, on=day_of(at))
    verdict += _interval(works, contract.on, works.special, at)
    change(
        works,
        {
            "state": S.BUILDING, "contractor": contract.contractor, "paper": contract.paper,
            "contract_fen": contract.fen, "started_on": contract.on, "due_on": contract.due_on,
            "over_note": contract.over_note,
        },
        actor=actor, verb="space.works.begun", at=at, verdict=verdict,
        files=_files(works, files),
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
    works: Works = locked(WORKS, actor=actor, verb=KEEP, pk=works_id, act="验收", to=S.ACCEPTED)
    verdict = rules.may_accept(
        accepted_on=accepted_on, started_on=works.started_on or accepted_on,
        conclusion=conclusion, on=day_of(at),
    )  # fmt: skip
    change(
        works, {"state": S.ACCEPTED, "accepted_on": accepted_on, "conclusion": conclusion},
        actor=actor, verb="space.works.accepted", at=at, verdict=verdict,
        files=_files(works, files),
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
    works: Works = locked(WORKS, actor=actor, verb=KEEP, pk=works_id, act="决算", to=S.SETTLED)
    note = over_note.strip() or works.over_note
    verdict = rules.may_settle(
        settled_on=settled_on, accepted_on=works.accepted_on or settled_on, fen=fen,
        budget_fen=works.budget_fen or fen, note=note, on=day_of(at), law=law_at(at),
    )  # fmt: skip
    change(
        works,
        {"state": S.SETTLED, "settled_on": settled_on, "final_fen": fen, "over_note": note},
        actor=actor, verb="space.works.settled", at=at, verdict=verdict,
        files=_files(works, files),
    )  # fmt: skip
    return works


@transaction.atomic
def call_off(*, actor: Actor, works_id: int, reason: str, at: datetime) -> Works:
    """Call repairs off (取消) before they begin: by the unit while asked, by the keeper also when
    planned."""
    # Who keeps one unit's projects may ask for those of another: what counts is whose this is.
    verb = KEEP if WORKS.reaches(actor, KEEP, works_id) else REQUEST
    works: Works = locked(
        WORKS, actor=actor, verb=verb, pk=works_id, act="取消", when=CALLING_OFF[verb]
    )
    note = reasoned(reason)
    change(
        works, {"state": S.CALLED_OFF, "state_note": note}, actor=actor,
        verb="space.works.called_off", at=at, note=note,
    )  # fmt: skip
    return works


@transaction.atomic
def remind(*, at: datetime) -> int:
    """Tell of repairs that were to be settled by now, once each; how many."""
    late = reading.unsettled(Scope.all(), on=day_of(at)).filter(told_late_at=None)
    ids = tuple(late.select_for_update(of=("self",)).values_list("pk", flat=True))
    if ids:
        Works.objects.filter(pk__in=ids).update(told_late_at=at)
        bus.publish(WorksUnsettled(works_ids=ids, at=at))
    return len(ids)
