"""One meter: what it counted by month, day and hour, its changes, readings and alarms."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.acts.alarms import ACTS
from guanjia.domains.energy.acts.meters import OF_METER
from guanjia.domains.energy.models import Meter, MeterAlarm, MeterDay
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import meters as queries
from guanjia.domains.energy.queries import readings
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.meters import READING_SCALE, AlarmState
from guanjia.kernel.values.period import Period
from guanjia.ui import formats, pages, trail
from guanjia.ui.charts import Chart, Series
from guanjia.ui.pages import PageRequest, needs

SEE, ENTER = queries.SEE, queries.ENTER
_MONTHS, _HOURS, _SHOWN, _LOOKED_BACK = 13, 24, 12, 40
_DAY = timedelta(days=1)
_DAY_S = 86_400
_FORTNIGHT, _NIGHT = 14, 5
_WHOLE = 100  # from which decimals say nothing


@needs(SEE)
def meter(request: PageRequest, meter_id: int) -> HttpResponse:
    """The meter, with a month of its days and a day of its hours."""
    found: Meter = queries.listed(request.scope).get(pk=meter_id)
    context = {
        "meter": found,
        "unit": _unit(found),
        "facts": _facts(found),
        **_counted(request, found),
        "alarms": list(found.alarms.order_by("-last_day", "-pk")[:_SHOWN]),
        "changes": list(found.changes.select_related("told_by").order_by("-at")[:_SHOWN]),
        "notes": list(found.notes.order_by("-at")[:_SHOWN]),
        "recent": _recent(found, timezone.localdate()),
        "acts": [act for act in OF_METER if act.may(request.actor, found)],
        "records": trail.told(model="energy.meter", pk=found.pk),
        "notes_url": link("energy:meter_notes_list", view="all", words=found.number),
        "alarms_url": link("energy:meter_alarms_list", view="all", words=found.number),
    }
    return pages.render(request, "energy/meter.html", context)


def _counted(request: PageRequest, found: Meter) -> dict[str, Any]:
    """The month and the day asked for, as they were counted."""
    today = timezone.localdate()
    month = _month(request, found, today)
    days = queries.days(found.pk, month.start, month.end)
    day = _day(request, month, days)
    return {
        "month": month.start,
        "months": _steps(found, month, today),
        "days_chart": _days_chart(found, month, days),
        "day": day,
        "hours_chart": _hours_chart(found, day, days.get(day)),
        "months_chart": _months_chart(found, month),
        "sum": sum((row.amount for row in days.values()), Decimal(0)) if days else None,
        "left_out": sum(row.backwards + row.jumped for row in days.values()),
        "covered_days": sum(row.covered_s for row in days.values()) / _DAY_S,
    }


def _month(request: PageRequest, found: Meter, today: date) -> Period:
    """The month asked for, else the last one that was read."""
    asked = Period.month_named(request.GET.get("month", ""))
    if asked is not None and _first_month(found) <= asked.start <= today:
        return asked
    last = min(found.told_on or today, today)
    return Period.month_of(last)


def _first_month(found: Meter) -> date:
    return timezone.localdate(found.installed_at).replace(day=1)


def _day(request: PageRequest, month: Period, days: dict[date, MeterDay]) -> date:
    """The day asked for, if it is one of the month; else the last one that was counted."""
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        asked = None
    if asked is not None and month.start <= asked < month.end:
        return asked
    counted = [day for day, row in days.items() if any(hour is not None for hour in row.hours)]
    return max(counted, default=max(days, default=month.start))


def _steps(found: Meter, month: Period, today: date) -> dict[str, str]:
    before = (month.start - _DAY).replace(day=1)
    return {
        "before": link("energy:meter", found.pk, month=f"{before:%Y-%m}")
        if before >= _first_month(found)
        else "",
        "after": link("energy:meter", found.pk, month=f"{month.end:%Y-%m}")
        if month.end <= today
        else "",
    }


def _facts(found: Meter) -> list[tuple[str, str]]:
    unit = _unit(found)
    last = found.changes.order_by("-at").first()
    factor = (last or found).multiplier
    digits = (last or found).digits
    most, now = found.most_per_hour, "现在" if last else ""
    return [
        ("机构", found.institution.name),
        ("品种", f"{found.get_energy_display()}（{unit}）"),
        ("用途", found.get_role_display()),
        ("安装位置", found.place),
        (f"{now}倍率", f"{factor.normalize():f}"),
        (f"{now}整数位数", str(digits) if digits else ""),
        ("每小时最大", f"{most.normalize():f} {unit}" if most else ""),
        ("起用", formats.daytime(found.installed_at, style="iso")),
        ("起用止码", f"{found.installed_reading.normalize():f}"),
        ("停用", formats.day(found.until, style="iso") if found.until else ""),
        ("最近上传", formats.daytime(found.heard_at, style="iso") if found.heard_at else ""),
        ("最近读数", f"{found.heard.normalize():f}" if found.heard is not None else ""),
    ]


def _days_chart(found: Meter, month: Period, days: dict[date, MeterDay]) -> Chart:
    every = [month.start + _DAY * n for n in range((month.end - month.start).days)]
    return _chart(
        "by_days", "逐日用量", "日期", unit=_unit(found),
        values={f"{d.month}-{d.day:02}": days[d].amount if d in days else None for d in every},
        urls=[_hours_url(found, d) for d in every],
    )  # fmt: skip


def _hours_url(found: Meter, day: date) -> str:
    query = {"month": f"{day:%Y-%m}", "day": day.isoformat()}
    return link("energy:meter", found.pk, **query) + "#hours"


def _hours_chart(found: Meter, day: date, row: MeterDay | None) -> Chart:
    return _chart(
        "by_hours", f"{day.month}月{day.day}日逐时用量", "时刻", unit=_unit(found),
        values={f"{hour} 时": amount for hour, amount in enumerate(queries.hours(row))},
    )  # fmt: skip


def _months_chart(found: Meter, month: Period) -> Chart:
    index = month.start.year * 12 + month.start.month - 1
    every = [date(n // 12, n % 12 + 1, 1) for n in range(index - _MONTHS + 1, index + 1)]
    counted = queries.months(found.pk, every[0])
    return _chart(
        "by_months", "逐月用量", "月份", unit=_unit(found),
        values={f"{d:%Y-%m}": counted[d].amount if d in counted else None for d in every},
        urls=[link("energy:meter", found.pk, month=f"{d:%Y-%m}") for d in every],
    )  # fmt: skip


def _unit(found: Meter) -> str:
    return SOURCES[Energy(found.energy)].unit


def _chart(
    key: str,
    title: str,
    noun: str,
    *,
    unit: str,
    values: dict[str, Decimal | None],
    urls: Sequence[str] = (),
) -> Chart:
    most = max((value for value in values.values() if value is not None), default=Decimal(0))
    return Chart(
        key=key, title=title, unit=unit, noun=noun, categories=list(values),
        series=[Series(name="用量", values=list(values.values()), urls=urls)],
        places=0 if most >= _WHOLE else 2,
    )  # fmt: skip


def _recent(found: Meter, today: date) -> list[tuple[Any, Decimal]]:
    """What it sent last, newest first; looked for in the days before the last one it sent on."""
    if found.heard_at is None:
        return []
    last = timezone.localdate(found.heard_at)
    rows = readings.recent(
        found.pk, last - _DAY * _LOOKED_BACK, max(last, today) + _DAY, limit=_SHOWN
    )
    return [(at, Decimal(value) / READING_SCALE) for at, value in rows]


@needs(SEE)
def meter_note(request: PageRequest, note_id: int) -> HttpResponse:
    """What was read off stands on the page of its meter."""
    found = queries.notes(request.scope).get(pk=note_id)
    return pages.to("energy:meter", found.meter_id)


@needs(SEE)
def alarm(request: PageRequest, alarm_id: int) -> HttpResponse:
    """An alarm beside the hours it is about."""
    found: MeterAlarm = queries.alarms(request.scope).get(pk=alarm_id)
    first = found.last_day - _DAY * (_FORTNIGHT - 1)
    days = queries.days(found.meter_id, first, found.last_day + _DAY)
    context = {
        "alarm": found,
        "meter": found.meter,
        "open": found.state == AlarmState.OPEN,
        "hours_chart": _hours_chart(found.meter, found.last_day, days.get(found.last_day)),
        "nights_chart": _nights_chart(found.meter, first, days),
        "row": found,
        "acts": [act for act in ACTS if act.may(request.actor, found)],
        "records": trail.told(model="energy.meteralarm", pk=found.pk),
        "meter_url": link("energy:meter", found.meter_id, month=f"{found.last_day:%Y-%m}"),
    }
    return pages.render(request, "energy/alarm.html", context)


def _nights_chart(found: Meter, first: date, days: dict[date, MeterDay]) -> Chart:
    """A fortnight of nights: the mean of an hour between midnight and five."""
    every = [first + _DAY * n for n in range(_FORTNIGHT)]
    return _chart(
        "by_nights", "夜间每小时用量", "日期", unit=_unit(found),
        values={f"{d.month}-{d.day:02}": _night(days.get(d)) for d in every},
        urls=[_hours_url(found, d) for d in every],
    )  # fmt: skip


def _night(row: MeterDay | None) -> Decimal | None:
    night = [hour for hour in queries.hours(row)[:_NIGHT] if hour is not None]
    return sum(night, Decimal(0)) / len(night) if night else None


@needs(ENTER)
def meters_aside(request: PageRequest) -> HttpResponse:
    """未接收的读数: what came in and was none; numbers nobody knows are the city's to look at."""
    context = {"rows": queries.set_aside(request.scope)}
    return pages.render(request, "energy/meters_aside.html", context)
