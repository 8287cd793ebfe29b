"""登记: one row of a register typed on a page, with the reading and the rules of a file's rows."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone

from guanjia.kernel.registers import cells, importing
from guanjia.kernel.registers.declaration import Column, Entry, Fault, Kind, Register, Written
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui import pages
from guanjia.ui.forms import Form
from guanjia.ui.pages import PageRequest
from guanjia.ui.registers import addresses

_TEXT_MAX = 1000
_SUGGESTED_MAX = 3000
_SIDE_BY_SIDE = 4  # so many choices stand beside each other, more in a list
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL)


def entry_page(request: PageRequest, register: Register) -> HttpResponse:
    """The form of one row; what was registered can be followed by the next."""
    entry, scope = _entry(register), request.actor.scope(register.take)
    form = _form(register, entry, scope)(request.POST or None, initial=_given(request, register))
    if form.is_bound and form.is_valid():
        try:
            return _enter(request, register, entry, scope, form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
    context = {
        "register": register,
        "entry": entry,
        "form": form,
        "lines": [_line(form, entry, column) for column in _asked(register, entry)],
        "lists": [(name, options) for name, options in form.suggested.items() if options],
        "list_url": addresses.url(register, "list"),
        "import_url": addresses.url(register, "import"),
    }
    return pages.render(
        request, "ui/register/entry.html", context, status=422 if form.is_bound else 200
    )


def _entry(register: Register) -> Entry:
    if register.entry is None:
        raise ValueError(f"{register.key} takes no single rows")
    return register.entry


def _given(request: PageRequest, register: Register) -> dict[str, str]:
    """What the address already says (``?name=…``), so that a page can send people here."""
    names = {column.name for column in register.importable()}
    return {name: request.GET[name][:_TEXT_MAX] for name in request.GET if name in names}


def _enter(
    request: PageRequest, register: Register, entry: Entry, scope: Scope, typed: dict[str, str]
) -> HttpResponse:
    texts = entry.complete(typed, scope) if entry.complete is not None else typed
    written, doubts = importing.enter_row(
        register=register, texts=texts, actor=request.actor, at=timezone.now()
    )
    pages.flash(request, _said(written, doubts), tone="wait" if doubts else "done")
    if "again" in request.POST:
        return HttpResponseRedirect(addresses.url(register, "new"))
    return HttpResponseRedirect(addresses.url(register, "list"))


def _said(written: Written, doubts: Sequence[Fault]) -> str:
    done = "已登记" if written.created else "已更新" if written.updated else "与已登记的相同"
    odd = "；".join(fault.message for fault in doubts)
    return f"{done}。{odd}" if odd else done


# ── the form ─────────────────────────────────────────────────────────────────────────────


class _Row(Form):
    """The form of a row, made for its register."""

    suggested: dict[str, Sequence[str]]


def _asked(register: Register, entry: Entry) -> list[Column]:
    columns = register.importable()
    return sorted(columns, key=lambda column: column.name in entry.behind)


def _form(register: Register, entry: Entry, scope: Scope) -> type[_Row]:
    suggested = {
        name: list(options(scope))[:_SUGGESTED_MAX] for name, options in entry.suggest.items()
    }
    fields: dict[str, Any] = {
        column.name: _field(register, entry, column, suggested.get(column.name, ()))
        for column in _asked(register, entry)
    }
    return type("Row", (_Row,), {**fields, "suggested": suggested})


def _field(
    register: Register, entry: Entry, column: Column, suggested: Sequence[str]
) -> forms.Field:
    must = column.required or column.name == register.key_column
    must = (must and column.name not in entry.behind) or column.name in entry.must
    title = cells.short_title(column)
    faults = {"required": f"补填{title}", "max_length": f"{title}最多 {_TEXT_MAX} 个字"}
    how: dict[str, Any] = {"label": title, "required": must, "error_messages": faults}
    if column.choices is not None:
        labels = column.choices.labels()
        few = must and len(labels) <= _SIDE_BY_SIDE
        widget = forms.RadioSelect if few else forms.Select
        choices = [(label, label) for label in labels]
        if not few:
            choices.insert(0, ("", "请选择" if must else "不填"))
        how["error_messages"]["invalid_choice"] = f"{title}从列表中选"
        return forms.ChoiceField(choices=choices, widget=widget, **how)
    only = suggested[0] if len(suggested) == 1 else ""
    today = f"{timezone.localdate():%Y-%m-%d}" if column.name in entry.today else ""
    return forms.CharField(
        max_length=_TEXT_MAX, widget=_widget(column, bool(suggested)), initial=only or today, **how
    )


def _widget(column: Column, suggested: bool) -> forms.Widget:
    attrs: dict[str, Any] = {"autocomplete": "off"}
    if suggested:
        attrs["list"] = f"suggest_{column.name}"
    if column.kind is Kind.DATE:
        attrs |= {"data-date": "date", "maxlength": 10}
    elif column.kind in _NUMBERS:
        attrs["inputmode"] = "decimal" if column.kind is Kind.DECIMAL else "numeric"
    return forms.TextInput(attrs=attrs)


def _line(form: _Row, entry: Entry, column: Column) -> dict[str, Any]:
    """How a field is shown: numbers and days are short."""
    short = column.kind in {*_NUMBERS, Kind.DATE, Kind.MONTH, Kind.DATETIME}
    example = column.example if column.kind is not Kind.DATE and column.choices is None else ""
    return {
        "field": form[column.name],
        "unit": column.unit,
        "example": f"如 {example}" if example else "",
        "width": "m" if short else "",
        "help": entry.help.get(column.name, "多个用、隔开" if column.many else ""),
    }
