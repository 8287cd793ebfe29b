"""Meters of the clerk's two institutions: two months of values up to now, a leak that was mended,
and a night that nobody has explained yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from guanjia.domains.energy.actions import alarms, metering, metering_rolls, meters
from guanjia.domains.energy.demo.returns import CLERK
from guanjia.domains.energy.models import Consumption, Institution, MeterAlarm
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import AlarmState, Line, MeterRole, Settling
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

_DAY = timedelta(days=1)
_LEAKED, _MENDED = 12, 9  # days ago
_OPENS, _CLOSES, _SATURDAY = 8, 18, 5
_PLACES = Decimal("0.001")
# What the main meters below count in a month, and the month whose returns say how it should be.
_MONTH = {Energy.ELECTRICITY: 17_600, Energy.WATER: 145}
_USUAL = date(2020, 6, 1)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """A meter of the demo: what it is, how often it sends, and its hours by day and night."""

    mark: str
    energy: Energy
    role: MeterRole
    place: str
    multiplier: int
    minutes: int
    night: float
    work: float


_KINDS = (
    _Kind(mark="D1", energy=Energy.ELECTRICITY, role=MeterRole.MAIN, place="一楼配电房",
          multiplier=40, minutes=15, night=0.25, work=1.3),
    _Kind(mark="D2", energy=Energy.ELECTRICITY, role=MeterRole.SUB, place="空调机房",
          multiplier=20, minutes=30, night=0.3, work=0.8),
    _Kind(mark="S1", energy=Energy.WATER, role=MeterRole.MAIN, place="水泵房",
          multiplier=1, minutes=60, night=0, work=0.6),
)  # fmt: skip


def live(*, at: datetime) -> None:
    """Let meters be there and send, by calling actions; ``at``: the moment."""
    actor, now = Actor.system("演示数据"), at.astimezone(SHANGHAI)
    begun = midnight((now.date().replace(day=1) - _DAY).replace(day=1))
    mine = Institution.objects.filter(clerks__person__number=CLERK, clerks__until=None)
    each = [
        (place, one, kind)
        for place, one in enumerate(mine.order_by("position"), start=1)
        for kind in _KINDS
    ]
    rows = [_facts(one, place, kind, begun) for place, one, kind in each]
    meters.enter_meters(actor=actor, rows=rows, at=at)
    metering.keep_days(today=now.date())
    lines: list[Line] = []
    for place, one, kind in each:
        lines += _sent(_number(place, kind), kind, begun, now, _size(one, kind))
    metering.take_in(lines, at=at)
    metering_rolls.roll_all(today=now.date())
    _alarm(actor, now)


def _number(place: int, kind: _Kind) -> str:
    return f"JDZ-{place:02}-{kind.mark}"


def _size(one: Institution, kind: _Kind) -> float:
    """How large it is beside a month of the rates above: as its returns say."""
    told = Consumption.objects.filter(
        month_return__institution=one, month_return__month=_USUAL, energy=kind.energy
    ).first()
    return float(told.amount) / _MONTH[kind.energy] if told and told.amount else 1.0


def _facts(one: Institution, place: int, kind: _Kind, begun: datetime) -> dict[str, object]:
    return {
        "institution": one, "number": _number(place, kind), "energy": kind.energy,
        "role": kind.role, "place": kind.place, "multiplier": Decimal(kind.multiplier),
        "digits": 6, "most_per_hour": None, "installed_at": begun,
        "installed_reading": Decimal(1000 * place), "until": None,
    }  # fmt: skip


def _sent(number: str, kind: _Kind, begun: datetime, now: datetime, size: float) -> Iterator[Line]:
    """Registers from the beginning to now: full by day, low at night, some of it by chance."""
    chance = Random(number)  # noqa: S311 — the same demo every time
    leaks = kind.energy is Energy.WATER and "-01-" in number
    burns = kind.mark == "D2" and "-02-" in number
    today, at = now.date(), begun
    value = Decimal(1000 * int(number.split("-")[1]))
    step = timedelta(minutes=kind.minutes)
    while at <= now:
        yield Line(number=number, at=at, value=value)
        rate = size * _rate(kind, at)
        ago = (today - at.date()).days
        if leaks and _MENDED < ago <= _LEAKED:
            rate += 0.15
        if burns and ago <= 1 and at.hour < _OPENS:
            rate = size * kind.work
        gained = rate * kind.minutes / 60 * chance.uniform(0.85, 1.15)
        value += Decimal(gained).quantize(_PLACES)
        at += step


def _rate(kind: _Kind, at: datetime) -> float:
    """What a meter counts in an hour."""
    if not _OPENS <= at.hour < _CLOSES:
        return kind.night
    return kind.work if at.weekday() < _SATURDAY else kind.night + (kind.work - kind.night) / 4


def _alarm(actor: Actor, now: datetime) -> None:
    """The leak was found and mended; the air conditioning that ran through the night was not."""
    for ago in (_MENDED + 1, 1):
        day = now.date() - _DAY * ago
        alarms.look_over(actor=actor, day=day, at=midnight(day + _DAY) + timedelta(hours=5))
        if ago > 1:
            for alarm in MeterAlarm.objects.filter(state=AlarmState.OPEN):
                alarms.settle(
                    actor=actor, alarm_id=alarm.pk, how=Settling.CLOSED,
                    explanation="二楼卫生间水箱浮球损坏，已更换", at=midnight(day + _DAY * 2),
                )  # fmt: skip
