"""职级编制台账: how many of which rank each unit is granted, and from when; declared once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from guanjia.domains.space.actions import establishments as actions
from guanjia.domains.space.models import Establishment
from guanjia.domains.space.queries import standards
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.terms import Rank
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

_MOST = 5_000


def _rows(scope: Scope) -> Any:
    return standards.establishments(scope)


def _facts(row: ImportRow) -> Mapping[str, Any]:
    return {**row.values, "document": row.values["document"] or ""}


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """A number of the far future is a slip; one without its document is odd."""
    far = timezone.localdate() + timedelta(days=366)
    errors = [
        ESTABLISHMENTS.fault(row, "since", "too_far", "起始日期在一年以后，核对后再导入")
        for row in rows
        if row.values["since"] > far
    ]
    doubts = [
        ESTABLISHMENTS.fault(row, "document", "document_missing", "没有文号")
        for row in rows
        if not row.values["document"]
    ]
    return Checked(errors=errors, doubts=doubts)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [_facts(row) for row in rows]
    return Written.of(actions.enter_establishments(actor=actor, rows=facts, at=at))


def _now(at: datetime) -> Q:
    return Q(during__contains=timezone.localdate(at))


def _over(at: datetime) -> Q:
    return Q(during__endswith__lte=timezone.localdate(at))


def _last(row: Any) -> date | None:
    """The last day on which a number holds, as people write it."""
    end = row.during.upper
    return None if end is None else end - timedelta(days=1)


def _digits(text: str) -> str:
    return text.replace(",", "").replace("，", "").replace("人", "").replace("名", "").strip()


ESTABLISHMENTS = Register(
    key="space.establishments",
    title="单位职级编制台账",
    noun="项",
    key_column="unit",
    key_with=("rank", "since"),
    columns=[
        Column(
            name="unit_name",
            title="单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
            widget="space/cells/establishment_unit.html",
        ),
        of(
            Establishment.unit,
            title="单位编码",
            path="unit.code",
            reference=org.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            unique=True,
            duplicate_code="establishment_duplicate",
            fold=1,
            example="3602D022",
            sort="",
        ),
        of(Establishment.rank),
        of(
            Establishment.number,
            title="编制数",
            heading="",
            unit="人",
            maximum=_MOST,
            clean=_digits,
            total="number",
            example="3",
        ),
        Column(
            name="since",
            title="起始日期",
            kind=Kind.DATE,
            required=True,
            path="during.lower",
            sort="during__startswith",
        ),
        Column(name="until", title="截止日期", kind=Kind.DATE, value=_last, imported=False),
        of(Establishment.document, example="景编〔2019〕12号"),
    ],
    rows=_rows,
    see=standards.SEE,
    take=standards.ENTER,
    filters=[
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="rank", title="职级", kind="choice", choices=Rank, path="rank"),
        Filter(name="words", title="文号", kind="text", path="document"),
    ],
    views=[
        View(key="now", title="现行", condition=_now),
        View(key="past", title="过去", condition=_over),
        View(key="all", title="全部"),
    ],
    totals={"number": Sum("number")},
    order=("unit__position", "unit__code", "rank", "during"),
    order_name="unit_name",
    check_rows=_check,
    write_rows=_write,
    place=415,
    url="space:establishments_list",
)
