"""收租: the desk of the cashier. What may be done there is declared in ``acts``."""

from django.http import HttpResponse

from guanjia.domains.space.acts.tenancies import COLLECT, desk
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs


@needs(COLLECT)
def rent_desk(request: PageRequest) -> HttpResponse:
    """Who owes, the most first; or who was searched for."""
    words = request.GET.get("words", "").strip()[:40]
    return pages.render(request, "space/rent_desk.html", desk(request.actor, words=words))
