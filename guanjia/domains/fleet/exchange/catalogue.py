"""What is told to the province's platform and to partners, and what the standard asks besides.

Measured against the entities of DB32/T 3826-2020 (Jiangsu): Jiangxi has not published its own.
"""

from collections.abc import Callable
from typing import Any

from guanjia.domains.fleet.exchange import assets, running
from guanjia.domains.fleet.exchange.fields import Entity
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.exchange import queries, scopes, wires
from guanjia.kernel.exchange.models import Incoming, Outgoing, Peer
from guanjia.kernel.exchange.scopes import ApiScope
from guanjia.kernel.exchange.terms import IN_LIFE, KEY_LIFE, OUT_LIFE, PEER_LIFE
from guanjia.kernel.values.actor import Scope

PROVINCE = "province"
PROVINCE_TITLE = "省公务用车管理平台"
STANDARD = "DB32/T 3826-2020"

# In the order in which they are sent first: what others speak of comes before them.
ENTITIES: tuple[Entity, ...] = (
    assets.UNIT,
    assets.CAR,
    assets.DRIVER,
    assets.PURCHASE,
    running.TRIP,
    running.COST,
    running.ORDER,
    running.POLICY,
    running.INSPECTION,
    running.FINE,
    running.FINDING,
    running.SEALING,
    assets.DISPOSAL,
)

# Entities of the standard we have no rows for, and why.
NOT_SENT: tuple[tuple[str, str], ...] = (
    ("登录", "不报账号，每次调用用我方编号和签名表明身份。"),
    ("超标准配备车辆", "由编制和价格上限推算，没有单独的台账。"),
    ("12345 投诉", "没有这类台账。"),
    ("社会车辆租赁派车", "租赁车辆的派车在派车单里，没有单独的台账。"),
    ("定位数据", "没有车载定位数据。"),
)

SCOPES = (
    ApiScope(key="fleet.cars.read", title="车辆", wire="fleet.car"),
    ApiScope(key="fleet.trips.read", title="派车单", wire="fleet.trip"),
    ApiScope(key="fleet.costs.read", title="运行费用", wire="fleet.cost"),
    ApiScope(key="fleet.fines.read", title="交通违法", wire="fleet.fine"),
    ApiScope(key="fleet.disposals.read", title="处置", wire="fleet.disposal"),
)
SCOPE_KEYS = tuple(scope.key for scope in SCOPES)


def declare() -> None:
    """Tell the exchange; called from ``apps.py``."""
    wires.declare(*(entity.wire() for entity in ENTITIES))
    scopes.declare(*SCOPES)


def entity(kind: str) -> Entity | None:
    """The entity of a kind; ``None`` for one that is not ours."""
    return next((one for one in ENTITIES if one.kind == kind), None)


def _whole(rows: Callable[[], Any]) -> Callable[[Scope], Any]:
    """Rows for whoever has the whole city: what is told to others is of no single unit."""
    return lambda scope: rows() if scope.everything else rows().none()


PEERS = Subject(
    model="exchange.peer", title="对端平台", page="fleet:network", key="peer_id",
    path="network/platform", stem="network", space="fleet", see="fleet.network.see",
    rows=_whole(lambda: Peer.objects.filter(key=PROVINCE)), life=PEER_LIFE, name="title",
    listed=("一张网", "fleet:network"), home=lambda _: None,
)  # fmt: skip
MESSAGES = Subject(
    model="exchange.outgoing", title="上报报文", page="fleet:network_message",
    key="message_id", path="network/messages", stem="network_message", space="fleet",
    see="fleet.network.see", rows=_whole(lambda: Outgoing.objects.filter(peer__key=PROVINCE)),
    life=OUT_LIFE, name="", listed=("上报报文", "fleet:network_messages"),
    now=lambda message: message.answer,
)  # fmt: skip
DECISIONS = Subject(
    model="exchange.incoming", title="省级批复", page="fleet:network_incoming",
    key="incoming_id", path="network/incoming", stem="network_incoming", space="fleet",
    see="fleet.network.see", rows=_whole(lambda: Incoming.objects.filter(peer__key=PROVINCE)),
    life=IN_LIFE, listed=("省级批复来文", "fleet:network_incoming"), home=lambda _: None,
    now=lambda row: row.reason,
)  # fmt: skip
KEYS = Subject(
    model="exchange.apikey", title="接口密钥", page="fleet:network_key", key="key_id",
    path="network/keys", stem="network_key", space="fleet", see="fleet.network.see",
    rows=_whole(lambda: queries.given(of=SCOPE_KEYS)),
    life=KEY_LIFE, name="partner", listed=("接口密钥", "fleet:network_keys"),
    now=lambda key: f"{key.partner}，{key.prefix}…，{key.since:%Y-%m-%d} 至 {key.until:%Y-%m-%d}",
)  # fmt: skip
