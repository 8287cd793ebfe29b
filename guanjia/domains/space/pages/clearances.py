"""One clearance (腾退); what may be done about it is declared in ``acts``."""

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.pages import clearance_view as view
from guanjia.domains.space.queries import clearances as reading
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs


@needs(reading.SEE)
def clearance(request: PageRequest, clearance_id: int) -> HttpResponse:
    """One clearance for whoever may see it, with the acts this person may do."""
    found = reading.clearance(scope=request.scope, clearance_id=clearance_id)
    context = view.page(actor=request.actor, clearance=found, today=timezone.localdate())
    return pages.render(request, "space/clearance.html", context)
