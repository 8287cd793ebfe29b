"""Time limits and seats, looked after every few minutes. Safe to run twice."""

from collections.abc import Callable, Iterable

from django.utils import timezone
from procrastinate.contrib.django import app

from guanjia.kernel.approvals.actions import tending


@app.periodic(cron="*/10 * * * *")
@app.task(queue="approvals", name="approvals.remind", queueing_lock="approvals.remind")
def remind(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Remind of what is due, and go to superiors where the route says so."""
    at = timezone.now()
    each(tending.due_steps(at), lambda step_id: tending.remind(step_id=step_id, at=at))


@app.periodic(cron="25 * * * *")
@app.task(queue="approvals", name="approvals.reseat", queueing_lock="approvals.reseat")
def reseat(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Follow duties that begin or end by their date, and people who left."""
    at = timezone.now()
    each(tending.all_active(), lambda step_id: tending.reseat(step_id=step_id, at=at))


def each(step_ids: Iterable[int], act: Callable[[int], object]) -> None:
    """Do every one, also when one fails; then fail with all that failed."""
    failed: list[Exception] = []
    for step_id in step_ids:
        try:
            act(step_id)
        except Exception as raised:
            failed.append(raised)
    if failed:
        raise ExceptionGroup("not every step could be looked after", failed)
