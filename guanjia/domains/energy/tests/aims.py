"""Rows of targets, quotas, samples and shared buildings for the furnished house."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guanjia.domains.energy.actions import quotas, returns, sampling, sites, targets
from guanjia.domains.energy.models import (
    Institution,
    InstitutionSpell,
    QuotaCase,
    SampleCheck,
    Site,
    SiteReturn,
    YearTarget,
)
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.returns import Origin
from guanjia.domains.energy.terms.sites import Basis
from guanjia.domains.energy.terms.targets import Against
from guanjia.domains.energy.tests import builders
from guanjia.kernel.access.tests.builders import SYSTEM


def target_row(one: Institution, **facts: Any) -> dict[str, Any]:
    """A yearly target as ``file_targets`` takes it."""
    return {
        "institution": one, "year": 2020, "against": Against.BEFORE, "per_person": Decimal("2.2"),
        "per_m2": None, "water_per_person": None, "co2_per_m2": None,
        "document": "2020年度节能工作实施方案", "filed_on": date(2020, 1, 15), **facts,
    }  # fmt: skip


def baseline_row(**facts: Any) -> dict[str, Any]:
    """A base year as ``tell_baselines`` takes it."""
    return {
        "institution": None, "area": None, "year": 2015, "per_person": Decimal(360),
        "per_m2": Decimal("20.5"), "water_per_person": Decimal(25), "co2_per_m2": None,
        "source": "2015年度公共机构能耗统计年报", **facts,
    }  # fmt: skip


def furnish(one: Institution, at: datetime) -> None:
    """A target that was filed, a base year that was told, a quota that was passed."""
    targets.file_targets(actor=SYSTEM, rows=[target_row(one)], at=at)
    targets.tell_baselines(actor=SYSTEM, rows=[baseline_row(institution=one)], at=at)
    _over(one, at)
    sampling.draw(actor=SYSTEM, year=2019, quarter=0, seed="0827", at=at)
    _site(one, at)


def _site(one: Institution, at: datetime) -> None:
    """A building of which it has all, and a month of it."""
    row = {"area": one.area, "name": "农业大院", "address": "", "floor_m2": None}
    sites.enter_sites(actor=SYSTEM, rows=[row], at=at)
    made = Site.objects.get()
    sites.share_out(
        actor=SYSTEM, site_id=made.pk, since=date(2019, 1, 1), basis=Basis.TOLD,
        parts={one.pk: Decimal(100)}, at=at,
    )  # fmt: skip
    lines = builders.lines({"ELECTRICITY": 900})
    sites.tell_month(actor=SYSTEM, site_id=made.pk, month=date(2019, 11, 1), lines=lines, at=at)


def site_return() -> SiteReturn:
    """The month of that building."""
    found: SiteReturn = SiteReturn.objects.get()
    return found


def _over(one: Institution, at: datetime) -> None:
    """An organ of the state uses more than its quota in 2019."""
    InstitutionSpell.objects.filter(institution=one).update(kind=InstitutionKind.STATE)
    lines = builders.lines({"ELECTRICITY": 100 * 900})
    told = returns.Month(institution=one, month=date(2019, 12, 1), lines=lines)
    returns.enter_returns(actor=SYSTEM, months=[told], origin=Origin.SHEET, at=at)
    quotas.judge_year(actor=SYSTEM, year=2019, at=at)


def case() -> QuotaCase:
    """That it passed its quota."""
    found: QuotaCase = QuotaCase.objects.get()
    return found


def check() -> SampleCheck:
    """The check of the institution that was drawn."""
    found: SampleCheck = SampleCheck.objects.get()
    return found


def target() -> YearTarget:
    """The target that was filed."""
    found: YearTarget = YearTarget.objects.get()
    return found
