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
from guanjia.kernel.acts.changing import change, locked, made
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
    planned: Round = Round.objects.create(
        title=plan.title.strip(), state=RoundState.PLANNED, begins_on=plan.begins_on,
        ends_on=plan.ends_on, notice=plan.notice.strip(), planned_by=actor.name, planned_at=at,
        due_on=plan.due_on or rules.due_on(ends_on=plan.ends_on, law=law),
    )  # fmt: skip
    _visits(actor, planned, plan.units)
    people = Person.objects.filter(pk__in=plan.inspectors).order_by("pk")
    Inspector.objects.bulk_create([Inspector(round=planned, person=person) for person in people])
    add_items(planned, plan.items)
    made(
        planned, "begins_on", "ends_on", "due_on", actor=actor, verb="space.round.planned", at=at,
        beside={"units": len(plan.units), "items": len(plan.items)},
    )  # fmt: skip
    bus.publish(RoundBegun(round_id=planned.pk))
    return planned


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


def _visits(actor: Actor, round_: Round, ids: Sequence[int]) -> None:
    units = list(Unit.objects.within(actor.scope(PLAN)).filter(pk__in=ids).order_by("pk"))
    if len(units) != len(set(ids)):
        refuse("outside", "有单位不在您的范围内。", "重新选单位。", field="units").enforce()
    Visit.objects.bulk_create([Visit(round=round_, unit=unit) for unit in units])


def add_items(round_: Round, items: Sequence[ItemFacts]) -> list[CheckItem]:
    """Write a checklist down, each line with the article in force when the round begins."""
    law = law_at(round_.begins_on)
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
                round=round_, position=position, result=item.result, text=item.text,
                points=item.points, basis=item.basis, cite=plain,
            )
        )  # fmt: skip
    made_rows: list[CheckItem] = CheckItem.objects.bulk_create(rows)
    return made_rows


@transaction.atomic
def begin_round(*, actor: Actor, round_id: int, at: datetime) -> Round:
    """Begin a planned round (开始巡检): the inspectors may go."""
    row: Round = locked(
        queries.ROUNDS, actor=actor, verb=PLAN, pk=round_id, act="开始巡检", to=RoundState.RUNNING
    )
    facts = {
        "state": RoundState.RUNNING, "begun_at": at,
        "begins_on": min(row.begins_on, timezone.localdate(at)),
    }  # fmt: skip
    change(row, facts, actor=actor, verb="space.round.begun", at=at)
    return row


@transaction.atomic
def close_round(
    *, actor: Actor, round_id: int, excuses: Mapping[int, str], closing: str = "", at: datetime
) -> Round:
    """Close a round (结束巡检); ``excuses``: why a unit was not visited, by the id of the unit.

    Every unit was visited, or has an excuse. What is found to be put right goes on.
    """
    row: Round = locked(
        queries.ROUNDS, actor=actor, verb=PLAN, pk=round_id, act="结束巡检", to=RoundState.CLOSED
    )
    day = timezone.localdate(at)
    visits = queries.progress(round_=row, scope=actor.scope(PLAN), day=day)
    written: list[Visit] = []
    unvisited = []
    for each in visits:
        if each.visited:
            continue
        words = excuses.get(each.unit.pk, "").strip()[:200] or each.visit.excuse
        if words:
            each.visit.excuse = words
            written.append(each.visit)
        else:
            unvisited.append(str(each.unit))
    rules.may_close(unvisited=unvisited).enforce()
    Visit.objects.bulk_update(written, ["excuse"])
    facts = {
        "state": RoundState.CLOSED, "closed_at": at, "closed_by": actor.name,
        "closing": closing.strip()[:500],
    }  # fmt: skip
    change(
        row, facts, actor=actor, verb="space.round.closed", at=at, note=closing,
        also={"units": len(visits), "visited": sum(each.visited for each in visits)},
    )  # fmt: skip
    return row
