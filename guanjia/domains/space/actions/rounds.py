"""Rounds are planned, begun and closed; records that ledgers tell of are taken in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.events import RoundBegun
from guanjia.domains.space.models import CheckItem, Inspector, Round, Visit
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import ItemFacts, RoundState
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

PLAN = "space.round.plan"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a round is to be: units and people by id, the lines of its checklist."""

    title: str
    begins_on: date
    ends_on: date
    units: Sequence[int]
    items: Sequence[ItemFacts]
    inspectors: Sequence[int] = ()
    due_on: date | None = None
    notice: str = ""


@transaction.atomic
def plan_round(*, actor: Actor, plan: Plan, at: datetime) -> Round:
    """Plan a round (安排巡检): when, whom, what is asked, who goes.

    Needs ``space.round.plan`` for the units. Its clerks are told. Publishes ``RoundBegun``.
    """
    actor.must(PLAN)
    law = law_at(plan.begins_on)
    rules.may_plan(
        begins_on=plan.begins_on, ends_on=plan.ends_on, due_on=plan.due_on,
        units=len(plan.units), items=len(plan.items),
    ).enforce()  # fmt: skip
    _free_title(plan.title)
    made: Round = Round.objects.create(
        title=plan.title.strip(), state=RoundState.PLANNED, begins_on=plan.begins_on,
        ends_on=plan.ends_on, notice=plan.notice.strip(), planned_by=actor.name, planned_at=at,
        due_on=plan.due_on or rules.due_on(ends_on=plan.ends_on, law=law),
    )  # fmt: skip
    _visits(actor, made, plan.units)
    people = Person.objects.filter(pk__in=plan.inspectors).order_by("pk")
    Inspector.objects.bulk_create([Inspector(round=made, person=person) for person in people])
    add_items(made, plan.items)
    audit.record(
        actor=actor, verb="space.round.planned", on=made, at=at,
        after=audit.facts_of(made, "begins_on", "ends_on", "due_on")
        | {"units": len(plan.units), "items": len(plan.items)},
    )  # fmt: skip
    bus.publish(RoundBegun(round_id=made.pk))
    return made


def _free_title(title: str) -> None:
    words = title.strip()
    if not words:
        refuse(
            "title_missing", "没有写巡检名称。", "如：2020年办公用房专项巡检。", field="title"
        ).enforce()
    if Round.objects.filter(title=words).exists():
        refuse(
            "title_taken",
            f"已有一次巡检叫“{words}”。",
            "换一个名称，写上年份或季度。",
            field="title",
        ).enforce()


def _visits(actor: Actor, made: Round, ids: Sequence[int]) -> None:
    units = list(Unit.objects.within(actor.scope(PLAN)).filter(pk__in=ids).order_by("pk"))
    if len(units) != len(set(ids)):
        refuse("outside", "有单位不在您的范围内。", "重新选单位。", field="units").enforce()
    Visit.objects.bulk_create([Visit(round=made, unit=unit) for unit in units])


def add_items(made: Round, items: Sequence[ItemFacts]) -> list[CheckItem]:
    """Write a checklist down, each line with the article in force when the round begins."""
    law = law_at(made.begins_on)
    rows = []
    for position, item in enumerate(items, start=1):
        cite = None if item.basis else rules.cite_of(result=item.result, law=law)
        plain = None
        if cite is not None:
            plain = {
                name: value.isoformat() if isinstance(value, date) else value
                for name, value in asdict(cite).items()
            }
        rows.append(
            CheckItem(
                round=made, position=position, result=item.result, text=item.text,
                points=item.points, basis=item.basis, cite=plain,
            )
        )  # fmt: skip
    made_rows: list[CheckItem] = CheckItem.objects.bulk_create(rows)
    return made_rows


def locked(actor: Actor, verb: str, round_id: int) -> Round:
    """A round inside the scope of a verb, locked; ``DoesNotExist`` outside."""
    actor.must(verb)
    found: Round = (
        Round.objects.within(actor.scope(verb)).select_for_update(of=("self",)).get(pk=round_id)
    )
    return found


@transaction.atomic
def begin_round(*, actor: Actor, round_id: int, at: datetime) -> Round:
    """Begin a planned round (开始巡检): the inspectors may go."""
    made = locked(actor, PLAN, round_id)
    if made.state != RoundState.PLANNED:
        now = RoundState(made.state).label
        refuse("other_state", f"这次巡检{now}。", "刷新看新内容。").enforce()
    made.state, made.begun_at = RoundState.RUNNING, at
    made.begins_on = min(made.begins_on, timezone.localdate(at))
    made.save(update_fields=["state", "begun_at", "begins_on"])
    audit.record(
        actor=actor, verb="space.round.begun", on=made, at=at,
        before={"state": RoundState.PLANNED}, after=audit.facts_of(made, "state", "begins_on"),
    )  # fmt: skip
    return made


@transaction.atomic
def close_round(
    *, actor: Actor, round_id: int, excuses: Mapping[int, str], closing: str = "", at: datetime
) -> Round:
    """Close a round (结束巡检); ``excuses``: why a unit was not visited, by the id of the unit.

    Every unit was visited, or has an excuse. What is found to be put right goes on.
    """
    made = locked(actor, PLAN, round_id)
    day = timezone.localdate(at)
    visits = queries.progress(round_=made, scope=actor.scope(PLAN), day=day)
    unvisited = []
    for each in visits:
        if each.visited:
            continue
        words = excuses.get(each.unit.pk, "").strip()[:200] or each.visit.excuse
        if words:
            each.visit.excuse = words
            each.visit.save(update_fields=["excuse"])
        else:
            unvisited.append(str(each.unit))
    rules.may_close(state=RoundState(made.state), unvisited=unvisited).enforce()
    before = audit.facts_of(made, "state")
    made.state, made.closed_at, made.closed_by = RoundState.CLOSED, at, actor.name
    made.closing = closing.strip()[:500]
    made.save(update_fields=["state", "closed_at", "closed_by", "closing"])
    audit.record(
        actor=actor, verb="space.round.closed", on=made, at=at, before=before,
        after=audit.facts_of(made, "state")
        | {"units": len(visits), "visited": sum(each.visited for each in visits)},
        note=made.closing,
    )  # fmt: skip
    return made
