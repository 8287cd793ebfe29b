"""Where the page of a row is: the trail, the search and 我发起的 link through here."""

from django.urls import resolve

from guanjia.kernel.access import subjects
from guanjia.kernel.values.actor import Actor
from guanjia.ui.pages import SIGN_IN
from guanjia.ui.registers import addresses

# Pages of kinds of rows of the kernel that nothing refers to: model label → url name of the page.
_PAGES = {
    "org.person": "portal:person",
    "access.account": "portal:account",
    "vouchers.voucher": "portal:voucher",
}
maybe = addresses.maybe


def page_of(on_type: str, on_id: int | None, *, actor: Actor, own: bool = False) -> str:
    """The address of a row's page; ``""`` where it has none, or none that this person may open.

    ``own``: the person did something with the row, so a page for those concerned is theirs.
    """
    subject = subjects.get(on_type)
    name = subject.page if subject else _PAGES.get(on_type, "")
    found = maybe(name, on_id) if name and on_id is not None else ""
    if not found:
        return ""
    needed = getattr(resolve(found).func, "needs", "")
    if needed == SIGN_IN:
        # It opens to whoever is concerned; who has the verb may look besides.
        return found if own or (subject is not None and actor.can(subject.see)) else ""
    return found if actor.can(needed) else ""
