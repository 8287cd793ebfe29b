"""A broker of one's own: Debian's mosquitto (tools/broker.sh) on a free port, in a folder.

with broker.running(folder) as there:
    there.publish("guanjia/v1/meters/DB-1", payload)
"""

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

_CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous {anonymous}
{passwords}
{encrypted}
user {user}
persistence true
persistence_location {folder}/
autosave_interval 1
autosave_on_changes true
max_inflight_messages 200
max_queued_messages 0
"""
PATIENCE_S = 20.0


@dataclass
class Broker:
    """A broker that runs."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    authority: str = ""  # the certificate that speaks for it, where it is encrypted

    @property
    def url(self) -> str:
        """Its address without anybody's name."""
        if self.authority:
            return f"mqtts://localhost:{self.port}"
        return f"mqtt://127.0.0.1:{self.port}"

    def publish(
        self, messages: Sequence[tuple[str, bytes]], *, username: str = "", password: str = ""
    ) -> None:
        """Send messages with QoS 1, and wait until the broker has them all."""
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.max_inflight_messages_set(100)
        if username:
            client.username_pw_set(username, password)
        if self.authority:
            client.tls_set(self.authority)
        client.connect("localhost" if self.authority else "127.0.0.1", self.port)
        client.loop_start()
        try:
            for sent in [client.publish(topic, payload, qos=1) for topic, payload in messages]:
                sent.wait_for_publish(PATIENCE_S)
                assert sent.is_published()
        finally:
            client.disconnect()
            client.loop_stop()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(PATIENCE_S)


@contextmanager
def running(
    folder: Path,
    *,
    port: int = 0,
    passwords: Path | None = None,
    certificate: tuple[Path, Path] | None = None,
) -> Iterator[Broker]:
    """A broker that keeps its sessions in the folder; ``passwords``: who is let in;
    ``certificate``: with its key, for a broker called localhost that is encrypted."""
    port = port or _free_port()
    config = folder / "mosquitto.conf"
    config.write_text(
        _CONFIG.format(
            port=port,
            user=getpass.getuser(),
            folder=folder,
            anonymous="false" if passwords else "true",
            passwords=f"password_file {passwords}" if passwords else "",
            encrypted="certfile {}\nkeyfile {}".format(*certificate) if certificate else "",
        )
    )
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = subprocess.Popen(
        [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    authority = str(certificate[0]) if certificate else ""
    there = Broker(port=port, folder=folder, process=process, authority=authority)
    try:
        _wait_for(there)
        yield there
    finally:
        with suppress(subprocess.TimeoutExpired):
            there.stop()


def _wait_for(broker: Broker) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert broker.process.poll() is None, "mosquitto ended; run tools/broker.sh"
        with suppress(OSError), socket.create_connection(("127.0.0.1", broker.port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError("the broker does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
