"""Rolling readings up to days and months: only what was touched, and the same in any order.

A touched day changes what is counted from the last good reading before it to the next good one
after it; where its own last good reading changes, the next day is looked at too, until nothing
changes any more. Cost goes with the days touched, never with the years kept.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from guanjia.domains.energy.actions import metering
from guanjia.domains.energy.models import Meter, MeterDue
from guanjia.domains.energy.queries import rolling
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.queries.rolling import Book, Row
from guanjia.domains.energy.rules import counting
from guanjia.domains.energy.rules.counting import Base, Piece, Walked
from guanjia.domains.energy.terms.meters import AMOUNT_SCALE, READING_SCALE
from guanjia.kernel import scale
from guanjia.kernel.locks.advisory import try_advisory
from guanjia.kernel.values.period import SHANGHAI

BATCH = 4_000  # touched days of one transaction: some half a million readings
DAY = timedelta(days=1)
# Touched days further apart than this are rolled up each by itself.
_APART_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """How many days and months were written, and how many touched days are left."""

    days: int = 0
    months: int = 0
    left: int = 0


def roll_all(*, today: date) -> Rolled:
    """Roll up everything that was touched, a batch at a time."""
    days = months = 0
    while True:
        done = roll(today=today)
        days, months = days + done.days, months + done.months
        if not done.left:
            return Rolled(days=days, months=months)


@transaction.atomic
def roll(*, today: date, limit: int = BATCH) -> Rolled:
    """Roll up some of the days that were touched, the longest waiting first.

    One at a time: who finds another at it does nothing. Leaves no audit record: what is written is
    reckoned from readings, and would be reckoned again.
    """
    if not try_advisory("energy.meters.roll"):
        return Rolled()
    touched = _take_due(limit)
    if not touched:
        return Rolled()
    _hold(touched)
    written = months = 0
    oldest = metering.kept_from(today)
    # Earlier ones are written before later ones are read, which build on them.
    for runs in _alike(_runs(touched)):
        book, rows = Book.of(runs, oldest=oldest), []
        for run in runs:
            if book.knows(run.meter):
                rows += _reroll(book, run.meter, run.days)
        months += _write(rows)
        written += len(rows)
    return Rolled(days=written, months=months, left=_left())


def mark(meter_id: int, *days: date) -> None:
    """Have a meter counted anew on some days and from the first of them on: its multiplier, a
    change or a reading is other.

    Inside the caller's transaction.
    """
    known = {*days, *rolling.told_days(meter_id, min(days))}
    MeterDue.objects.bulk_create([MeterDue(meter=meter_id, day=day) for day in sorted(known)])


# Days of one meter are taken together: apart, each would read the days beside it again.
_TAKE = """
    DELETE FROM energy_meterdue WHERE meter IN (
        SELECT meter FROM (
            SELECT meter, sum(days) OVER (ORDER BY first) - days AS before
            FROM (
                SELECT meter, min(id) AS first, count(DISTINCT day) AS days
                FROM energy_meterdue GROUP BY meter
            ) waiting
        ) taken WHERE before < %s
    ) RETURNING meter, day
"""


def _take_due(limit: int) -> dict[int, list[date]]:
    """All touched days of the meters that wait longest, taken away: until there are ``limit``."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        found = set(cursor.fetchall())
    touched: dict[int, list[date]] = {}
    for meter, day in sorted(found):
        touched.setdefault(meter, []).append(day)
    return touched


def _hold(meter_ids: Collection[int]) -> None:
    """Keep others from changing the meters meanwhile, by a lock that may be held beside new notes
    and alarms: who waits then finds the days that are written here, and has them counted anew."""
    rows = Meter.objects.select_for_update(no_key=True).filter(pk__in=list(meter_ids))
    list(rows.order_by("pk").values_list("pk"))


def _left() -> int:
    return int(MeterDue.objects.count())


@dataclass(frozen=True, kw_only=True)
class _Run:
    """Touched days of a meter that lie close together."""

    meter: int
    days: Sequence[date]


def _runs(touched: Mapping[int, Sequence[date]]) -> Iterator[_Run]:
    for meter, days in touched.items():
        run = [days[0]]
        for day in days[1:]:
            if (day - run[-1]).days > _APART_DAYS:
                yield _Run(meter=meter, days=run)
                run = []
            run.append(day)
        yield _Run(meter=meter, days=run)


def _alike(runs: Iterator[_Run]) -> Iterator[list[_Run]]:
    """Runs of the same days, which are read together; earlier days first, as they build on them."""
    found: dict[tuple[date, date], list[_Run]] = {}
    for run in runs:
        found.setdefault((run.days[0], run.days[-1]), []).append(run)
    for span in sorted(found):
        yield found[span]


# ── one meter ────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Walk:
    """What was walked through: by day what became of it, and the pieces that were counted."""

    last: date  # the last day that is to be written
    days: dict[date, Walked] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)


def _reroll(book: Book, meter: int, touched: Sequence[date]) -> list[Row]:
    """The days of a meter that are other than they were, or may be."""
    due = [day for day in touched if book.may_rewrite(meter, day)]
    if not due:
        return []
    before, first, base = book.before(meter, due[0]), due[0], None
    if before is not None and book.may_rewrite(meter, before.day):
        # What follows its last reading is part of it: it is counted anew.
        first, base = before.day, book.base(meter, book.before(meter, before.day))
    elif before is not None:
        first, base = before.day + DAY, book.base(meter, before)
    walk = _through(book, meter, first, base, due)
    spread = counting.spread(walk.pieces)
    length = (walk.last - first).days + 1
    days = (first + DAY * n for n in range(length))
    found = (_row(book, meter, day, walk.days.get(day), spread) for day in days)
    return [row for row in found if row is not None]


