"""What may be done about fuel cards (加油卡)."""

from typing import Any

from guanjia.domains.fleet.actions import cards as actions
from guanjia.domains.fleet.acts import of_car
from guanjia.domains.fleet.forms import cards as forms
from guanjia.domains.fleet.queries.costs import CARDS
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

KEEP = actions.KEEP


def _in_use(card: Any, _: Actor) -> bool:
    return card.until is None


GIVE = Act(
    key="new", title="发卡", on=CARDS, verb=KEEP, makes=True, form=forms.Give,
    fit=of_car.cars(KEEP), first=lambda _, today: {"since": today}, do=actions.give_card,
    template=of_car.FORM, more=of_car.suggested, keep="不发", lead="一车一卡；ETC 卡也在这里登记",
    said="已把 {number} 发给 {car.plate}",
)  # fmt: skip
MOVE = Act(
    key="move", title="换车", on=CARDS, verb=KEEP, form=forms.Move, fit=of_car.cars(KEEP),
    first=lambda _, today: {"on": today}, do=actions.move_card, offered=_in_use,
    template=of_car.FORM, more=of_car.suggested, keep="不换", icon="arrows-exchange", main=False,
    lead="原车的这张卡停用，同一天起给新车用", said="{number} 已换给 {car.plate}",
)  # fmt: skip
STOP = Act(
    key="stop", title="停用", on=CARDS, verb=KEEP, form=forms.Stop,
    first=lambda _, today: {"until": today}, do=actions.stop_card, offered=_in_use,
    keep="不停用", lead="停用日期当天起不再算这辆车的卡", said="已停用 {number}", icon="ban",
    main=False,
)  # fmt: skip

# In the order of the buttons on the page of a card.
ACTS = (GIVE, MOVE, STOP)
