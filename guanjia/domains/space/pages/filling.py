"""One act on a page of its own: a form, what the rules say of it, and the way back."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.forms.ledger import ActForm
from guanjia.kernel.registers import narrowing
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest

REFUSED = 422
Entering = Callable[[dict[str, Any], datetime], HttpResponse]


def fill(
    request: PageRequest,
    *,
    form: ActForm,
    words: Mapping[str, Any],
    enter: Entering,
) -> HttpResponse:
    """Show a form, or enter what was filled in; a refusal comes back with everything typed.

    ``words``: title, lead, act, keep, back (what the crumb says) and back_url.
    """
    findings: tuple[Any, ...] = ()
    if form.is_bound and form.is_valid():
        try:
            return enter(dict(form.cleaned_data), timezone.now())
        except Refused as refused:
            form.add_refusal(refused)
            # What rests on an article is told with it, besides the words at its field.
            findings = tuple(
                one for one in refused.findings if one.cite or one.field not in form.fields
            )
    context = {"form": form, "findings": findings, **words}
    status = REFUSED if form.is_bound else 200
    return pages.render(request, "space/act.html", context, status=status)


def posted(request: PageRequest) -> Any:
    """What was sent, also where it is nothing; ``None`` where the form is only looked at."""
    return request.POST if request.method == "POST" else None


def asked_day(request: PageRequest) -> tuple[date, bool]:
    """The day of ``?on=``, and whether it is another day than today; an odd one is today."""
    today = timezone.localdate()
    day = narrowing.day_from(request.GET.get("on", "")) or today
    return day, day != today
