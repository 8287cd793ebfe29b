"""Whether a reader may do something with an institution."""

from guanjia.domains.energy.models import Institution
from guanjia.ui.pages import PageRequest


def within(request: PageRequest, verb: str, institution_id: int) -> bool:
    """Whether the reader may do this with the institution."""
    if not request.actor.can(verb):
        return False
    there = Institution.objects.within(request.actor.scope(verb)).filter(pk=institution_id)
    return bool(there.exists())
