"""Nothing is lost: acknowledged when it was taken, and not before; a real broker."""

import gc
import logging
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from guanjia.kernel.outside.mqtt import AddressUnreadable, Broker, Listener, Message, NotNow
from guanjia.kernel.outside.tests import broker as brokers
from guanjia.kernel.outside.tests.test_http import _certificate

TOPIC = "guanjia/test/+"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[brokers.Broker]:
    with brokers.running(tmp_path) as there:
        yield there


def numbered(first: int, last: int) -> list[Message]:
    return [("guanjia/test/a", str(number).encode()) for number in range(first, last)]


def numbers(messages: Sequence[Message]) -> list[int]:
    return [int(payload) for _, payload in messages]


def wait_for(true: Callable[[], object], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Heard:
    """A listener in a thread of its own, and what it took."""

    def __init__(
        self,
        url: str,
        take: Callable[[Sequence[Message]], None] | None = None,
        *,
        authority: str = "",
    ) -> None:
        self.taken: list[int] = []
        self.batches = 0
        broker = Broker.named(url, client_id="guanjia-test", authority=authority)
        self.listener = Listener(broker, [TOPIC], take or self._take)
        self.thread = threading.Thread(target=self.listener.run)

    def _take(self, messages: Sequence[Message]) -> None:
        self.batches += 1
        self.taken += numbers(messages)

    def __enter__(self) -> "Heard":
        self.thread.start()
        wait_for(self.listener.listening.is_set)
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_it_takes_many_at_once(broker: brokers.Broker) -> None:
    with Heard(broker.url) as heard:
        broker.publish(numbered(0, 150))
        wait_for(lambda: len(heard.taken) == 150)
    assert sorted(heard.taken) == list(range(150))
    assert heard.batches < 100


def test_what_comes_while_it_is_away_waits(broker: brokers.Broker) -> None:
    with Heard(broker.url):
        pass
    broker.publish(numbered(0, 50))
    with Heard(broker.url) as heard:
        wait_for(lambda: len(heard.taken) == 50)
        broker.publish(numbered(50, 60))
        wait_for(lambda: len(heard.taken) == 60)
    assert sorted(heard.taken) == list(range(60)), "and what was taken does not come again"


def test_what_cannot_be_taken_now_is_tried_again(
    broker: brokers.Broker, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[list[int]] = []

    def take(messages: Sequence[Message]) -> None:
        tries.append(numbers(messages))
        if len(tries) == 1:
            raise NotNow("away")

    with caplog.at_level(logging.WARNING), Heard(broker.url, take):
        broker.publish(numbered(0, 1))
        wait_for(lambda: len(tries) == 2)
    assert tries == [[0], [0]]
    assert "trying again" in caplog.text


def test_it_comes_back_when_the_broker_does(broker: brokers.Broker, tmp_path: Path) -> None:
    with Heard(broker.url) as heard:
        broker.publish(numbered(0, 5))
        wait_for(lambda: len(heard.taken) == 5)
        broker.stop()
        wait_for(lambda: not heard.listener.listening.is_set())
        with brokers.running(tmp_path, port=broker.port) as again:
            wait_for(heard.listener.listening.is_set)
            again.publish(numbered(5, 9))
            wait_for(lambda: set(heard.taken) == set(range(9)))


_CHILD = """
import sys, time
from guanjia.kernel.outside.mqtt import Broker, Listener

def take(messages):
    time.sleep(0.05)  # to be killed in
    with open(sys.argv[2], "a") as out:
        out.write("".join(payload.decode() + chr(10) for _, payload in messages))

Listener(Broker.named(sys.argv[1], client_id="guanjia-killed"), ["guanjia/test/+"], take).run()
"""


def test_a_killed_listener_loses_nothing(broker: brokers.Broker, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.touch()

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", _CHILD, broker.url, str(kept)])

    def taken() -> list[int]:
        return [int(line) for line in kept.read_text().split()]

    child = start()
    broker.publish(numbered(0, 1))
    deadline = time.monotonic() + 20
    while not taken():  # it has its session now
        assert time.monotonic() < deadline
        broker.publish(numbered(0, 1))
    for last in (300, 600, 900):
        sending = threading.Thread(target=broker.publish, args=[numbered(last - 300, last)])
        sending.start()
        time.sleep(0.25)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child = start()
        sending.join()
    try:
        wait_for(lambda: set(taken()) == set(range(900)))
    finally:
        child.terminate()
        child.wait()


def test_it_says_when_it_is_not_let_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("meters:secret-of-meters\n")
    passwords.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    with brokers.running(tmp_path, passwords=passwords) as broker:
        address = broker.url.replace("mqtt://", "mqtt://meters:{}@")
        wrong = Heard(address.format("wrong-word"))
        with caplog.at_level(logging.WARNING):
            wrong.thread.start()
            wait_for(lambda: "does not let us in" in caplog.text)
            wrong.__exit__()
        assert "wrong-word" not in caplog.text
        with Heard(address.format("secret-of-meters")) as heard:
            broker.publish(numbered(0, 3), username="meters", password="secret-of-meters")
            wait_for(lambda: len(heard.taken) == 3)


def test_an_encrypted_broker_is_believed_by_its_authority_only(tmp_path: Path) -> None:
    public, private, _ = _certificate("localhost")
    files = (tmp_path / "broker.pem", tmp_path / "broker.key")
    for file, content in zip(files, (public, private), strict=True):
        file.write_bytes(content)
    with brokers.running(tmp_path, certificate=files) as broker:
        with Heard(broker.url, authority=broker.authority) as heard:
            broker.publish(numbered(0, 3))
            wait_for(lambda: len(heard.taken) == 3)
        with warnings.catch_warnings():
            # Where a handshake fails, paho leaves its socket to the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            doubtful = Heard(broker.url)  # the authorities of the system do not know it
            doubtful.thread.start()
            assert not doubtful.listener.listening.wait(1)
            doubtful.__exit__()
            gc.collect()
    assert doubtful.taken == []


@pytest.mark.parametrize(
    "url", ["", "http://a", "mqtt://", "mqtt://a:x", "mqtt://a/b", "mqtts://[::1", "a:1883"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(AddressUnreadable):
        Broker.named(url, client_id="x")


def test_an_address_is_taken_apart() -> None:
    found = Broker.named("mqtts://a%40b:p%3Aw@broker.example", client_id="x")
    assert (found.host, found.port, found.encrypted) == ("broker.example", 8883, True)
    assert (found.username, found.password) == ("a@b", "p:w")
