"""Setting up a peer: what is refused, what is kept secret, what is recorded."""

import json

import pytest

from guanjia.kernel.audit.models import Record
from guanjia.kernel.exchange import calling
from guanjia.kernel.exchange.actions import peers
from guanjia.kernel.exchange.models import Peer
from guanjia.kernel.exchange.tests import builders
from guanjia.kernel.exchange.tests.builders import AT, SYSTEM
from guanjia.kernel.exchange.tests.standin import SECRET
from guanjia.kernel.outside.failure import CallFailure
from guanjia.kernel.regulations.verdict import Refused

pytestmark = pytest.mark.django_db


def save(secret: str = "", **changes: str) -> Peer:
    return peers.save_peer(
        actor=SYSTEM, key="province", title="省平台", settings=builders.settings(**changes),
        secret=secret, at=AT,
    )  # fmt: skip


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"url": ""}, "url_bad"),
        ({"url": "ftp://gwyc.example/"}, "url_bad"),
        ({"url": "https://平台.example/"}, "url_bad"),
        ({"url": "http://gwyc.example/exchange"}, "url_open"),
        ({"url": "https://gwyc.example/exchange?key=1"}, "url_more"),
        ({"url": "https://me:pw@gwyc.example/"}, "url_more"),
        ({"client": ""}, "client_bad"),
        ({"client": "景德镇"}, "client_bad"),
        ({"algorithm": "MD5"}, "algorithm_bad"),
        ({"pin": "abc"}, "pin_bad"),
        ({"authority": "-----BEGIN CERTIFICATE-----"}, "authority_bad"),
        ({"authority": "不是证书"}, "authority_bad"),
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        save(SECRET, **changes)
    assert codes(refused) == [code]


@pytest.mark.parametrize(
    ("secret", "code"),
    [("", "secret_missing"), ("short", "secret_short"), ("密" * 20, "secret_short")],
)
def test_a_peer_needs_a_secret(secret: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        save(secret)
    assert codes(refused) == [code]


def test_a_secret_is_kept_encrypted_and_never_recorded() -> None:
    peer = save(SECRET)
    assert SECRET not in peer.secret
    assert calling.secret_of(peer) == SECRET
    record = Record.objects.get(verb="exchange.peer.saved")
    assert SECRET not in json.dumps([record.before, record.after, record.note])
    assert record.after["renewed"] == "密钥"
    assert calling.secret_of(save("", client="360201")) == SECRET, "left empty it stays"


def test_a_kept_secret_is_not_handed_to_another_server() -> None:
    save(SECRET)
    with pytest.raises(Refused) as refused:
        save("", url="https://elsewhere.example/exchange")
    assert codes(refused) == ["secret_again"]


def test_decisions_of_another_server_are_fetched_from_its_beginning() -> None:
    peer = save(SECRET)
    Peer.objects.filter(pk=peer.pk).update(cursor="412")
    assert save("", client="360201").cursor == "412", "the same server goes on where it was"
    assert save(SECRET, url="https://elsewhere.example/exchange").cursor == ""


def test_a_secret_of_another_key_is_unreadable(settings: object) -> None:
    peer = save(SECRET)
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]  # pytest-django's
    with pytest.raises(CallFailure, match="读不出"):
        calling.secret_of(peer)


def test_a_peer_is_switched_in_order() -> None:
    peer = save(SECRET)
    with pytest.raises(Refused, match="没有接通"):
        peers.switch_off(actor=SYSTEM, peer_id=peer.pk, reason="不用", at=AT)
    with pytest.raises(Refused, match="未接通"):
        peers.pause(actor=SYSTEM, peer_id=peer.pk, reason="检修", at=AT)
    with pytest.raises(Refused, match="还没有接通"):
        peers.resume(actor=SYSTEM, peer_id=peer.pk, at=AT)
    peers.switch_on(actor=SYSTEM, peer_id=peer.pk, at=AT)
    with pytest.raises(Refused, match="不用再接通"):
        peers.switch_on(actor=SYSTEM, peer_id=peer.pk, at=AT)
    with pytest.raises(Refused, match="没有写原因"):
        peers.pause(actor=SYSTEM, peer_id=peer.pk, reason=" ", at=AT)
    peers.pause(actor=SYSTEM, peer_id=peer.pk, reason="检修", at=AT)
    peers.resume(actor=SYSTEM, peer_id=peer.pk, at=AT)
    with pytest.raises(Refused, match="不用恢复"):
        peers.resume(actor=SYSTEM, peer_id=peer.pk, at=AT)
    with pytest.raises(Refused, match="没有写原因"):
        peers.switch_off(actor=SYSTEM, peer_id=peer.pk, reason="", at=AT)
    peers.switch_off(actor=SYSTEM, peer_id=peer.pk, reason="换平台", at=AT)
    verbs = Record.objects.filter(on_type="exchange.peer").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        f"exchange.peer.{verb}"
        for verb in ("saved", "switched_on", "paused", "resumed", "switched_off")
    ]
