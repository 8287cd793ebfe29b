"""车辆保险台账: declared once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.fleet.actions import upkeep as actions
from guanjia.domains.fleet.models import Policy
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.registers import upkeep_parts as parts
from guanjia.domains.fleet.terms.upkeep import Cover
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

SEE, ENTER = "fleet.upkeep.see", "fleet.upkeep.enter"
YEARS_MAX = timedelta(days=400)


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """Days that cannot be; policies of one kind that overlap, in the file or with what is there."""
    today = timezone.localdate()
    errors = list(
        parts.outside(register=POLICIES, rows=rows, actor=actor, verb=ENTER, model=Policy)
    )
    doubts: list[Fault] = []
    sound = []
    for row in rows:
        faults = list(_alone(row, today))
        errors += faults
        if not faults:
            sound.append(row)
            doubts += _odd(row)
    errors += _overlaps(sound)
    return Checked(errors=errors, doubts=doubts)


def _alone(row: ImportRow, today: date) -> Iterator[Fault]:
    begin, last = row.values["begin"], row.values["last"]
    if last < begin:
        yield POLICIES.fault(row, "last", "ends_before_it_begins", "保险期止早于保险期起")
    yield from parts.not_yet(register=POLICIES, row=row, names=["paid_on"], today=today)


def _odd(row: ImportRow) -> Iterator[Fault]:
    if row.values["last"] - row.values["begin"] > YEARS_MAX:
        yield POLICIES.fault(row, "last", "long_policy", "保险期间超过一年，核对起止日期")


def _overlaps(rows: Sequence[ImportRow]) -> Iterator[Fault]:
    numbers = [row.values["number"] for row in rows]
    standing = _standing({row.values["car"].pk for row in rows}, numbers)
    for row in rows:
        key = (row.values["car"].pk, row.values["cover"])
        for begin, last, name in standing.get(key, ()):
            if begin <= row.values["last"] and row.values["begin"] <= last:
                yield POLICIES.fault(
                    row, "begin", "policy_overlaps",
                    f"与{name}的保险期间重叠（{begin:%Y-%m-%d} 至 {last:%Y-%m-%d}）",
                )  # fmt: skip
                break
        standing.setdefault(key, []).append(
            (row.values["begin"], row.values["last"], f"第 {row.number} 行")
        )


def _standing(
    cars: set[int], numbers: Sequence[str]
) -> dict[tuple[int, str], list[tuple[date, date, str]]]:
    found: dict[tuple[int, str], list[tuple[date, date, str]]] = {}
    for policy in Policy.objects.filter(car__in=cars).exclude(number__in=numbers):
        span = (policy.during.lower, policy.last, f"保险单 {policy.number} ")
        found.setdefault((policy.car_id, policy.cover), []).append(span)
    return found


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    return Written.of(
        actions.enter_policies(actor=actor, rows=[_facts(row.values) for row in rows], at=at)
    )


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(values)
    facts["premium_fen"] = parts.fen(facts.pop("premium"))
    return facts


def _running(at: datetime) -> Q:
    return Q(during__contains=timezone.localdate(at))


def _ending(at: datetime) -> Q:
    today = timezone.localdate(at)
    ahead = timedelta(days=int(law_at(today)["fleet.due.ahead_days"].value))
    return Q(during__endswith__gt=today, during__endswith__lte=today + ahead + timedelta(days=1))


def _ended(at: datetime) -> Q:
    return Q(during__endswith__lte=timezone.localdate(at))


POLICIES = Register(
    key="fleet.policies",
    title="车辆保险台账",
    noun="份",
    key_column="number",
    columns=[
        parts.number_column(Policy.number, example="PDZA202036020000012345"),
        parts.car_column(),
        parts.unit_column(),
        of(Policy.cover),
        of(Policy.insurer),
        Column(
            name="begin", title="保险期起", kind=Kind.DATE, required=True, path="during.lower",
            sort="during",
        ),
        Column(
            name="last", title="保险期止", kind=Kind.DATE, required=True, path="last",
            widget="fleet/cells/policy_until.html", sort="during",
        ),
        of(Policy.paid_on, fold=1, required=False),
        parts.money("premium", "保费", field="premium_fen", required=True),
        parts.note_column(Policy.note),
    ],
    rows=queries.policies,
    see=SEE,
    take=ENTER,
    filters=[
        Filter(name="cover", title="险种", kind="choice", choices=Cover),
        parts.unit_filter(),
        Filter(name="words", title="号牌、保单号、公司", kind="text",
               path="car__plate,number,insurer"),
        Filter(name="paid", title="缴费日期", kind="dates", path="paid_on", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="running", title="生效中", condition=_running),
        View(key="ending", title="快到期", condition=_ending),
        View(key="ended", title="已过期", condition=_ended, count=False),
    ],
    totals={"premium_fen": parts.total("premium_fen")},
    order=("-during", "number"),
    order_name="last",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=360,
    url="fleet:policies_list",
    create_url="fleet:policy_new",
    create_label="登记保险单",
    create_verb=ENTER,
)  # fmt: skip
