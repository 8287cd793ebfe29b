"""Background jobs of the vouchers: PDFs, and clearing the counts of look-ups. Safe to run twice."""

from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from guanjia.kernel.values.actor import Actor
from guanjia.kernel.vouchers import actions, callers, office, queries

_SYSTEM = Actor.system("系统")
_LATEST, _EARLIEST = timedelta(minutes=15), timedelta(days=30)
_AT_ONCE = 20


@app.task(
    queue="vouchers",
    name=actions.FILE_PDF,
    retry=RetryStrategy(max_attempts=3, wait=20, retry_exceptions=[office.ConversionFailed]),
)
def file_pdf(voucher_id: int) -> None:
    """Make the PDF of a voucher; without LibreOffice it stays without."""
    actions.file_pdf(actor=_SYSTEM, voucher_id=voucher_id, at=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queue="vouchers", name="vouchers.catch_up", queueing_lock="vouchers.catch_up")
def catch_up(timestamp: int) -> None:  # noqa: ARG001 — every periodic job is given its time
    """Ask again for the PDFs that are missing, now that LibreOffice may be there.

    A month back; what is older is asked for on its page.
    """
    office.sweep()
    if not office.program():
        return
    now = timezone.now()
    for voucher_id in queries.without_pdf(
        since=now - _EARLIEST, until=now - _LATEST, limit=_AT_ONCE
    ):
        actions.want_pdf(voucher_id=voucher_id)


@app.periodic(cron="7,37 * * * *")
@app.task(queue="vouchers", name="vouchers.sweep_callers", queueing_lock="vouchers.sweep_callers")
def sweep_callers(timestamp: int) -> None:  # noqa: ARG001 — as above
    """Forget the addresses whose counts are over."""
    callers.sweep(at=timezone.now())
