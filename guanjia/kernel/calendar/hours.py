"""Working hours (工作时间): when something is due that may take so many of them.

The hours of a working day are a provision of the bureau, ``office.hours``: a list of stretches like
``08:30-12:00``, in the time of Shanghai.
"""

from datetime import date, datetime, time, timedelta

from guanjia.kernel.calendar import queries
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.period import SHANGHAI

_WINDOW_DAYS = 30  # days looked at together


def stretches(on: date) -> list[tuple[time, time]]:
    """The working stretches of a working day, in order; ``NotInForce`` before there were any."""
    found = []
    for text in law_at(on)["office.hours"].value:
        begin, _, end = text.partition("-")
        found.append((time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())))
    return sorted(found)


def after(start: datetime, hours: int) -> datetime:
    """The moment when ``hours`` working hours have passed since ``start`` (aware).

    Time outside the office does not count: what arrives on Friday evening begins on Monday morning.
    """
    if hours < 0:
        raise ValueError("hours must not be negative")
    left = timedelta(hours=hours)
    local = start.astimezone(SHANGHAI)
    hours_of_day = stretches(local.date())
    day, reached = local.date(), local
    while left > timedelta(0):
        window = queries.days(day, day + timedelta(days=_WINDOW_DAYS))
        for each in window.values():
            if not each.works:
                continue
            for begin, end in hours_of_day:
                opens = datetime.combine(each.date, begin, SHANGHAI)
                closes = datetime.combine(each.date, end, SHANGHAI)
                opens = max(opens, local)
                if closes <= opens:
                    continue
                reached = min(closes, opens + left)
                left -= reached - opens
                if left <= timedelta(0):
                    return reached
        day += timedelta(days=_WINDOW_DAYS)
    return reached
