"""Background jobs of the department: load ids, call one action. Safe to run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from guanjia.domains.energy.actions import assessing, filings
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
