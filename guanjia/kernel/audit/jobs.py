"""Sealing the trail every few minutes, so that what was written cannot be changed unseen."""

from django.db.utils import OperationalError
from procrastinate.contrib.django import app

from guanjia.kernel.audit import actions


@app.periodic(cron="*/5 * * * *")
@app.task(queue="audit", name="audit.seal", queueing_lock="audit.seal")
def seal(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Chain the records that are there; a busy table is left for the next time."""
    try:
        actions.seal()
    except OperationalError as busy:
        if "lock timeout" not in str(busy):
            raise
