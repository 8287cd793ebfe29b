"""公务用车编制台账: one row for each unit and class, declared once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q, Sum
from django.utils import timezone

from guanjia.domains.fleet.actions import quotas as actions
from guanjia.domains.fleet.models import Quota, Quotas
from guanjia.domains.fleet.queries import quotas
from guanjia.domains.fleet.registers import notations
from guanjia.domains.fleet.terms.cars import Use
from guanjia.kernel.org import queries as org
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor, Scope


def _rows(scope: Scope) -> Quotas:
    return quotas.quotas(scope=scope, on=timezone.localdate())


def _facts(row: ImportRow) -> Mapping[str, Any]:
    document = row.values["document"] or ""
    return {**row.values, "quota": row.values["number"], "document": document}


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """A document of the future grants nothing yet; one older than the last change is too late."""
    today = timezone.localdate()
    errors = [
        QUOTAS.fault(row, "approved_on", "in_the_future", "批准日期还没有到")
        for row in rows
        if row.values["approved_on"] is not None and row.values["approved_on"] > today
    ]
    facts = [_facts(row) for row in rows]
    names = {"quota": "number"}
    for place, (column, sentence) in actions.contradictions(facts, today=today).items():
        name = names.get(column, column)
        errors.append(QUOTAS.fault(rows[place], name, "contradicts_known", sentence))
    doubts = []
    for row, news in zip(rows, actions.say_something_new(facts, today=today), strict=True):
        if not news:
            continue  # nothing is registered, so nothing is missing
        if not row.values["document"]:
            doubts.append(QUOTAS.fault(row, "document", "document_missing", "没有批准文号"))
        if row.values["approved_on"] is None:
            sentence = f"没有批准日期，从登记之日 {today:%Y-%m-%d} 起算"
            doubts.append(QUOTAS.fault(row, "approved_on", "approval_missing", sentence))
    return Checked(errors=errors, doubts=doubts)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [_facts(row) for row in rows]
    return Written.of(actions.enter_quotas(actor=actor, rows=facts, at=at))


QUOTAS = Register(
    key="fleet.quotas",
    title="公务用车编制台账",
    noun="项",
    key_column="unit",
    key_with=("use",),
    columns=[
        Column(
            name="unit_name",
            title="单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
            widget="fleet/cells/quota_unit.html",
        ),
        of(
            Quota.unit,
            title="单位编码",
            path="unit.code",
            reference=org.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            unique=True,
            duplicate_code="quota_duplicate",
            fold=1,
            example="3602D055",
            sort="",
        ),
        of(Quota.use, clean=notations.use),
        Column(
            name="number",
            title="编制数",
            heading="编制",
            unit="辆",
            kind=Kind.INTEGER,
            minimum=0,
            maximum=2_000,
            clean=notations.cars,
            required=True,
            sort="number",
            total="number",
            example="5",
        ),
        Column(
            name="on_books",
            title="在编数",
            heading="在编",
            unit="辆",
            kind=Kind.INTEGER,
            imported=False,
            sort="on_books",
            total="on_books",
            widget="fleet/cells/quota_on_books.html",
        ),
        Column(
            name="document",
            title="批准文号",
            max_length=60,
            clean=notations.optional,
            sort="document",
            widget="fleet/cells/document.html",
            example="景机管车〔2020〕1号",
        ),
        Column(
            name="approved_on",
            title="批准日期",
            kind=Kind.DATE,
            clean=notations.optional,
            sort="approved_on",
        ),
    ],
    rows=_rows,
    see="fleet.quota.see",
    take="fleet.quota.enter",
    filters=[
        Filter(name="use", title="车辆类别", kind="choice", choices=Use),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="approved", title="批准日期", kind="dates", path="approved_on"),
        Filter(name="words", title="文号", kind="text", path="document"),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="over", title="超编", condition=lambda _: Q(on_books__gt=F("number"))),
        View(key="free", title="有空余", condition=lambda _: Q(on_books__lt=F("number"))),
    ],
    totals={"number": Sum("number"), "on_books": Sum("on_books")},
    order=("unit__position", "unit__code", "use"),
    order_name="unit_name",
    check_rows=_check,
    write_rows=_write,
    place=336,
    url="fleet:quotas_list",
    create_url="fleet:quota_request",
    create_label="申请编制变更",
    create_verb="fleet.quota.request",
)
