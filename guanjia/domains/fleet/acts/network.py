"""What may be done about the province's platform (一张网), its messages and its decisions."""

from typing import Any

from guanjia.domains.fleet.actions import network as actions
from guanjia.domains.fleet.exchange.catalogue import DECISIONS, MESSAGES, PEERS
from guanjia.domains.fleet.forms.network import Why
from guanjia.kernel.exchange import queries
from guanjia.kernel.exchange.models import Peer
from guanjia.kernel.exchange.terms import InState, OutState, PeerState
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Nothing


def _waits(peer: Peer, _: Actor) -> bool:
    """Whether calling again at once makes a difference: paused, or after calls that failed."""
    return peer.state == PeerState.PAUSED or bool(peer.failures)


def _on(peer: Any) -> str:
    return f"已接通，先报 {queries.standing(peer).loose:,} 条现有数据"


ON = Act(
    key="on", title="接通平台", on=PEERS, verb=actions.KEEP, when=(PeerState.OFF,), form=Nothing,
    do=actions.switch_on, keep="不接通", icon="send", said=_on,
    lead="先报现有的全部数据，以后有变动就报",
)  # fmt: skip
RESUME = Act(
    key="resume", title="恢复上报", on=PEERS, verb=actions.KEEP,
    when=(PeerState.PAUSED, PeerState.ON), offered=_waits, form=Nothing, do=actions.resume,
    keep="不恢复", icon="refresh", said="已恢复，一分钟内开始补报", lead="照记的变动一并补报",
)  # fmt: skip
PAUSE = Act(
    key="pause", title="暂停上报", on=PEERS, verb=actions.KEEP, to=PeerState.PAUSED, form=Why,
    do=actions.pause, keep="不暂停", icon="hand-stop", main=False,
    said="已暂停，变动照记，恢复后补报", lead="不再发送和取批复，变动照记，恢复后补报",
)  # fmt: skip
OFF = Act(
    key="off", title="断开平台", on=PEERS, verb=actions.KEEP, to=PeerState.OFF, form=Why,
    offered=lambda peer, _: peer.state == PeerState.PAUSED, do=actions.switch_off,
    keep="不断开", icon="server-off", main=False, said="已断开，再接通时重报全部数据",
    lead="变动不再记，没有打包的丢弃；再接通时重报全部数据",
)  # fmt: skip
OF_PEER = (ON, RESUME, PAUSE, OFF)

AGAIN = Act(
    key="again", title="再发报文", on=MESSAGES, verb=actions.KEEP, when=(OutState.REFUSED,),
    form=Nothing, do=actions.send_again, keep="不再发", icon="send",
    said=lambda message: f"{message} 排队再发",
    lead="对方改好的，再发这一条；改正了台账的，自动生成新报文",
)  # fmt: skip
APPLY = Act(
    key="again", title="再办来文", on=DECISIONS, verb=actions.KEEP, when=(InState.UNAPPLIED,),
    form=Nothing, do=actions.apply_again, keep="不再办", icon="refresh",
    said="{number} 排队再办，一分钟内办理", lead="原因消除后再办",
)  # fmt: skip

ACTS = (*OF_PEER, AGAIN, APPLY)
