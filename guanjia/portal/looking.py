"""Looks of whoever comes from outside: which answers count, and what was looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from django.apps import apps
from django.http import HttpRequest, HttpResponse

from guanjia.kernel.access import looks, subjects
from guanjia.kernel.access.models import Look
from guanjia.kernel.registers import catalogue as registers
from guanjia.kernel.values.actor import Actor
from guanjia.ui import menu
from guanjia.ui.pages import Shown
from guanjia.ui.registers import addresses

_SHOWN, _REFUSED = (200,), (403, 404)
# What pages that ask by themselves send; the same of the same person within the time is one look.
_BY_ITSELF = {"X-Guanjia-Poll", "Hx-Request"}
_REPEATED = timedelta(minutes=10)
_ID = "_id"
_API = "/api/"
_SEARCH = "portal:search"
# Pages with an id in their address that are the visitor's own matter.
_OWN = ("portal:notice_open", "portal:delegation_end", "portal:read_copy")
_FILES = {"portal:voucher_docx", "portal:voucher_pdf", "portal:file"}
_TITLES = {
    _SEARCH: "搜索", "portal:file": "附件", "portal:file_picture": "附件图片",
    "portal:case": "审批", "portal:voucher_docx": "凭证文件", "portal:voucher_pdf": "凭证文件",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address asks for: the page, the row it names, its filters."""

    page: str
    title: str
    subject: tuple[str, int] | None
    query: str


def record(request: HttpRequest, response: HttpResponse, *, at: datetime) -> Look | None:
    """Write down the look behind an answer; ``None`` where there is nothing to write.

    What counts: pages, sheets and calls under a watched duty that were shown (200), and whatever
    was refused (403, 404). A page that asks by itself (the board, every half minute) counts once
    in a while, never for nothing: anybody can say that a browser asked by itself.
    """
    actor = cast("Actor | None", getattr(request, "actor", None))
    if actor is None or not looks.watched(actor):
        return None
    refused = response.status_code in _REFUSED
    if not refused and (request.method != "GET" or response.status_code not in _SHOWN):
        return None
    verb = getattr(request, "verb", None)
    if request.resolver_match is None or (verb is None and not refused):
        return None  # no page of ours, or a public one
    held = looks.duty_for(actor, verb or "") or (looks.duty_for(actor) if refused else None)
    shown = cast("Shown | None", getattr(request, "shown", None))
    asked = asked_for(request, register=shown.register if shown else "")
    if held is None or not (verb or refused or _names_something(request, asked)):
        return None
    path = "/" + request.path.lstrip("/")
    if _BY_ITSELF & request.headers.keys() and looks.looked_since(
        actor=actor, path=path, query=asked.query, refused=refused, since=at - _REPEATED
    ):
        return None
    return looks.record_look(
        actor=actor, duty=held.duty, page=asked.page, title=asked.title,
        path=path, query=asked.query, subject=asked.subject, at=at,
        register=shown.register if shown else "",
        rows=None if refused else shown.rows if shown else 1 if asked.subject else None,
        exported=asked.page in _FILES or bool(shown and shown.exported),
        refused=refused,
    )  # fmt: skip


def _names_something(request: HttpRequest, asked: Asked) -> bool:
    """Whether a page for everybody signed in shows somebody's rows."""
    if asked.page in _OWN:
        return False
    return asked.subject is not None or (asked.page == _SEARCH and bool(request.GET.get("q")))


def asked_for(request: HttpRequest, *, register: str = "") -> Asked:
    """What a request asks for, told by its address, and by the register that answered."""
    match = request.resolver_match
    name = match.view_name if match else ""
    api = request.path.startswith(_API)
    page = f"{request.method} {request.path}" if api or not name else name
    return Asked(
        page=page,
        title=("接口 " if api else "") + _title(name, register),
        subject=_subject(match),
        query=request.META.get("QUERY_STRING", ""),
    )


def _subject(match: Any) -> tuple[str, int] | None:
    """The row an address names: the first id in it, as the model of that noun."""
    if match is None:
        return None
    for name, value in match.kwargs.items():
        if name.endswith(_ID) and isinstance(value, int | str) and str(value).isdecimal():
            space = match.view_name.partition(":")[0]
            return _model_of(name.removesuffix(_ID), space), int(value)
    return None


@cache
def _model_of(noun: str, space: str) -> str:
    """The model that a noun of an address means; the department's own before all others."""
    found = [model for model in apps.get_models() if model._meta.model_name == noun]
    found.sort(key=lambda model: model._meta.app_label != space)
    return str(found[0]._meta.label_lower) if found else noun


def _title(name: str, key: str) -> str:
    """What people call a page: its register, its entry in the menu, the kind of its row."""
    if name in _TITLES:
        return _TITLES[name]
    return _of_register(name, key) or _of_menu(name) or _of_row(name)


def _of_register(name: str, key: str) -> str:
    for register in registers.all_registers():
        # Also where the answer was refused and nobody told which register was asked.
        if key == register.key or name in (register.url, addresses.url_name(register, "export")):
            return register.title
    return ""


def _of_menu(name: str) -> str:
    for section in menu.sections():
        for item in section.items:
            if item.holds(name):
                return item.title
    return ""


def _of_row(name: str) -> str:
    return next((each.title for each in subjects.all_subjects() if each.page == name), "")
