"""One careful call: only http and https, no redirect, bounded time, bounded answer."""

import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from guanjia.kernel.outside.failure import CallFailure

SECONDS = 10.0  # for the whole conversation, however slowly a server drips
ANSWER_BYTES_MAX = 64 * 1024
_OK, _MOVED = range(200, 300), range(300, 400)
_BUSY = {408, 425, 429}
_FAULT = 500


@dataclass(frozen=True)
class Answer:
    """What a server said; the names of headers are in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as data; ``None`` where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):  # also text that is no UTF-8
            return None

    @property
    def busy(self) -> bool:
        """Whether the same call may be taken later: the server is down or overrun."""
        return self.status >= _FAULT or self.status in _BUSY

    @property
    def ok(self) -> bool:
        """Whether it was taken."""
        return self.status in _OK

    @property
    def moved(self) -> bool:
        """Whether the server sends us elsewhere; we do not go."""
        return self.status in _MOVED


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whom to believe: a certificate authority (PEM) instead of the usual ones, and the digest
    (SHA-256, hexadecimal) of the one certificate that is right."""

    authority: str = ""
    pin: str = ""

    def context(self) -> ssl.SSLContext:
        """The rules of an encrypted conversation; ``CallFailure`` for an unreadable authority."""
        try:
            return ssl.create_default_context(cadata=self.authority or None)
        except (ssl.SSLError, TypeError, ValueError):  # TypeError: letters beyond ASCII
            raise CallFailure("信任的根证书读不出，请重新填写。", retry=False) from None


USUAL = Trust()


def host_of(url: str) -> str:
    """The server of an address without its secrets; raises ``CallFailure`` for a bad one."""
    plain = url.strip()
    try:
        parts = urlsplit(plain)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CallFailure("接口地址不对，应以 http 或 https 开头。", retry=False)
    if not plain.isascii() or not plain.isprintable() or " " in plain:
        raise CallFailure("接口地址不对，中文和空格要先转码。", retry=False)
    return f"{parts.hostname}:{port}" if port else parts.hostname


@contextmanager
def within_seconds(
    sock: socket.socket, late: threading.Event, seconds: float | None = None
) -> Iterator[None]:
    """Hang up on a server when the time is over: the limit of a socket is for one answer only.

    Sets ``late`` when it did. Hangs up by a second handle, since the first may have been wrapped.
    """
    handle = sock.dup()

    def hang_up() -> None:
        late.set()
        with suppress(OSError):  # it is closed already
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(SECONDS if seconds is None else seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def call(
    *,
    method: str,
    url: str,
    body: bytes = b"",
    headers: Mapping[str, str],
    trust: Trust = USUAL,
    seconds: float | None = None,
    bytes_max: int | None = None,
) -> Answer:
    """Say something to a server and return its answer, whatever it is; no redirect is followed.

    Raises ``CallFailure`` where the server cannot be reached, is not who it should be, or is slow.
    """
    host = host_of(url)
    limit = SECONDS if seconds is None else seconds
    late = threading.Event()
    too_late = CallFailure(f"{host} 超过 {limit:g} 秒没有答复。", retry=True)
    asked = _Asked(method, url.strip(), body, headers, trust, limit)
    most = ANSWER_BYTES_MAX if bytes_max is None else bytes_max
    try:
        answer = _converse(asked, most, late)
    except ssl.SSLCertVerificationError as fault:
        raise CallFailure(f"{host} 的证书不可信。", retry=True) from fault
    except (OSError, http.client.HTTPException) as fault:
        if late.is_set() or isinstance(fault, TimeoutError):
            raise too_late from None
        raise CallFailure(f"连不上 {host}。", retry=True) from None
    if late.is_set():  # what was hung up on looks like an answer that ended
        raise too_late
    return answer


def post(*, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body to an address and return the answer; a redirect is not followed but refused.

    Raises ``CallFailure`` where the server cannot be reached, is too slow or says no.
    """
    answer = call(method="POST", url=url, body=body, headers=headers)
    _judge_status(host_of(url), answer)
    return answer


@dataclass(frozen=True)
class _Asked:
    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    trust: Trust
    seconds: float


def _converse(asked: _Asked, most: int, late: threading.Event) -> Answer:
    parts = urlsplit(asked.url)
    secure = parts.scheme == "https"
    host, port = str(parts.hostname), parts.port or (443 if secure else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(host, port, timeout=asked.seconds)
    # Opened by hand, so that the time limit also holds while the keys are agreed upon.
    connection.sock = socket.create_connection((host, port), timeout=asked.seconds)
    try:
        with within_seconds(connection.sock, late, asked.seconds):
            if secure:
                wrapped = asked.trust.context().wrap_socket(connection.sock, server_hostname=host)
                connection.sock = wrapped
                _is_the_one(wrapped, asked.trust.pin, host_of(asked.url))
            named = {"Host": host_of(asked.url), "Connection": "close", **asked.headers}
            connection.request(asked.method, path, body=asked.body or None, headers=named)
            response = connection.getresponse()
            said = {name.lower(): text for name, text in response.getheaders()}
            return Answer(response.status, response.read(most), said)
    finally:
        connection.close()


def _is_the_one(sock: ssl.SSLSocket, pin: str, host: str) -> None:
    if not pin:
        return
    shown = hashlib.sha256(sock.getpeercert(binary_form=True) or b"").hexdigest()
    if not hmac.compare_digest(shown, pin.lower()):
        raise CallFailure(f"{host} 出示的不是约定的证书。", retry=True)


def _judge_status(host: str, answer: Answer) -> None:
    status = answer.status
    if answer.ok:
        return
    if answer.busy:
        raise CallFailure(f"{host} 出错或太忙（{status}）。", retry=True)
    if answer.moved:
        raise CallFailure(f"{host} 要转到别处（{status}），没有跟去。", retry=False)
    raise CallFailure(f"{host} 不收（{status}），核对接口地址和密钥。", retry=False)


def post_json(*, url: str, data: Any) -> Answer:
    """Send data as JSON."""
    body = json.dumps(data, ensure_ascii=False).encode()
    return post(url=url, body=body, headers={"Content-Type": "application/json; charset=utf-8"})
