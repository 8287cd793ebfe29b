"""Pages of acts: the form, what the rules say of it, and the way back. One function for all."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.apps import apps
from django.forms import MultipleChoiceField
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from guanjia.kernel.acts.changing import OutOfState, in_state
from guanjia.kernel.acts.sending import once
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import menu, pages
from guanjia.ui.acts.declaration import SHOWN, Act, within
from guanjia.ui.forms import Form
from guanjia.ui.pages import PageRequest, needs_one

OK, CONFLICT, REFUSED = 200, 409, 422
ONCE = "once"  # the name of the hidden field
_ASKED_MAX = 100


def urls(acts: Sequence[Act]) -> list[URLPattern]:
    """The addresses of acts, for the ``urls`` of their department.

    In the menu their pages belong where the list of their rows is.
    """
    for act in acts:
        menu.put(act.url_name, beside=act.on.listed[1])
    return [path(act.address, page(act), name=act.url_name.partition(":")[2]) for act in acts]


def page(act: Act) -> Callable[..., HttpResponse]:
    """The page of an act: shows its form, or does it with what was filled in."""

    @needs_one(*act.ways)
    def opened(request: PageRequest, /, **ids: int) -> HttpResponse:
        at, row_id = timezone.now(), ids.get(act.on.key)
        row = None if row_id is None else within(act, request.actor, row_id)
        posted = request.POST if request.method == "POST" else None
        form = form_of(act, posted, row=row, request=request, at=at)
        if not form.is_bound:
            findings = _closed(act, request, row)
            status = CONFLICT if findings else OK
            return _shown(request, act=act, row=row, form=form, findings=findings, status=status)
        if not form.is_valid():
            # A form may only be asked to reckon anew: then nothing is wrong with it.
            status = REFUSED if form.errors else OK
            return _shown(request, act=act, row=row, form=form, status=status)
        try:
            token = sent_as(request.POST.get(ONCE, ""))
            done = do(act, request=request, row=row, form=form, at=at, token=token)
        except Refused as refused:
            form.add_refusal(refused)
            return _shown(
                request, act=act, row=row, form=form, findings=refused.findings,
                status=CONFLICT if isinstance(refused, OutOfState) else REFUSED,
            )  # fmt: skip
        given = form.given()
        pages.flash(request, act.sentence(done, given))
        if act.then is not None:
            return HttpResponseRedirect(act.then(done, given) if act.several else act.then(done))
        if not act.made and not act.on_one:
            return pages.to(act.on.listed[1])
        return HttpResponseRedirect(home(act, row if act.adds or act.several else done))

    opened.__name__, opened.__doc__ = act.url_name, act.title
    opened.act = act  # type: ignore[attr-defined]  # read by the house tests
    return opened


def home(act: Act, row: Any) -> str:
    """The address of the page on which a row stands."""
    row_id = act.on.home_of(row)
    return reverse(act.on.page, args=[] if row_id is None else [row_id])


def form_of(act: Act, data: Any, *, row: Any, request: PageRequest, at: datetime) -> Form:
    """The form of an act, bound to ``data`` where there is any."""
    today = timezone.localdate(at)
    fit = act.fit(row, request.actor, today) if act.fit else {}
    asked = {
        name: _asked(request, name, field)
        for name, field in act.form.base_fields.items()
        if name in request.GET
    }
    first = {**(act.first(row, today) if act.first else {}), **asked}
    return act.form(data, initial=first, **fit)


def _asked(request: PageRequest, name: str, field: Any) -> Any:
    """What an address says of a field; several values where several may be chosen."""
    values = [value[:_ASKED_MAX] for value in request.GET.getlist(name)]
    return values if isinstance(field, MultipleChoiceField) else values[-1]


def do(
    act: Act, *, request: PageRequest, row: Any, form: Form, at: datetime, token: UUID | None
) -> Any:
    """Do it: the one call of the action behind page and API. Returns the row.

    ``form``: a valid one. ``token``: the same filled in and sent twice with the same token makes
    one row; what was changed before it was sent again is another.
    """
    given = {**form.given(), **({} if row is None else {act.on.key: row.pk})}
    if not act.made:
        return act.do(actor=request.actor, at=at, **given)
    model: Any = apps.get_model(act.made)
    return once(
        lambda: act.do(actor=request.actor, at=at, **given),
        known=lambda pk: model.objects.get(pk=pk),
        token=token and uuid5(token, _filled_in(form, row)), actor=request.actor,
        act=act.url_name, at=at,
    )  # fmt: skip


def _filled_in(form: Form, row: Any) -> str:
    """What was filled in, field by field, as a text; for which row, where it is for one."""
    told = [(name, form[name].data) for name in form.fields]
    return repr(told if row is None else [row.pk, *told])


def sent_as(text: str) -> UUID | None:
    """The token that came with a form; ``None`` for none, or one that is not ours."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _closed(act: Act, request: PageRequest, row: Any) -> Sequence[Finding]:
    """What is said where the form is opened in a state to which the act does not belong."""
    if row is None or act.may(request.actor, row):
        return ()
    states = tuple(state for found in act.ways.values() for state in found)
    try:
        in_state(act.on, row, act=act.title, when=states)
    except OutOfState as refused:
        return refused.findings
    return ()


def _shown(
    request: PageRequest,
    *,
    act: Act,
    row: Any,
    form: Form,
    findings: Sequence[Finding] = (),
    status: int = 200,
) -> HttpResponse:
    # What rests on an article is told with it, besides the words at its field.
    told = [one for one in findings if one.cite or one.field not in form.fields]
    title, listed = act.on.listed
    # Nobody fills in what cannot be done; what was sent meanwhile is shown again.
    closed = status == CONFLICT and not form.is_bound
    context = {
        "act": act,
        "row": row,
        "form": form,
        "findings": told,
        "list": title,
        "list_url": reverse(listed) if listed else "",
        "back": title if row is None else act.on.name_of(row),
        "back_url": reverse(listed) if row is None else home(act, row),
        "now": act.on.now(row) if act.on.now and row is not None else "",
        "is_new": row is None,
        # The same as was sent: what was refused is mended and sent as the same.
        "token": form.data.get(ONCE) or str(uuid4()),
        "closed": closed,
    }
    if closed:
        return pages.render(request, SHOWN, context, status=status)
    if act.more is not None:
        context.update(act.more(row, form, request.actor, timezone.now()))
    return pages.render(request, act.template, context, status=status)
