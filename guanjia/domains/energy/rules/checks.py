"""Whether a month's figures can be meant as they stand (审核规则). Pure.

What cannot be true (a negative amount, an unknown institution) is refused where it is read. Here is
what is merely odd: it is taken in as a doubt that waits for an explanation or a correction.
Thresholds and severities are provisions (``energy.check.*``); nothing here is a number of law.
"""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from guanjia.domains.energy.terms.energies import SOURCES, Energy, Measure, Used
from guanjia.domains.energy.terms.returns import Check, Severity
from guanjia.kernel.regulations.lawbook import LawInForce

_KEYS = {
    "severity": "energy.check.severity",
    "band": "energy.check.price_band",
    "price": "energy.check.own_price_factor",
    "leap": "energy.check.leap_factor",
    "peers": "energy.check.peers_factor",
    "needs": "energy.check.required_sources",
    "months": "energy.check.history_months",
    "change": "energy.check.change_percent",
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The thresholds of a day. ``bands``: lowest and highest price in 元; the factors say how many
    times more or less than usual is odd; ``history``: how many other months make a usual value."""

    severity: Mapping[Check, Severity]
    bands: Mapping[Energy, tuple[float, float]]
    price_factor: float
    leap_factor: float
    peers_factor: float
    needed: frozenset[Energy]
    history: int
    change: float  # percent

    @classmethod
    def of(cls, law: LawInForce) -> "Limits":
        """The thresholds in force."""
        severity = law[_KEYS["severity"]].value
        bands = law[_KEYS["band"]].value
        return cls(
            severity={check: _severity(severity.get(check)) for check in Check},
            bands={Energy(name): (float(low), float(high)) for name, (low, high) in bands.items()},
            price_factor=float(law[_KEYS["price"]].value),
            leap_factor=float(law[_KEYS["leap"]].value),
            peers_factor=float(law[_KEYS["peers"]].value),
            needed=frozenset(Energy(name) for name in law[_KEYS["needs"]].value),
            history=int(law[_KEYS["months"]].value),
            change=float(law[_KEYS["change"]].value),
        )


# What a bureau may still have written: it said nothing, as OFF does.
_FORMER = "NOTE"


def _severity(told: str | None) -> Severity:
    return Severity.OFF if told in (None, _FORMER) else Severity(told)


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What a source usually is at an institution: medians of its other months; ``None`` where too
    few are known. ``peers`` is what its kind would use on its floor space; ``before`` and ``year``
    are the amounts of the month before and of the same month a year ago."""

    amount: float | None = None
    cost: float | None = None  # 元
    price: float | None = None
    peers: float | None = None
    before: float | None = None
    year: float | None = None


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """One thing that is odd about a month: where it stands, what was told, what would be usual."""

    check: Check
    severity: Severity
    sentence: str
    energy: Energy | None = None
    measure: Measure | None = None
    told: str = ""
    usual: str = ""


@dataclass(kw_only=True)
class _Line:
    """One source of one month, as numbers to compare."""

    energy: Energy
    used: Used
    usual: Usual
    amount: float = field(init=False)
    cost: float = field(init=False)

    def __post_init__(self) -> None:
        self.amount = float(self.used.amount or 0)
        self.cost = (self.used.cost_fen or 0) / 100

    @property
    def price(self) -> float:
        return self.cost / self.amount


def usual(others: Sequence[Used], *, needs: int, peers: float | None = None) -> Usual:
    """The medians of an institution's other months of one source; months with nothing say nothing
    of how much a month with something is."""
    told = [each for each in others if each.amount and each.cost_fen]
    if len(told) < needs:
        return Usual(peers=peers)
    return Usual(
        amount=statistics.median(float(each.amount or 0) for each in told),
        cost=statistics.median((each.cost_fen or 0) / 100 for each in told),
        price=statistics.median(float(each.price or 0) for each in told),
        peers=peers,
    )


def oddities(
    lines: Mapping[Energy, Used], usuals: Mapping[Energy, Usual], limits: Limits
) -> list[Oddity]:
    """Everything odd about one month, without what is switched off."""
    found: list[Oddity] = []
    for energy, used in lines.items():
        line = _Line(energy=energy, used=used, usual=usuals.get(energy, Usual()))
        found += _of(line, limits)
        found += _moved(line, limits)
    missing = [energy for energy in Energy if energy in limits.needed and energy not in lines]
    for energy in missing:
        sentence = f"没有填{energy.label}，没有用就填 0"
        found.append(_odd(Check.MISSING, limits, sentence, energy, Measure.AMOUNT))
    return [each for each in found if each.severity is not Severity.OFF]


def _of(line: _Line, limits: Limits) -> Iterator[Oddity]:
    used, name = line.used, line.energy.label
    if used.amount is None or used.cost_fen is None:
        measure = Measure.AMOUNT if used.amount is None else Measure.COST
        sentence = f"{name}只填了{_other(measure)}，没有填{measure.label}"
        yield _odd(Check.HALF_TOLD, limits, sentence, line.energy, measure)
    elif not used.amount and used.cost_fen:
        sentence = f"{name}费 {line.cost:,.2f} 元而用量为 0"
        yield _odd(
            Check.ZERO_WITH_COST, limits, sentence, line.energy, Measure.AMOUNT, told="0",
            usual=_amount(line, line.usual.amount),
        )  # fmt: skip
    elif used.amount and not used.cost_fen:
        sentence = f"{name}用量 {_amount(line, line.amount)} 而没有费用"
        yield _odd(Check.AMOUNT_WITHOUT_COST, limits, sentence, line.energy, Measure.COST, told="0")
    elif used.amount:
        yield from _prices(line, limits)


def _prices(line: _Line, limits: Limits) -> Iterator[Oddity]:
    """A price that cannot be, and amounts or costs far from what is usual."""
    low, high = limits.bands.get(line.energy, (0.0, math.inf))
    own = line.usual.price
    far = own is not None and _times(line.price, own) > limits.price_factor
    if far or not low <= line.price <= high:
        yield _culprit(line, limits)
    elif line.usual.amount is not None:
        if _times(line.amount, line.usual.amount) > limits.leap_factor:
            # Both moved alike, so the price says nothing: a row from elsewhere, or a real leap.
            yield _leap(line, line.usual.amount, limits, Check.LEAP, "本机构其他月份")
    elif line.usual.peers and _times(line.amount, line.usual.peers) > limits.peers_factor:
        yield _leap(line, line.usual.peers, limits, Check.PEERS, "同类机构同样面积")


def _culprit(line: _Line, limits: Limits) -> Oddity:
    """Whether the amount or the cost made the price what it is: the one further from the usual."""
    expected = line.usual.amount or line.usual.peers
    off = _times(line.amount, expected) if expected else 1.0
    cost_off = _times(line.cost, line.usual.cost) if line.usual.cost else limits.peers_factor
    if expected and off > cost_off:
        ratio = line.amount / expected
        check = _slip(ratio)
        return _leap(
            line,
            expected,
            limits,
            check,
            "本机构其他月份" if line.usual.amount else "同类机构同样面积",
        )
    unit = SOURCES[line.energy].unit
    low, high = limits.bands.get(line.energy, (0.0, math.inf))
    reference = f"往月 {line.usual.price:.2f} 元" if line.usual.price else f"{low:g} 至 {high:g} 元"
    sentence = f"{line.energy.label}每 {unit} {line.price:,.2f} 元，{reference}，核对用量和费用"
    return _odd(
        Check.PRICE, limits, sentence, line.energy, Measure.COST,
        told=f"{line.cost:,.2f} 元", usual=f"每 {unit} {reference}",
    )  # fmt: skip


def _moved(line: _Line, limits: Limits) -> Iterator[Oddity]:
    """Far more or less than the month before (环比), or than a year ago (同比), in percent."""
    told = (
        (Check.MONTH_ON_MONTH, "上月", line.usual.before),
        (Check.YEAR_ON_YEAR, "去年同月", line.usual.year),
    )
    for check, whose, reference in told:
        if not reference or line.used.amount is None:
            continue
        percent = (line.amount - reference) / reference * 100
        if abs(percent) > limits.change:
            more = "多" if percent > 0 else "少"
            sentence = (
                f"{line.energy.label} {_amount(line, line.amount)}，"
                f"比{whose}{more} {abs(percent):,.0f}%，核对后说明"
            )
            yield _odd(
                check, limits, sentence, line.energy, Measure.AMOUNT,
                told=_amount(line, line.amount), usual=_amount(line, reference),
            )  # fmt: skip


# How far a factor may lie from a power of ten to be taken for a slipped point: half a place.
_NEAR = 10**0.5
_TEN, _THOUSAND = 10, 1000


def _slip(ratio: float) -> Check:
    times = max(ratio, 1 / ratio)
    if _times(times, _TEN) < _NEAR:
        return Check.TEN
    return Check.THOUSAND if _times(times, _THOUSAND) < _NEAR else Check.PRICE


def _leap(line: _Line, expected: float, limits: Limits, check: Check, whose: str) -> Oddity:
    ratio = line.amount / expected
    how = f"是{whose}的 {ratio:,.1f} 倍" if ratio >= 1 else f"只有{whose}的 1/{1 / ratio:,.0f}"
    hint = {
        Check.TEN: "，疑似多写一位" if ratio > 1 else "，疑似少写一位",
        Check.THOUSAND: "，疑似用错单位",
    }.get(check, "，核对后说明")
    sentence = f"{line.energy.label} {_amount(line, line.amount)}，{how}{hint}"
    return _odd(
        check, limits, sentence, line.energy, Measure.AMOUNT,
        told=_amount(line, line.amount), usual=_amount(line, expected),
    )  # fmt: skip


def _times(one: float, other: float) -> float:
    """How many times the smaller goes into the larger."""
    return max(one / other, other / one)


def _amount(line: _Line, value: float | None) -> str:
    if value is None:
        return ""
    shown = f"{Decimal(str(round(value, 3))).normalize():,f}"
    return f"{shown} {SOURCES[line.energy].unit}"


def _other(measure: Measure) -> str:
    return (Measure.COST if measure is Measure.AMOUNT else Measure.AMOUNT).label


def _odd(
    check: Check,
    limits: Limits,
    sentence: str,
    energy: Energy | None = None,
    measure: Measure | None = None,
    *,
    told: str = "",
    usual: str = "",
) -> Oddity:
    return Oddity(
        check=check, severity=limits.severity[check], sentence=sentence, energy=energy,
        measure=measure, told=told, usual=usual,
    )  # fmt: skip
