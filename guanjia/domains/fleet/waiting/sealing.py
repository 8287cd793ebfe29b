"""待办 of sealings (封存): the cars a unit has to hand in."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import sealing
from guanjia.domains.fleet.waiting.plates import plate
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo

HAND_IN, PLAN = "fleet.seal.hand_in", "fleet.seal.plan"


def _to_hand_in(actor: Actor, at: datetime) -> Any:
    """Cars of the own units; who plans sealings has their page instead of a line for each car."""
    if not actor.can(HAND_IN) or actor.can(PLAN):
        return None
    return sealing.to_hand_in(actor.scope(HAND_IN), at=at)


def _show_hand_in(row: Any, _: Actor, at: datetime) -> Todo:
    begin = row.sealing.during.lower
    late = begin < at
    return Todo(
        kind="待封存",
        tone="stop" if late else "wait",
        icon="lock-open",
        **plate(row.car),
        title=row.sealing.title,
        detail=f"{row.unit} · 停放、钥匙、里程表",
        due=f"{formats.daytime(begin, style='near', today=timezone.localdate(at))} 前",
        due_tone="stop" if late else "",
        url=addresses.maybe("fleet:sealed_car", row.pk),
        verb="登记封存",
        rank=Rank.ARRANGE,
        due_at=begin,
    )


SOURCES = (Source(key="seal", kind="待封存", place=240, rows=_to_hand_in, show=_show_hand_in),)
