"""Where the page of a row is: the trail, the search and 我发起的 link through here."""

from django.urls import resolve

from guanjia.kernel.access import subjects
from guanjia.kernel.values.actor import Actor
from guanjia.ui.pages import SIGN_IN
from guanjia.ui.registers import addresses

# Pages of kinds of rows that nothing else refers to: model label → url name that takes the id.
_PAGES = {
    "org.person": "portal:person",
    "access.account": "portal:account",
    "fleet.car": "fleet:car",
    "fleet.cost": "fleet:cost",
    "fleet.disposallot": "fleet:lot",
    "fleet.driver": "fleet:driver",
    "fleet.fuelcard": "fleet:card",
    "vouchers.voucher": "portal:voucher",
}
# Pages that open to whoever is concerned, whatever their duties: what others need to look at them.
_LOOKS = {
    "energy.energypublication": "energy.notice.see",
    "fleet.disposal": "fleet.disposal.see",
    "fleet.order": "fleet.upkeep.see",
    "fleet.publication": "fleet.publication.see",
    "fleet.purchase": "fleet.purchase.see",
    "fleet.quotachange": "fleet.quota.see",
    "fleet.sealedcar": "fleet.seal.see",
    "fleet.trip": "fleet.trip.see",
    "space.allocation": "space.allocation.see",
    "space.disposal": "space.disposal.see",
    "space.tenancy": "space.tenancy.see",
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
        return found if own or actor.can(_LOOKS.get(on_type, "")) else ""
    return found if actor.can(needed) else ""
