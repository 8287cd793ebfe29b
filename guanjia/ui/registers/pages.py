"""The list pages of a register: list, print, export, template, saved views."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import timezone

from guanjia.kernel.registers import listing, views_saved, workbook
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest
from guanjia.ui.registers import addresses, lists

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def params(request: HttpRequest) -> dict[str, str]:
    """The address as plain texts; ticked columns and rows as comma-separated lists."""
    given = {name: request.GET[name] for name in request.GET}
    if "col" in given and "cols" not in given:
        given["cols"] = ",".join(request.GET.getlist("col"))
    if "ids" in given:
        given["ids"] = ",".join(request.GET.getlist("ids"))
    return given


def reveals(register: Register, actor: Actor) -> bool:
    """Whether sensitive columns are shown whole to this person."""
    return bool(register.reveal) and actor.can(register.reveal)


def list_page(request: PageRequest, register: Register) -> HttpResponse:
    """The list with tabs, filters and totals; the rows alone when HTMX asks."""
    at = timezone.now()
    printing = request.GET.get("print") == "1"
    part = pages.asked_by_htmx(request)
    query = listing.read(register=register, params=params(request), default_view=not part)
    if printing:
        query = listing.printed(query)
    page = listing.look(query=query, scope=request.scope, at=at, counts=not part)
    pages.tell_shown(request, rows=len(page.rows), register=register.key)
    context = _rows(request, page, at, printing=printing)
    if not part:
        context |= _frame(request, page)
    response = pages.render(request, "ui/register/list.html", context, part="ui/register/part.html")
    if part:
        response["HX-Push-Url"] = f"{context['list_url']}?{page.query.address()}".rstrip("?")
    return response


def _rows(request: PageRequest, page: listing.Page, at: Any, *, printing: bool) -> dict[str, Any]:
    """What the table shows, also as a fragment."""
    query, register = page.query, page.query.register
    return {
        "register": register,
        "page": page,
        "notes": query.notes,
        "narrowed": query.narrows,
        "heads": lists.heads(query),
        "rows": lists.rows(
            query=query,
            found=page.rows,
            today=timezone.localdate(at),
            reveal=reveals(register, request.actor),
        ),
        "totals": lists.totals(page),
        "pager": lists.pager(page),
        "per_page": query.per_page,
        "acts": lists.acts(register=register, actor=request.actor, query=query),
        "batch": lists.batch(register=register, actor=request.actor),
        "list_url": addresses.url(register, "list"),
        "clear_url": lists.clear_url(query),
        "address": query.address(page=1),
        "shown_count": len(query.columns),
        "column_count": len(register.columns),
        "hidden_pairs": lists.hidden_pairs(query),
        "printline": lists.printline(page=page, actor=request.actor, at=at),
        "printing": printing,
        "truncated": printing and page.count > len(page.rows),
    }


def _frame(request: PageRequest, page: listing.Page) -> dict[str, Any]:
    """What stands around the table: tabs, filters, column chooser."""
    query, register = page.query, page.query.register
    fields, more = lists.fields(query=query, scope=request.scope)
    return {
        "tabs": lists.tabs(query=query, page=page, actor=request.actor),
        "fields": fields,
        "more_fields": more,
        "more_set": sum(each.settled for each in more),
        "columns": lists.column_choices(query),
        "save_url": addresses.url(register, "save_view"),
    }


def export_page(request: PageRequest, register: Register) -> HttpResponse:
    """What the list shows as an Excel file: the same filter, columns and order, all rows."""
    at = timezone.now()
    query = listing.read(register=register, params=params(request))
    page = listing.look(query=query, scope=request.scope, at=at, counts=False)
    if page.count > listing.EXPORT_MAX:
        pages.flash(request, lists.too_many(page), tone="stop")
        return HttpResponseRedirect(f"{addresses.url(register, 'list')}?{query.address()}")
    pages.tell_shown(request, rows=page.count, register=register.key, exported=True)
    content = workbook.export(
        register=register,
        columns=query.shown,
        rows=listing.all_rows(query=query, scope=request.scope, at=at).iterator(chunk_size=2000),
        totals=page.totals,
        heading=lists.printline(page=page, actor=request.actor, at=at, verb="导出"),
        reveal=reveals(register, request.actor),
    )
    return excel(content, f"{register.title}{timezone.localtime(at):%Y%m%d}.xlsx")


def excel(content: bytes, name: str) -> HttpResponse:
    """An Excel file to be saved under a Chinese name."""
    return download(content, name, EXCEL)


def download(content: bytes, name: str, kind: str) -> HttpResponse:
    """A file of a content type to be saved under a Chinese name."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def template_page(_: PageRequest, register: Register) -> HttpResponse:
    """The empty Excel file to be filled in."""
    return excel(workbook.template(register), f"{register.title}模板.xlsx")


def save_view(request: PageRequest, register: Register) -> HttpResponse:
    """Keep the current address as the person's own view."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    # Read and written again, so that only what this register knows is kept.
    given = dict(lists.pairs(request.POST.get("query", "")))
    query = listing.read(register=register, params=given).address(page=1)
    title = request.POST.get("title", "")
    try:
        view = views_saved.save(
            account_id=request.actor.account_id, register=register.key, title=title, query=query
        )
    except Refused as refused:
        pages.flash(request, str(refused), tone="stop")
    else:
        pages.flash(request, f"已存为常用视图“{view.title}”")
    return HttpResponseRedirect(f"{addresses.url(register, 'list')}?{query}")


def drop_view(request: PageRequest, register: Register, view_id: int) -> HttpResponse:
    """Remove one of the person's own views."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    title = views_saved.drop(
        account_id=request.actor.account_id, register=register.key, view_id=view_id
    )
    pages.flash(request, f"已去掉常用视图“{title}”")
    return HttpResponseRedirect(addresses.url(register, "list"))
