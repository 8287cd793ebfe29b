"""能耗报表报送 and 审核疑点: what goes up, and what is odd on the way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.energy.models import Doubt, Filing, Institution, MonthReturn
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import doubts as doubting
from guanjia.domains.energy.queries import filings as queries
from guanjia.domains.energy.registers.works import AREA, WORDS, area_of
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.returns import (
    WRITABLE,
    Check,
    DoubtState,
    FilingKind,
    FilingState,
)
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Scope


def _area(row: Any) -> str:
    return areas.title(row.institution.area)


def _is(*states: FilingState) -> Any:
    return lambda _: Q(state__in=states)


def _late(at: datetime) -> Q:
    return Q(state__in=WRITABLE, due_on__lt=timezone.localdate(at))


def _periods(scope: Scope) -> Sequence[tuple[int, str]]:
    """The periods that were opened, as numbers an address can hold: 20200100 + the kind."""
    return [(rules.number(*one), rules.title(*one)) for one in queries.periods(scope)]


def _of_period(rows: Any, value: int) -> Any:
    text = f"{value:08}"
    kind = FilingKind.YEAR if text.endswith("12") else FilingKind.QUARTER
    return rows.filter(kind=kind, first__year=int(text[:4]), first__month=int(text[4:6]))


FILINGS = Register(
    key="energy.filings",
    title="能耗报表报送",
    noun="份",
    key_column="name",
    key_with=("period",),
    columns=[
        of(
            Institution.name,
            path="institution.name",
            unique=True,
            widget="energy/cells/name.html",
            sort="institution__name",
            link="energy:filing",
            imported=False,
        ),
        Column(name="period", title="报告期", path="period", sort="first", imported=False),
        Column(
            name="area",
            title="所属区域",
            value=_area,
            sort="institution__area__position",
            imported=False,
        ),
        of(Filing.state, widget="ui/register/state.html", imported=False),
        of(Filing.due_on, imported=False),
        of(Filing.sent_at, imported=False),
        of(Filing.locked_at, fold=1, imported=False),
        of(Filing.reason, fold=2, imported=False, sort=""),
    ],
    rows=queries.listed,
    see=queries.SEE,
    take=queries.OPEN,
    filters=[
        Filter(name="period", title="报告期", kind="pick", options=_periods, apply=_of_period),
        AREA,
        Filter(name="state", title="状态", kind="choice", choices=FilingState, path="state"),
        WORDS,
        Filter(name="due", title="报送期限", kind="dates", path="due_on", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="open", title="待报送", condition=_is(*WRITABLE)),
        View(key="late", title="逾期", condition=_late),
        View(key="county", title="待县级审核", condition=_is(FilingState.COUNTY)),
        View(key="city", title="待市级审核", condition=_is(FilingState.CITY)),
        View(key="locked", title="已锁定", condition=_is(FilingState.LOCKED), count=False),
    ],
    totals={"filings": Count("pk")},
    batch_acts=[
        ("一并审核通过", "energy:filing_pass_several", queries.REVIEW),
        ("一并审定锁定", "energy:filing_lock_several", queries.ACCEPT),
    ],
    order=("-first", "institution__position", "pk"),
    order_name="period",
    order_down=True,
    url="energy:filings_list",
)


# ── 审核疑点 ─────────────────────────────────────────────────────────────────────────────


def _open(_: datetime) -> Q:
    return Q(state=DoubtState.OPEN)


def _doubt_area(row: Any) -> str:
    return areas.title(row.month_return.institution.area)


DOUBTS = Register(
    key="energy.doubts",
    title="报表疑点",
    noun="处",
    key_column="name",
    key_with=("month", "energy", "check_name"),
    columns=[
        of(
            Institution.name,
            path="month_return.institution.name",
            unique=True,
            widget="energy/cells/name.html",
            sort="month_return__institution__name",
            link="energy:doubt",
            imported=False,
        ),
        of(
            MonthReturn.month,
            kind=Kind.MONTH,
            path="month_return.month",
            sort="month_return__month",
            imported=False,
        ),
        of(Doubt.state, widget="ui/register/state.html", imported=False),
        of(Doubt.sentence, wide=True, imported=False, sort=""),
        of(Doubt.energy, imported=False),
        of(Doubt.check_name, imported=False),
        of(Doubt.usual, fold=2, imported=False, sort=""),
        of(Doubt.explanation, wide=True, fold=1, imported=False, sort=""),
        Column(
            name="area",
            title="所属区域",
            value=_doubt_area,
            sort="month_return__institution__area__position",
            fold=1,
            imported=False,
        ),
    ],
    rows=doubting.listed,
    see=doubting.SEE,
    take=doubting.EXPLAIN,
    filters=[
        Filter(name="month", title="月份", kind="dates", path="month_return__month"),
        area_of("month_return__institution__area"),
        Filter(name="check", title="审核规则", kind="choice", choices=Check, path="check_name"),
        Filter(name="state", title="状态", kind="choice", choices=DoubtState, path="state"),
        Filter(
            name="words",
            title="机构名称",
            kind="text",
            path="month_return__institution__name",
        ),
        Filter(
            name="energy",
            title="品种",
            kind="choice",
            choices=Energy,
            path="energy",
            more=True,
        ),
    ],
    views=[
        View(key="open", title="待说明", condition=_open),
        View(key="all", title="全部"),
    ],
    totals={"doubts": Count("pk")},
    order=("-month_return__month", "month_return__institution__position", "pk"),
    order_name="month",
    order_down=True,
    url="energy:doubts_list",
)
