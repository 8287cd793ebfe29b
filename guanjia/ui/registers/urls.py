"""The paths of a register: ``urlpatterns = [*urls.paths(BOOKS, "books/"), …]`` in a department."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpResponse
from django.urls import URLPattern, path

from guanjia.kernel.registers.declaration import Register
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest
from guanjia.ui.registers import addresses, entry_pages, import_pages
from guanjia.ui.registers import pages as list_pages

_LOOK: list[tuple[str, str, Callable[..., HttpResponse]]] = [
    ("", "list", list_pages.list_page),
    ("export/", "export", list_pages.export_page),
    ("views/", "save_view", list_pages.save_view),
    ("views/<int:view_id>/drop/", "drop_view", list_pages.drop_view),
]
_TAKE: list[tuple[str, str, Callable[..., HttpResponse]]] = [
    ("template.xlsx", "template", list_pages.template_page),
    ("import/", "import", import_pages.import_page),
    ("import/<int:upload_id>/", "upload", import_pages.upload_page),
    ("import/<int:upload_id>/progress/", "progress", import_pages.progress_page),
    ("import/<int:upload_id>/marked/", "marked", import_pages.marked_page),
    ("import/<int:upload_id>/write/", "write", import_pages.write_page),
    ("import/<int:upload_id>/retry/", "retry", import_pages.retry_page),
]


def paths(register: Register, prefix: str) -> list[URLPattern]:
    """The register's pages below ``prefix``, named after ``Register.url`` (see ``addresses``).

    Belongs into the ``urlpatterns`` of the namespace that the url names. Import pages exist only
    where rows can be written, a page for one row where the register declares its ``entry``.
    """
    doors = [(route, what, page, register.see) for route, what, page in _LOOK]
    if register.write_rows is not None:
        doors += [(route, what, page, register.take) for route, what, page in _TAKE]
    if register.entry is not None:
        doors.append(("new/", "new", entry_pages.entry_page, register.take))
    return [
        path(
            f"{prefix}{route}",
            _door(register, page, verb),
            name=addresses.local_name(register, what),
        )
        for route, what, page, verb in doors
    ]


def _door(
    register: Register, page: Callable[..., HttpResponse], verb: str
) -> Callable[..., HttpResponse]:
    @wraps(page)
    def of_register(request: PageRequest, /, **kwargs: Any) -> HttpResponse:
        return page(request, register, **kwargs)

    opened = pages.needs(verb)(cast("Callable[..., HttpResponse]", of_register))
    opened.register, opened.page = register, page  # type: ignore[attr-defined]  # house tests
    return opened
