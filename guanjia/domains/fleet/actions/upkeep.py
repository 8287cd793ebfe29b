"""Entering policies and inspections, and keeping the plans of maintenance."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.fleet.actions import costs
from guanjia.domains.fleet.actions.entering import CAR
from guanjia.domains.fleet.models import Car, Cost, Inspection, Plan, Policy
from guanjia.domains.fleet.queries import costs as spent
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.queries.upkeep import PLANS
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.costs import CostKind, CostSource, CostState
from guanjia.domains.fleet.terms.upkeep import Cover, Passed, PlanState
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.audit import entering
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.registers import amending, remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, Verdict, merge, refuse
from guanjia.kernel.values.actor import Actor, Scope

ENTER, DECIDE = queries.ENTER, queries.DECIDE
OWN_CARS = Citation(title="只登记本范围内的车辆", own=True)
_DAY = timedelta(days=1)

Rows = Sequence[Mapping[str, Any]]


def keep_within(*, actor: Actor, verb: str, model: Any, rows: Rows) -> None:
    """Refuse rows of cars outside the actor's reach, also when they would take over such a row.

    Needs the verb; the cars are locked by primary key, so that what follows from a row is written
    by one at a time.
    """
    actor.must(verb)
    scope = actor.scope(verb)
    wanted = {row["car"].pk for row in rows}
    held = set(
        Car.objects.within(scope)
        .select_for_update(of=("self",))
        .filter(pk__in=wanted)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    strange = sorted({row["car"].plate for row in rows if row["car"].pk not in held})
    if strange:
        refuse(
            "car_outside", f"{'、'.join(strange)}不在您的范围内。", "由车辆所在单位登记。",
            OWN_CARS, field="car",
        ).enforce()  # fmt: skip
    numbers = [row["number"] for row in rows]
    known = set(model.objects.filter(number__in=numbers).values_list("number", flat=True))
    ours = model.objects.within(scope).filter(number__in=known)
    foreign = sorted(known - set(ours.values_list("number", flat=True)))
    if foreign:
        refuse(
            "number_taken", f"编号 {foreign[0]} 已由别的单位登记。", "核对编号。",
            OWN_CARS, field="number",
        ).enforce()  # fmt: skip


def numbered(*, rows: Rows, series: str, prefix: str, day: str) -> list[dict[str, Any]]:
    """Rows with a number of ours where the paper has none: ``JY2020`` and a running number.

    Numbers of ours that a ledger brings along are not given out again.
    """
    named = []
    for row in rows:
        if read := re.fullmatch(rf"{prefix}(\d{{4}})(\d{{5}})", row.get("number") or ""):
            numbering.keep_clear(series=series, year=int(read[1]), used=int(read[2]))
    for row in rows:
        facts = dict(row)
        if not facts.get("number"):
            year = facts[day].year
            number = numbering.next_number(series=series, year=year)
            facts["number"] = f"{prefix}{year}{number:05d}"
        named.append(facts)
    return named


def follow_costs(*, actor: Actor, rows: Rows, at: datetime) -> None:
    """Costs that come of a policy, an inspection or an order; a correction of these follows.

    ``rows``: fields of ``Cost`` with ``source`` and ``source_no``, without ``unit``: whoever had
    the car on its books that day bears it. A cost somebody refused or made void stays so.
    """
    numbers = [row["source_no"] for row in rows]
    known = {
        (cost.source, cost.source_no): cost
        for cost in Cost.objects.select_for_update().filter(source_no__in=numbers).order_by("pk")
    }
    units = spent.bearers((row["car"], row["spent_on"]) for row in rows)
    new = []
    for row in rows:
        facts = {**row, "unit": units[row["car"].pk, row["spent_on"]]}
        cost = known.get((row["source"], row["source_no"]))
        if cost is None and row["amount_fen"]:
            new.append(facts)
        elif cost is not None and cost.state == CostState.COUNTED:
            _follow(actor, cost, facts, at)
    if new:
        costs.record_costs(actor=actor, rows=new, at=at)


def _follow(actor: Actor, cost: Cost, facts: Mapping[str, Any], at: datetime) -> None:
    names = ("car", "unit", "kind", "spent_on", "amount_fen")
    changed = [name for name in names if getattr(cost, name) != facts[name]]
    if not changed:
        return
    told = {
        f"{name}_id" if name in ("car", "unit") else name:
        facts[name].pk if name in ("car", "unit") else facts[name]
        for name in changed
    }  # fmt: skip
    change(cost, told, actor=actor, verb="fleet.cost.changed", at=at)


# ── policies ─────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_policies(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter insurance policies (保险单): as a sheet or a form states them.

    Each row: ``number``, ``car`` (an object), ``cover``, ``insurer``, ``begin``, ``last`` (the last
    day, as written), ``paid_on``, ``premium_fen``, ``note``. Refuses one that overlaps another of
    its kind. Moves the car's 保险期止 on (交强险) and records the premium as a cost. Needs
    ``fleet.upkeep.enter``. Returns how many were created, changed and left as they were.
    """
    keep_within(actor=actor, verb=ENTER, model=Policy, rows=rows)
    numbers = [row["number"] for row in rows]
    merge(_insurable(row, numbers) for row in rows).enforce()
    facts = [_policy(row) for row in rows]
    try:
        with transaction.atomic():
            entered = entering.enter(
                actor=actor, model=Policy, key="number", rows=facts,
                verb="fleet.policy.entered", at=at,
            )  # fmt: skip
    except IntegrityError as clash:
        if "fleet_one_policy_per_car_cover_and_day" not in str(clash):
            raise
        refuse(
            "policy_overlaps", "同一辆车同一险种的保险期间重叠。", "核对起止日期。",
            rules.ONE_POLICY, field="begin",
        ).enforce()  # fmt: skip
    changed = [*entered.created, *(policy for policy, _ in entered.updated)]
    before = {policy.pk: old["during"].upper - _DAY for policy, old in entered.updated
              if "during" in old}  # fmt: skip
    _insure(actor, changed, before, at)
    follow_costs(
        actor=actor,
        rows=[
            {
                "car": policy.car,
                "kind": CostKind.INSURANCE,
                "spent_on": policy.paid_on,
                "amount_fen": policy.premium_fen,
                "source": CostSource.POLICY,
                "source_no": policy.number,
                "note": f"{policy.get_cover_display()} {policy.insurer}",
            }
            for policy in changed
        ],
        at=at,
    )
    return entered.counts()


