"""The figures (指标) of the department: trips and kilometres."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from guanjia.domains.fleet.queries import disposals, purchases, sheets
from guanjia.domains.fleet.terms.disposals import DisposalMethod
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


# ── disposals ────────────────────────────────────────────────────────────────────────────


def _disposed(method: DisposalMethod, period: Period) -> Mapping[str, str]:
    """The filters of the register of disposals that show just the rows behind a figure."""
    return {
        "view": "all",
        "method": method.value,
        "disposed_from": f"{period.start:%Y-%m-%d}",
        "disposed_to": f"{period.last:%Y-%m-%d}",
    }


def _auctions(*, scope: Scope, period: Period) -> Any:
    return disposals.dealt(scope=scope, period=period, method=DisposalMethod.AUCTION)


def _scrappings(*, scope: Scope, period: Period) -> Any:
    return disposals.dealt(scope=scope, period=period, method=DisposalMethod.SCRAP)


def _opens_auctions(period: Period) -> Mapping[str, str]:
    return _disposed(DisposalMethod.AUCTION, period)


def _opens_scrappings(period: Period) -> Mapping[str, str]:
    return _disposed(DisposalMethod.SCRAP, period)


@figure(
    "fleet.auctioned",
    title="公务用车拍卖",
    unit="台",
    meaning="处置方式为拍卖、处置日期在时段内、已成交的处置",
    rows=_auctions,
    register="fleet.disposals",
    opens=_opens_auctions,
)
def auctioned(*, scope: Scope, period: Period) -> int:
    """How many cars were auctioned, by the day of the deal."""
    return int(_auctions(scope=scope, period=period).count())


@figure(
    "fleet.auction_proceeds",
    title="公务用车拍卖收入",
    unit="元",
    meaning="上述处置的处置收入之和",
    rows=_auctions,
    register="fleet.disposals",
    opens=_opens_auctions,
)
def auction_proceeds(*, scope: Scope, period: Period) -> Decimal | int:
    """What the auctioned cars brought, in 元; added up in 分."""
    fen = disposals.proceeds_fen(_auctions(scope=scope, period=period))
    yuan = Decimal(fen) / 100
    return int(yuan) if yuan == int(yuan) else yuan


@figure(
    "fleet.scrapped",
    title="公务用车报废",
    unit="辆",
    meaning="处置方式为报废、处置日期在时段内、已交车的处置",
    rows=_scrappings,
    register="fleet.disposals",
    opens=_opens_scrappings,
)
def scrapped(*, scope: Scope, period: Period) -> int:
    """How many cars were scrapped, by the day they were handed over."""
    return int(_scrappings(scope=scope, period=period).count())


def _opens_renewals(period: Period) -> Mapping[str, str]:
    return {
        "view": "all",
        "approved_from": f"{period.start:%Y-%m-%d}",
        "approved_to": f"{period.last:%Y-%m-%d}",
    }


@figure(
    "fleet.renewed",
    title="公务用车更新",
    unit="辆",
    meaning="批准日期在时段内、已批准的更新（不含新增配备）",
    rows=purchases.renewed,
    register="fleet.renewals",
    opens=_opens_renewals,
)
def renewed(*, scope: Scope, period: Period) -> int:
    """How many renewals were approved, by the day of the approval."""
    return int(purchases.renewed(scope=scope, period=period).count())


TRIPS = (trips, km, epidemic_trips, epidemic_km)
DISPOSALS = (auctioned, auction_proceeds, scrapped)
ALL = (*TRIPS, *DISPOSALS, renewed)
