"""Background jobs of the department: load ids, call one action. Safe to run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from guanjia.domains.space.actions import (
    allocation_reminding,
    clearances,
    disposal_deals,
    findings,
    judging,
    plans,
    rectifying,
    rents,
    surveys,
    works,
)
from guanjia.kernel.values.actor import Actor

# ── 用房问题 ─────────────────────────────────────────────────────────────────────────────


@app.periodic(cron="10 3 * * *")
@app.task(queue="space", name="space.judge", queueing_lock="space.judge")
def judge(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Look over every room, unit and building as the rows stand now."""
    at = timezone.now()
    judging.judge(actor=Actor.system("用房核查"), day=timezone.localdate(at), at=at)
    findings.remind(actor=Actor.system("用房问题催办"), at=at)


# ── 楼层平面图 ───────────────────────────────────────────────────────────────────────────


@app.periodic(cron="40 * * * *")
@app.task(queue="space", name="space.sweep_drawings", queueing_lock="space.sweep_drawings")
def sweep_drawings(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Let drawings go that nobody adopted within a day."""
    plans.sweep(at=timezone.now())


# ── 闲置用房 ─────────────────────────────────────────────────────────────────────────────


@app.periodic(cron="20 7 * * *")
@app.task(queue="space", name="space.idle_remind", queueing_lock="space.idle_remind")
def idle_remind(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Tell of incomes that are late and of leases and public uses that end soon."""
    disposal_deals.remind(at=timezone.now())


# ── 巡检整改 ─────────────────────────────────────────────────────────────────────────────


@app.periodic(cron="20 7 * * *")
@app.task(queue="space", name="space.remind", queueing_lock="space.remind")
def remind(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Remind units that let the time pass in which they had to put something right."""
    rectifying.remind(actor=Actor.system("整改催办"), at=timezone.now())


# ── 统计摸底 ─────────────────────────────────────────────────────────────────────────────


@app.periodic(cron="40 8 * * *")
@app.task(queue="space", name="space.survey_remind", queueing_lock="space.survey_remind")
def survey_remind(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Remind units whose time to return ends soon, or ended yesterday."""
    surveys.remind_due(actor=Actor.system("统计催报"), at=timezone.now())


# ── 借用到期、腾退 ───────────────────────────────────────────────────────────────────────


@app.periodic(cron="15 7 * * *")
@app.task(queue="space", name="space.loans", queueing_lock="space.loans")
def loans(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Have loans that ran out given back; remind of loans and leases that end and of rooms to
    give back."""
    actor, at = Actor.system("借用到期"), timezone.now()
    clearances.end_loans(actor=actor, at=at)
    allocation_reminding.remind(actor=actor, at=at)


# ── 周转房 ───────────────────────────────────────────────────────────────────────────────


@app.periodic(cron="30 1 * * *")
@app.task(queue="space", name="space.raise_rents", queueing_lock="space.raise_rents")
def raise_rents(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """The rents of a month that has begun; a month is owed once however often this runs."""
    rents.raise_all(at=timezone.now())


@app.periodic(cron="40 7 * * *")
@app.task(queue="space", name="space.rent_remind", queueing_lock="space.rent_remind")
def rent_remind(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Tell of rents that are late and of tenancies that end soon."""
    rents.remind(at=timezone.now())


# ── 大中修 ───────────────────────────────────────────────────────────────────────────────


@app.periodic(cron="50 7 * * *")
@app.task(queue="space", name="space.works_remind", queueing_lock="space.works_remind")
def works_remind(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Tell of repairs whose final account is late."""
    works.remind(at=timezone.now())
