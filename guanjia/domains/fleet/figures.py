"""The figures (指标) of the department: trips and kilometres."""

from collections.abc import Mapping

from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.trips import Purpose, Riding, TripState
from guanjia.kernel.figures.declaration import figure
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period


def _finished(period: Period) -> Mapping[str, str]:
    """The filters of the trip register that show just the rows behind a figure."""
    return {
        "view": "all",
        "went_from": f"{period.start:%Y-%m-%d}",
        "went_to": f"{period.last:%Y-%m-%d}",
        "state": TripState.FINISHED.value,
        "riding": Riding.OWN.value,
    }


def _epidemic(period: Period) -> Mapping[str, str]:
    return {**_finished(period), "purpose": Purpose.EPIDEMIC.value}


@figure(
    "fleet.trips",
    title="公务用车调派",
    unit="辆次",
    meaning="状态为已完成、实际出车时间在时段内的派车单；合乘的只计一次",
    rows=sheets.finished_trips,
    register="fleet.trips",
    opens=_finished,
)
def trips(*, scope: Scope, period: Period) -> int:
    """How many journeys were finished; unfinished and cancelled ones do not count."""
    return sheets.finished_trips(scope=scope, period=period).count()


@figure(
    "fleet.km",
    title="安全行驶里程",
    unit="公里",
    meaning="上述派车单的收车里程表减出车里程表之和",
    rows=sheets.finished_trips,
    register="fleet.trips",
    opens=_finished,
)
def km(*, scope: Scope, period: Period) -> int:
    """Kilometres of finished journeys."""
    return sheets.kilometres(sheets.finished_trips(scope=scope, period=period))


@figure(
    "fleet.epidemic_trips",
    title="疫情防控出车",
    unit="辆次",
    meaning="用途为疫情防控、状态为已完成、实际出车时间在时段内的派车单",
    rows=sheets.epidemic_trips,
    register="fleet.trips",
    opens=_epidemic,
)
def epidemic_trips(*, scope: Scope, period: Period) -> int:
    """How many finished journeys served epidemic control."""
    return sheets.epidemic_trips(scope=scope, period=period).count()


@figure(
    "fleet.epidemic_km",
    title="疫情防控安全行驶里程",
    unit="公里",
    meaning="上述派车单的行驶里程之和",
    rows=sheets.epidemic_trips,
    register="fleet.trips",
    opens=_epidemic,
)
def epidemic_km(*, scope: Scope, period: Period) -> int:
    """Kilometres of finished journeys for epidemic control."""
    return sheets.kilometres(sheets.epidemic_trips(scope=scope, period=period))


ALL = (trips, km, epidemic_trips, epidemic_km)
