"""How two platforms talk: what is signed, what a batch looks like, how an answer is read. Pure.

The province has not published its interface; everything that is our own assumption about it stands
in this file, so that it can be replaced in one place (see docs/decisions/0010).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from guanjia.kernel.exchange.terms import Algorithm

FORMAT = "guanjia-exchange/1"
CHANGES = "/changes"
DECISIONS = "/approvals"
PAGE = 100  # decisions asked for at a time
_HASHES = {Algorithm.SM3: "sm3", Algorithm.SHA256: "sha256"}
_NUMBER_MAX = 100
_REVISION_MAX = 2_000_000_000
_CURSOR_MAX = 200


class Unreadable(ValueError):
    """What came is not what was agreed upon; the text is a Chinese sentence."""


def _digest(algorithm: Algorithm, content: bytes) -> str:
    return hashlib.new(_HASHES[algorithm], content).hexdigest()


def _sign(algorithm: Algorithm, secret: str, *parts: str) -> str:
    content = "\n".join(parts).encode()
    return hmac.new(secret.encode(), content, _HASHES[algorithm]).hexdigest()


def signed_headers(
    *,
    algorithm: Algorithm,
    secret: str,
    client: str,
    method: str,
    target: str,
    body: bytes,
    timestamp: int,
    nonce: str,
) -> dict[str, str]:
    """What goes with a call: who we are, and the signature over all of it.

    ``target`` is path and query as they are sent. Signed are, each on a line: method, target,
    time (seconds since 1970), nonce, digest of the body.
    """
    digest = _digest(algorithm, body)
    moment = str(timestamp)
    return {
        "X-GJ-Client": client,
        "X-GJ-Algorithm": algorithm.label,
        "X-GJ-Timestamp": moment,
        "X-GJ-Nonce": nonce,
        "X-GJ-Digest": digest,
        "X-GJ-Signature": _sign(algorithm, secret, method, target, moment, nonce, digest),
    }


def answer_headers(
    *, algorithm: Algorithm, secret: str, status: int, nonce: str, body: bytes
) -> dict[str, str]:
    """What the other side puts on its answer: signed over status, nonce of the call and body."""
    digest = _digest(algorithm, body)
    return {
        "X-GJ-Digest": digest,
        "X-GJ-Signature": _sign(algorithm, secret, str(status), nonce, digest),
    }


def is_genuine(
    *,
    algorithm: Algorithm,
    secret: str,
    status: int,
    nonce: str,
    body: bytes,
    headers: Mapping[str, str],
) -> bool:
    """Whether an answer is the peer's own, and to this very call."""
    wanted = answer_headers(
        algorithm=algorithm, secret=secret, status=status, nonce=nonce, body=body
    )
    said = headers.get("x-gj-signature", "")
    return hmac.compare_digest(said.encode(), wanted["X-GJ-Signature"].encode())


# ── messages ────────────────────────────────────────────────────────────────────────────


def message(
    *,
    message_id: UUID,
    kind: str,
    subject_id: int,
    version: int,
    op: str,
    changes: Sequence[int],
    made_at: str,
    data: Mapping[str, Any] | None,
) -> str:
    """The text of a message, byte by byte as it will be sent however often it takes."""
    return _text(
        {
            "id": str(message_id),
            "kind": kind,
            "subject": subject_id,
            "version": version,
            "op": op,
            "changes": list(changes),
            "made_at": made_at,
            "data": data,
        }
    )


def batch(bodies: Sequence[str]) -> bytes:
    """Several messages as one call; their texts stay as they were kept."""
    return f'{{"format":"{FORMAT}","messages":[{",".join(bodies)}]}}'.encode()


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True)
class Result:
    """What the peer made of one message: taken (also when it had it already), or refused why."""

    taken: bool
    reason: str = ""


def results(body: Any) -> dict[UUID, Result]:
    """The answer to a batch; what it does not name was not taken. Raises ``Unreadable``."""
    told = body.get("results") if isinstance(body, dict) else None
    if not isinstance(told, list):
        raise Unreadable("对方的答复读不懂：没有 results。")
    found = {}
    for one in told:
        try:
            message_id, state = UUID(str(one["id"])), one["state"]
        except (KeyError, TypeError, ValueError):
            raise Unreadable("对方的答复读不懂：results 中有一条没有编号或结果。") from None
        if state in ("applied", "repeated"):
            found[message_id] = Result(taken=True)
        elif state == "refused":
            found[message_id] = Result(taken=False, reason=str(one.get("reason") or ""))
    return found


# ── decisions ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Item:
    """One decision as the peer sends it."""

    external_id: str
    kind: str
    number: str
    revision: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Items:
    """A page of decisions, where the next begins, and whether there is more now."""

    items: Sequence[Item] = field(default_factory=tuple)
    cursor: str = ""
    more: bool = False


def decisions(body: Any) -> Items:
    """A page of decisions. Raises ``Unreadable``: then nothing of the page is taken."""
    if not isinstance(body, dict) or not isinstance(body.get("items"), list):
        raise Unreadable("对方送来的批复读不懂：没有 items。")
    cursor = body.get("next")
    if not isinstance(cursor, str) or len(cursor) > _CURSOR_MAX:
        raise Unreadable("对方送来的批复读不懂：没有 next。")
    items = tuple(_item(one) for one in body["items"][: PAGE * 10])
    return Items(items=items, cursor=cursor, more=body.get("more") is True)


def _item(one: Any) -> Item:
    if not isinstance(one, dict) or not isinstance(one.get("data"), dict):
        raise Unreadable("对方送来的批复读不懂：有一条没有 data。")
    names = {name: one.get(name) for name in ("id", "kind", "number")}
    if not all(isinstance(text, str) and 0 < len(text) <= _NUMBER_MAX for text in names.values()):
        raise Unreadable("对方送来的批复读不懂：有一条没有 id、kind 或 number。")
    revision = one.get("revision", 1)
    if type(revision) is not int or not 0 <= revision <= _REVISION_MAX:
        raise Unreadable("对方送来的批复读不懂：有一条的 revision 不是整数。")
    return Item(
        external_id=str(names["id"]),
        kind=str(names["kind"]),
        number=str(names["number"]),
        revision=revision,
        body=_text(one["data"]),
    )
