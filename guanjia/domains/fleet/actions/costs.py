"""Recording what running a car costs. Sheets, work orders, policies and forms use the same verb."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from guanjia.domains.fleet.actions import doubting
from guanjia.domains.fleet.models import Car, Cost
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.rules import reimbursing
from guanjia.domains.fleet.terms.costs import (
    ON_THE_WAY,
    Barred,
    ClaimFacts,
    CostKind,
    CostSource,
    CostState,
)
from guanjia.kernel.acts.changing import change, locked, reasoned
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.locks import advisory
from guanjia.kernel.registers import amending
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, Verdict, refuse
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor

RECORDED = "fleet.cost.recorded"
ONCE = Citation(title="同一张票据只登记一次", own=True)
ENTER, JUDGE, COSTS = queries.ENTER, queries.JUDGE, queries.COSTS
CHANGEABLE = (
    "kind", "spent_on", "spent_at", "amount_fen", "litres", "kwh", "full", "odometer_km", "place",
    "note",
)  # fmt: skip
AMENDABLE = ("full", "odometer_km", "litres", "kwh", "place", "note")

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def record_costs(*, actor: Actor, rows: Rows, at: datetime) -> list[Cost]:
    """Record costs: fields of ``Cost`` by name, ``car`` and ``unit`` as objects.

    Needs ``fleet.cost.enter``. The caller has judged the rows. A row whose source and ``source_no``
    are known already is left out, so that a sheet comes in twice without doubling anything.
    Returns the new costs; one record each.
    """
    actor.must(ENTER)
    numbers = {row["source_no"] for row in rows if row.get("source_no")}
    known = set(Cost.objects.filter(source_no__in=numbers).values_list("source", "source_no"))
    made = [
        Cost(entered_by_id=actor.person_id, entered_at=at, **row)
        for row in rows
        if (row["source"], row.get("source_no", "")) not in known
    ]
    Cost.objects.bulk_create(made, batch_size=500)
    audit.record_many(
        audit.entry(
            actor=actor, verb=RECORDED, on=cost, at=at, before=None, after=audit.facts_of(cost)
        )
        for cost in made
    )
    return made


def completed(rows: Rows) -> list[dict[str, Any]]:
    """Rows with the unit that bears each and the trip it belongs to, where they do not say."""
    units = queries.bearers([(row["car"], row["spent_on"]) for row in rows])
    matches = queries.trips_of(
        [(row["car"].pk, row["spent_on"], row.get("spent_at")) for row in rows]
    )
    done = []
    for row, match in zip(rows, matches, strict=True):
        facts = {"unit": units[row["car"].pk, row["spent_on"]], **row}
        if facts.get("trip") is None and row["kind"] in ON_THE_WAY:
            facts.pop("trip", None)
            facts["trip_id"] = match.trip_id
        done.append(facts)
    return done


@transaction.atomic
def enter_costs(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter costs as receipts tell them: by form, or by a ledger (费用类别、票据号、…).

    Each row: fields of ``Cost`` by name, ``number`` (票据号, may be empty), ``car`` as an object,
    ``barred`` where somebody says that the money is not the office's to pay. Needs
    ``fleet.cost.enter`` for the car. Refuses what is not reimbursed. A receipt that is known is
    changed where it differs; what a sheet of others tells is not changed here. What is odd becomes
    a doubt. Returns how many were created, changed and left as they were.
    """
    actor.must(ENTER)
    _must_hold(actor, [row["car"] for row in rows])
    _must_be_reimbursed(rows)
    known = queries.by_number([row["number"] for row in rows if row["number"]])
    locked = {
        cost.pk: cost
        for cost in Cost.objects.select_for_update().filter(pk__in=[c.pk for c in known.values()])
    }
    new, changed, unchanged = [], [], 0
    for row in rows:
        facts = {name: value for name, value in row.items() if name not in ("number", "barred")}
        named = known.get(row["number"])
        if named is None:
            new.append({"source": CostSource.HAND, "source_no": row["number"], **facts})
        elif not differences(named, row):
            unchanged += 1
        else:
            changed.append((locked[named.pk], facts))
    made = record_costs(actor=actor, rows=completed(new), at=at)
    for cost, facts in changed:
        _change(actor, cost, facts, at)
    doubting.look(costs=[*made, *(cost for cost, _ in changed)], at=at)
    return len(made), len(changed), unchanged


