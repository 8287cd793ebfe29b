"""Every minute: send what is due, fetch what was decided; every night, tidy up."""

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from guanjia.kernel.exchange.actions import receiving, sending, tidying


@app.periodic(cron="* * * * *")
@app.task(queue="exchange", name="exchange.plan", queueing_lock="exchange.plan")
def plan(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Leave a job for every peer that may be called: one that hangs does not hold up the others."""
    for peer_id in sending.due(at=timezone.now()):
        name = f"exchange.talk.{peer_id}"
        try:
            talk.configure(queueing_lock=name, lock=name).defer(peer_id=peer_id)
        except AlreadyEnqueued:
            continue  # the job of the minute before has not begun yet
    receiving.apply_due(clock=timezone.now)


@app.task(queue="exchange", name="exchange.talk")
def talk(peer_id: int) -> None:
    """Send and fetch. Safe to run twice, and at the same time."""
    sending.deliver(peer_id=peer_id, clock=timezone.now)
    if peer_id in sending.due(at=timezone.now()):
        receiving.fetch(peer_id=peer_id, clock=timezone.now)
        receiving.apply_due(clock=timezone.now)


@app.periodic(cron="40 3 * * *")
@app.task(queue="exchange", name="exchange.tidy", queueing_lock="exchange.tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Drop messages that were taken long ago, and old calls of partners."""
    tidying.tidy(at=timezone.now())
