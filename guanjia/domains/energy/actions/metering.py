"""Taking in what meters send: many readings at once, repeatable, apart from everything else.

A transaction writes readings, which days they touch, and what was set aside; no audit record, no
business row. Whoever sent them is told (acknowledged) when it has been committed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from guanjia.domains.energy.models import Meter, MeterAside, MeterDue
from guanjia.domains.energy.queries.readings import READINGS, midnight
from guanjia.domains.energy.rules import meter_messages as messages
from guanjia.domains.energy.rules import meters as rules
from guanjia.domains.energy.terms.meters import READING_SCALE, AsideReason, Line, SetAside
from guanjia.kernel import scale
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.period import SHANGHAI

ROWS_MAX = 50_000  # of one transaction
# So many numbers that are not ours are told apart; further ones are counted together.
ASIDE_MAX = 2_000
ELSEWHERE = "其他表号"
TOPICS = messages.TOPICS
_STAGING = {"meter": "bigint", "at": "timestamptz", "value": "bigint"}

Row = tuple[int, datetime, int]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came of readings: new ones, those that were there already, and those set aside."""

    new: int
    repeated: int
    aside: int


def take_messages(sent: Iterable[tuple[str, bytes]], *, at: datetime) -> Taken:
    """Take in MQTT messages, as topic and payload each. Committed when it returns."""
    lines: list[Line] = []
    aside: list[SetAside] = []
    for topic, payload in sent:
        told, broken = messages.parse(topic, payload)
        lines += told
        aside += broken
    return take_in(lines, at=at, aside=aside)


def take_in(lines: Sequence[Line], *, at: datetime, aside: Sequence[SetAside] = ()) -> Taken:
    """Take in readings, in transactions of at most ``ROWS_MAX``; ``at``: now.

    The first register of a moment stands: told again it changes nothing, told otherwise it is set
    aside. ``aside``: what the caller could not read, to be counted with the rest.
    """
    done: Counter[str] = Counter()
    for start in range(0, max(len(lines), 1), ROWS_MAX):
        part = lines[start : start + ROWS_MAX]
        rows, left = _judged(part, at)
        days = _days(rows)
        left += aside if start == 0 else ()
        # Outside the transaction of the rows: it is short, and others wait for it.
        scale.make_days(READINGS, days.values())
        with transaction.atomic():
            new, differing = _write(rows, days)
            left += differing
            _count_aside(left, at)
        done["new"] += new
        done["aside"] += len(left)
        done["repeated"] += len(rows) - new - len(differing)
    return Taken(new=done["new"], repeated=done["repeated"], aside=done["aside"])


def window(at: datetime) -> rules.Window:
    """The times that readings may be of, as the law of the day has it."""
    today = timezone.localdate(at)
    early = timedelta(minutes=int(law_at(today)["energy.meter.early_minutes"].value))
    return rules.Window(oldest=midnight(kept_from(today)), newest=at + early)


def kept_from(today: date) -> date:
    """The first day whose readings are kept: that of a month, some years ago."""
    years = int(law_at(today)["energy.meter.keep_years"].value)
    return date(today.year - years, today.month, 1)


def keep_days(*, today: date) -> tuple[int, int]:
    """Make the partitions of the days ahead, drop those past keeping; returns how many of each."""
    return scale.make_ahead(READINGS, today), len(scale.drop_before(READINGS, kept_from(today)))


def _judged(lines: Sequence[Line], at: datetime) -> tuple[list[Row], list[SetAside]]:
    """What is ours, and what is set aside with its reason."""
    meters = _known({line.number for line in lines})
    allowed = window(at)
    rows: list[Row] = []
    aside: list[SetAside] = []
    for line in lines:
        known = meters.get(line.number)
        reason = rules.why_aside(known, line.at, allowed)
        if reason is None and known is not None:
            rows.append((known.pk, line.at, int(line.value * READING_SCALE)))
        else:
            sample = f"{line.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} 读数 {line.value}"
            aside.append(
                SetAside(
                    number=line.number, reason=reason or AsideReason.UNKNOWN, sample=sample
                )
            )  # fmt: skip
    return rows, aside


