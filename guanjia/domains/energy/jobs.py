"""Background jobs of the department: load ids, call one action. Safe to run twice."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from guanjia.domains.energy.actions import (
    alarms,
    assessing,
    filings,
    metering,
    metering_rolls,
    quotas,
)
from guanjia.kernel.values.actor import Actor


@app.periodic(cron="30 6 * * *")
@app.task(queue="energy", name="energy.open_periods", queueing_lock="energy.open_periods")
def open_periods(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Ask for the periods that are over, and remind of those that are due soon."""
    filings.open_due(actor=Actor.system("能耗报表布置"), at=timezone.now())


@app.periodic(cron="40 7 * * *")
@app.task(queue="energy", name="energy.remind", queueing_lock="energy.remind")
def remind(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Remind the institutions whose filing or own scores are due soon, or late since yesterday."""
    filings.remind(actor=Actor.system("能耗报表催报"), at=timezone.now())
    assessing.remind(actor=Actor.system("考核自评催报"), at=timezone.now())


# ── 表计 ─────────────────────────────────────────────────────────────────────────────────


@app.periodic(cron="3,18,33,48 * * * *")
@app.task(queue="energy", name="energy.roll_meters", queueing_lock="energy.roll_meters")
def roll_meters(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Roll up what meters have sent since."""
    metering_rolls.roll_all(today=timezone.localdate())


@app.periodic(cron="5 0 * * *")
@app.task(queue="energy", name="energy.meter_days", queueing_lock="energy.meter_days")
def meter_days(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Make the partitions of the days ahead, and let go of readings that are years old."""
    metering.keep_days(today=timezone.localdate())


@app.periodic(cron="20 5 * * *")
@app.task(queue="energy", name="energy.meter_alarms", queueing_lock="energy.meter_alarms")
def meter_alarms(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Look over what meters counted yesterday."""
    at = timezone.now()
    yesterday = timezone.localdate(at) - timedelta(days=1)
    alarms.look_over(actor=Actor.system("表计报警"), day=yesterday, at=at)


@app.periodic(cron="50 7 * * *")
@app.task(queue="energy", name="energy.remind_quotas", queueing_lock="energy.remind_quotas")
def remind_quotas(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Remind the institutions over their quota whose explanation is due soon, or late."""
    quotas.remind(actor=Actor.system("超定额说明催办"), at=timezone.now())
