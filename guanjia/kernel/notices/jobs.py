"""Every minute: plan what is to go out, and send what is due, each channel by itself."""

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from guanjia.kernel.notices.actions import deliveries


@app.periodic(cron="* * * * *")
@app.task(queue="notices", name="notices.plan", queueing_lock="notices.plan")
def plan(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Plan, then leave a job for every channel: one that hangs does not hold up the others."""
    at = timezone.now()
    deliveries.plan_due(at=at)
    for channel_id in deliveries.due(at=at):
        name = f"notices.deliver.{channel_id}"
        try:
            deliver.configure(queueing_lock=name, lock=name).defer(channel_id=channel_id)
        except AlreadyEnqueued:
            continue  # the job of the minute before has not begun yet


@app.task(queue="notices", name="notices.deliver")
def deliver(channel_id: int) -> None:
    """Send what is due over a channel. Safe to run twice, and at the same time."""
    deliveries.deliver_due(channel_id=channel_id, clock=timezone.now)
