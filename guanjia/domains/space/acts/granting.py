"""Giving rooms to an approved request (选房), or writing down what was leased or built."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone

from guanjia.domains.space import vouchers
from guanjia.domains.space.actions import granting as actions
from guanjia.domains.space.acts import allocations as rest
from guanjia.domains.space.forms import allocations as forms
from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import vacancies
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import FROM_STOCK, FreeRoom, Offer
from guanjia.domains.space.terms.allocations import AllocationState as S
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act

GRANT, ALLOCATIONS = reading.GRANT, reading.ALLOCATIONS
_AT_ONCE = 40  # rooms that a page shows unfolded


# ── choosing rooms ───────────────────────────────────────────────────────────────────────


def _free(found: Allocation, day: date) -> list[FreeRoom]:
    since, until = vouchers.days_of(found)
    return vacancies.fitting(day=day, since=since or day, until=until)


def _ids(found: Allocation, _: Actor, today: date) -> Mapping[str, Any]:
    return {"ids": [room.id for room in _free(found, today)]}


def _rooms(found: Allocation, form: Any, _: Actor, at: datetime) -> Mapping[str, Any]:
    """Need, groups that fit, and every empty room by its building."""
    day = timezone.localdate(at)
    free, wanted = _free(found, day), found.wanted_m2
    chosen = {str(pk) for pk in form["rooms"].value() or []}
    places = [
        {
            "title": f"{compound} {building}",
            "rooms": rooms,
            "open": len(free) <= _AT_ONCE or any(str(room.id) in chosen for room in rooms),
        }
        for (compound, building), rooms in _by_building(free)
    ]
    return {
        "places": places,
        "chosen": chosen,
        "need": reading.need_of_allocation(found, day=day, law=law_at(at)),
        "offers": [offer_words(each) for each in rules.offers(free, wanted)] if wanted else [],
        "term": vouchers.term(found) if found.is_loan else "",
        "others": _others(form, free),
    }


def _by_building(free: Sequence[FreeRoom]) -> list[tuple[tuple[str, str], list[FreeRoom]]]:
    grouped = groupby(free, key=lambda room: (room.compound, room.building))
    return [(place, list(rooms)) for place, rooms in grouped]


def _others(form: Any, free: Sequence[FreeRoom]) -> list[tuple[str, str]]:
    """Rooms to take instead of those that are gone: in words, and as a query that chooses them
    beside what else was chosen and is still free."""
    there = {str(room.id) for room in free}
    kept = [f"rooms={pk}" for pk in form["rooms"].value() or [] if pk in there]
    found = {option.value: option.label for one in form.refused for option in one.options}
    return [(label, "&".join([*kept, f"rooms={pk}"])) for pk, label in found.items()]


def offer_words(offer: Offer) -> dict[str, Any]:
    """A group of rooms as its card shows it."""
    short = offer.short_m2
    fit = "正好" if not short else (
        f"差 {rules.area(short)}" if short > 0 else f"多 {rules.area(-short)}"
    )  # fmt: skip
    return {
        "offer": offer,
        "fit": fit,
        "over": short < 0,
        "floors": "、".join(f"{floor} 层" if floor > 0 else f"地下 {-floor} 层"
                            for floor in offer.floors),
        "since": formats.day(offer.empty_since) if offer.empty_since else "台账登记以前",
        "query": "&".join(f"rooms={room.id}" for room in offer.rooms),
    }  # fmt: skip


def _from_stock(found: Allocation, _: Actor) -> bool:
    return found.way in FROM_STOCK and found.extends_id is None


def _from_outside(found: Allocation, _: Actor) -> bool:
    return found.way not in FROM_STOCK


def _is_longer(found: Allocation, _: Actor) -> bool:
    return found.extends_id is not None


AGAIN = Act(
    key="choose_again", title="重新选房", button="放开房间", on=ALLOCATIONS, verb=GRANT,
    when=(S.RESERVED,), form=forms.ChooseAgain, do=actions.choose_again, keep="不换",
    lead="现在的房间马上放开，凭证作废；重新选定后换发", icon="refresh", main=False,
    said="房间已放开，凭证作废，重新选房后换发",
)  # fmt: skip
CHOOSE = Act(
    key="grant", title="选房", button="选定并签发凭证", on=ALLOCATIONS, verb=GRANT,
    when=(S.AGREED,), offered=_from_stock, form=forms.Choose, fit=_ids,
    first=lambda _, today: {"since_on": today}, do=actions.grant, keep="不选", icon="key",
    template="space/allocation_grant.html", more=_rooms,
    said="已签发 {paper}，等{unit}接收房间",
)  # fmt: skip
OUTSIDE = Act(
    key="outside", title="登记房屋", button="登记并签发凭证", on=ALLOCATIONS, verb=GRANT,
    when=(S.AGREED,), offered=_from_outside, form=forms.Outside,
    first=lambda row, today: {"since_on": today, "document": row.document},
    do=actions.grant_outside, lead="租用、建设的房屋，登记后签发凭证", said="已登记，签发 {paper}",
)  # fmt: skip
LONGER = Act(
    key="grant_extension", title="签发续借凭证", on=ALLOCATIONS, verb=GRANT, when=(S.AGREED,),
    offered=_is_longer, form=ActForm, do=actions.grant_extension, keep="不签发",
    lead="原来的房间接着借用，原借用到期结束", said="已签发 {paper}",
)  # fmt: skip

# In the order of the buttons on the page of an allocation.
ACTS = (
    rest.REQUESTED,
    rest.MEND,
    rest.CALL_OFF,
    AGAIN,
    rest.END,
    rest.EXTEND,
    CHOOSE,
    OUTSIDE,
    LONGER,
)
