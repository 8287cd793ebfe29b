"""A form about one car, filled in and entered: shown, refused with its 依据, or gone on from."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.forms.upkeep import OfCar
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest

REFUSED = 422
Entering = Callable[[dict[str, Any], datetime], HttpResponse]


def fill(
    request: PageRequest,
    *,
    form: OfCar,
    words: Mapping[str, str],
    enter: Entering,
    template: str = "fleet/upkeep_form.html",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form, or enter what was filled in; ``words``: title, act, back, back_url, lead."""
    if form.is_bound and form.is_valid():
        try:
            return enter(dict(form.cleaned_data), timezone.now())
        except Refused as refused:
            form.findings = refused.findings
    context = {"form": form, "rows": form.rows(), "plates": form.plates(), **words, **(more or {})}
    status = REFUSED if form.is_bound else 200
    return pages.render(request, template, context, status=status)


def started(request: PageRequest, **more: Any) -> dict[str, Any]:
    """What an address brings along: the car of the page somebody came from."""
    plate = request.GET.get("car", "")[:10]
    return {**({"car": plate} if plate else {}), **more}


def read(kind: Any, request: PageRequest) -> dict[str, Any]:
    """The values of a small form; what cannot be read is refused like anything else."""
    form = kind(request.POST)
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        refuse("unreadable", "没有办成。", str(faults[0]), field=field).enforce()
    values: dict[str, Any] = form.cleaned_data
    return values


def act(
    request: PageRequest,
    *,
    kind: Any,
    doing: Callable[[dict[str, Any], datetime], str],
    done: str,
    done_id: int,
    again: Callable[[Sequence[Finding]], HttpResponse],
) -> HttpResponse:
    """Do an act of a detail page and come back to it with one line; a refusal stays on the page."""
    try:
        sentence = doing(read(kind, request) if kind else {}, timezone.now())
    except Refused as refused:
        return again(refused.findings)
    pages.flash(request, sentence)
    return pages.to(done, done_id)
