"""处置利用: the page of one; what may be done about it is declared in ``acts``."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.pages import disposal_view as view
from guanjia.domains.space.queries import disposals as reading
from guanjia.kernel.attachments import queries as attachments
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE = reading.SEE


@needs_sign_in
def disposal(request: PageRequest, reuse_id: int) -> HttpResponse:
    """The whole disposal for whoever may see it, with the acts this person may do."""
    at, actor = timezone.now(), request.actor
    found = view.visible(actor=actor, disposal_id=reuse_id)
    context = view.page(request=request, actor=actor, disposal=found, at=at)
    context |= {
        "list_url": reverse("space:disposals_list") if actor.can(SEE) else "",
        "sees_rooms": actor.can("space.room.see") and actor.scope("space.room.see").everything,
        "files": attachments.of(model=reading.SUBJECT, row_id=found.pk),
        "on_time": at,
    }
    return pages.render(request, "space/disposal.html", context)


@needs(SEE)
def income(request: PageRequest, income_id: int) -> HttpResponse:
    """One income is read on the page of its disposal."""
    found = reading.income(scope=request.scope, income_id=income_id)
    return pages.to("space:disposal", found.disposal_id)