@transaction.atomic
def enter_receipt(*, actor: Actor, row: Mapping[str, Any], at: datetime) -> Cost:
    """Enter one receipt by form (登记费用); takes a row as ``enter_costs`` does.

    A receipt stands once: pressed twice it acts once, told otherwise it is refused with what stands
    there already.
    """
    actor.must(ENTER)
    advisory.advisory(
        f"fleet.receipt.{row['car'].pk}"
    )  # pressed twice at once: one after the other
    known = queries.by_number([row["number"]]).get(row["number"]) if row["number"] else None
    if known is None and not row["number"]:
        alike = {name: row[name] for name in CHANGEABLE if name in row}
        known = (
            Cost.objects.counted()
            .filter(
                car=row["car"],
                source=CostSource.HAND,
                source_no="",
                entered_by=actor.person_id,
                **alike,
            )
            .first()
        )
    if known is not None:
        if differences(known, row) or known.state != CostState.COUNTED:
            told = f"{known.spent_on:%Y-%m-%d} {known.car} {known.get_kind_display()}"
            refuse(
                "number_known", "这张票据已登记过。",
                f"{told} {money.yuan(known.amount_fen)}，{known.get_state_display()}。"
                "确是另一张的，在号码后加上开票单位。", ONCE, field="number",
            ).enforce()  # fmt: skip
        return known
    try:
        with transaction.atomic():
            enter_costs(actor=actor, rows=[row], at=at)
    except IntegrityError:  # a ledger brought the same receipt in just now
        refuse(
            "number_known", "这张票据刚被登记过。", "看新内容后再办。", ONCE, field="number"
        ).enforce()
    made: Cost = Cost.objects.filter(
        car=row["car"], source=CostSource.HAND, source_no=row["number"]
    ).latest("pk")
    return made


def differences(cost: Cost, row: Mapping[str, Any]) -> list[str]:
    """In which fields a ledger's row differs from the cost it names."""
    names = [name for name in CHANGEABLE if name in row and getattr(cost, name) != row[name]]
    return names + (["car"] if cost.car_id != row["car"].pk else [])


def _must_hold(actor: Actor, cars: Sequence[Car]) -> None:
    wanted = {car.pk: car for car in cars}
    mine = set(
        Car.objects.within(actor.scope(ENTER)).filter(pk__in=wanted).values_list("pk", flat=True)
    )
    for pk, car in wanted.items():
        if pk not in mine:
            refuse(
                "car_outside",
                f"{car.plate}不在您的范围内。",
                "由使用这辆车的单位或公务用车管理员登记。",
                field="car",
            ).enforce()


def _must_be_reimbursed(rows: Rows) -> None:
    for row in rows:
        claim = claim_of(row)
        reimbursing.may_reimburse(facts=claim, law=law_at(row["spent_on"])).enforce()


def claim_of(row: Mapping[str, Any]) -> ClaimFacts:
    """What a row wants to have paid, with every word that may give it away."""
    words = " ".join(filter(None, (row.get("note"), row.get("place"))))
    barred = row.get("barred")
    return ClaimFacts(
        kind=CostKind(row["kind"]), words=words, barred=Barred(barred) if barred else None
    )


