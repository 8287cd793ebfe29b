"""能源审计登记, 示范单位创建登记, 全省考核结果: declared once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.energy.actions import works as actions
from guanjia.domains.energy.models import CityScore, Demonstration, EnergyAudit, Institution
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import institutions as directory
from guanjia.domains.energy.queries import works as queries
from guanjia.domains.energy.registers.entry import of_institution
from guanjia.domains.energy.terms.institutions import YesNo
from guanjia.domains.energy.terms.works import AuditState, DemoLevel, DemoStage
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Entry,
    Fault,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.codes import credit_code_fault

FIRST_YEAR, LAST_YEAR, SCORE_MAX = 2000, 2200, 200


def code() -> Column:
    """The column by which a row names its institution."""
    return Column(
        name="code",
        title="统一社会信用代码",
        heading="信用代码",
        required=True,
        unique=True,
        max_length=18,
        check=credit_code_fault,
        check_code="code_invalid",
        path="institution.code",
        fold=2,
        duplicate_code="row_duplicate",
        example="12360200MB8463675X",
    )


def name() -> Column:
    """Its name, which tells institutions of one code apart."""
    return Column(
        name="name",
        title="机构名称",
        widget="energy/cells/name.html",
        max_length=100,
        path="institution.name",
        sort="institution__name",
        example="市图书馆",
    )


def _area_column() -> Column:
    return Column(
        name="area",
        title="所属区域",
        imported=False,
        value=lambda row: areas.title(row.institution.area),
        sort="institution__area__position",
    )


def found(
    register: Register, rows: Sequence[ImportRow]
) -> tuple[dict[int, Institution], list[Fault]]:
    """The institutions that rows are about, by row number; the rows about nobody we know."""
    known = directory.Directory([row.values["code"] for row in rows])
    ours: dict[int, Institution] = {}
    errors: list[Fault] = []
    for row in rows:
        there = known.find(row.values["code"], row.values["name"])
        if there is not None:
            ours[row.number] = there
        elif known.known(row.values["code"]):
            names = "、".join(one.name for one in known.known(row.values["code"]))
            sentence = f"名录库中这个代码是“{names}”，核对代码和名称"
            errors.append(register.fault(row, "name", "name_differs", sentence))
        else:
            sentence = "名录库中没有这个代码，先入库"
            errors.append(register.fault(row, "code", "institution_unknown", sentence))
    return ours, errors


def unfit(register: Register, rows: Sequence[ImportRow], actor: Actor, verb: str) -> list[Fault]:
    """The rows about nobody we know, and about institutions of others."""
    ours, errors = found(register, rows)
    left_out = directory.outside(actor.scope(verb), {one.pk for one in ours.values()})
    return errors + [
        register.fault(row, "code", "outside", "这家机构不在您的管理范围内，删去这一行")
        for row in rows
        if row.number in ours and ours[row.number].pk in left_out
    ]


def facts_of(rows: Sequence[ImportRow], register: Register, *names: str) -> list[dict[str, Any]]:
    """Rows with their institutions, as actions take them."""
    there, _ = found(register, rows)
    return [
        {"institution": there[row.number]} | {name: row.values[name] for name in names}
        for row in rows
        if row.number in there
    ]


def area_of(path: str) -> Filter:
    """The filter by area, of rows that lead to it so."""
    return Filter(
        name="area",
        title="所属区域",
        kind="pick",
        options=areas.choices,
        apply=lambda rows, value: rows.filter(**{path: value}),
    )


AREA = area_of("institution__area")
WORDS = Filter(
    name="words", title="名称、代码", kind="text", path="institution__name,institution__code"
)

# ── 能源审计 ─────────────────────────────────────────────────────────────────────────────


def _check_audits(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    errors = unfit(AUDITS, rows, actor, actions.AUDIT)
    for row in rows:
        errors += _audit_days(row)
    return Checked(errors=errors)


def _audit_days(row: ImportRow) -> Iterator[Fault]:
    told, today = row.values, timezone.localdate()
    begun, done = told["begun_on"], told["done_on"]
    finished = told["state"] is AuditState.DONE
    if finished and done is None:
        yield AUDITS.fault(row, "done_on", "day_missing", "已完成的要写完成日期")
    if done is not None and not finished:
        yield AUDITS.fault(row, "state", "state_differs", "写了完成日期，状态应为已完成")
    if done is not None and done < begun:
        yield AUDITS.fault(row, "done_on", "ends_before", "完成早于启动")
    if done is not None and done > today:
        yield AUDITS.fault(row, "done_on", "in_the_future", "完成日期还没有到")


def _write_audits(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = facts_of(rows, AUDITS, "auditor", "begun_on", "done_on", "state")
    return Written.of(actions.enter_audits(actor=actor, rows=facts, at=at))


def _audits(*states: AuditState) -> Any:
    return lambda _: Q(state__in=states)


AUDITS = Register(
    key="energy.audits",
    title="能源审计登记",
    noun="家",
    key_column="code",
    key_with=("name", "begun_on"),
    create_url="energy:audit_new",
    create_label="计划审计",
    create_verb=actions.AUDIT,
    columns=[
        code(),
        replace(name(), link="energy:audit"),
        of(EnergyAudit.auditor, wide=True, example="江西省节能技术服务机构"),
        of(EnergyAudit.begun_on),
        of(EnergyAudit.done_on),
        of(EnergyAudit.state, widget="ui/register/state.html"),
        _area_column(),
    ],
    rows=queries.audits,
    see=queries.AUDITS,
    take=actions.AUDIT,
    filters=[
        AREA,
        Filter(name="state", title="状态", kind="choice", choices=AuditState, path="state"),
        WORDS,
        Filter(name="done", title="完成日期", kind="dates", path="done_on"),
        Filter(name="begun", title="启动日期", kind="dates", path="begun_on", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="open", title="未完成", condition=_audits(AuditState.PLANNED, AuditState.RUNNING)),
        View(key="done", title="已完成", condition=_audits(AuditState.DONE)),
    ],
    totals={"audits": Count("pk")},
    order=("-begun_on", "-pk"),
    order_name="begun_on",
    order_down=True,
    check_rows=_check_audits,
    write_rows=_write_audits,
    place=620,
    url="energy:audits_list",
)

# ── 示范单位创建 ─────────────────────────────────────────────────────────────────────────


def _check_demonstrations(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    errors = unfit(DEMONSTRATIONS, rows, actor, actions.DEMONSTRATE)
    today = timezone.localdate()
    errors += [
        DEMONSTRATIONS.fault(row, "on", "in_the_future", "日期还没有到")
        for row in rows
        if row.values["on"] > today
    ]
    return Checked(errors=errors)


def _write_demonstrations(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = facts_of(rows, DEMONSTRATIONS, "level", "batch", "stage", "on")
    return Written.of(actions.enter_demonstrations(actor=actor, rows=facts, at=at))


DEMONSTRATIONS = Register(
    key="energy.demonstrations",
    title="示范单位创建登记",
    noun="家",
    key_column="code",
    key_with=("name", "level", "batch", "stage"),
    columns=[
        code(),
        name(),
        of(Demonstration.level),
        of(Demonstration.batch, example="第四批"),
        of(Demonstration.stage),
        of(Demonstration.on),
        _area_column(),
    ],
    rows=queries.demonstrations,
    see=queries.DEMONSTRATIONS,
    take=actions.DEMONSTRATE,
    filters=[
        Filter(name="level", title="级别", kind="choice", choices=DemoLevel, path="level"),
        Filter(name="stage", title="阶段", kind="choice", choices=DemoStage, path="stage"),
        AREA,
        WORDS,
        Filter(name="on", title="日期", kind="dates", path="on"),
    ],
    views=[View(key="all", title="全部")],
    totals={"steps": Count("pk")},
    order=("-on", "-pk"),
    order_name="on",
    order_down=True,
    check_rows=_check_demonstrations,
    write_rows=_write_demonstrations,
    place=630,
    url="energy:demonstrations_list",
    entry=of_institution("登记示范创建"),
)

# ── 全省考核结果 ─────────────────────────────────────────────────────────────────────────


def _check_scores(rows: Sequence[ImportRow], _: Actor) -> Checked:
    year = timezone.localdate().year
    return Checked(
        errors=[
            CITY_SCORES.fault(row, "year", "in_the_future", "这一年还没有考核")
            for row in rows
            if row.values["year"] > year
        ]
    )


def _write_scores(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [{**row.values, "small": row.values["small"] is YesNo.YES} for row in rows]
    return Written.of(actions.enter_city_scores(actor=actor, rows=facts, at=at))


def _small(row: Any) -> YesNo:
    return YesNo.YES if row.small else YesNo.NO


def _is_small(rows: Any, value: str) -> Any:
    return rows.filter(small=value == YesNo.YES)


def _of_year(rows: Any, value: int) -> Any:
    return rows.filter(year=value)


CITY_SCORES = Register(
    key="energy.city_scores",
    title="全省公共机构节能考核结果",
    noun="市",
    key_column="city",
    key_with=("year",),
    columns=[
        of(CityScore.city, unique=True, duplicate_code="city_duplicate", example="景德镇市"),
        of(
            CityScore.year,
            minimum=FIRST_YEAR,
            maximum=LAST_YEAR,
            widget="energy/cells/year.html",
            example="2019",
        ),
        of(
            CityScore.score,
            title="得分",
            heading="",
            unit="分",
            minimum=0,
            maximum=SCORE_MAX,
            example="91.63",
        ),
        Column(
            name="small",
            title="是否小地市",
            kind=Kind.CHOICE,
            choices=YesNo,
            required=True,
            value=_small,
            sort="small",
        ),
        Column(name="place", title="全省名次", kind=Kind.INTEGER, imported=False, sort="place"),
        Column(
            name="place_of_like",
            title="同类名次",
            kind=Kind.INTEGER,
            imported=False,
            sort="place_of_like",
        ),
    ],
    rows=queries.city_scores,
    see=queries.RANKS,
    take=actions.RANK,
    filters=[
        Filter(
            name="year",
            title="考核年度",
            kind="pick",
            options=queries.score_years,
            apply=_of_year,
        ),
        Filter(name="small", title="小地市", kind="choice", choices=YesNo, apply=_is_small),
        Filter(name="words", title="设区市", kind="text", path="city"),
    ],
    views=[View(key="all", title="全部")],
    totals={"cities": Count("pk")},
    order=("-year", "-score", "city"),
    order_name="score",
    order_down=True,
    check_rows=_check_scores,
    write_rows=_write_scores,
    place=640,
    url="energy:city_scores_list",
    entry=Entry(label="登记得分"),
)