def _through(book: Book, meter: int, first: date, base: Base | None, due: Sequence[date]) -> _Walk:
    """Walk from a day to the last touched one, and on until what follows stays as it was."""
    walk = _Walk(last=due[-1])
    there = book.row(meter, first)
    told = first == due[0] or (there is not None and there.told)
    day = first if told else _next(book, meter, first, due)
    settled = False
    while day is not None:
        points, starts = book.counted(meter, day)
        walked = counting.walk(base, points, starts, book.most(meter, day))
        walk.pieces += walked.pieces
        base = walked.base
        if settled:
            # Walked for what lies before its first good reading; the day itself stays.
            if walked.good:
                break
        else:
            walk.days[day], walk.last = walked, max(day, walk.last)
            settled = day >= due[-1] and book.closes_alike(meter, day, walked)
        day = _next(book, meter, day, due)
    return walk


def _next(book: Book, meter: int, day: date, due: Sequence[date]) -> date | None:
    """The next day on which there is anything to read."""
    touched = next((each for each in due if each > day), None)
    if touched is not None and (touched - day).days == 1:
        return touched
    told = book.after(meter, day)
    return min((each for each in (touched, told) if each is not None), default=None)


def _row(
    book: Book, meter: int, day: date, walked: Walked | None, spread: Mapping[int, Any]
) -> Row | None:
    """A day as it is written; ``None`` where there is nothing and was nothing."""
    start = int(midnight(day).timestamp())
    counted = spread.get(start)
    if counted is None and walked is None and book.row(meter, day) is None:
        return None
    counted = counted or counting.Day()
    points = book.points(meter, day) if walked else []
    sent = [point for point in points if not point.by_eye]
    closing = walked.base if walked is not None and walked.good else None
    return Row(
        meter=meter,
        day=day,
        amount=counted.amount,
        covered_s=counted.covered_s,
        hours=counted.hours,
        told=len(points) + (len(book.starts(meter, day)) if walked else 0),
        backwards=walked.backwards if walked else 0,
        jumped=walked.jumped if walked else 0,
        closing=None if closing is None else (closing.at, closing.value),
        heard=(sent[-1].at, sent[-1].value) if sent else None,
    )


# ── writing ──────────────────────────────────────────────────────────────────────────────

_COLUMNS = {
    "meter": "bigint", "day": "date", "amount": "numeric", "covered_s": "integer",
    "hours": "bigint[]", "told": "integer", "backwards": "integer", "jumped": "integer",
    "closing_at": "timestamptz", "closing": "bigint", "heard_at": "timestamptz", "heard": "bigint",
}  # fmt: skip
# What a meter sent last is kept with the meter.
_KEPT = [name for name in _COLUMNS if name != "heard"]
_NAMES = ", ".join(_KEPT)
_DAYS = f"""
    INSERT INTO energy_meterday ({_NAMES}) SELECT {_NAMES} FROM meterday_staging
    ON CONFLICT (meter, day) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _KEPT if name not in ("meter", "day"))}
"""  # noqa: S608 — the names of our own columns
_MONTHS = """
    INSERT INTO energy_metermonth (meter, month, amount, covered_s)
    SELECT d.meter, t.month, sum(d.amount), sum(d.covered_s)
    FROM (
        SELECT DISTINCT meter, date_trunc('month', day::timestamp)::date AS month
        FROM meterday_staging
    ) t
    JOIN energy_meterday d ON d.meter = t.meter
        AND d.day >= t.month AND d.day < (t.month + interval '1 month')::date
    GROUP BY d.meter, t.month
    ON CONFLICT (meter, month) DO UPDATE SET
        amount = excluded.amount, covered_s = excluded.covered_s
"""
# What meters sent last and when they were read last, for lists; nothing else of them.
_HEARD = """
    UPDATE energy_meter m SET
        told_on = greatest(m.told_on, s.told_on),
        heard = CASE WHEN m.heard_at IS NULL OR s.heard_at > m.heard_at
                     THEN s.heard::numeric / %s ELSE m.heard END,
        heard_at = greatest(m.heard_at, s.heard_at)
    FROM (
        SELECT meter, max(day) FILTER (WHERE told > 0) AS told_on, max(heard_at) AS heard_at,
               (array_agg(heard ORDER BY heard_at DESC NULLS LAST))[1] AS heard
        FROM meterday_staging GROUP BY meter
    ) s
    WHERE m.id = s.meter AND (
        s.told_on > coalesce(m.told_on, '-infinity')
        OR s.heard_at > coalesce(m.heard_at, '-infinity')
    )
"""


def _write(rows: Sequence[Row]) -> int:
    """Write days and the months they belong to; returns how many months."""
    if not rows:
        return 0
    cells = (_cells(row) for row in rows)
    with scale.staged("meterday_staging", _COLUMNS, cells) as cursor:
        cursor.execute(_DAYS)
        cursor.execute(_MONTHS)
        months = int(cursor.rowcount)
        cursor.execute(_HEARD, [READING_SCALE])
    return months


def _cells(row: Row) -> tuple[Any, ...]:
    closing_at, closing = _moment(row.closing)
    heard_at, heard = _moment(row.heard)
    return (
        row.meter, row.day, Decimal(row.amount) / AMOUNT_SCALE, row.covered_s, row.hours,
        row.told, row.backwards, row.jumped, closing_at, closing, heard_at, heard,
    )  # fmt: skip


def _moment(read: tuple[int, int] | None) -> tuple[datetime | None, int | None]:
    if read is None:
        return None, None
    return datetime.fromtimestamp(read[0], SHANGHAI), read[1]
