"""Surveys (统计摸底) are planned with returns filled in from the ledger, prolonged, called off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.events import SurveyPlanned, SurveyReminded
from guanjia.domains.space.models import Survey, SurveyReminder, SurveyReturn, SurveyRoom
from guanjia.domains.space.queries import rooms as room_queries
from guanjia.domains.space.queries import standards
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.rules import surveys as rules
from guanjia.domains.space.terms.surveys import Entry, ReturnState, SurveyKind, SurveyState
from guanjia.kernel.access.queries import holders
from guanjia.kernel.acts.changing import change, locked, made, reasoned
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor, Scope

PLAN, SURVEYS = queries.PLAN, queries.SURVEYS
RUNNING = (SurveyState.OPEN,)
SERIES = "space.survey"
TITLE_MAX, NOTICE_MAX, WHY_MAX = 60, 1000, 200
_BATCH = 1_000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a survey is to be: units by id; none of them means every unit that holds a room."""

    title: str
    kind: SurveyKind
    as_of: date
    due_on: date
    units: Sequence[int] = ()
    notice: str = ""


@transaction.atomic
def plan_survey(*, actor: Actor, plan: Plan, at: datetime) -> Survey:
    """Ask units for their returns (布置统计摸底): each is filled in from the ledger of that day.

    Sections belong to the unit that answers for them. Needs ``space.survey.plan`` for the units;
    their clerks are told. Publishes ``SurveyPlanned``.
    """
    actor.must(PLAN)
    title, today = plan.title.strip(), timezone.localdate(at)
    ledger = _Ledger(plan.as_of)
    units = ledger.units(actor.scope(PLAN), plan.units)
    rules.may_plan(
        title=title, taken=Survey.objects.filter(title=title).exists(), as_of=plan.as_of,
        due_on=plan.due_on, units=len(units), today=today, law=law_at(at),
    ).enforce()  # fmt: skip
    number = numbering.next_number(series=SERIES, year=plan.as_of.year)
    survey: Survey = Survey.objects.create(
        number=f"TJ{plan.as_of.year}{number:03d}", title=title, kind=plan.kind, as_of=plan.as_of,
        due_on=plan.due_on, notice=plan.notice.strip(), state=SurveyState.OPEN,
        planned_by=actor.name, planned_at=at,
    )  # fmt: skip
    rooms = ledger.fill(survey, units)
    made(
        survey, "title", "kind", "as_of", "due_on", actor=actor, verb="space.survey.planned",
        at=at, beside={"units": len(units), "rooms": rooms},
    )  # fmt: skip
    bus.publish(SurveyPlanned(survey_id=survey.pk, at=at))
    return survey


class _Ledger:
    """The master ledger of a day, unit by unit, as returns begin with it."""

    def __init__(self, day: date) -> None:
        self.tree = standards.homes()
        self.rooms: dict[int, list[Any]] = {}
        found = room_queries.listed(Scope.all(), day).filter(held__pk__isnull=False)
        order = ("building__compound__position", "building__position", "building",
                 "floor__number", "number")  # fmt: skip
        for row in found.order_by(*order):
            self.rooms.setdefault(self.tree.home[row.held.unit_id], []).append(row)
        self.standing = {
            each.approved.facts.id: each for each in standards.standings(day=day, scope=Scope.all())
        }

    def units(self, scope: Scope, wanted: Sequence[int]) -> list[Unit]:
        """The units that are asked, in protocol order."""
        homes = {self.tree.home[pk] for pk in wanted if pk in self.tree.home} or set(self.rooms)
        rows = Unit.objects.within(scope).filter(pk__in=homes)
        return list(rows.order_by("position", "code"))

    def fill(self, survey: Survey, units: Sequence[Unit]) -> int:
        """The returns with their rooms, in three statements; how many rooms there are."""
        filings = SurveyReturn.objects.bulk_create(
            [
                SurveyReturn(
                    number=f"{survey.number}-{place:03d}", survey=survey, unit=unit,
                    state=ReturnState.FILLING, **self._facts(unit),
                )
                for place, unit in enumerate(units, start=1)
            ]
        )  # fmt: skip
        rows = [
            _filed(filing, room, position)
            for filing in filings
            for position, room in enumerate(self.rooms.get(filing.unit_id, ()))
        ]
        SurveyRoom.objects.bulk_create(rows, batch_size=_BATCH)
        return len(rows)

    def _facts(self, unit: Unit) -> Mapping[str, Any]:
        standing = self.standing.get(unit.pk)
        if standing is None:
            return {"established": unit.headcount}
        parts = standing.approved.basic
        return {
            "established": standing.approved.facts.persons or unit.headcount,
            "approved": {part.kind: None if part.m2 is None else str(part.m2) for part in parts},
        }


def _filed(filing: SurveyReturn, room: Any, position: int) -> SurveyRoom:
    """A room as the ledger has it, in a return that nobody has touched yet."""
    people = [seat.person_id for seat in room.sitting]
    names = "、".join(seat.person.name for seat in room.sitting)
    numbers = "、".join(seat.person.number for seat in room.sitting)
    now = room.now
    return SurveyRoom(
        filing=filing, room=room, compound=room.building.compound.name,
        building=room.building.name, floor=room.floor.number, number=room.number,
        position=position, entry=Entry.KEPT, kind=now.kind, usable_m2=now.usable_m2,
        state=now.state, people=people, people_names=names, people_numbers=numbers,
        ledger_kind=now.kind,
        ledger_m2=now.usable_m2, ledger_state=now.state, ledger_people=people, ledger_names=names,
    )  # fmt: skip


