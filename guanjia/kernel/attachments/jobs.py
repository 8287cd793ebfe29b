"""Daily: files whose last day has passed go, and so does what never came to anything."""

from django.utils import timezone
from procrastinate.contrib.django import app

from guanjia.kernel.attachments import retention


@app.periodic(cron="20 3 * * *")
@app.task(queue="attachments", name="attachments.expire", queueing_lock="attachments.expire")
def expire(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Clear what need not be kept any longer. Safe to run twice."""
    retention.expire(at=timezone.now())


@app.periodic(cron="40 3 * * *")
@app.task(queue="attachments", name="attachments.sweep", queueing_lock="attachments.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Clear what waited for a form in vain, and files that nobody names. Safe to run twice."""
    retention.sweep(at=timezone.now())
