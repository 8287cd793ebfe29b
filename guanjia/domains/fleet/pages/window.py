"""监督窗口: where whoever looks in from outside begins, and what they looked at."""

from typing import Any

from django.http import HttpResponse

from guanjia.domains.fleet.queries import looks, window
from guanjia.domains.fleet.terms.looks import Field
from guanjia.kernel.access import looks as kernel
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers import addresses

SEE = "fleet.window.see"
OWN = 8
# What a register is there for, where its filters do not tell.
_SAYS = {
    "fleet.cars": "号牌、型号、使用单位、状态",
    "fleet.drivers": "姓名、准驾车型、有效期",
    "fleet.trips": "谁、何时、去哪、行驶多少",
}


@needs(SEE)
def window_page(request: PageRequest) -> HttpResponse:
    """What the field of this person offers, what the bureau told, and their own looks."""
    actor = request.actor
    context = {
        "fields": [Field(held.duty).label for held in kernel.watched(actor) if _known(held.duty)],
        "registers": [_register(each) for each in window.offered(actor)],
        "monthly": window.latest_list(actor.scope("fleet.oversight.see"))
        if actor.can("fleet.oversight.see")
        else None,
        "sees_oversight": actor.can("fleet.oversight.see"),
        "oversight_url": addresses.maybe("fleet:oversight"),
        "notices": window.notices() if actor.can("fleet.publication.see") else (),
        "sees_notices": actor.can("fleet.publication.see"),
        "dashboard": actor.can("fleet.dashboard.see"),
        "own": list(looks.own(actor, actor.scope(SEE))[:OWN]),
    }
    return pages.render(request, "fleet/window.html", context)


def _known(duty: str) -> bool:
    return duty in set(Field)


def _register(each: window.Offered) -> dict[str, Any]:
    register = each.register
    says = "、".join(found.title for found in register.filters[:4] if not found.more)
    return {
        "title": register.title,
        "url": f"{addresses.url(register, 'list')}?view=all",
        "count": each.count,
        "noun": register.noun,
        "says": _SAYS.get(register.key, says),
    }
