"""考核方案, 考核评分 and 节能日常工作: declared once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from guanjia.domains.energy.actions import work as actions
from guanjia.domains.energy.models import Assessment, Institution, Scheme, WorkRecord
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import assessing as queries
from guanjia.domains.energy.queries import work as working
from guanjia.domains.energy.registers.entry import of_institution
from guanjia.domains.energy.registers.works import AREA, WORDS, code, facts_of, name, unfit
from guanjia.domains.energy.terms.assessment import (
    Desk,
    Outcome,
    SchemeKind,
    SchemeState,
    WorkKind,
)
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

PEOPLE_MAX = 100_000


def _is(state: SchemeState) -> Any:
    return lambda _: Q(state=state)


SCHEMES = Register(
    key="energy.schemes",
    title="考核方案",
    noun="个",
    key_column="title",
    key_with=("year",),
    columns=[
        of(Scheme.title, unique=True, link="energy:scheme", imported=False),
        of(Scheme.year, imported=False, widget="energy/cells/year.html"),
        of(Scheme.kind, imported=False),
        of(Scheme.state, widget="ui/register/state.html", imported=False),
        Column(
            name="members",
            title="参加",
            kind=Kind.INTEGER,
            unit="家",
            sort="members",
            imported=False,
        ),
        Column(name="at_self", title="自评中", kind=Kind.INTEGER, sort="at_self", imported=False),
        Column(
            name="at_county",
            title="县级评审",
            kind=Kind.INTEGER,
            sort="at_county",
            fold=1,
            imported=False,
        ),
        Column(
            name="at_city",
            title="市级评审",
            kind=Kind.INTEGER,
            sort="at_city",
            fold=1,
            imported=False,
        ),
        Column(name="through", title="已评", kind=Kind.INTEGER, sort="through", imported=False),
        of(Scheme.self_until, fold=1, imported=False),
        of(Scheme.appeal_until, fold=2, imported=False),
        of(Scheme.published_at, fold=1, imported=False),
    ],
    rows=queries.schemes,
    see=queries.SEE,
    take=queries.PLAN,
    filters=[
        Filter(name="kind", title="类别", kind="choice", choices=SchemeKind, path="kind"),
        Filter(name="state", title="状态", kind="choice", choices=SchemeState, path="state"),
        Filter(name="words", title="名称", kind="text", path="title"),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="open", title="进行中", condition=_is(SchemeState.OPEN)),
    ],
    totals={"schemes": Count("pk")},
    order=("-year", "kind", "pk"),
    order_name="year",
    order_down=True,
    url="energy:schemes_list",
    create_url="energy:scheme_new",
    create_label="编制方案",
    create_verb=queries.PLAN,
)


# ── 考核评分 ─────────────────────────────────────────────────────────────────────────────


def _reasons(row: Any) -> tuple[str, ...]:
    return tuple(row.reasons)


def _rank(row: Any) -> int | None:
    """A place only for those who pass."""
    return row.place if row.outcome == Outcome.PASSED else None


def _schemes(scope: Scope) -> Sequence[tuple[int, str]]:
    return [(row.pk, str(row)) for row in queries.schemes(scope).order_by("-year", "pk")]


def _at(*desks: Desk) -> Any:
    return lambda _: Q(desk__in=desks)


def _short(_: datetime) -> Q:
    return ~Q(outcome=Outcome.PASSED)


def _of_scheme(rows: Any, value: int) -> Any:
    return rows.filter(scheme=value)


ASSESSMENTS = Register(
    key="energy.assessments",
    title="考核评分",
    noun="家",
    key_column="name",
    key_with=("scheme",),
    columns=[
        Column(
            name="rank", title="名次", kind=Kind.INTEGER, value=_rank, sort="place", imported=False
        ),
        of(
            Institution.name,
            path="institution.name",
            unique=True,
            sort="institution__name",
            widget="energy/cells/name.html",
            link="energy:assessment",
            imported=False,
        ),
        Column(
            name="area",
            title="所属区域",
            sort="institution__area__position",
            imported=False,
            value=lambda row: areas.title(row.institution.area),
        ),
        of(Assessment.total, title="得分", heading="", unit="分", imported=False),
        of(Assessment.outcome, widget="energy/cells/outcome.html", imported=False),
        of(Assessment.grade, imported=False),
        of(Assessment.desk, widget="ui/register/state.html", imported=False),
        Column(name="reasons", title="未达标指标", value=_reasons, fold=1, imported=False),
        Column(
            name="scheme",
            title="考核方案",
            value=lambda row: str(row.scheme),
            sort="scheme",
            fold=1,
            imported=False,
        ),
        of(Assessment.self_at, title="自评提交", fold=2, imported=False),
    ],
    rows=queries.listed,
    see=queries.SEE,
    take=queries.PLAN,
    filters=[
        Filter(name="scheme", title="考核方案", kind="pick", options=_schemes, apply=_of_scheme),
        AREA,
        Filter(name="outcome", title="结果", kind="choice", choices=Outcome, path="outcome"),
        Filter(name="desk", title="状态", kind="choice", choices=Desk, path="desk"),
        WORDS,
    ],
    views=[
        View(key="all", title="全部"),
        View(key="self", title="自评中", condition=_at(Desk.SELF)),
        View(key="county", title="县级评审", condition=_at(Desk.COUNTY)),
        View(key="city", title="市级评审", condition=_at(Desk.CITY)),
        View(key="short", title="没有达标", condition=_short),
    ],
    totals={"members": Count("pk")},
    order=("-scheme__year", "scheme", "place", "institution__position"),
    order_name="rank",
    url="energy:assessments_list",
)


# ── 节能日常工作 ─────────────────────────────────────────────────────────────────────────


def _check_work(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    errors = unfit(WORK, rows, actor, actions.TELL)
    today = timezone.localdate()
    errors += [
        WORK.fault(row, "on", "in_the_future", "日期还没有到")
        for row in rows
        if row.values["on"] > today
    ]
    return Checked(errors=errors)


def _write_work(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    told = facts_of(rows, WORK, "kind", "on", "title", "people")
    return Written.of(actions.enter_work(actor=actor, rows=told, at=at))


WORK = Register(
    key="energy.work",
    title="节能日常工作",
    noun="次",
    key_column="code",
    key_with=("name", "kind", "on", "title"),
    columns=[
        code(),
        name(),
        of(WorkRecord.kind),
        of(WorkRecord.on),
        of(WorkRecord.title, wide=True, example="节能宣传周启动活动"),
        of(
            WorkRecord.people,
            title="参加人数",
            heading="",
            unit="人",
            maximum=PEOPLE_MAX,
            total="people",
            example="60",
        ),
    ],
    rows=working.listed,
    see=working.SEE,
    take=working.TELL,
    filters=[
        Filter(name="kind", title="类别", kind="choice", choices=WorkKind, path="kind"),
        Filter(name="on", title="日期", kind="dates", path="on"),
        AREA,
        WORDS,
    ],
    views=[View(key="all", title="全部")],
    totals={"people": Sum("people"), "times": Count("pk")},
    order=("-on", "-pk"),
    order_name="on",
    order_down=True,
    check_rows=_check_work,
    write_rows=_write_work,
    place=650,
    url="energy:work_list",
    entry=of_institution("登记日常工作", today=("on",)),
)
