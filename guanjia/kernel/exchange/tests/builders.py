"""A peer that is set up, a clock that is put forward by hand, units that are shared."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from guanjia.kernel.exchange.actions import peers
from guanjia.kernel.exchange.models import Peer
from guanjia.kernel.exchange.tests.standin import CLIENT, SECRET, StandIn
from guanjia.kernel.exchange.wires import Wire
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.tests.builders import AT, SYSTEM

HIDDEN = "保密"


class Clock:
    """Stands still until it is put forward."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        """Put it forward."""
        self.at += timedelta(**by)


def read(ids: Iterable[int]) -> Mapping[int, dict[str, Any]]:
    """Units as they are told; those whose name says so are hidden."""
    rows = Unit.objects.filter(pk__in=list(ids)).exclude(name__startswith=HIDDEN)
    return {row.pk: {"code": row.code, "name": row.name} for row in rows}


def below(pk: int) -> Iterable[tuple[str, int]]:
    """The units below one come and go with it."""
    return [
        ("units", child) for child in Unit.objects.filter(parent=pk).values_list("pk", flat=True)
    ]


UNITS = Wire(
    kind="units",
    model="org.Unit",
    title="单位",
    read=read,
    label=lambda data: str(data["name"]),
    dependants=below,
)


def settings(stand: StandIn | None = None, **changes: str) -> dict[str, str]:
    """How the stand-in is reached."""
    url = stand.url if stand else "https://gwyc.example/exchange"
    return {"url": url, "client": CLIENT, "algorithm": "SM3", "authority": "", "pin": "", **changes}


def peer(stand: StandIn | None = None, *, on: bool = True, secret: str = SECRET) -> Peer:
    """The province's platform, switched on."""
    made = peers.save_peer(
        actor=SYSTEM, key="province", title="省平台", settings=settings(stand), secret=secret, at=AT
    )
    if on:
        peers.switch_on(actor=SYSTEM, peer_id=made.pk, at=AT)
    made.refresh_from_db()
    return made
