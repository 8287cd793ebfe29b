"""One careful POST: only http and https, no redirect, bounded time, bounded answer."""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from guanjia.kernel.notices.channels.failure import ChannelFailure

SECONDS = 10.0  # for the whole conversation, however slowly a server drips
ANSWER_BYTES_MAX = 64 * 1024
_OK = range(200, 300)
_BUSY = {408, 425, 429}
_FAULT = 500


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as data; ``None`` where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:  # also text that is no UTF-8
            return None


def host_of(url: str) -> str:
    """The server of an address without its secrets; raises ``ChannelFailure`` for a bad one."""
    plain = url.strip()
    try:
        parts = urlsplit(plain)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ChannelFailure("接口地址不对，应以 http 或 https 开头。", retry=False)
    if not plain.isascii() or not plain.isprintable() or " " in plain:
        raise ChannelFailure("接口地址不对，中文和空格要先转码。", retry=False)
    return f"{parts.hostname}:{port}" if port else parts.hostname


@contextmanager
def within_seconds(sock: socket.socket, late: threading.Event) -> Iterator[None]:
    """Hang up on a server when the time is over: the limit of a socket is for one answer only.

    Sets ``late`` when it did. Hangs up by a second handle, since the first may have been wrapped.
    """
    handle = sock.dup()

    def hang_up() -> None:
        late.set()
        with suppress(OSError):  # it is closed already
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(SECONDS, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def post(*, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body to an address and return the answer; a redirect is not followed but refused.

    Raises ``ChannelFailure`` where the server cannot be reached, is too slow or says no.
    """
    host = host_of(url)
    parts = urlsplit(url.strip())
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    late = threading.Event()
    try:
        answer = _converse(url, path, body, headers, late)
    except ssl.SSLCertVerificationError as fault:
        raise ChannelFailure(f"{host} 的证书不可信。", retry=True) from fault
    except (OSError, http.client.HTTPException) as fault:
        if late.is_set() or isinstance(fault, TimeoutError):
            raise ChannelFailure(f"{host} 超过 {SECONDS:g} 秒没有答复。", retry=True) from None
        raise ChannelFailure(f"连不上 {host}。", retry=True) from None
    if late.is_set():  # what was hung up on looks like an answer that ended
        raise ChannelFailure(f"{host} 超过 {SECONDS:g} 秒没有答复。", retry=True)
    _judge_status(host, answer.status)
    return answer


def _converse(
    url: str, path: str, body: bytes, headers: Mapping[str, str], late: threading.Event
) -> Answer:
    parts = urlsplit(url.strip())
    secure = parts.scheme == "https"
    host, port = str(parts.hostname), parts.port or (443 if secure else 80)
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    # Opened by hand, so that the time limit also holds while the keys are agreed upon.
    connection.sock = socket.create_connection((host, port), timeout=SECONDS)
    try:
        with within_seconds(connection.sock, late):
            if secure:
                context = ssl.create_default_context()
                connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
            named = {"Host": host_of(url), "Connection": "close", **headers}
            connection.request("POST", path, body=body, headers=named)
            response = connection.getresponse()
            return Answer(response.status, response.read(ANSWER_BYTES_MAX))
    finally:
        connection.close()


def _judge_status(host: str, status: int) -> None:
    if status in _OK:
        return
    if status >= _FAULT or status in _BUSY:
        raise ChannelFailure(f"{host} 出错或太忙（{status}）。", retry=True)
    if status < 400:  # noqa: PLR2004 — 3xx
        raise ChannelFailure(f"{host} 要转到别处（{status}），没有跟去。", retry=False)
    raise ChannelFailure(f"{host} 不收（{status}），核对接口地址和密钥。", retry=False)


def post_json(*, url: str, data: Any) -> Answer:
    """Send data as JSON."""
    body = json.dumps(data, ensure_ascii=False).encode()
    return post(url=url, body=body, headers={"Content-Type": "application/json; charset=utf-8"})
