"""统计摸底: the surveys, units' returns, what is odd about them, what differs from the ledger."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.surveys import (
    CheckCode,
    DiffKind,
    DiffState,
    DoubtState,
    ReturnState,
    Severity,
    SurveyKind,
    SurveyState,
)
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View

Condition = Callable[[datetime], Q]


def _is(**wanted: Any) -> Condition:
    return lambda _: Q(**wanted)


def _late(at: datetime) -> Q:
    return queries.late(timezone.localdate(at))


def survey_filter(path: str) -> Filter:
    """Rows of one survey."""
    return Filter(name="survey", title="统计摸底", kind="pick", path=path, options=queries.choices)


SURVEYS = Register(
    key="space.surveys",
    title="统计摸底",
    noun="次",
    key_column="number",
    columns=[
        Column(name="number", title="编号", unique=True, required=True, link="space:survey",
               sort="number"),
        Column(name="title", title="名称", sort="title", widget="space/cells/whole.html"),
        Column(name="kind", title="类别", kind=Kind.CHOICE, choices=SurveyKind, sort="kind"),
        Column(name="state", title="状态", kind=Kind.CHOICE, choices=SurveyState, sort="state",
               widget="space/cells/survey_state.html"),
        Column(name="as_of", title="统计截至", kind=Kind.DATE, sort="as_of"),
        Column(name="due_on", title="填报期限", kind=Kind.DATE, sort="due_on"),
        Column(name="units", title="单位", kind=Kind.INTEGER, unit="个"),
        Column(name="through", title="已通过", kind=Kind.INTEGER, unit="个"),
        Column(name="planned_by", title="布置人", fold=1),
        Column(name="planned_at", title="布置时间", kind=Kind.DATETIME, fold=2, sort="planned_at"),
        Column(name="published_at", title="发布时间", kind=Kind.DATETIME, fold=1,
               sort="published_at"),
    ],
    rows=queries.surveys,
    see=queries.SEE,
    take=queries.PLAN,
    filters=[
        Filter(name="kind", title="类别", kind="choice", choices=SurveyKind, path="kind"),
        Filter(name="as_of", title="统计截至", kind="dates", path="as_of"),
        Filter(name="words", title="编号、名称", kind="text", path="number,title"),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="open", title="填报中", condition=_is(state=SurveyState.OPEN)),
        View(key="published", title="已发布", condition=_is(state=SurveyState.PUBLISHED)),
    ],
    order=("-as_of", "-pk"),
    order_name="as_of",
    order_down=True,
    create_url="space:survey_new",
    create_label="布置统计",
    create_verb=queries.PLAN,
    place=930,
    url="space:surveys_list",
)  # fmt: skip

RETURNS = Register(
    key="space.survey_returns",
    title="统计填报单",
    noun="张",
    key_column="number",
    columns=[
        Column(name="number", title="编号", unique=True, required=True, link="space:survey_return",
               sort="number"),
        Column(name="unit_name", title="填报单位", path="unit.shown", sort="unit__position"),
        Column(name="survey", title="统计摸底", path="survey.title", sort="survey__as_of"),
        Column(name="state", title="状态", kind=Kind.CHOICE, choices=ReturnState, sort="state",
               widget="space/cells/return_state.html"),
        Column(name="established", title="编制人数", kind=Kind.INTEGER, unit="人", fold=1),
        Column(name="present", title="实有人数", kind=Kind.INTEGER, unit="人", fold=1),
        Column(name="leased_m2", title="租用面积", kind=Kind.DECIMAL, unit="㎡", fold=2),
        Column(name="due_on", title="填报期限", kind=Kind.DATE, path="survey.due_on",
               sort="survey__due_on"),
        Column(name="reported_at", title="报到时间", kind=Kind.DATETIME, sort="reported_at"),
        Column(name="accepted_at", title="通过时间", kind=Kind.DATETIME, sort="accepted_at",
               fold=1),
        Column(name="reminded_at", title="最近催报", kind=Kind.DATETIME, sort="reminded_at",
               fold=1),
        Column(name="back_why", title="退回原因", fold=2, max_length=500),
        Column(name="excuse", title="免报原因", fold=2),
    ],
    rows=queries.returns,
    see=queries.SEE,
    take=queries.PLAN,  # nobody takes returns in; a register names a verb all the same
    filters=[
        survey_filter("survey"),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="state", title="状态", kind="choice", choices=ReturnState, path="state"),
        Filter(name="words", title="编号、单位", kind="text", path="number,unit__name"),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="filling", title="待填报", condition=_is(state=ReturnState.FILLING)),
        View(key="sent", title="待单位审批", condition=_is(state=ReturnState.SENT)),
        View(key="approved", title="待审核", condition=_is(state=ReturnState.APPROVED)),
        View(key="accepted", title="已通过", condition=_is(state=ReturnState.ACCEPTED)),
        View(key="back", title="已退回",
             condition=_is(state=ReturnState.FILLING, back_at__isnull=False)),
        View(key="late", title="逾期未报", condition=_late),
    ],
    order=("-survey__as_of", "unit__position", "pk"),
    order_name="survey",
    order_down=True,
    place=931,
    url="space:survey_returns_list",
)  # fmt: skip

DOUBTS = Register(
    key="space.survey_doubts",
    title="统计填报疑点",
    noun="处",
    key_column="label",
    key_with=("number", "code", "sentence"),
    columns=[
        Column(name="label", title="对象", required=True, unique=True,
               widget="space/cells/survey_doubt.html"),
        Column(name="unit_name", title="填报单位", path="filing.unit.shown",
               sort="filing__unit__position"),
        Column(name="code", title="情形", kind=Kind.CHOICE, choices=CheckCode, sort="code"),
        Column(name="severity", title="轻重", kind=Kind.CHOICE, choices=Severity, sort="severity",
               widget="space/cells/severity.html"),
        Column(name="state", title="状态", kind=Kind.CHOICE, choices=DoubtState, sort="state"),
        Column(name="sentence", title="情形说明", max_length=500),
        Column(name="explanation", title="单位说明", max_length=300),
        Column(name="explained_by", title="说明人", fold=2),
        Column(name="survey", title="统计摸底", path="filing.survey.title", fold=1),
        Column(name="number", title="填报单", path="filing.number", fold=2),
    ],
    rows=queries.doubts,
    see=queries.SEE,
    take=queries.PLAN,
    filters=[
        survey_filter("filing__survey"),
        Filter(name="unit", title="单位", kind="unit", path="filing__unit"),
        Filter(name="code", title="情形", kind="choice", choices=CheckCode, path="code"),
        Filter(name="severity", title="轻重", kind="choice", choices=Severity, path="severity"),
        Filter(name="words", title="对象、说明", kind="text", path="label,sentence,explanation"),
    ],
    views=[
        View(key="blocking", title="待更正说明", condition=lambda _: (
            Q(severity=Severity.FAULT) & ~Q(state=DoubtState.GONE)
            | Q(severity=Severity.DOUBT, state=DoubtState.OPEN)
        )),
        View(key="explained", title="已说明", condition=_is(state=DoubtState.EXPLAINED)),
        View(key="gone", title="已更正", condition=_is(state=DoubtState.GONE)),
        View(key="all", title="全部"),
    ],
    order=("-filing__survey__as_of", "filing__unit__position", "pk"),
    place=932,
    url="space:survey_doubts_list",
)  # fmt: skip

DIFFERENCES = Register(
    key="space.survey_differences",
    title="统计填报差异",
    noun="处",
    key_column="place",
    key_with=("number", "kind"),
    columns=[
        Column(name="place", title="房间", required=True, unique=True, path="row.place",
               link="space:survey_difference"),
        Column(name="unit_name", title="填报单位", path="row.filing.unit.shown",
               sort="row__filing__unit__position"),
        Column(name="kind", title="差异", kind=Kind.CHOICE, choices=DiffKind, sort="kind"),
        Column(name="ours", title="台账", max_length=500),
        Column(name="theirs", title="填报", max_length=500),
        Column(name="state", title="状态", kind=Kind.CHOICE, choices=DiffState, sort="state",
               widget="space/cells/difference_state.html"),
        Column(name="reason", title="单位说明", path="row.why", fold=1),
        Column(name="since", title="采纳起始", kind=Kind.DATE, sort="since", fold=1),
        Column(name="decided_by", title="处理人", fold=2),
        Column(name="why", title="处理说明", fold=2),
        Column(name="survey", title="统计摸底", path="row.filing.survey.title", fold=2),
        Column(name="number", title="填报单", path="row.filing.number", fold=2),
    ],
    rows=queries.differences,
    see=queries.SEE,
    take=queries.PLAN,
    filters=[
        survey_filter("row__filing__survey"),
        Filter(name="unit", title="单位", kind="unit", path="row__filing__unit"),
        Filter(name="kind", title="差异", kind="choice", choices=DiffKind, path="kind"),
        Filter(name="words", title="楼栋、房间号", kind="text", path="row__building,row__number"),
    ],
    views=[
        View(key="open", title="待处理", condition=_is(state=DiffState.OPEN)),
        View(key="adopted", title="已采纳", condition=_is(state=DiffState.ADOPTED)),
        View(key="declined", title="未采纳", condition=_is(state=DiffState.DECLINED)),
        View(key="all", title="全部"),
    ],
    order=("-row__filing__survey__as_of", "row__filing__unit__position", "row__position", "pk"),
    place=933,
    url="space:survey_differences_list",
)  # fmt: skip
