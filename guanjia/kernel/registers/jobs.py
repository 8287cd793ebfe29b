"""Background jobs for large files: load an id, call one function. Safe to run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from guanjia.kernel.registers import uploads


@app.task(queue="registers", name="registers.read_upload", retry=3)
def read_upload(upload_id: int) -> None:
    """Read an uploaded file and keep what was found."""
    uploads.read(upload_id=upload_id, at=timezone.now())


@app.task(queue="registers", name="registers.write_upload", retry=3)
def write_upload(upload_id: int) -> None:
    """Write the rows of an uploaded file."""
    uploads.write(upload_id=upload_id, at=timezone.now())
