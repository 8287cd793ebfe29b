"""超定额说明, declared once: cases come from judging a year, not from sheets."""

from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import quotas as queries
from guanjia.domains.energy.registers.targets import of_year, years_of
from guanjia.domains.energy.registers.works import AREA, WORDS
from guanjia.domains.energy.terms.quotas import MEASURE_UNITS, OWED, CaseState, QuotaMeasure
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.values.actor import Scope


def _years(scope: Scope) -> list[tuple[int, str]]:
    return years_of(queries.listed(scope))


def _owed(_: datetime) -> Q:
    return Q(state__in=OWED)


def _late(at: datetime) -> Q:
    return Q(state__in=OWED, due_on__lt=timezone.localdate(at))


def _told(_: datetime) -> Q:
    return Q(state=CaseState.TOLD)


def _taken(_: datetime) -> Q:
    return Q(state=CaseState.ACCEPTED)


QUOTA_CASES = Register(
    key="energy.quota_cases",
    title="超定额说明",
    noun="件",
    key_column="name",
    key_with=("year", "measure"),
    columns=[
        Column(name="name", title="机构名称", unique=True, path="institution.name",
               sort="institution__name", widget="energy/cells/name.html",
               link="energy:quota_case", imported=False),
        Column(name="area", title="所属区域", sort="institution__area__position", imported=False,
               value=lambda row: areas.title(row.institution.area)),
        Column(name="year", title="年度", kind=Kind.INTEGER, sort="year", imported=False,
               widget="energy/cells/year.html"),
        Column(name="measure", title="指标", kind=Kind.CHOICE, choices=QuotaMeasure,
               sort="measure", imported=False),
        Column(name="value", title="本年值", kind=Kind.DECIMAL, places=4, shown=1, sort="value",
               imported=False),
        Column(name="bound", title="约束值", kind=Kind.DECIMAL, places=4, shown=1, sort="bound",
               imported=False),
        Column(name="unit", title="单位", imported=False,
               value=lambda row: MEASURE_UNITS[QuotaMeasure(row.measure)]),
        Column(name="state", title="状态", kind=Kind.CHOICE, choices=CaseState, sort="state",
               widget="energy/cells/case_state.html", imported=False),
        Column(name="due_on", title="说明期限", kind=Kind.DATE, sort="due_on", imported=False),
        Column(name="words", title="说明", fold=1, imported=False),
        Column(name="answer", title="意见", fold=2, imported=False),
        Column(name="article", title="依据", fold=2, imported=False),
    ],
    rows=queries.listed,
    see=queries.SEE,
    take=queries.JUDGE,
    filters=[
        Filter(name="year", title="年度", kind="pick", options=_years, apply=of_year),
        Filter(name="measure", title="指标", kind="choice", choices=QuotaMeasure, path="measure"),
        Filter(name="state", title="状态", kind="choice", choices=CaseState, path="state"),
        AREA,
        WORDS,
    ],
    views=[
        View(key="all", title="全部"),
        View(key="owed", title="待说明", condition=_owed),
        View(key="late", title="逾期", condition=_late),
        View(key="told", title="待核", condition=_told),
        View(key="taken", title="已采纳", condition=_taken, count=False),
    ],
    totals={"cases": Count("pk")},
    order=("-year", "institution__position", "measure"),
    order_name="year",
    order_down=True,
    url="energy:quota_cases_list",
)  # fmt: skip