@transaction.atomic
def prolong_survey(*, actor: Actor, survey_id: int, due_on: date, why: str, at: datetime) -> Survey:
    """Another last day for the returns (改填报期限), with why. Needs ``space.survey.plan``."""
    survey: Survey = locked(
        SURVEYS, actor=actor, verb=PLAN, pk=survey_id, act="改期限", when=RUNNING
    )
    if due_on < max(survey.as_of, timezone.localdate(at)):
        refuse(
            "due_past", "没有改期限。", "填报期限应在今天和截至日以后。", field="due_on"
        ).enforce()
    change(
        survey, {"due_on": due_on}, actor=actor, verb="space.survey.prolonged", at=at,
        note=reasoned(why),
    )  # fmt: skip
    return survey


@transaction.atomic
def call_off_survey(*, actor: Actor, survey_id: int, why: str, at: datetime) -> Survey:
    """The survey is not made (取消统计); what was filled in stays to be read."""
    survey: Survey = locked(
        SURVEYS, actor=actor, verb=PLAN, pk=survey_id, act="取消", to=SurveyState.OFF
    )
    words = reasoned(why)
    change(
        survey, {"state": SurveyState.OFF, "off_why": words}, actor=actor,
        verb="space.survey.called_off", at=at, note=words,
    )  # fmt: skip
    return survey


@transaction.atomic
def remind(
    *, actor: Actor, survey_id: int, filing_ids: Sequence[int] | None = None, at: datetime
) -> int:
    """Remind units whose return has not come to the bureau (催报); how many units were reminded.

    ``filing_ids``: only these of them. A unit is reminded once a day: who was today is left out.
    Needs ``space.survey.plan``; publishes ``SurveyReminded``.
    """
    survey: Survey = locked(SURVEYS, actor=actor, verb=PLAN, pk=survey_id, act="催报", when=RUNNING)
    today = timezone.localdate(at)
    rows = SurveyReturn.objects.within(actor.scope(PLAN)).filter(
        survey=survey, state__in=queries.WAITS_FOR_UNIT
    )
    if filing_ids is not None:
        rows = rows.filter(pk__in=list(filing_ids))
    rows = rows.exclude(reminders__on=today).select_related("unit", "survey").order_by("pk")
    reminders = [
        SurveyReminder(
            filing=filing, at=at, on=today, by=actor.name, people=len(told_of(filing, today))
        )
        for filing in rows
    ]
    if not reminders:
        return 0
    SurveyReminder.objects.bulk_create(reminders, ignore_conflicts=True)
    ids = tuple(each.filing_id for each in reminders)
    told = {"units": len(ids), "people": sum(each.people for each in reminders)}
    change(
        survey, {}, actor=actor, verb="space.survey.reminded", at=at, also=told,
        news=[SurveyReminded(filing_ids=ids, at=at)],
    )  # fmt: skip
    return len(ids)


@transaction.atomic
def remind_units(*, actor: Actor, survey_id: int, at: datetime) -> Survey:
    """Remind all that owe; the survey says how many were ``told``."""
    told = remind(actor=actor, survey_id=survey_id, at=at)
    survey: Survey = Survey.objects.get(pk=survey_id)
    survey.told = told
    return survey


@transaction.atomic
def remind_unit(*, actor: Actor, filing_id: int, at: datetime) -> SurveyReturn:
    """Remind one unit, whose return this is; it says whether it was ``told``."""
    filing: SurveyReturn = locked(
        queries.RETURNS, actor=actor, verb=PLAN, pk=filing_id, act="催报",
        when=queries.WAITS_FOR_UNIT,
    )  # fmt: skip
    filing.told = remind(actor=actor, survey_id=filing.survey_id, filing_ids=[filing_id], at=at)
    return filing


def told_of(filing: SurveyReturn, day: date) -> list[int]:
    """Who is asked about a return where it lies: the unit's clerks, or its heads when it was sent.

    Not the bureau's own people: they have the list of all.
    """
    verb = queries.APPROVE if filing.state == ReturnState.SENT else queries.FILL
    people = holders(verb=verb, unit=filing.unit, on=day)
    bureau = {person.pk for person in holders(verb=PLAN, unit=filing.unit, on=day)}
    return [person.pk for person in people if person.pk not in bureau]


def remind_due(*, actor: Actor, at: datetime) -> int:
    """Remind everybody whose time ends soon, by the bureau's parameter, or ended yesterday."""
    law, today = law_at(at), timezone.localdate(at)
    if rules.REMIND_DAYS not in law:
        return 0
    days = {law[rules.REMIND_DAYS].value, -1}
    told = 0
    for survey in Survey.objects.filter(state=SurveyState.OPEN).order_by("pk"):
        if (survey.due_on - today).days in days:
            told += remind(actor=actor, survey_id=survey.pk, at=at)
    return told
