"""A stand-in for the other platform, on a port of its own, that goes wrong as often as it is told.

It checks every signature, refuses a nonce that came before, takes a message once by its id, and
never lets an older version of a row replace a newer one.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from guanjia.kernel.exchange import protocol
from guanjia.kernel.exchange.terms import Algorithm

SECRET = "a-secret-of-the-province-0001"
CLIENT = "360200"
FAULTS = ("dropped", "delayed", "broken", "answer_lost", "doubled", "half_taken")


class StandIn:
    """What it holds, and how often it fails; ``share`` of the calls, from 0 to 1."""

    def __init__(self, share: float = 0.0, seed: int = 1, delay: float = 0.6) -> None:
        self.share, self.delay = share, delay
        self.random = Random(seed)
        self.url = ""
        self.algorithm = Algorithm.SM3
        self.rows: dict[tuple[str, int], dict[str, Any]] = {}  # the last version of each row
        self.versions: dict[tuple[str, int], list[int]] = {}
        self.applied: dict[str, dict[str, Any]] = {}
        self.covered: Counter[int] = Counter()
        self.calls: Counter[str] = Counter()
        self.nonces: set[str] = set()
        self.refuse: dict[int, str] = {}  # ids of rows it does not take, and why
        self.status = 0  # answers every call with this, when set
        self.location = ""
        self.unsigned = False
        self.decisions: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    def fault(self) -> str:
        """How this call goes wrong; ``""`` for well."""
        with self.lock:
            self.calls["all"] += 1
            kind = self.random.choice(FAULTS) if self.random.random() < self.share else ""
            if kind:
                self.calls["failed"] += 1
                self.calls[kind] += 1
            return kind

    def knows(self, handler: BaseHTTPRequestHandler, body: bytes) -> bool:
        """Whether the signature is right and the call is no copy of another."""
        told = handler.headers
        nonce = told.get("X-GJ-Nonce", "")
        wanted = protocol.signed_headers(
            algorithm=self.algorithm, secret=SECRET, client=CLIENT, method=handler.command,
            target=handler.path, body=body, timestamp=int(told.get("X-GJ-Timestamp", "0")),
            nonce=nonce,
        )  # fmt: skip
        with self.lock:
            fresh = nonce not in self.nonces
            self.nonces.add(nonce)
        return fresh and all(told.get(name) == text for name, text in wanted.items())

    def take(self, body: bytes, *, half: bool = False) -> dict[str, Any]:
        """Take a batch: each message once, each row never backwards. ``half``: every other one."""
        with self.lock:
            told = json.loads(body)
            assert told["format"] == protocol.FORMAT
            messages = told["messages"][:: 2 if half else 1]
            return {"results": [self._take(message) for message in messages]}

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        subject = (message["kind"], message["subject"])
        if message["id"] in self.applied:
            assert self.applied[message["id"]] == message, "the same id is the same text"
            return {"id": message["id"], "state": "repeated"}
        if message["subject"] in self.refuse:
            reason = self.refuse[message["subject"]]
            return {"id": message["id"], "state": "refused", "reason": reason}
        self.applied[message["id"]] = message
        self.covered.update(message["changes"])
        self.versions.setdefault(subject, []).append(message["version"])
        if message["version"] > self.rows.get(subject, {"version": 0})["version"]:
            self.rows[subject] = message
        return {"id": message["id"], "state": "applied"}

    def page(self, query: str) -> dict[str, Any]:
        """Decisions after a place: overlapping, doubled and out of order."""
        asked = parse_qs(query, keep_blank_values=True)
        with self.lock:
            begin = int(asked["after"][0] or 0)
            end = min(begin + 7, len(self.decisions))
            items = self.decisions[max(0, begin - 3) : end]
            items = items + self.random.sample(items, min(2, len(items)))
            self.random.shuffle(items)
        return {"items": items, "next": str(end), "more": end < len(self.decisions)}


def _handler(stand: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def do_GET(self) -> None:
            self.answer(b"")

        def answer(self, body: bytes) -> None:
            fault = stand.fault()
            if fault == "dropped":
                return self.hang_up()
            if fault == "delayed":
                time.sleep(stand.delay)
                return self.hang_up()
            if fault == "broken" or stand.status:
                return self.say(stand.status or 500, {"detail": "出错"})
            if not stand.knows(self, body):
                return self.say(401, {"detail": "签名不对"})
            said = self.does(body, half=fault == "half_taken")
            if fault == "doubled":
                said = self.does(body)
            if fault == "answer_lost":
                return self.hang_up()
            self.say(200, said)
            return None

        def does(self, body: bytes, *, half: bool = False) -> dict[str, Any]:
            parts = urlsplit(self.path)
            if self.command == "POST" and parts.path.endswith(protocol.CHANGES):
                return stand.take(body, half=half)
            assert parts.path.endswith(protocol.DECISIONS), self.path
            return stand.page(parts.query)

        def say(self, status: int, data: Any) -> None:
            body = json.dumps(data, ensure_ascii=False).encode()
            signed = protocol.answer_headers(
                algorithm=stand.algorithm, secret=SECRET, status=status,
                nonce=self.headers.get("X-GJ-Nonce", ""), body=body,
            )  # fmt: skip
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if stand.location:
                    self.send_header("Location", stand.location)
                for name, text in ({} if stand.unsigned else signed).items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body)

        def hang_up(self) -> None:
            with suppress(OSError):
                self.connection.close()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    return Handler


@contextmanager
def stand_in(share: float = 0.0, *, seed: int = 1) -> Iterator[StandIn]:
    """The other platform, until the block ends."""
    stand = StandIn(share, seed)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A call that was hung up on is what was meant."""

    with Server(("127.0.0.1", 0), _handler(stand)) as server:
        stand.url = f"http://127.0.0.1:{server.server_port}/exchange/v1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield stand
        finally:
            server.shutdown()
            thread.join()