def _change(actor: Actor, cost: Cost, facts: Mapping[str, Any], at: datetime) -> None:
    if cost.source != CostSource.HAND or cost.state != CostState.COUNTED:
        what = f"{CostSource(cost.source).label}，{CostState(cost.state).label}"
        refuse(
            "not_changeable", "这笔费用不能从台账改。", f"它是{what}，另登记一笔或作废后再登记。"
        ).enforce()
    (whole,) = completed([{"trip": None, **facts}])
    for name in ("car", "unit"):
        if name in whole:
            whole[f"{name}_id"] = whole.pop(name).pk
    names = ["car_id", "unit_id", *CHANGEABLE]
    told = {name: whole[name] for name in names if name in whole}
    told["trip_id"] = whole.get("trip_id")
    change(cost, told, actor=actor, verb="fleet.cost.changed", at=at)


# ── one cost ─────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def void_cost(*, actor: Actor, cost_id: int, reason: str, at: datetime) -> Cost:
    """Make a cost void (作废), with the reason: entered wrongly, or twice.

    Whoever entered receipts may void those; a row of a sheet only ``fleet.cost.judge`` may. What
    it had replaced counts again.
    """
    to = CostState.VOID
    cost: Cost = locked(COSTS, actor=actor, verb=ENTER, pk=cost_id, act="作废", to=to)
    if cost.source != CostSource.HAND:
        cost = locked(COSTS, actor=actor, verb=JUDGE, pk=cost_id)
    _leave(actor, cost, to, reasoned(reason), at, verb="fleet.cost.voided")
    return cost


@transaction.atomic
def refuse_cost(*, actor: Actor, cost_id: int, barred: Barred, reason: str, at: datetime) -> Cost:
    """Refuse to pay a cost (不予报销): its case, and how it was found out. Needs
    ``fleet.cost.judge``."""
    to = CostState.REFUSED
    cost: Cost = locked(COSTS, actor=actor, verb=JUDGE, pk=cost_id, act="定为不予报销", to=to)
    note = f"{barred.label}：{reasoned(reason)}"
    rule = reimbursing.may_reimburse(
        facts=ClaimFacts(kind=CostKind(cost.kind), barred=barred), law=law_at(cost.spent_on)
    )
    _leave(actor, cost, to, note, at, verb="fleet.cost.refused", rule=rule)
    return cost


def _leave(
    actor: Actor,
    cost: Cost,
    state: CostState,
    note: str,
    at: datetime,
    *,
    verb: str,
    rule: Verdict | None = None,
) -> None:
    told = {"state": state, "state_note": note[:200]}
    change(cost, told, actor=actor, verb=verb, at=at, note=note, verdict=rule, enforced=False)
    freed = list(cost.replaces.select_for_update())
    for other in freed:
        again = {"state": CostState.COUNTED, "state_note": "", "replaced_by_id": None}
        change(other, again, actor=actor, verb="fleet.cost.freed", at=at)
    doubting.look(costs=[cost, *freed], at=at)


@transaction.atomic
def amend_cost(*, actor: Actor, cost_id: int, facts: Mapping[str, Any], at: datetime) -> Cost:
    """Write down what the source does not tell: 加满, 里程表, 升数, 地点. Needs
    ``fleet.cost.enter``.

    Litres that a sheet of others tells stay as they are.
    """
    cost: Cost = locked(
        COSTS, actor=actor, verb=ENTER, pk=cost_id, act="补登", when=(CostState.COUNTED,)
    )
    wanted = {name: facts[name] for name in AMENDABLE if name in facts}
    if cost.source != CostSource.HAND:
        for name in ("litres", "kwh", "place"):
            if getattr(cost, name):
                wanted.pop(name, None)
    wanted = {name: value for name, value in wanted.items() if getattr(cost, name) != value}
    if not wanted:
        return cost
    reimbursing.may_reimburse(
        facts=claim_of({"kind": cost.kind, **wanted}), law=law_at(cost.spent_on)
    ).enforce()
    amending.put_right(actor=actor, row=cost, facts=wanted, said="fleet.cost.amended", at=at)
    doubting.look(costs=[cost], at=at)
    return cost
