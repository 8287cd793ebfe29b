"""The figures (指标) of the department."""

from collections.abc import Mapping
from typing import Any

from guanjia.domains.energy.queries import institutions, works
from guanjia.domains.energy.terms.institutions import YesNo
from guanjia.domains.energy.terms.works import AuditState, DemoLevel, DemoStage
from guanjia.kernel.figures.declaration import figure
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period


def _directory(period: Period) -> Mapping[str, str]:
    return {"view": "all", "on": f"{period.last:%Y-%m-%d}"}


def _assessed(period: Period) -> Mapping[str, str]:
    return {"view": "assessed", "on": f"{period.last:%Y-%m-%d}"}


@figure(
    "energy.directory_units",
    title="公共机构名录库入库单位",
    unit="家",
    meaning="时段最后一天在名录库中的公共机构（入库日期不晚于当天，没有退出）",
    rows=institutions.of_period,
    register="energy.institutions",
    opens=_directory,
)
def directory_units(*, scope: Scope, period: Period) -> int:
    """How many institutions the register has on the last day."""
    return int(institutions.of_period(scope=scope, period=period).count())


@figure(
    "energy.online_assessed_units",
    title="列入在线考核的单位",
    unit="家",
    meaning="时段最后一天在名录库中、列入在线考核的公共机构",
    rows=institutions.assessed,
    register="energy.institutions",
    opens=_assessed,
)
def online_assessed_units(*, scope: Scope, period: Period) -> int:
    """How many of them take part in the online assessment."""
    return int(institutions.assessed(scope=scope, period=period).count())


# ── audits and demonstration units ───────────────────────────────────────────────────────


def _done(period: Period) -> Mapping[str, str]:
    return {
        "view": "all",
        "state": AuditState.DONE.value,
        "done_from": f"{period.start:%Y-%m-%d}",
        "done_to": f"{period.last:%Y-%m-%d}",
    }


@figure(
    "energy.audits_completed",
    title="完成能源审计的单位",
    unit="家",
    meaning="状态为已完成、完成日期在时段内的能源审计",
    rows=works.audits_done,
    register="energy.audits",
    opens=_done,
)
def audits_completed(*, scope: Scope, period: Period) -> int:
    """How many energy audits were finished."""
    return int(works.audits_done(scope=scope, period=period).count())


def _step(level: DemoLevel, stage: DemoStage) -> Any:
    def opens(period: Period) -> Mapping[str, str]:
        return {
            "view": "all",
            "level": level.value,
            "stage": stage.value,
            "on_from": f"{period.start:%Y-%m-%d}",
            "on_to": f"{period.last:%Y-%m-%d}",
        }

    return opens


def _guided(*, scope: Scope, period: Period) -> Any:
    return works.steps(scope=scope, period=period, level=DemoLevel.NATIONAL, stage=DemoStage.GUIDED)


def _recommended(*, scope: Scope, period: Period) -> Any:
    return works.steps(
        scope=scope, period=period, level=DemoLevel.PROVINCIAL, stage=DemoStage.RECOMMENDED
    )


@figure(
    "energy.national_demo_guided",
    title="督促指导创建国家级示范单位",
    unit="家",
    meaning="级别为国家级、阶段为督促指导、日期在时段内的示范单位创建",
    rows=_guided,
    register="energy.demonstrations",
    opens=_step(DemoLevel.NATIONAL, DemoStage.GUIDED),
)
def national_demo_guided(*, scope: Scope, period: Period) -> int:
    """How many institutions were guided towards the national title."""
    return int(_guided(scope=scope, period=period).count())


@figure(
    "energy.provincial_demo_recommended",
    title="推荐申报省级示范单位",
    unit="家",
    meaning="级别为省级、阶段为推荐申报、日期在时段内的示范单位创建",
    rows=_recommended,
    register="energy.demonstrations",
    opens=_step(DemoLevel.PROVINCIAL, DemoStage.RECOMMENDED),
)
def provincial_demo_recommended(*, scope: Scope, period: Period) -> int:
    """How many institutions were recommended for the provincial title."""
    return int(_recommended(scope=scope, period=period).count())


# ── the place of the city ────────────────────────────────────────────────────────────────


def _ranking(period: Period) -> Mapping[str, str]:
    """The newest year that was over before the period ended is the one that counts."""
    newest = works.scores_known(scope=Scope.all(), period=period).first()
    return {"view": "all"} | ({"year": str(newest.year)} if newest else {})


def _small_ranking(period: Period) -> Mapping[str, str]:
    return {**_ranking(period), "small": YesNo.YES.value}


def _small_cities(*, scope: Scope, period: Period) -> Any:
    return works.scores_known(scope=scope, period=period).filter(small=True)


@figure(
    "energy.provincial_rank",
    title="全省公共机构节能考核名次",
    unit="名",
    meaning="时段结束前最近一个考核年度，本市得分在全省设区市中的名次，同分同名次",
    rows=works.scores_known,
    register="energy.city_scores",
    opens=_ranking,
)
def provincial_rank(*, scope: Scope, period: Period) -> int:
    """The place of the city among all cities of the province; 0 where it was not ranked."""
    own = works.own_score(scope=scope, period=period)
    return int(own.place) if own else 0


@figure(
    "energy.small_city_rank",
    title="全省考核小地市名次",
    unit="名",
    meaning="时段结束前最近一个考核年度，本市得分在小地市中的名次，同分同名次",
    rows=_small_cities,
    register="energy.city_scores",
    opens=_small_ranking,
)
def small_city_rank(*, scope: Scope, period: Period) -> int:
    """The place of the city among the small cities; 0 where it is none."""
    own = works.own_score(scope=scope, period=period)
    return int(own.place_of_like) if own and own.small else 0


ALL = (
    directory_units,
    online_assessed_units,
    audits_completed,
    national_demo_guided,
    provincial_demo_recommended,
    provincial_rank,
    small_city_rank,
)
