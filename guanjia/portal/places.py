"""Where the page of a row is: the trail, the search and 我发起的 link through here."""

from django.urls import NoReverseMatch, resolve, reverse

from guanjia.kernel.values.actor import Actor
from guanjia.ui.pages import SIGN_IN

# model label → url name that takes the row's id
_PAGES = {
    "org.unit": "portal:unit",
    "org.person": "portal:person",
    "access.account": "portal:account",
    "fleet.trip": "fleet:trip",
    "fleet.accident": "fleet:accident",
    "fleet.car": "fleet:car",
    "fleet.driver": "fleet:driver",
    "fleet.fine": "fleet:fine",
    "fleet.order": "fleet:order",
    "vouchers.voucher": "portal:voucher",
}


# Pages that open to whoever is concerned, whatever their duties: what others need to look at them.
_LOOKS = {"fleet.order": "fleet.upkeep.see", "fleet.trip": "fleet.trip.see"}


def page_of(on_type: str, on_id: int | None, *, actor: Actor, own: bool = False) -> str:
    """The address of a row's page; ``""`` where it has none, or none that this person may open.

    ``own``: the person did something with the row, so a page for those concerned is theirs.
    """
    name = _PAGES.get(on_type)
    found = maybe(name, on_id) if name and on_id is not None else ""
    if not found:
        return ""
    needed = getattr(resolve(found).func, "needs", "")
    if needed == SIGN_IN:
        return found if own or actor.can(_LOOKS.get(on_type, "")) else ""
    return found if actor.can(needed) else ""


def maybe(name: str, *args: object, query: str = "") -> str:
    """The address of a url name, or ``""`` when nobody has wired it."""
    try:
        found = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{found}?{query}" if query else found
