"""Handing over (交接): signed by who receives the rooms."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.actions import handing_over
from guanjia.domains.space.forms import allocations as forms
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.pages import allocation_view as view
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import clearances
from guanjia.domains.space.terms.allocations import AllocationState
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import formats, pages
from guanjia.ui.pages import PageRequest, needs

REQUEST, GRANT = view.REQUEST, view.GRANT
REFUSED = 422
_PICTURE = "data:image/png;base64,"
_AT_ONCE = 40  # rooms that a page shows unfolded
_PICTURE_MAX = 400_000  # letters: more than any signature


@needs(REQUEST)
def allocation_hand_over(request: PageRequest, allocation_id: int) -> HttpResponse:
    """交接: on the keeper's screen or the unit's phone, signed by who receives the rooms."""
    at = timezone.now()
    found = reading.allocation(scope=request.scope, allocation_id=allocation_id)
    if found.state != AllocationState.RESERVED:
        return pages.to("space:allocation", allocation_id)
    form = forms.HandOverForm(
        request.POST if request.method == "POST" else None,
        initial={"on": timezone.localdate(at), "receiver": _receiver(request, found)},
    )
    refused: Sequence[Finding] = ()
    if form.is_bound and form.is_valid():
        try:
            _hand_over(request, found, form, at)
        except Refused as no:
            refused = no.findings
        else:
            return pages.to("space:allocation", allocation_id)
    back = reading.going_back(found)
    # For rooms that are being cleared already the time runs since then.
    cleared = clearances.being_cleared([row.room_id for row in back])
    context = {
        "allocation": found,
        "form": form,
        "refused": refused,
        "given": reading.given(found),
        "back": [row for row in back if row.room_id not in cleared],
    }
    status = REFUSED if refused or form.errors else 200
    return pages.render(request, "space/allocation_hand_over.html", context, status=status)


def _receiver(request: PageRequest, allocation: Allocation) -> str:
    """Whoever has the phone of the unit in hand receives; the keeper writes the name."""
    if request.actor.can(GRANT):
        return allocation.applicant.name if allocation.applicant else ""
    return request.actor.name


def _hand_over(
    request: PageRequest, allocation: Allocation, form: forms.HandOverForm, at: datetime
) -> None:
    made = handing_over.hand_over(
        actor=request.actor, allocation_id=allocation.pk, on=form.cleaned_data["on"],
        receiver=form.cleaned_data["receiver"], signature=drawn(request.POST.get("signature", "")),
        at=at,
    )  # fmt: skip
    due = made.clearances.order_by("-pk").first()
    told = f"，旧房{formats.day(due.due_on)}前移交" if due else ""
    pages.flash(request, f"已交接，{made.receiver}签收{told}")


def drawn(text: str) -> bytes | None:
    """The picture of a signature as the page sends it; ``None`` for what is none."""
    if not text.startswith(_PICTURE) or len(text) > _PICTURE_MAX:
        return None
    try:
        return base64.b64decode(text[len(_PICTURE) :], validate=True)
    except (ValueError, binascii.Error):
        return None
