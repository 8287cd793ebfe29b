"""Targets, quotas, a sample, a shared building and a key in the demo."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from guanjia.domains.energy.actions import keyed, quotas, returns, sampling, sites, targets
from guanjia.domains.energy.models import (
    Institution,
    InstitutionClerk,
    MonthReturn,
    QuotaCase,
    SampleCheck,
    Site,
)
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import institutions as institution_queries
from guanjia.domains.energy.queries import sampling as sample_queries
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.returns import Origin
from guanjia.domains.energy.terms.sampling import Method
from guanjia.domains.energy.terms.sites import Basis
from guanjia.domains.energy.terms.targets import Against
from guanjia.kernel.values.actor import Actor, Scope

_BASE, _YEAR, _JULY = 2015, 2020, date(2020, 7, 1)
_EVERY = 14  # of so many institutions one still has its returns of the base year
# How much more they used in the base year, in turn.
_MORE = (Decimal("1.16"), Decimal("1.09"), Decimal("1.21"), Decimal("1.13"), Decimal("0.97"))
_FILED, _OVER, _CHECKED = 12, 4, 6
_CENT, _MONTHS = Decimal("0.01"), 12
_OF_2015 = {"3602": (402, "11.9", "34.1"), "360281": (318, "9.6", "29.8")}  # a region, by its code


def live(*, at: datetime) -> None:
    """Let everything happen that a visitor should find; after ``energy.live``."""
    actor = Actor.system("演示数据")
    everybody = list(Institution.objects.filter(left_on=None).order_by("position"))
    mine = set(InstitutionClerk.objects.values_list("institution", flat=True))
    _base_year(actor, everybody, mine, at)
    _targets(actor, [one for one in everybody if one.pk in mine] + everybody[::_EVERY][:_FILED], at)
    _quotas(actor, mine, at)
    _sample(actor, at)
    _site(actor, everybody, mine, at)
    _key(actor, everybody, at)


def _base_year(
    actor: Actor, everybody: Sequence[Institution], mine: set[int], at: datetime
) -> None:
    """Some institutions have their returns of the base year, two areas a figure of a yearbook."""
    chosen = [*everybody[::_EVERY], *(one for one in everybody if one.pk in mine)]
    months = []
    for place, one in enumerate({each.pk: each for each in chosen}.values()):
        rows = MonthReturn.objects.filter(institution=one, month__lt=_JULY, month__year=_YEAR)
        for row in rows.prefetch_related("lines"):
            lines = {
                Energy(line.energy): _times(line.amount, line.cost_fen, _MORE[place % len(_MORE)])
                for line in row.lines.all()
            }
            months.append(
                returns.Month(institution=one, month=row.month.replace(year=_BASE), lines=lines)
            )
    returns.enter_returns(actor=actor, months=months, origin=Origin.SHEET, at=at)
    told = [
        {"institution": None, "area": area, "year": _BASE, "per_person": Decimal(person),
         "per_m2": Decimal(floor), "water_per_person": Decimal(water), "co2_per_m2": None,
         "source": "2015年度公共机构能耗统计年报"}
        for area in areas.all_areas() if area.code in _OF_2015
        for person, floor, water in [_OF_2015[area.code]]
    ]  # fmt: skip
    targets.tell_baselines(actor=actor, rows=told, at=at)


def _times(amount: Decimal | None, cost_fen: int | None, factor: Decimal) -> Used:
    return Used(
        amount=None if amount is None else (amount * factor).quantize(_CENT, ROUND_HALF_UP),
        cost_fen=None if cost_fen is None else int(cost_fen * factor),
    )


def _targets(actor: Actor, some: Sequence[Institution], at: datetime) -> None:
    """Some institutions filed what they want of the year."""
    rows = [
        {"institution": one, "year": _YEAR, "against": Against.BASE,
         "per_person": Decimal(11), "per_m2": Decimal(10) if place % 2 else None,
         "water_per_person": Decimal(15), "co2_per_m2": None,
         "document": f"{_YEAR}年度节约能源资源工作方案", "filed_on": date(_YEAR, 2, 10 + place)}
        for place, one in enumerate({each.pk: each for each in some}.values())
    ]  # fmt: skip
    targets.file_targets(actor=actor, rows=rows, at=at)


def _quotas(actor: Actor, mine: set[int], at: datetime) -> None:
    """Of the year before, the totals of some organs of the state; those over their quota are at
    every stage of saying why."""
    rows = institution_queries.listed(Scope.all(), at.date()).filter(
        now__kind=InstitutionKind.STATE, now__floor_m2__gt=0
    )
    some = list(rows.order_by("position"))
    some = [one for one in some if one.pk in mine] + [one for one in some if one.pk not in mine]
    months = [
        returns.Month(
            institution=one, month=date(_YEAR - 1, number, 1),
            lines={Energy.ELECTRICITY: _power(one.now.floor_m2, 97 - 6 * (place % _OVER) // 2),
                   Energy.WATER: Used(amount=Decimal(120 + number), cost_fen=34_200)},
        )
        for place, one in enumerate(some[: 2 * _OVER])
        for number in range(1, _MONTHS + 1)
    ]  # fmt: skip
    returns.enter_returns(actor=actor, months=months, origin=Origin.SHEET, at=at)
    quotas.judge_year(actor=actor, year=_YEAR - 1, at=at)
    cases = list(QuotaCase.objects.exclude(institution__in=mine).order_by("pk"))
    for case in cases[:3]:
        quotas.explain(
            actor=actor, quota_id=case.pk, at=at,
            explanation="机房扩容后全年不间断运行，已列入明年改造计划，分项计量表已装",
        )  # fmt: skip
    for case in cases[:1]:
        quotas.accept(actor=actor, quota_id=case.pk, decision="明年报改造后的对比", at=at)
    for case in cases[1:2]:
        quotas.send_back(actor=actor, quota_id=case.pk, comment="附机房分项电量", at=at)


def _power(floor_m2: Decimal, each: int) -> Used:
    """A month of so many kWh for a ㎡ in a year."""
    amount = (floor_m2 * each / _MONTHS).quantize(Decimal(1), ROUND_HALF_UP)
    return Used(amount=amount, cost_fen=int(amount * 62))


def _sample(actor: Actor, at: datetime) -> None:
    """The first quarter was drawn from, and some were looked at: one of them told too little."""
    made = sampling.draw(
        actor=actor, year=_YEAR, quarter=1, seed=f"{at:%Y-%m-%d} 公开摇号 0827", at=at
    )
    months = sample_queries.months_of(made)
    rows = SampleCheck.objects.filter(sample=made).select_related("institution")
    for place, row in enumerate(rows.order_by("place")[:_CHECKED]):
        told = sample_queries.told(row.institution_id, months)
        power = told.get(Energy.ELECTRICITY)
        if not power:
            continue
        differs = place == _CHECKED - 1
        proven = (power * (Decimal("1.12") if differs else 1)).quantize(_CENT, ROUND_HALF_UP)
        found = sampling.Found(
            method=Method.ON_SITE if place % 2 else Method.DESK, checker="吴振瓷、徐勇",
            on=at.date(), proven={Energy.ELECTRICITY: proven},
            conclusion="二月漏填地下车库一块表" if differs else "与供电公司票据一致",
        )  # fmt: skip
        sampling.record_check(actor=actor, sample_check_id=row.pk, found=found, at=at)


def _site(actor: Actor, everybody: Sequence[Institution], mine: set[int], at: datetime) -> None:
    """Three institutions of the city share a building since the year began; July came as one."""
    city = areas.city()
    own = [one for one in everybody if city and one.area_id == city.pk and one.pk not in mine]
    row = {"area": city, "name": "市发展中心 3 号楼", "address": "瓷都大道", "floor_m2": None}
    sites.enter_sites(actor=actor, rows=[row], at=at)
    made = Site.objects.get(name=row["name"])
    sites.share_out(
        actor=actor, site_id=made.pk, since=date(_YEAR, 7, 1), basis=Basis.FLOOR,
        parts={one.pk: None for one in own[2:5]}, at=at,
    )  # fmt: skip
    power, water = _june(own[2:5])
    lines = {
        Energy.ELECTRICITY: Used(amount=power, cost_fen=int(power * 62)),
        Energy.WATER: Used(amount=water, cost_fen=int(water * 285)),
    }
    sites.tell_month(actor=actor, site_id=made.pk, month=_JULY, lines=lines, at=at)


def _june(some: Sequence[Institution]) -> tuple[Decimal, Decimal]:
    """What some institutions used of power and water in June, whole units."""
    sums = {Energy.ELECTRICITY: Decimal(0), Energy.WATER: Decimal(0)}
    rows = MonthReturn.objects.filter(institution__in=[o.pk for o in some], month="2020-06-01")
    for row in rows.prefetch_related("lines"):
        for line in row.lines.all():
            if line.energy in sums:
                sums[Energy(line.energy)] += line.amount or 0
    power, water = (sums[e].quantize(Decimal(1)) for e in (Energy.ELECTRICITY, Energy.WATER))
    return power, water


def _key(actor: Actor, everybody: Sequence[Institution], at: datetime) -> None:
    """A platform of schools may tell the months of some."""
    schools = [one.pk for one in everybody if "中学" in one.name or "学校" in one.name]
    keyed.give_key(
        actor=actor, partner="市教育局能耗监测平台", contact="信息中心", area_ids=[],
        institution_ids=schools[:5] or [everybody[0].pk], networks=["10.36.0.0/16"],
        since=at.date(), until=at.date() + timedelta(days=365), per_minute=30, at=at,
    )  # fmt: skip
