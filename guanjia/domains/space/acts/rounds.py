"""What may be done about rounds of inspections (巡检)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.space.actions import rounds as actions
from guanjia.domains.space.forms import rounds as forms
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.terms.rounds import RoundState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Form

PLAN, ROUNDS = actions.PLAN, queries.ROUNDS


def _whole(_: Any, actor: Actor) -> bool:
    """A round is about many units: who plans for a part of the city only does not lead it."""
    return actor.scope(PLAN).everything


def _unvisited(row: Any, form: Any, actor: Actor, at: datetime) -> Mapping[str, Any]:
    """The units that nobody visited, each with what was written about it."""
    written = form["excuse"].value() or {}
    lines = queries.progress(round_=row, scope=actor.scope(PLAN), day=timezone.localdate(at))
    return {
        "unvisited": [
            (one, written.get(str(one.unit.pk), one.visit.excuse))
            for one in lines
            if not one.visited
        ]
    }


BEGIN = Act(
    key="begin", title="开始巡检", on=ROUNDS, verb=PLAN, to=S.RUNNING, form=Form,
    offered=_whole, do=actions.begin_round, keep="不开始",
    lead="开始后，巡检人员在手机上打开即可", said="巡检已开始，巡检人员在手机上打开即可",
)  # fmt: skip
CLOSE = Act(
    key="close", title="结束巡检", on=ROUNDS, verb=PLAN, when=(S.RUNNING,), form=forms.Close,
    offered=_whole, do=actions.close_round, keep="不结束", more=_unvisited, main=False,
    template="space/round_close.html", said="巡检已结束，没有办完的整改继续办",
)  # fmt: skip

ACTS = (CLOSE, BEGIN)
