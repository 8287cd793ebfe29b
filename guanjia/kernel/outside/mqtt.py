"""Listening to an MQTT broker without losing anything: acknowledged only when it was taken.

The session at the broker outlives us (QoS 1, clean session off, one client id): what comes while
we are away waits there, and what we had in hand when we were killed comes again. Who takes must
therefore bear repetition.
"""

import logging
import queue
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

QOS = 1
KEEPALIVE_S = 60
# A batch is what came until nothing came for a moment, but not more than this.
BATCH_MAX = 5_000
PAUSE_S = 0.2
LONGEST_S = 2.0
LONGEST_PAUSE_S = 30.0
_PORTS = {"mqtt": 1883, "mqtts": 8883}

log = logging.getLogger(__name__)

Message = tuple[str, bytes]  # topic, payload
Take = Callable[[Sequence[Message]], None]


class AddressUnreadable(ValueError):
    """The address of a broker is none; the text is Chinese and does not repeat a password."""


class NotNow(Exception):
    """What was sent could not be taken just now: it is to be tried again."""


@dataclass(frozen=True, kw_only=True)
class Broker:
    """Where a broker is and who we are there. Never logged whole: it holds the password."""

    host: str
    port: int
    encrypted: bool
    username: str = ""
    password: str = field(default="", repr=False)
    client_id: str = "guanjia"
    authority: str = ""  # file of the certificates we trust; "" for those of the system

    @classmethod
    def named(cls, url: str, *, client_id: str, authority: str = "") -> "Broker":
        """From ``mqtt://user:password@host:1883`` or ``mqtts://…``; raises AddressUnreadable."""
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise AddressUnreadable("MQTT 地址的主机或端口不对") from error
        if parts.scheme not in _PORTS or not host or parts.path.strip("/"):
            raise AddressUnreadable("MQTT 地址写成 mqtt://主机:1883 或 mqtts://主机:8883")
        return cls(
            host=host,
            port=port or _PORTS[parts.scheme],
            encrypted=parts.scheme == "mqtts",
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            client_id=client_id,
            authority=authority,
        )


class Listener:
    """Takes what a broker has for some topics, a batch at a time.

    ``take`` gets a batch and returns when it is kept for good; if it raises ``NotNow``, the same
    batch is tried again after a pause. Anything else it raises ends ``run``: nothing of the batch
    was acknowledged, and it comes again.
    """

    def __init__(self, broker: Broker, topics: Sequence[str], take: Take) -> None:
        self._broker, self._topics, self._take = broker, list(topics), take
        # Bounded by the broker: it does not send more than it may have unacknowledged.
        self._waiting: queue.Queue[tuple[int, paho.MQTTMessage]] = queue.Queue()
        self._stopping = threading.Event()
        self._connection = 0  # which one: an old one's numbers mean nothing to a new one
        self.listening = threading.Event()
        self._client = self._made()

    def _made(self) -> paho.Client:
        broker = self._broker
        made = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            clean_session=False,
            manual_ack=True,
        )
        if broker.username:
            made.username_pw_set(broker.username, broker.password)
        if broker.encrypted:
            made.tls_set_context(ssl.create_default_context(cafile=broker.authority or None))
        made.reconnect_delay_set(min_delay=1, max_delay=30)
        made.on_connect = self._on_connect
        made.on_subscribe = self._on_subscribe
        made.on_disconnect = self._on_disconnect
        made.on_message = self._on_message
        return made

    # ── in the thread of the connection ──────────────────────────────────────────────────

    def _on_connect(self, client: paho.Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            log.warning("the broker does not let us in: %s", reason)
            return
        self._connection += 1
        client.subscribe([(topic, QOS) for topic in self._topics])

    def _on_subscribe(self, _: paho.Client, __: Any, ___: int, reasons: Any, ____: Any) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            log.error("the broker does not let us listen: %s", refused)
            return
        log.info("listening at %s:%s", self._broker.host, self._broker.port)
        self.listening.set()

    def _on_disconnect(self, _: paho.Client, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        self.listening.clear()
        if not self._stopping.is_set():
            log.warning("the connection to the broker broke off: %s", reason)

    def _on_message(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        self._waiting.put((self._connection, message))

    # ── in the thread of the caller ──────────────────────────────────────────────────────

    def run(self) -> None:
        """Take what comes until ``stop``; what is in hand then is finished first."""
        self._client.connect_async(self._broker.host, self._broker.port, KEEPALIVE_S)
        self._client.loop_start()
        try:
            while not self._stopping.is_set():
                batch = self._batch()
                if batch and self._taken([message for _, message in batch]):
                    self._acknowledge(batch)
        finally:
            with suppress(Exception):
                self._client.disconnect()
            self._client.loop_stop()

    def stop(self) -> None:
        """Ask ``run`` to return; may be called by another thread or in a signal."""
        self._stopping.set()

    def _batch(self) -> list[tuple[int, paho.MQTTMessage]]:
        """What came until nothing came for a moment; empty after a pause without anything."""
        found: list[tuple[int, paho.MQTTMessage]] = []
        until = time.monotonic() + LONGEST_S
        while len(found) < BATCH_MAX and time.monotonic() < until:
            try:
                found.append(self._waiting.get(timeout=PAUSE_S))
            except queue.Empty:
                break
        return found

    def _taken(self, messages: Sequence[paho.MQTTMessage]) -> bool:
        """Have a batch taken, again and again if need be; false when we are stopped meanwhile."""
        sent = [(message.topic, bytes(message.payload)) for message in messages]
        pause = 1.0
        while not self._stopping.is_set():
            try:
                self._take(sent)
            except NotNow as error:
                log.warning("not taken, trying again in %.0f s: %s", pause, error)
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                return True
        return False

    def _acknowledge(self, batch: Sequence[tuple[int, paho.MQTTMessage]]) -> None:
        for connection, message in batch:
            # What an earlier connection brought comes again; its number may be another's now.
            if connection != self._connection or not message.qos:
                continue
            # Put in the queue of the connection; broken off meanwhile, it comes again.
            self._client.ack(message.mid, message.qos)
