"""A register over the API: the same rows, filters and import as its pages and the command line."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from guanjia.kernel.registers import importing, listing, uploads, workbook
from guanjia.kernel.registers.declaration import Column, Kind, Register
from guanjia.kernel.regulations.verdict import refuse
from guanjia.ui import pages
from guanjia.ui.registers import pages as list_pages

REFUSED = 422

F = TypeVar("F", bound=Callable[..., Any])


def needs(verb: str) -> Callable[[F], F]:
    """The door of pages; it serves operations too, which return values instead of responses."""
    return cast("Callable[[F], F]", pages.needs(verb))


class PageOut(Schema):
    """One page of a register: ``rows`` by column name, ``totals`` over all rows of the filter."""

    key: str = Field(alias="register")  # a class cannot have a field of that name
    title: str
    count: int
    page: int
    per_page: int
    pages: int
    totals: dict[str, Any]
    notes: list[str]
    rows: list[dict[str, Any]]


class FaultOut(Schema):
    """An error or a doubt about one cell; ``row`` is Excel's row number."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str


class ImportOut(Schema):
    """What an import did: nothing was written when there are errors."""

    key: str = Field(alias="register")  # a class cannot have a field of that name
    sheet: str
    rows: int
    created: int
    updated: int
    unchanged: int
    errors: list[FaultOut]
    doubts: list[FaultOut]


_COMMON = (
    ("page", {"type": "integer", "minimum": 1}, "页"),
    ("per_page", {"type": "integer", "minimum": 1, "maximum": listing.PER_PAGE_MAX}, "每页行数"),
    ("sort", {"type": "string"}, "按哪一列排，前加 - 为倒序"),
    ("view", {"type": "string"}, "视图"),
)


def router(register: Register) -> Router:
    """The operations of one register: list, and where rows can be written template and import."""
    found = Router(tags=[register.title])
    name = register.key.replace(".", "_")
    found.get(
        "",
        response=PageOut,
        by_alias=True,
        summary=register.title,
        operation_id=f"{name}_list",
        openapi_extra={"parameters": _parameters(register)},
    )(_list(register))
    if register.write_rows is not None:
        found.get("/template", summary=f"{register.title}模板", operation_id=f"{name}_template")(
            _template(register)
        )
        found.post(
            "/import",
            response={200: ImportOut, REFUSED: ImportOut},
            by_alias=True,
            summary=f"导入{register.title}",
            operation_id=f"{name}_import",
        )(_import(register))
    return found


def _parameters(register: Register) -> list[dict[str, Any]]:
    """The register's own filters as the API's description names them."""
    titles = {each.name: each for each in register.filters}
    described = [
        {"in": "query", "name": name, "schema": schema, "description": title}
        for name, schema, title in _COMMON
    ]
    for name in listing.parameters(register):
        each = titles.get(name) or titles[name.rpartition("_")[0]]
        schema: dict[str, Any] = {"type": "string"}
        if each.kind in {"dates", "day"}:
            schema["format"] = "date"
        if each.kind == "pick":
            schema["type"] = "integer"
        if each.kind == "choice" and each.choices is not None:
            schema["enum"] = [str(term.value) for term in each.choices]
        described.append({"in": "query", "name": name, "schema": schema, "description": each.title})
    return described


def _list(register: Register) -> Any:
    @needs(register.see)
    def rows(request: Any) -> dict[str, Any]:
        """Rows inside the caller's scope; unknown filters are named in ``notes``."""
        query = listing.read(register=register, params=list_pages.params(request))
        page = listing.look(query=query, scope=request.scope, at=timezone.now(), counts=False)
        reveal = list_pages.reveals(register, request.actor)
        pages.tell_shown(request, rows=len(page.rows), register=register.key)
        return {
            "register": register.key,
            "title": register.title,
            "count": page.count,
            "page": page.query.page,
            "per_page": page.query.per_page,
            "pages": page.pages,
            "totals": dict(page.totals),
            "notes": list(page.query.notes),
            "rows": [_row(register, row, reveal=reveal) for row in page.rows],
        }

    return rows


def _row(register: Register, row: Any, *, reveal: bool) -> dict[str, Any]:
    values = listing.cells(columns=register.columns, row=row, reveal=reveal)
    return {"id": row.pk} | {
        column.name: _json(column, value)
        for column, value in zip(register.columns, values, strict=True)
    }


def _json(column: Column, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if value is not None and column.kind in (Kind.TEXT, Kind.REFERENCE, Kind.CHOICE):
        return str(value)
    return value


def _template(register: Register) -> Any:
    @needs(register.take)
    def template(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 — the door reads it
        """The empty Excel file to be filled in."""
        return list_pages.excel(workbook.template(register), f"{register.title}模板.xlsx")

    return template


def _import(register: Register) -> Any:
    @needs(register.take)
    def take(
        request: Any, file: File[UploadedFile], dry_run: Form[bool] = False
    ) -> Status[dict[str, Any]]:
        """Write all rows, or none and say why (422); ``dry_run`` only looks."""
        if (file.size or 0) > uploads.bytes_max():
            refuse("file_large", "没有读：", uploads.too_large(), field="file").enforce()
        report = importing.import_file(
            register=register,
            path_or_file=file.read(),
            actor=request.actor,
            at=timezone.now(),
            dry_run=dry_run,
        )
        return Status(REFUSED if report.errors else 200, report.as_json())

    return take
