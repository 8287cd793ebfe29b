"""When what a meter counts is odd: nights, leaks, silence, registers that cannot be. Pure.

Amounts are in the source's unit an hour. What is usual is the meter's own past: a hospital that
never sleeps is compared with its own nights.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.meters import AMOUNT_SCALE, AlarmKind, AlarmState
from guanjia.kernel.regulations.lawbook import LawInForce

_NIGHT = range(5)  # 0 时至 5 时
_WORK = range(8, 18)  # 8 时至 18 时
_HOURS = 24
_WEEKEND = 5  # the first day of it


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The bureau's parameters, of one source on one day."""

    factor: Decimal
    share: Decimal
    night_least: Decimal | None  # no night alarm for a source that has none
    leak_hours: int
    leak_least: Decimal
    leak_factor: Decimal
    usual_within: int
    usual_least: int
    silent: timedelta
    quiet: timedelta

    @classmethod
    def of(cls, law: LawInForce, energy: Energy) -> "Limits":
        """As they were in force."""
        night, leak = law["energy.meter.night"], law["energy.meter.leak"]
        least = law["energy.meter.night_least"]
        usual = law["energy.meter.usual_days"].value
        return cls(
            factor=night.decimal("FACTOR") or Decimal(0),
            share=night.decimal("SHARE") or Decimal(0),
            night_least=least.decimal(energy) if energy in least.value else None,
            leak_hours=int(leak.value["HOURS"]),
            leak_least=leak.decimal("LEAST") or Decimal(0),
            leak_factor=leak.decimal("FACTOR") or Decimal(0),
            usual_within=int(usual["WITHIN"]),
            usual_least=int(usual["LEAST"]),
            silent=timedelta(hours=int(law["energy.meter.silent_hours"].value)),
            quiet=timedelta(days=int(law["energy.meter.quiet_days"].value)),
        )


@dataclass(frozen=True, kw_only=True)
class DayOf:
    """A day of a meter: millionths in each hour (``None``: unknown), what was left out."""

    day: date
    hours: Sequence[int | None]
    backwards: int = 0
    jumped: int = 0

    def mean(self, hours: range) -> Decimal | None:
        """What was consumed in an hour of these; ``None`` where one of them is not known."""
        found = [self.hours[hour] for hour in hours]
        known = [amount for amount in found if amount is not None]
        if len(known) < len(found):
            return None
        return Decimal(sum(known)) / len(known) / AMOUNT_SCALE

    @property
    def least(self) -> Decimal | None:
        """The least of its hours; ``None`` where one is not known."""
        known = [amount for amount in self.hours if amount is not None]
        return Decimal(min(known)) / AMOUNT_SCALE if len(known) == len(self.hours) else None


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What is odd, in a sentence."""

    kind: AlarmKind
    sentence: str


def judge(energy: Energy, days: Sequence[DayOf], limits: Limits) -> list[Alarm]:
    """What is odd about the last of some days, the earlier ones being what is usual."""
    if not days:
        return []
    *before, day = days
    since = day.day - timedelta(days=limits.usual_within)
    before = [each for each in before if each.day >= since]
    found = [_night(energy, day, before, limits), *_registers(day)]
    if energy is Energy.WATER:
        found.append(_leak(day, before, limits))
    return [alarm for alarm in found if alarm is not None]


def _usual(values: Sequence[Decimal | None], limits: Limits) -> Decimal | None:
    """The middle of what is known; ``None`` where too little is."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if len(known) >= limits.usual_least else None


def _night(energy: Energy, day: DayOf, before: Sequence[DayOf], limits: Limits) -> Alarm | None:
    night = day.mean(_NIGHT)
    if night is None or limits.night_least is None or night < limits.night_least:
        return None
    unit = SOURCES[energy].unit
    usual = _usual([each.mean(_NIGHT) for each in before], limits)
    if usual is not None:
        if night < usual * limits.factor:
            return None
        beside = f"平常每小时 {_num(usual)} {unit}"
    else:
        work = day.mean(_WORK)
        if work is None or day.day.weekday() >= _WEEKEND or night < work * limits.share:
            return None
        beside = f"白天工作时段每小时 {_num(work)} {unit}"
    sentence = f"夜间（0 时至 5 时）每小时 {_num(night)} {unit}，{beside}"
    return Alarm(kind=AlarmKind.NIGHT, sentence=sentence)


def _leak(day: DayOf, before: Sequence[DayOf], limits: Limits) -> Alarm | None:
    """Water that never comes to nothing, for as long as the parameter says."""
    length = -(-limits.leak_hours // len(day.hours))
    last = [*before, day][-length:]
    together = len(last) == length and (last[-1].day - last[0].day).days == length - 1
    least = [each.least for each in last]
    if not together or any(value is None or value <= limits.leak_least for value in least):
        return None
    flow = min(value for value in least if value is not None)
    usual = _usual([each.least for each in before[: len(before) + 1 - length]], limits)
    if usual is not None and flow < usual * limits.leak_factor:
        return None
    usually = "" if usual is None else f"，平常最少 {_num(usual)} t"
    sentence = f"连续 {length * len(day.hours)} 小时没有断流，最少的一小时 {_num(flow)} t{usually}"
    return Alarm(kind=AlarmKind.LEAK, sentence=sentence)


def _registers(day: DayOf) -> list[Alarm]:
    found = []
    if day.backwards:
        sentence = f"有 {day.backwards} 个读数比之前的小，没有计入；换了表的登记换表"
        found.append(Alarm(kind=AlarmKind.BACKWARDS, sentence=sentence))
    if day.jumped:
        sentence = f"有 {day.jumped} 个读数超过这只表能走的量，没有计入；核对读数和倍率"
        found.append(Alarm(kind=AlarmKind.JUMP, sentence=sentence))
    return found


def silent(heard_at: datetime | None, at: datetime, limits: Limits) -> Alarm | None:
    """A meter that used to send and no longer does."""
    if heard_at is None or at - heard_at < limits.silent:
        return None
    hours = int((at - heard_at) / timedelta(hours=1))
    days = hours // _HOURS
    length = f"{days} 天" if days > 1 else f"{hours} 小时"
    sentence = f"已 {length}没有上传，最近一次 {heard_at:%Y-%m-%d %H:%M}"
    return Alarm(kind=AlarmKind.SILENT, sentence=sentence)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """How the last alarm of the kind was settled, and on which day."""

    state: AlarmState
    settled_on: date


def raises(day: date, earlier: Earlier | None, limits: Limits) -> bool:
    """Whether a finding of a day is worth a new alarm: not where it was explained a short while
    ago, nor where it lies before what was done about it."""
    if earlier is None:
        return True
    if earlier.state is AlarmState.EXPLAINED:
        return day > earlier.settled_on + limits.quiet
    return day > earlier.settled_on


def _num(value: Decimal) -> str:
    return f"{round(value, 2):f}"
