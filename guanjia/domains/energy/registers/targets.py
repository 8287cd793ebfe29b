"""年度节能目标 and 基期数据, declared once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.energy.actions import targets as actions
from guanjia.domains.energy.models import Baseline, Institution, YearTarget
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import institutions as directory
from guanjia.domains.energy.queries import targets as queries
from guanjia.domains.energy.registers.works import (
    AREA,
    FIRST_YEAR,
    LAST_YEAR,
    WORDS,
    code,
    facts_of,
    unfit,
)
from guanjia.domains.energy.rules import targets as rules
from guanjia.domains.energy.terms.targets import UNITS, Aim
from guanjia.kernel.org.models import Unit
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
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Actor

PERCENT_MAX, FIGURE_MAX = 100, 9_999_999_999
AIMS = tuple(aim.lower() for aim in Aim)


def of_year(rows: Any, value: int) -> Any:
    """The rows of a year."""
    return rows.filter(year=value)


def years_of(rows: Any) -> list[tuple[int, str]]:
    """The years of rows, to choose from."""
    years = rows.order_by("-year").values_list("year", flat=True).distinct()
    return [(year, f"{year}年") for year in years]


def said(register: Register, row: ImportRow, verdict: Verdict) -> list[Fault]:
    """What a rule refuses of a row, at the column it names."""
    titles = {column.name for column in register.columns}
    return [
        register.fault(
            row,
            finding.field if finding.field in titles else register.key_column,
            finding.code,
            finding.sentence,
        )
        for finding in verdict.refusals
    ]


# ── 年度节能目标 ─────────────────────────────────────────────────────────────────────────


def _check_targets(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    today = timezone.localdate()
    errors = unfit(TARGETS, rows, actor, actions.FILE)
    for row in rows:
        told = row.values
        verdict = rules.may_file(
            percents={aim: told[aim.lower()] for aim in Aim},
            year=told["year"],
            filed_on=told["filed_on"],
            today=today,
            keeps=actor.can(actions.TELL),
        )
        errors += said(TARGETS, row, verdict)
    return Checked(errors=errors)


def _write_targets(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = facts_of(rows, TARGETS, "year", "against", *AIMS, "document", "filed_on")
    return Written.of(actions.file_targets(actor=actor, rows=facts, at=at))


def _falls() -> list[Column]:
    return [
        of(
            getattr(YearTarget, aim.lower()),
            heading=aim.label,
            unit="%",
            minimum=0,
            maximum=PERCENT_MAX,
            example="2.2",
        )
        for aim in Aim
    ]


TARGETS = Register(
    key="energy.filed_targets",
    title="年度节能目标报备",
    noun="家",
    key_column="code",
    key_with=("name", "year"),
    columns=[
        code(),
        of(
            Institution.name,
            path="institution.name",
            widget="energy/cells/name.html",
            sort="institution__name",
            link="energy:target",
            example="市图书馆",
            required=False,
        ),
        of(
            YearTarget.year,
            minimum=FIRST_YEAR,
            maximum=LAST_YEAR,
            widget="energy/cells/year.html",
            example="2020",
        ),
        of(YearTarget.against),
        *_falls(),
        of(YearTarget.document, example="2020年度节能工作实施方案"),
        of(YearTarget.filed_on),
        Column(
            name="area",
            title="所属区域",
            imported=False,
            fold=1,
            value=lambda row: areas.title(row.institution.area),
            sort="institution__area__position",
        ),
    ],
    rows=queries.filed,
    see=queries.SEE,
    take=actions.FILE,
    filters=[
        Filter(
            name="year",
            title="年度",
            kind="pick",
            apply=of_year,
            options=lambda scope: years_of(queries.filed(scope)),
        ),
        AREA,
        WORDS,
        Filter(name="filed", title="报备日期", kind="dates", path="filed_on", more=True),
    ],
    views=[View(key="all", title="全部")],
    totals={"targets": Count("pk")},
    order=("-year", "institution__position"),
    order_name="year",
    order_down=True,
    check_rows=_check_targets,
    write_rows=_write_targets,
    place=660,
    url="energy:filed_targets_list",
)


# ── 基期数据 ─────────────────────────────────────────────────────────────────────────────


class _Somebody:
    """Who rows are about: an institution by its code, or an area by its name."""

    def __init__(self, rows: Sequence[ImportRow]) -> None:
        told = [row.values["who"] for row in rows]
        self._areas: Mapping[str, Unit] = areas.areas_by_name(told)
        self._directory = directory.Directory(told)

    def area(self, row: ImportRow) -> Unit | None:
        """The area a row names."""
        return self._areas.get(row.values["who"])

    def institution(self, row: ImportRow) -> Institution | None:
        """The institution a row names."""
        return self._directory.find(row.values["who"], row.values["name"])


def _check_baselines(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    today, scope, who = timezone.localdate(), actor.scope(actions.TELL), _Somebody(rows)
    errors: list[Fault] = []
    for row in rows:
        area, one = who.area(row), who.institution(row)
        if area is None and one is None:
            sentence = "名录库中没有这个代码和名称，区域写市本级、乐平市这样的名称"
            errors.append(BASELINES.fault(row, "who", "institution_unknown", sentence))
        elif (area is not None and areas.outside(scope, [area])) or (
            one is not None and directory.outside(scope, [one.pk])
        ):
            sentence = "不在您的管理范围内，删去这一行"
            errors.append(BASELINES.fault(row, "who", "outside", sentence))
        values = {aim: row.values[aim.lower()] for aim in Aim}
        verdict = rules.may_tell_base(values=values, year=row.values["year"], today=today)
        errors += said(BASELINES, row, verdict)
    return Checked(errors=errors)


def _write_baselines(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    who = _Somebody(rows)
    facts = [
        {"area": who.area(row), "institution": None if who.area(row) else who.institution(row)}
        | {name: row.values[name] for name in ("year", *AIMS, "source")}
        for row in rows
    ]
    return Written.of(actions.tell_baselines(actor=actor, rows=facts, at=at))


def _who(row: Any) -> str:
    return str(row.institution.code if row.institution else areas.title(row.area))


def _name(row: Any) -> str:
    return str(row.institution.name if row.institution else "")


def _of_area(rows: Any, value: int) -> Any:
    return rows.filter(Q(area=value) | Q(institution__area=value))


def _areas_only(_: datetime) -> Q:
    return Q(institution=None)


def _figures() -> list[Column]:
    return [
        of(
            getattr(Baseline, aim.lower()),
            title=f"{aim.label}({UNITS[aim]})",
            heading=aim.label,
            unit=UNITS[aim],
            required=False,
            above=0,
            maximum=FIGURE_MAX,
            shown=2,
            example="329.56",
        )
        for aim in Aim
    ]


BASELINES = Register(
    key="energy.baselines",
    title="节能目标基期数据",
    noun="条",
    key_column="who",
    key_with=("name", "year"),
    columns=[
        Column(
            name="who",
            title="信用代码或区域",
            required=True,
            unique=True,
            max_length=60,
            value=_who,
            sort="institution__code",
            duplicate_code="row_duplicate",
            example="乐平市",
        ),
        Column(
            name="name",
            title="机构名称",
            widget="energy/cells/name.html",
            max_length=100,
            value=_name,
            sort="institution__name",
            example="区域的留空",
        ),
        of(
            Baseline.year,
            minimum=FIRST_YEAR,
            maximum=LAST_YEAR,
            widget="energy/cells/year.html",
            example="2015",
        ),
        *_figures(),
        of(Baseline.source, example="2015年度公共机构能耗统计年报"),
    ],
    rows=queries.baselines,
    see=queries.SEE,
    take=actions.TELL,
    filters=[
        Filter(
            name="year",
            title="基期年",
            kind="pick",
            apply=of_year,
            options=lambda scope: years_of(queries.baselines(scope)),
        ),
        Filter(name="area", title="所属区域", kind="pick", options=areas.choices, apply=_of_area),
        WORDS,
    ],
    views=[View(key="all", title="全部"), View(key="areas", title="区域", condition=_areas_only)],
    totals={"baselines": Count("pk")},
    order=("-year", "area__position", "institution__position"),
    order_name="year",
    order_down=True,
    check_rows=_check_baselines,
    write_rows=_write_baselines,
    place=655,
    url="energy:baselines_list",
    create_url="energy:baseline_new",
    create_label="登记基期数据",
    create_verb=queries.TELL,
)
