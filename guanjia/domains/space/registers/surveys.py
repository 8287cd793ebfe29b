"""统计摸底: the surveys, units' returns, what is odd about them, what differs from the ledger."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.space.models import Survey, SurveyDifference, SurveyDoubt, SurveyReturn
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
from guanjia.kernel.registers.fields import of

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
        of(Survey.number, link="space:survey", max_length=200),
        of(
            Survey.title,
            widget="space/cells/whole.html",
            required=False,
            unique=False,
            max_length=200,
        ),
        of(Survey.kind, required=False),
        of(Survey.state, widget="ui/register/state.html", required=False),
        of(Survey.as_of, required=False),
        of(Survey.due_on, required=False),
        Column(name="units", title="单位", kind=Kind.INTEGER, unit="个"),
        Column(name="through", title="已通过", kind=Kind.INTEGER, unit="个"),
        of(Survey.planned_by, fold=1, required=False, sort="", max_length=200),
        of(Survey.planned_at, fold=2, required=False),
        of(Survey.published_at, fold=1),
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
)

RETURNS = Register(
    key="space.survey_returns",
    title="统计填报单",
    noun="张",
    key_column="number",
    columns=[
        of(SurveyReturn.number, link="space:survey_return", max_length=200),
        Column(name="unit_name", title="填报单位", path="unit.shown", sort="unit__position"),
        Column(name="survey", title="统计摸底", path="survey.title", sort="survey__as_of"),
        of(SurveyReturn.state, widget="ui/register/state.html", required=False),
        of(SurveyReturn.established, title="编制人数", heading="", unit="人", fold=1, sort=""),
        of(SurveyReturn.present, title="实有人数", heading="", unit="人", fold=1, sort=""),
        of(SurveyReturn.leased_m2, title="租用面积", heading="", unit="㎡", fold=2, sort=""),
        of(Survey.due_on, path="survey.due_on", sort="survey__due_on", required=False),
        of(SurveyReturn.reported_at, title="报到时间"),
        of(SurveyReturn.accepted_at, title="通过时间", fold=1),
        Column(
            name="reminded_at", title="最近催报", kind=Kind.DATETIME, sort="reminded_at", fold=1
        ),
        of(SurveyReturn.back_why, fold=2, sort=""),
        of(SurveyReturn.excuse, fold=2, sort=""),
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
        View(
            key="back",
            title="已退回",
            condition=_is(state=ReturnState.FILLING, back_at__isnull=False),
        ),
        View(key="late", title="逾期未报", condition=_late),
    ],
    order=("-survey__as_of", "unit__position", "pk"),
    order_name="survey",
    order_down=True,
    place=931,
    url="space:survey_returns_list",
)

DOUBTS = Register(
    key="space.survey_doubts",
    title="统计填报疑点",
    noun="处",
    key_column="label",
    key_with=("number", "code", "sentence"),
    columns=[
        of(
            SurveyDoubt.label,
            unique=True,
            widget="space/cells/survey_doubt.html",
            sort="",
            max_length=200,
        ),
        Column(
            name="unit_name",
            title="填报单位",
            path="filing.unit.shown",
            sort="filing__unit__position",
        ),
        of(SurveyDoubt.code, required=False),
        of(SurveyDoubt.severity, widget="space/cells/severity.html", required=False),
        of(SurveyDoubt.state, required=False),
        of(SurveyDoubt.sentence, required=False, sort=""),
        of(SurveyDoubt.explanation, sort=""),
        of(SurveyDoubt.explained_by, fold=2, sort="", max_length=200),
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
        View(
            key="blocking",
            title="待更正说明",
            condition=lambda _: (
                Q(severity=Severity.FAULT) & ~Q(state=DoubtState.GONE)
                | Q(severity=Severity.DOUBT, state=DoubtState.OPEN)
            ),
        ),
        View(key="explained", title="已说明", condition=_is(state=DoubtState.EXPLAINED)),
        View(key="gone", title="已更正", condition=_is(state=DoubtState.GONE)),
        View(key="all", title="全部"),
    ],
    order=("-filing__survey__as_of", "filing__unit__position", "pk"),
    place=932,
    url="space:survey_doubts_list",
)

DIFFERENCES = Register(
    key="space.survey_differences",
    title="统计填报差异",
    noun="处",
    key_column="place",
    key_with=("number", "kind"),
    columns=[
        Column(
            name="place",
            title="房间",
            required=True,
            unique=True,
            path="row.place",
            link="space:survey_difference",
        ),
        Column(
            name="unit_name",
            title="填报单位",
            path="row.filing.unit.shown",
            sort="row__filing__unit__position",
        ),
        of(SurveyDifference.kind, required=False),
        of(SurveyDifference.ours, required=False, sort=""),
        of(SurveyDifference.theirs, required=False, sort=""),
        of(SurveyDifference.state, widget="ui/register/state.html", required=False),
        Column(name="reason", title="单位说明", path="row.why", fold=1),
        of(SurveyDifference.since, fold=1),
        of(SurveyDifference.decided_by, fold=2, sort="", max_length=200),
        of(SurveyDifference.why, fold=2, sort="", max_length=200),
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
)
