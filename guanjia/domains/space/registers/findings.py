"""用房问题: what was found about rooms, units, people and buildings; it writes itself."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.space.models import Finding
from guanjia.domains.space.queries import buildings, findings
from guanjia.domains.space.terms.findings import FindingCode, FindingState, Outcome
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Scope


def _rows(scope: Scope) -> Any:
    return findings.findings(scope)


def _is(state: FindingState) -> Any:
    return lambda _: Q(state=state)


def _open(_: datetime) -> Q:
    return ~Q(state=FindingState.CLOSED)


def _late(at: datetime) -> Q:
    """Whose time to explain or to put right has passed."""
    day = timezone.localdate(at)
    explains = Q(state=FindingState.RAISED, due_on__lt=day)
    return explains | Q(state=FindingState.MENDING, mend_by__lt=day)


def _building(rows: Any, value: str) -> Any:
    return rows.filter(Q(building=value) | Q(room__building=value))


def _over(row: Any) -> Decimal | None:
    if row.measured is None or row.limit is None:
        return None
    return max(row.measured - row.limit, Decimal(0))


def _cite(row: Any) -> str:
    return findings.cite_of(row).line()


def _checked(row: Any) -> str:
    return "未核对" if findings.cite_of(row).unchecked else ""


FINDINGS = Register(
    key="space.findings",
    title="办公用房问题",
    noun="件",
    key_column="number",
    columns=[
        of(Finding.number, link="space:finding", max_length=200),
        of(Finding.state, widget="space/cells/finding_state.html", required=False),
        of(Finding.code, required=False),
        of(Finding.label, required=False, max_length=200),
        Column(
            name="unit_name", title="单位", path="unit.shown", sort="unit__position",
            widget="space/cells/finding_unit.html",
        ),
        of(Finding.measured, widget="space/cells/finding_measure.html"),
        of(Finding.limit, widget="space/cells/finding_measure.html"),
        Column(
            name="over", title="超出", kind=Kind.DECIMAL, value=_over,
            widget="space/cells/finding_measure.html",
        ),
        Column(name="measure", title="计量单位", fold=2,
               value=lambda row: row.get_measure_display()),
        of(Finding.headline, fold=1, required=False, sort="", max_length=200),
        of(Finding.sentence, fold=2, required=False, sort=""),
        Column(name="cite", title="依据", value=_cite, fold=2),
        Column(name="unchecked", title="核对", value=_checked, fold=2),
        of(Finding.value_since, fold=2, sort=""),
        of(Finding.judged_on, required=False),
        of(Finding.due_on, fold=1, required=False),
        of(Finding.mend_by, fold=1),
        of(Finding.outcome, fold=2),
        of(Finding.explanation, fold=2, sort=""),
        of(Finding.decision, fold=2, sort=""),
    ],
    rows=_rows,
    see=findings.SEE,
    take=findings.JUDGE,  # nobody takes findings in; a register names a verb all the same
    filters=[
        Filter(name="code", title="情形", kind="choice", choices=FindingCode, path="code"),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(
            name="building", title="楼栋", kind="pick", options=buildings.buildings,
            apply=_building,
        ),
        Filter(name="state", title="状态", kind="choice", choices=FindingState, path="state"),
        Filter(name="words", title="编号、对象", kind="text", path="number,label,sentence"),
        Filter(name="judged", title="核查日期", kind="dates", path="judged_on", more=True),
        Filter(
            name="outcome", title="处理结果", kind="choice", choices=Outcome, path="outcome",
            more=True,
        ),
    ],
    views=[
        View(key="open", title="未办结", condition=_open),
        View(key="raised", title="待说明", condition=_is(FindingState.RAISED)),
        View(key="explained", title="待处理", condition=_is(FindingState.EXPLAINED)),
        View(key="mending", title="整改中", condition=_is(FindingState.MENDING)),
        View(key="late", title="逾期", condition=_late),
        View(key="all", title="全部"),
    ],
    order=("-judged_on", "unit__position", "code", "pk"),
    order_name="judged_on",
    order_down=True,
    create_url="space:findings_judge",
    create_label="立即核查",
    create_verb="space.finding.judge",
    place=910,
    url="space:findings_list",
)  # fmt: skip