def _known(numbers: Collection[str]) -> Mapping[str, rules.Known]:
    rows = Meter.objects.filter(number__in=numbers).order_by()
    return {
        number: rules.Known(
            pk=pk,
            installed_at=installed_at,
            until=None if until is None else midnight(until + timedelta(days=1)),
        )
        for pk, number, installed_at, until in rows.values_list(
            "pk", "number", "installed_at", "until"
        )
    }


_PUT = """
    INSERT INTO energy_meterreading (meter, at, value)
    SELECT meter, at, value FROM meter_staging ON CONFLICT DO NOTHING
"""
# The bounds stand in the statement, so that only the partitions of these days are looked at.
_DIFFER = """
    SELECT s.meter, s.at, s.value, r.value FROM meter_staging s
    JOIN energy_meterreading r ON r.meter = s.meter AND r.at = s.at
    WHERE r.value <> s.value AND r.at >= %s AND r.at <= %s
"""


def _days(rows: Sequence[Row]) -> dict[datetime, date]:
    """The day of each moment that is told of; many meters tell of the same moments."""
    return {at: at.astimezone(SHANGHAI).date() for at in {at for _, at, _ in rows}}


def _write(rows: Sequence[Row], days: Mapping[datetime, date]) -> tuple[int, list[SetAside]]:
    """Write readings and the days they touch; how many are new, and which differ from what
    stands."""
    if not rows:
        return 0, []
    with scale.staged("meter_staging", _STAGING, rows) as cursor:
        cursor.execute(_PUT)
        new = int(cursor.rowcount)
        differing = _differing(cursor, rows) if new < len(rows) else []
    if new:
        touched = {(meter, days[at]) for meter, at, _ in rows}
        MeterDue.objects.bulk_create([MeterDue(meter=m, day=day) for m, day in sorted(touched)])
    return new, differing


def _differing(cursor: Any, rows: Sequence[Row]) -> list[SetAside]:
    times = [at for _, at, _ in rows]
    cursor.execute(_DIFFER, [min(times), max(times)])
    found = cursor.fetchall()
    meters = Meter.objects.filter(pk__in={meter for meter, *_ in found})
    numbers = dict(meters.order_by().values_list("pk", "number"))
    return [
        SetAside(
            number=numbers[meter],
            reason=AsideReason.DIFFERS,
            sample=f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} 读数 {_shown(value)}，"
            f"已有 {_shown(there)}",
        )
        for meter, at, value, there in found
    ]


def _shown(value: int) -> str:
    return f"{Decimal(value) / READING_SCALE:f}"


_COUNT = """
    INSERT INTO energy_meteraside AS a (number, reason, times, first_at, last_at, sample)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (number, reason) DO UPDATE
    SET times = a.times + excluded.times, last_at = excluded.last_at, sample = excluded.sample
"""


def _count_aside(aside: Sequence[SetAside], at: datetime) -> None:
    """Count what was set aside, by meter and reason, with the last of each."""
    if not aside:
        return
    ours = set(_known({each.number for each in aside}))
    others = MeterAside.objects.exclude(number__in=Meter.objects.values("number")).order_by()
    known = set(others.values_list("number", "reason")[:ASIDE_MAX])
    times: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], str] = {}
    for each in aside:
        what = (each.number, str(each.reason))
        if each.number not in ours:
            if what not in known and len(known) >= ASIDE_MAX:
                what = (ELSEWHERE, str(each.reason))
            known.add(what)
        times[what] += 1
        last[what] = each.sample
    with connection.cursor() as cursor:
        # In one order: two who count the same meet in a queue, not in a knot.
        for number, reason in sorted(times):
            what = (number, reason)
            cursor.execute(_COUNT, [number, reason, times[what], at, at, last[what]])
