"""Background jobs of the department: load ids, call one action. Safe to run twice."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from guanjia.domains.fleet.actions import bills, following, incidents, oversight, reviewing
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period

# ── oversight (督车) ─────────────────────────────────────────────────────────────────────


@app.periodic(cron="30 2 * * *")
@app.task(queue="fleet", name="fleet.review", queueing_lock="fleet.review")
def review(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Look over the last days as their rows stand now, and remind who let their time pass."""
    at, actor = timezone.now(), Actor.system("督车核查")
    today = timezone.localdate(at)
    back = int(law_at(at)["fleet.oversight.look_back_days"].value)
    period = Period(today - timedelta(days=back), today + timedelta(days=1))
    reviewing.review(actor=actor, period=period, at=at)
    oversight.remind(actor=actor, at=at)


# ── settlement (用车结算) ─────────────────────────────────────────────────────────────────


@app.periodic(cron="40 2 1-5 * *")
@app.task(queue="fleet", name="fleet.draw_bills", queueing_lock="fleet.draw_bills")
def draw_bills(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Draw the bills of the month before, and put in what is recorded in its first days."""
    at = timezone.now()
    bills.draw_bills(actor=Actor.system("每月出账"), month=bills.last_month(at), at=at)


# ── running costs (运行费用) ──────────────────────────────────────────────────────────────


@app.periodic(cron="10 2 * * *")
@app.task(queue="fleet", name="fleet.match_costs", queueing_lock="fleet.match_costs")
def match_costs(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Let costs, fines and accidents find the trips that were recorded after they came in."""
    at = timezone.now()
    following.match_waiting(at=at)
    incidents.match_waiting(at=at)
