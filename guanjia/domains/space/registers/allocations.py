"""办公用房调配登记: the allocations that have a voucher, ours and those of ledgers."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from guanjia.domains.space.actions import allocation_ledgers as entering
from guanjia.domains.space.actions.allocations import ENTER
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.registers import allocation_cells as cells
from guanjia.domains.space.terms.allocations import (
    GRANTED,
    OVER,
    AllocationMethod,
    AllocationState,
    Standing,
)
from guanjia.kernel.org import queries as org
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope

_LOAN_MARK = "景借调"


def _rows(scope: Scope) -> Any:
    return reading.with_paper(scope)


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """What cannot be true of an allocation that a ledger tells of, and what is odd about it."""
    today = timezone.localdate()
    papers = [row.values["paper"] for row in rows]
    known = {row.paper: row for row in Allocation.objects.filter(paper__in=papers)}
    replaced = reading.replaced_papers(papers)
    errors: list[Fault] = []
    doubts: list[Fault] = []
    for row in rows:
        errors += _errors(row, known.get(row.values["paper"]), today)
        if row.values["paper"] in replaced:
            # Taken in again it would count twice: beside the allocation that has another paper now.
            sentence = "这个凭证号由本系统签发，已换发或作废"
            errors.append(ALLOCATIONS.fault(row, "paper", "paper_replaced", sentence))
        doubts += _odd(row)
    return Checked(errors=errors, doubts=doubts)


def _errors(row: ImportRow, there: Allocation | None, today: date) -> Iterator[Fault]:
    told = row.values
    loan = told["way"] == AllocationMethod.LOAN
    since, last = told["since_on"], told["last_on"]
    if told["approved_on"] > today:
        yield ALLOCATIONS.fault(row, "approved_on", "in_the_future", "批准日期还没有到")
    for name, value in (("since_on", since), ("last_on", last)):
        if loan and value is None:
            yield ALLOCATIONS.fault(row, name, "loan_without_end", "借用要写明起止日期")
    if since and last and last < since:
        yield ALLOCATIONS.fault(row, "last_on", "ends_before", "早于借用期限起")
    if there is not None and there.asked_at is not None and _differs(there, row):
        sentence = f"这个凭证号由调配单 {there.number} 签发，与这一行不同"
        yield ALLOCATIONS.fault(row, "paper", "contradicts_known", sentence)


def _differs(there: Allocation, row: ImportRow) -> bool:
    """Whose, how and when is what cannot differ; the place may be written in other words."""
    told = row.values
    return (there.unit_id, str(there.way), there.approved_on) != (
        told["unit"].pk,
        str(told["way"]),
        told["approved_on"],
    )


def _odd(row: ImportRow) -> Iterator[Fault]:
    told = row.values
    loan = told["way"] == AllocationMethod.LOAN
    if told["gross_m2"] is None:
        sentence = "没有建筑面积，不计入调剂面积"
        yield ALLOCATIONS.fault(row, "gross_m2", "area_missing", sentence)
    if told["paper"].startswith(_LOAN_MARK) != loan and told["paper"].startswith("景"):
        yield ALLOCATIONS.fault(row, "paper", "paper_odd", "凭证号与调配方式不符")
    if not loan and told["way"] != AllocationMethod.RENT and (told["since_on"] or told["last_on"]):
        column = "since_on" if told["since_on"] else "last_on"
        yield ALLOCATIONS.fault(row, column, "term_odd", "不是借用，写了借用期限")
    if loan and told["since_on"] and told["since_on"] < told["approved_on"]:
        yield ALLOCATIONS.fault(row, "since_on", "used_before_approval", "批准以前已经借用")


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [dict(row.values) for row in rows]
    return Written.of(entering.enter_allocations(actor=actor, rows=facts, at=at))


# ── views and filters ────────────────────────────────────────────────────────────────────


def _is(*states: AllocationState) -> Any:
    return lambda _: Q(state__in=states)


def _loans(_: datetime) -> Q:
    return Q(way=AllocationMethod.LOAN, state__in=[*GRANTED, AllocationState.RECORDED])


def _ending(at: datetime) -> Q:
    """Loans and leases in use whose end is near, or is past."""
    day, law = timezone.localdate(at), law_at(at)
    days = int(law["space.loan.remind_days"].value) if "space.loan.remind_days" in law else 0
    return Q(
        way__in=reading.FOR_A_TERM,
        state__in=reading.LOANS_RUNNING,
        last_on__lte=day + timedelta(days=days),
    )


def _standing(rows: Any, value: str) -> Any:
    return rows.filter(reading.counted(value))


ALLOCATIONS = Register(
    key="space.allocations",
    title="办公用房调配登记",
    noun="件",
    key_column="paper",
    columns=[
        of(Allocation.number, imported=False, link="space:allocation"),
        of(
            Allocation.paper,
            required=True,
            unique=True,
            clean=cells.paper,
            duplicate_code="paper_duplicate",
            widget="space/cells/paper.html",
            example="景调配〔2020〕001号",
        ),
        of(Allocation.state, imported=False, widget="ui/register/state.html"),
        of(Allocation.way, clean=cells.way),
        Column(
            name="unit_name",
            title="单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
            total="units",
            total_words="{value} 家",
        ),
        of(
            Allocation.unit,
            title="单位编码",
            path="unit.code",
            reference=org.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            fold=2,
            example="3602D036",
            sort="",
        ),
        of(Allocation.place, clean=cells.optional, example="市发展中心北苑"),
        of(
            Allocation.gross_m2,
            unit="㎡",
            above=0,
            maximum=1_000_000,
            clean=cells.area,
            total="gross_m2",
            example="2445",
        ),
        of(Allocation.usable_m2, unit="㎡", imported=False, fold=1),
        of(Allocation.approved_on, required=True),
        of(Allocation.since_on, title="借用期限起", clean=cells.optional, fold=1),
        of(Allocation.last_on, title="借用期限止", clean=cells.optional, fold=1),
        Column(
            name="applicant",
            title="申请人",
            imported=False,
            path="applicant.name",
            fold=2,
        ),
        of(Allocation.reason, imported=False, fold=2, sort=""),
    ],
    rows=_rows,
    see=reading.SEE,
    take=ENTER,
    filters=[
        Filter(name="way", title="调配方式", kind="choice", choices=AllocationMethod, path="way"),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(
            name="words",
            title="单号、凭证号、坐落",
            kind="text",
            path="number,paper,place",
        ),
        Filter(name="approved", title="批准日期", kind="dates", path="approved_on"),
        Filter(
            name="state",
            title="状态",
            kind="choice",
            choices=AllocationState,
            path="state",
            more=True,
        ),
        Filter(
            name="standing",
            title="效力",
            kind="choice",
            choices=Standing,
            apply=_standing,
            more=True,
        ),
    ],
    views=[
        View(key="all", title="全部"),
        View(
            key="in_use",
            title="使用中",
            condition=_is(*GRANTED, AllocationState.RECORDED),
        ),
        View(key="loans", title="借用", condition=_loans),
        View(key="ending", title="到期", condition=_ending),
        View(key="over", title="已结束", condition=_is(*OVER)),
    ],
    totals={
        "units": Count("unit", distinct=True),
        "gross_m2": Sum("gross_m2"),
    },
    order=("-pk",),
    order_name="number",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=430,
    url="space:allocations_list",
    create_url="space:allocation_new",
    create_label="申请用房",
    create_verb="space.allocation.request",
)