@transaction.atomic
def enter_policy(*, actor: Actor, row: Mapping[str, Any], at: datetime) -> Policy:
    """Enter one policy by its form; a row as ``enter_policies`` takes it."""
    enter_policies(actor=actor, rows=[row], at=at)
    entered: Policy = queries.policies(Scope.all()).get(number=row["number"])
    return entered


def _insurable(row: Mapping[str, Any], numbers: Sequence[str]) -> Verdict:
    others = queries.overlapping(
        cover=row["cover"], begin=row["begin"], last=row["last"], car_id=row["car"].pk,
        without=numbers,
    )  # fmt: skip
    return rules.may_insure(
        plate=row["car"].plate,
        cover=Cover(row["cover"]).label,
        others=[(p.number, p.during.lower, p.last) for p in others],
    )


def _policy(row: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(row)
    begin, last = facts.pop("begin"), facts.pop("last")
    return {
        **facts,
        "during": DateRange(begin, last + _DAY),
        "paid_on": facts.get("paid_on") or begin,
        "note": facts.get("note") or "",
    }


def _insure(
    actor: Actor, policies: Iterable[Policy], before: Mapping[int, date], at: datetime
) -> None:
    """Move 保险期止 to the end of the compulsory cover that runs; never back but to mend a slip."""
    today = at.astimezone(times.ZONE).date()
    compulsory = [policy for policy in policies if policy.cover == Cover.COMPULSORY]
    slips: dict[int, set[date]] = {}
    for policy in compulsory:
        if policy.pk in before:
            slips.setdefault(policy.car_id, set()).add(before[policy.pk])
    touched = {policy.car_id for policy in compulsory}
    spans: dict[int, list[tuple[date, date]]] = {}
    for policy in Policy.objects.filter(car__in=touched, cover=Cover.COMPULSORY):
        spans.setdefault(policy.car_id, []).append((policy.during.lower, policy.during.upper))
    move_on(
        actor=actor,
        field="insured_until",
        ends={
            pk: (rules.covered_until(spans=found, on=today), slips.get(pk, set()))
            for pk, found in spans.items()
        },
        at=at,
    )


def move_on(
    *,
    actor: Actor,
    field: str,
    ends: Mapping[int, tuple[date | None, set[date]]],
    at: datetime,
) -> None:
    """Write a later end into cars; an earlier one only where the old was a slip being mended."""
    for car in Car.objects.select_for_update().filter(pk__in=ends).order_by("pk"):
        end, slips = ends[car.pk]
        old = getattr(car, field)
        if end is None or end == old or (old is not None and end < old and old not in slips):
            continue
        amending.put_right(actor=actor, row=car, facts={field: end}, said=CAR.said, at=at)


# ── inspections ──────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_inspections(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter inspections (检验): ``number`` (``""``: one of ours), ``car``, ``on``, ``result``,
    ``valid_until``, ``station``, ``fee_fen``, ``note``.

    One that passed moves the car's 检验有效期止 on and its fee becomes a cost; one that failed is a
    finding on the car. Needs ``fleet.upkeep.enter``.
    """
    actor.must(ENTER)
    rows = numbered(rows=rows, series="fleet.inspection", prefix="JY", day="on")
    keep_within(actor=actor, verb=ENTER, model=Inspection, rows=rows)
    entered = entering.enter(
        actor=actor, model=Inspection, key="number", rows=rows,
        verb="fleet.inspection.entered", at=at,
    )  # fmt: skip
    changed = [*entered.created, *(each for each, _ in entered.updated)]
    slips: dict[int, set[date]] = {}
    for each, old in entered.updated:
        if old.get("valid_until"):
            slips.setdefault(each.car_id, set()).add(old["valid_until"])
    passed = Inspection.objects.filter(
        car__in={each.car_id for each in changed}, result=Passed.PASSED
    )
    latest = dict(passed.order_by("on", "pk").values_list("car_id", "valid_until"))
    move_on(
        actor=actor, field="inspected_until", at=at,
        ends={pk: (end, slips.get(pk, set())) for pk, end in latest.items()},
    )  # fmt: skip
    follow_costs(
        actor=actor,
        rows=[
            {
                "car": each.car,
                "kind": CostKind.INSPECTION,
                "spent_on": each.on,
                "amount_fen": each.fee_fen,
                "source": CostSource.HAND,
                "source_no": f"检验 {each.number}",
                "note": each.station,
            }
            for each in changed
        ],
        at=at,
    )
    _tell_failed(changed, at)
    return entered.counts()


@transaction.atomic
def enter_inspection(*, actor: Actor, row: Mapping[str, Any], at: datetime) -> Inspection:
    """Enter one inspection by its form; a row as ``enter_inspections`` takes it."""
    enter_inspections(actor=actor, rows=[row], at=at)
    named = {"number": row["number"]} if row["number"] else {}
    rows = queries.inspections(Scope.all()).filter(car=row["car"], on=row["on"], **named)
    entered: Inspection = rows.latest("pk")
    return entered


def _tell_failed(inspections: Iterable[Inspection], at: datetime) -> None:
    remarks.raise_remarks(
        register="fleet.cars",
        remarks=[
            remarks.Raised(
                object_id=each.car_id,
                code="inspection_failed",
                kind=RemarkKind.FINDING,
                headline=f"{each.car.plate}检验不合格。",
                sentence=f"{each.on:%Y-%m-%d} 在{each.station}检验，整改并复检合格后再派出。",
                cite=law_at(at)["fleet.inspection.valid"].cite,
            )
            for each in inspections
            if each.result == Passed.FAILED
        ],
        at=at,
    )


# ── plans ────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def make_plan(*, actor: Actor, facts: Mapping[str, Any], at: datetime) -> Plan:
    """Lay down a maintenance plan (保养计划): ``title``, ``months`` and ``km`` (one or both),
    ``items``, for a ``car``, a ``use``, a ``make``, or for all.

    Needs ``fleet.upkeep.decide``; whoever reaches only some cars names one of them.
    """
    actor.must(DECIDE)
    scope = actor.scope(DECIDE)
    car = facts.get("car")
    if not _may_plan(scope, car):
        refuse(
            "car_outside", "全市的保养计划由管理科制定。", "给本范围内的一辆车定计划。", OWN_CARS,
            field="car",
        ).enforce()  # fmt: skip
    if not facts.get("months") and not facts.get("km"):
        refuse(
            "how_often_missing", "没有填间隔。", "填每隔几个月、每隔多少公里，或都填。",
            field="months",
        ).enforce()  # fmt: skip
    plan = Plan(**facts)
    same = Plan.objects.filter(
        title=plan.title, car=plan.car, use=plan.use, make=plan.make, stopped_on=None
    )
    if same.exists():
        refuse(
            "plan_stands", f"{plan.for_whom}已有“{plan.title}”计划。", "停用原计划后再新建。",
            field="title",
        ).enforce()  # fmt: skip
    plan.save(force_insert=True)
    made(plan, actor=actor, verb="fleet.plan.made", at=at)
    return plan


def _may_plan(scope: Scope, car: Car | None) -> bool:
    if scope.everything:
        return True
    return car is not None and Car.objects.within(scope).filter(pk=car.pk).exists()


@transaction.atomic
def stop_plan(*, actor: Actor, plan_id: int, at: datetime) -> Plan:
    """Stop a plan (停用); what it asked for is no longer due. Needs ``fleet.upkeep.decide``."""
    plan: Plan = locked(
        PLANS, actor=actor, verb=DECIDE, pk=plan_id, act="停用", to=PlanState.STOPPED
    )
    today = at.astimezone(times.ZONE).date()
    change(plan, {"stopped_on": today}, actor=actor, verb="fleet.plan.stopped", at=at)
    return plan
