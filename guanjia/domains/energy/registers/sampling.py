"""抽查核查登记, declared once: rows come from a draw, not from sheets."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from guanjia.domains.energy.models import Institution, SampleCheck
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import sampling as queries
from guanjia.domains.energy.registers.works import AREA, WORDS
from guanjia.domains.energy.terms.sampling import CheckState
from guanjia.kernel.registers.declaration import Column, Filter, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Scope


def differences(row: Any) -> tuple[str, ...]:
    """What was proven of each source: ``电 +3.20%``."""
    return tuple(
        f"{proof.get_energy_display()} "
        + ("无法比较" if proof.percent is None else _signed(proof.percent))
        for proof in row.proven
    )


def _signed(percent: Decimal) -> str:
    return f"{percent:+.2f}%" if percent else "0%"


def _of_sample(rows: Any, value: int) -> Any:
    return rows.filter(sample=value)


def _samples(scope: Scope) -> list[tuple[int, str]]:
    return [(row.pk, str(row)) for row in queries.samples(scope)]


def _is(*states: CheckState) -> Any:
    def condition(_: datetime) -> Q:
        return Q(state__in=states)

    return condition


SAMPLE_CHECKS = Register(
    key="energy.sample_checks",
    title="抽查核查登记",
    noun="家",
    key_column="name",
    key_with=("sample",),
    columns=[
        Column(
            name="sample",
            title="抽查",
            value=lambda row: str(row.sample),
            sort="sample",
            imported=False,
        ),
        of(SampleCheck.place, imported=False),
        of(
            Institution.name,
            path="institution.name",
            unique=True,
            sort="institution__name",
            widget="energy/cells/name.html",
            link="energy:sample_check",
            imported=False,
        ),
        Column(
            name="area",
            title="所属区域",
            sort="institution__area__position",
            imported=False,
            value=lambda row: areas.title(row.institution.area),
        ),
        of(SampleCheck.state, widget="ui/register/state.html", imported=False),
        of(SampleCheck.method, imported=False),
        of(SampleCheck.on, imported=False),
        of(SampleCheck.checker, fold=1, imported=False),
        Column(name="differences", title="误差", value=differences, imported=False),
        of(SampleCheck.conclusion, fold=1, imported=False, sort=""),
    ],
    rows=queries.listed,
    see=queries.SEE,
    take=queries.CHECK,
    filters=[
        Filter(name="sample", title="抽查", kind="pick", options=_samples, apply=_of_sample),
        Filter(name="state", title="状态", kind="choice", choices=CheckState, path="state"),
        AREA,
        WORDS,
        Filter(name="on", title="核查日期", kind="dates", path="on", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="drawn", title="待核查", condition=_is(CheckState.DRAWN)),
        View(key="differs", title="待更正", condition=_is(CheckState.DIFFERS)),
        View(key="agrees", title="相符", condition=_is(CheckState.AGREES, CheckState.CORRECTED)),
    ],
    totals={"checks": Count("pk")},
    order=("-sample__year", "-sample__quarter", "place"),
    order_name="place",
    url="energy:sample_checks_list",
)
