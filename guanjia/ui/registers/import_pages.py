"""The import pages of a register: choose a file, look at what was read, write it."""

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import timezone

from guanjia.kernel.registers import jobs, uploads
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.models import Upload
from guanjia.kernel.registers.terms import UploadState
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest
from guanjia.ui.registers import addresses, imports
from guanjia.ui.registers import pages as list_pages

UNDER_WAY = (UploadState.READING, UploadState.WRITING)


def import_page(request: PageRequest, register: Register) -> HttpResponse:
    """Choose a file; a small one is read at once, a larger one by a job."""
    fault = ""
    if request.method == "POST":
        try:
            return _start(register, _received(request, register))
        except Refused as refused:
            fault = str(refused)
    context = {
        "register": register,
        "fault": fault,
        "bytes_max": uploads.bytes_max(),
        "megabytes": uploads.bytes_max() // (1 << 20),
        "too_large": uploads.too_large(),
        "list_url": addresses.url(register, "list"),
        "template_url": addresses.url(register, "template"),
        "columns": register.importable(),
    }
    return pages.render(request, "ui/register/import.html", context, status=422 if fault else 200)


def _received(request: PageRequest, register: Register) -> Upload:
    file = request.FILES.get("file")
    if file is None:
        missing = refuse("file_missing", "没有读：", "先选一个 .xlsx 文件。", field="file")
        raise Refused(missing.refusals)
    return uploads.receive(
        actor=request.actor,
        register=register,
        file=file,
        name=file.name or "",
        at=timezone.now(),
    )


def _start(register: Register, upload: Upload) -> HttpResponse:
    if uploads.is_small(upload):
        uploads.read(upload_id=upload.pk, at=timezone.now())
    else:
        jobs.read_upload.defer(upload_id=upload.pk)
    return HttpResponseRedirect(addresses.url(register, "upload", upload_id=upload.pk))


def upload_page(request: PageRequest, register: Register, upload_id: int) -> HttpResponse:
    """What was read, and what to mend; or how far a job has come; or what was written."""
    upload = uploads.own(actor=request.actor, register=register, upload_id=upload_id)
    reason = request.GET.get("reason", "")[:200]
    found = upload.report.get("error_count") or upload.report.get("doubt_count")
    everything = request.GET.get("rows") == "all" or not found
    here = addresses.url(register, "upload", upload_id=upload.pk)
    turned = urlencode([("reason", reason)] * bool(reason) + [("rows", "all")] * (not everything))
    context = _context(register, upload) | {
        "preview": imports.preview(
            upload=upload, register=register, reason=reason, everything=everything
        ),
        "reason": reason,
        "everything": everything,
        "here": here,
        "toggle_url": f"{here}?{turned}",
        "clean": upload.report.get("rows", 0) - upload.report.get("faulty", 0),
    }
    return pages.render(request, "ui/register/upload.html", context)


def _context(register: Register, upload: Upload) -> dict[str, object]:
    kwargs = {"upload_id": upload.pk}
    return {
        "register": register,
        "upload": upload,
        "report": upload.report,
        "under_way": upload.state in UNDER_WAY,
        "percent": min(100, upload.done * 100 // upload.total) if upload.total else 0,
        "silent": uploads.is_silent(upload, at=timezone.now()),
        "list_url": addresses.url(register, "list"),
        "import_url": addresses.url(register, "import"),
        "marked_url": addresses.url(register, "marked", **kwargs),
        "write_url": addresses.url(register, "write", **kwargs),
        "progress_url": addresses.url(register, "progress", **kwargs),
        "retry_url": addresses.url(register, "retry", **kwargs),
    }


def progress_page(request: PageRequest, register: Register, upload_id: int) -> HttpResponse:
    """The progress bar alone, asked for every second; sends on when the job is done."""
    upload = uploads.own(actor=request.actor, register=register, upload_id=upload_id)
    here = addresses.url(register, "upload", upload_id=upload.pk)
    if not pages.asked_by_htmx(request):
        return HttpResponseRedirect(here)
    if upload.state not in UNDER_WAY:
        done = HttpResponse()
        done["HX-Redirect"] = here
        return done
    return pages.render(request, "ui/register/progress.html", _context(register, upload))


def marked_page(request: PageRequest, register: Register, upload_id: int) -> HttpResponse:
    """The person's own file with the faulty cells marked."""
    upload = uploads.own(actor=request.actor, register=register, upload_id=upload_id)
    if not upload.report.get("error_count") and not upload.report.get("doubt_count"):
        return HttpResponseRedirect(addresses.url(register, "upload", upload_id=upload.pk))
    stem = upload.name.removesuffix(".xlsx")
    return list_pages.excel(uploads.marked_file(upload), f"{stem}（标错）.xlsx")


def write_page(request: PageRequest, register: Register, upload_id: int) -> HttpResponse:
    """Write the rows of a file without faults; a second click writes nothing more."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actor, here = request.actor, addresses.url(register, "upload", upload_id=upload_id)
    at = timezone.now()
    try:
        begun = uploads.begin_writing(actor=actor, register=register, upload_id=upload_id, at=at)
    except Refused as refused:
        pages.flash(request, str(refused), tone="stop")
        return HttpResponseRedirect(here)
    upload = uploads.own(actor=actor, register=register, upload_id=upload_id)
    if begun:
        _write(upload)
    return HttpResponseRedirect(here)


def _write(upload: Upload) -> None:
    if uploads.is_small(upload):
        uploads.write(upload_id=upload.pk, at=timezone.now())
    else:
        jobs.write_upload.defer(upload_id=upload.pk)


def retry_page(request: PageRequest, register: Register, upload_id: int) -> HttpResponse:
    """Take up a job again whose worker has fallen silent."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at = timezone.now()
    upload = uploads.retry(actor=request.actor, register=register, upload_id=upload_id, at=at)
    if upload is not None:
        again = jobs.read_upload if upload.state == UploadState.READING else jobs.write_upload
        again.defer(upload_id=upload.pk)
    return HttpResponseRedirect(addresses.url(register, "upload", upload_id=upload_id))
