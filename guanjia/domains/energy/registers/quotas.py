"""超定额说明, declared once: cases come from judging a year, not from sheets."""

from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.energy.models import Institution, QuotaCase
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import quotas as queries
from guanjia.domains.energy.registers.targets import of_year, years_of
from guanjia.domains.energy.registers.works import AREA, WORDS
from guanjia.domains.energy.terms.quotas import MEASURE_UNITS, OWED, CaseState, QuotaMeasure
from guanjia.kernel.registers.declaration import Column, Filter, Register, View
from guanjia.kernel.registers.fields import of
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
        of(
            Institution.name,
            path="institution.name",
            unique=True,
            sort="institution__name",
            widget="energy/cells/name.html",
            link="energy:quota_case",
            imported=False,
        ),
        Column(
            name="area",
            title="所属区域",
            sort="institution__area__position",
            imported=False,
            value=lambda row: areas.title(row.institution.area),
        ),
        of(QuotaCase.year, imported=False, widget="energy/cells/year.html"),
        of(QuotaCase.measure, imported=False),
        of(QuotaCase.value, shown=1, imported=False),
        of(QuotaCase.bound, shown=1, imported=False),
        Column(
            name="unit",
            title="单位",
            imported=False,
            value=lambda row: MEASURE_UNITS[QuotaMeasure(row.measure)],
        ),
        of(QuotaCase.state, widget="ui/register/state.html", imported=False),
        of(QuotaCase.due_on, imported=False),
        of(QuotaCase.explanation, fold=1, imported=False, sort=""),
        of(QuotaCase.returned_note, fold=2, imported=False, sort=""),
        of(QuotaCase.decision, fold=2, imported=False, sort=""),
        of(QuotaCase.article, fold=2, imported=False, sort=""),
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
)
