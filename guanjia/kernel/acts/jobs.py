"""Once a night. Safe to run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from guanjia.kernel.acts import sending


@app.periodic(cron="40 3 * * *")
@app.task(queue="acts", name="acts.forget", queueing_lock="acts.forget")
def forget(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Forget the forms that were sent long ago."""
    sending.forget(at=timezone.now())
