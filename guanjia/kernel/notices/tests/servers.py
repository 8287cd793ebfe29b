"""Small servers of a test's own, on a port of their own: HTTP that answers as told, and SMTP."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Heard:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Web:
    """How the server answers, and what it heard. ``hang``: it says nothing until the test ends."""

    url: str = ""
    status: int = 200
    body: bytes = b'{"errcode": 0, "errmsg": "ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    drip: bool = False
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def web(**answer: Any) -> Iterator[Web]:
    """An HTTP server until the block ends."""
    told = Web(**answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            told.heard.append(Heard(self.path, dict(self.headers), self.rfile.read(length)))
            if told.hang:
                told.over.wait(30)
                return
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if told.drip:
                while not told.over.wait(0.05):
                    try:
                        self.wfile.write(b" ")
                    except OSError:
                        return
            self.wfile.write(told.body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield told
        finally:
            told.over.set()
            server.shutdown()
            thread.join()


@dataclass
class Post:
    """How the mail server answers, and what it took. ``says``: its answer to a command."""

    port: int = 0
    says: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def post(**answer: Any) -> Iterator[Post]:
    """An SMTP server until the block ends; it knows PLAIN and takes every password."""
    told = Post(**answer)

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            if told.hang:
                told.over.wait(30)
                return
            self.say(told.says.get("", "220 post.test"))
            while line := self.rfile.readline():
                command = line.decode().strip()
                told.commands.append(command)
                verb = command.split()[0].upper() if command else ""
                answered = told.says.get(verb)
                if answered:
                    self.say(answered)
                elif verb == "EHLO":
                    self.say("250-post.test")
                    self.say("250 AUTH PLAIN")
                elif verb == "AUTH":
                    self.say("235 ok")
                elif verb == "DATA":
                    self.say("354 go on")
                    self.take()
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            told.mails.append(b"".join(lines))
            self.say(told.says.get(".", "250 taken"))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield told
        finally:
            told.over.set()
            server.shutdown()
            thread.join()
