"""One signed call to a peer, and whether its answer is genuine."""

import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from guanjia.kernel.exchange import protocol
from guanjia.kernel.exchange.models import Peer
from guanjia.kernel.exchange.terms import Algorithm
from guanjia.kernel.outside import http, vault
from guanjia.kernel.outside.failure import CallFailure
from guanjia.kernel.outside.http import Answer, Trust

ANSWER_BYTES_MAX = 4 * 1024 * 1024
_UNKNOWN = {401, 403}
SECRET = "secret"  # noqa: S105 — the name it is kept by

# How a peer is called; tests and the demo put something else in its place.
Caller = Callable[[Peer, str, str, bytes, datetime], Answer]


def secret_of(peer: Peer) -> str:
    """The secret of a peer; raises ``CallFailure`` when it was kept under another key."""
    try:
        return vault.open_(peer.secret, purpose=vault.PEERS).get(SECRET, "")
    except vault.SecretUnreadable:
        raise CallFailure("密钥读不出，请重新填写。", retry=False) from None


def taken(answer: Answer) -> Answer:
    """The answer, where it says yes; raises ``CallFailure`` for one that says no."""
    if answer.ok:
        return answer
    status = answer.status
    if answer.busy:
        raise CallFailure(f"对方出错或太忙（{status}）。", retry=True)
    if status in _UNKNOWN:
        raise CallFailure(f"对方不认我方编号或密钥（{status}），核对后恢复。", retry=False)
    if answer.moved:
        sentence = f"对方要转到别处（{status}），没有跟去，核对接口地址。"
        raise CallFailure(sentence, retry=False)
    raise CallFailure(f"对方没有这个接口（{status}），核对接口地址。", retry=False)


def call(peer: Peer, method: str, path: str, body: bytes, at: datetime) -> Answer:
    """Call a peer. Raises ``CallFailure``: not reached, not trusted, or not its own answer.

    An answer that says no because we are unknown, or comes from something before the peer (a
    gateway that is down), has no signature; only what is taken for granted must be genuine.
    """
    secret, algorithm = secret_of(peer), Algorithm(peer.algorithm)
    url = peer.url.rstrip("/") + path
    parts = urlsplit(url)
    nonce = secrets.token_hex(16)
    headers = protocol.signed_headers(
        algorithm=algorithm,
        secret=secret,
        client=peer.client,
        method=method,
        target=parts.path + (f"?{parts.query}" if parts.query else ""),
        body=body,
        timestamp=int(at.timestamp()),
        nonce=nonce,
    )
    answer = http.call(
        method=method,
        url=url,
        body=body,
        headers={**headers, "Content-Type": "application/json; charset=utf-8"},
        trust=Trust(authority=peer.authority, pin=peer.pin),
        bytes_max=ANSWER_BYTES_MAX,
    )
    if answer.ok and not protocol.is_genuine(
        algorithm=algorithm,
        secret=secret,
        status=answer.status,
        nonce=nonce,
        body=answer.body,
        headers=answer.headers,
    ):
        raise CallFailure("对方的答复没有签名或签名不对，当作没有送到。", retry=True)
    return answer
