"""What the network puts into 待办, and into whose."""

import pytest

from guanjia.domains.fleet.tests.builders import City
from guanjia.domains.fleet.waiting import network
from guanjia.kernel.exchange.actions import peers
from guanjia.kernel.exchange.models import Incoming
from guanjia.kernel.exchange.tests import builders
from guanjia.kernel.exchange.tests.builders import AT, SYSTEM
from guanjia.ui.waiting import Todo


def waiting(city: City, who: str) -> list[Todo]:
    (source,) = network.SOURCES
    actor = city.actor(who)
    rows = source.rows(actor, AT)
    return [source.show(row, actor, AT) for row in rows or ()]


def test_a_platform_that_runs_well_asks_for_nothing(city: City) -> None:
    builders.peer()
    assert waiting(city, "car_keeper") == []


@pytest.mark.parametrize("who", ["clerk", "head", "supervisor"])
def test_it_is_the_keepers_alone(city: City, who: str) -> None:
    peer = builders.peer()
    peers.pause(actor=SYSTEM, peer_id=peer.pk, reason="对方不认密钥。", at=AT)
    assert waiting(city, who) == []
    (todo,) = waiting(city, "car_keeper")
    assert (todo.title, todo.detail, todo.tone) == ("上报已暂停", "对方不认密钥", "stop")
    assert todo.url == "/fleet/network/"


def test_what_could_not_be_applied_is_counted(city: City) -> None:
    peer = builders.peer()
    for n in range(2):
        Incoming.objects.create(
            peer=peer, external_id=f"D{n}", kind="x", number="N", body="{}", state="UNAPPLIED",
            received_at=AT,
        )  # fmt: skip
    (todo,) = waiting(city, "car_keeper")
    assert (todo.title, todo.tone) == ("2 件批复办不了", "wait")
