"""Keys of partner systems: made, stopped, and asked for at the door.

The department whose page it is asks for the duty; here only what must hold is checked.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.kernel.acts.changing import change
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.exchange import scopes as known_scopes
from guanjia.kernel.exchange.models import ApiCall, ApiKey
from guanjia.kernel.exchange.terms import CallState
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, merge, refuse
from guanjia.kernel.values.actor import Actor

MARK = "gj"
_PREFIX = re.compile(r"gj_[0-9a-f]{8}\Z")
_PARTNER_MAX = 60
_PER_MINUTE_MAX = 6000
_DAYS_MAX = 366 * 3  # nobody remembers a key for longer
_NETWORKS_MAX = 20
_BOUNDS_MAX = 500
_MINUTE = timedelta(minutes=1)


class KeyRefused(Exception):
    """A call without a right key: ``status`` and a Chinese sentence; seconds to wait for 429."""

    def __init__(self, status: int, sentence: str, *, wait: int = 0) -> None:
        self.status, self.sentence, self.wait = status, sentence, wait
        super().__init__(sentence)


def _digest(key: str) -> str:
    """Keys are long and random: a plain digest cannot be guessed backwards."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


@transaction.atomic
def make_key(  # noqa: PLR0913 — one for each thing a key says
    *,
    actor: Actor,
    partner: str,
    contact: str,
    scopes: Sequence[str],
    networks: Sequence[str],
    since: date,
    until: date,
    per_minute: int,
    at: datetime,
    unit_ids: Sequence[int] = (),
    subject_ids: Sequence[int] = (),
) -> tuple[ApiKey, str]:
    """Make a key (发放密钥); returns it with its text, which is kept nowhere and shown once.

    ``unit_ids``, ``subject_ids``: for whom it may write, where a scope writes; else nothing.
    """
    nets, judged = _networks(networks)
    bounded = _bounded(scopes, len(unit_ids) + len(subject_ids))
    merge(
        [_named(partner), _readable(scopes), bounded, judged, _lasting(since, until),
         _often(per_minute)]
    ).enforce()  # fmt: skip
    prefix = f"{MARK}_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        partner=partner.strip(),
        contact=contact.strip()[:60],
        prefix=prefix,
        digest=_digest(text),
        scopes=list(dict.fromkeys(scopes)),
        unit_ids=sorted(set(unit_ids)),
        subject_ids=sorted(set(subject_ids)),
        networks=nets,
        since=since,
        until=until,
        per_minute=per_minute,
        made_by=actor.name[:60],
        made_at=at,
    )
    audit.record(
        actor=actor,
        verb="exchange.key.made",
        on=key,
        at=at,
        after=_facts(key),
    )
    return key, text


def _facts(key: ApiKey) -> dict[str, Any]:
    """What the trail keeps of a new key: never its text."""
    names = ("prefix", "scopes", "networks", "since", "until", "per_minute")
    facts = {name: getattr(key, name) for name in names}
    if key.unit_ids or key.subject_ids:
        facts |= {"units": key.unit_ids, "subjects": key.subject_ids}
    return facts


def _named(partner: str) -> Verdict:
    if not partner.strip():
        return refuse("partner_missing", "没有填合作系统。", field="partner")
    if len(partner.strip()) > _PARTNER_MAX:
        return refuse("partner_long", f"合作系统最多 {_PARTNER_MAX} 个字。", field="partner")
    return ALLOWED


def _readable(scopes: Sequence[str]) -> Verdict:
    if not scopes:
        return refuse("scopes_missing", "没有选可读内容。", "至少选一项。", field="scopes")
    if any(known_scopes.get(scope) is None for scope in scopes):
        return refuse("scope_unknown", "可读内容从列出的选。", field="scopes")
    return ALLOWED


def _bounded(scopes: Sequence[str], count: int) -> Verdict:
    """A key that writes names for whom, one that reads does not."""
    writes = any((known := known_scopes.get(scope)) and known.writes for scope in scopes)
    if writes and not count:
        sentence = "写明可以填哪些区域、哪些机构，至少一个。"
        return refuse("bounds_missing", "没有写填报范围。", sentence, field="subjects")
    if count and not writes:
        sentence = "只读的密钥读到的是全部，去掉填报范围再发放。"
        return refuse("bounds_needless", "不能写填报范围。", sentence, field="subjects")
    if count > _BOUNDS_MAX:
        return refuse("bounds_many", f"填报范围最多 {_BOUNDS_MAX} 个。", field="subjects")
    return ALLOWED


def _networks(networks: Sequence[str]) -> tuple[list[str], Verdict]:
    found = []
    for text in filter(None, (one.strip() for one in networks)):
        try:
            found.append(str(ipaddress.ip_network(text, strict=False)))
        except ValueError:
            return [], refuse(
                "network_bad", f"来源网段“{text[:50]}”不对。", "写成 10.36.0.0/16 或单个地址。",
                field="networks",
            )  # fmt: skip
    if len(found) > _NETWORKS_MAX:
        return [], refuse("networks_many", f"网段最多 {_NETWORKS_MAX} 个。", field="networks")
    return list(dict.fromkeys(found)), ALLOWED


def _lasting(since: date, until: date) -> Verdict:
    if until < since:
        return refuse("until_early", "截止日期早于启用日期。", field="until")
    if (until - since).days > _DAYS_MAX:
        return refuse("until_late", "一个密钥最多用三年。", "到期前再发新的。", field="until")
    return ALLOWED


def _often(per_minute: int) -> Verdict:
    if not 1 <= per_minute <= _PER_MINUTE_MAX:
        return refuse(
            "often_bad", "每分钟次数不对。", f"填 1 至 {_PER_MINUTE_MAX}。", field="per_minute"
        )
    return ALLOWED


@transaction.atomic
def stop_key(*, actor: Actor, key_id: int, reason: str, at: datetime) -> ApiKey:
    """Stop a key at once and for good (停用)."""
    key: ApiKey = ApiKey.objects.select_for_update().get(pk=key_id)
    if key.revoked_at is not None:
        refuse("stopped", "这个密钥已经停用。").enforce()
    if not reason.strip():
        refuse("no_reason", "没有写停用原因。", "写明原因再停用。", field="reason").enforce()
    told = {"revoked_at": at, "revoked_reason": reason.strip()[:100]}
    change(key, told, actor=actor, verb="exchange.key.stopped", at=at, note=reason)
    return key


# ── at the door ─────────────────────────────────────────────────────────────────────────


def key_of(text: str) -> ApiKey:
    """The key somebody shows; raises ``KeyRefused`` (401) for one we never gave."""
    prefix = "_".join(text.split("_", 2)[:2])[:12]
    key: ApiKey | None = None
    if _PREFIX.match(prefix):
        key = ApiKey.objects.filter(prefix=prefix).first()
    shown = _digest(text)
    if key is None or not hmac.compare_digest(shown, key.digest):
        raise KeyRefused(401, "没有这个接口密钥。核对请求头 Authorization: Bearer 后面的密钥。")
    return key


def admit(*, key: ApiKey, scope: str, address: str, query: str, at: datetime) -> ApiCall:
    """Let a call in, or raise ``KeyRefused``; either way it is written down.

    Of calls over the limit only the first in a minute is written: they must not fill the table.
    """
    with transaction.atomic():
        # Calls of one key are counted in turn; it may have been stopped a moment ago.
        key = ApiKey.objects.select_for_update().get(pk=key.pk)
        call = ApiCall(key=key, at=at, address=address or None, scope=scope[:60], query=query[:300])
        no = _no(key, scope, address, at)
        if no is None:
            call.save()
            return call
        call.state, call.note = CallState.REFUSED, no.sentence[:200]
        recent = ApiCall.objects.filter(key=key, at__gt=at - _MINUTE, note=call.note)
        if not recent.exists():
            call.save()
    raise no


def _no(key: ApiKey, scope: str, address: str, at: datetime) -> KeyRefused | None:
    today = timezone.localdate(at)
    if key.revoked_at is not None:
        return KeyRefused(401, "这个接口密钥已停用。")
    if not key.since <= today <= key.until:
        return KeyRefused(401, f"这个接口密钥自 {key.since} 至 {key.until} 有效。")
    if key.networks and not _inside(address, key.networks):
        return KeyRefused(403, f"{address or '来源地址'} 不在这个接口密钥的来源网段内。")
    if scope not in key.scopes:
        known = known_scopes.get(scope)
        act = "填报" if known and known.writes else "读"
        return KeyRefused(403, f"这个接口密钥不能{act}“{known.title if known else scope}”。")
    recent = ApiCall.objects.filter(key=key, at__gt=at - _MINUTE).exclude(
        state=CallState.REFUSED, rows=None
    )  # not the ones that were not let in; those that could not be read were
    if recent.count() >= key.per_minute:
        oldest = recent.order_by("at").values_list("at", flat=True)[0]
        wait = max(1, round((oldest + _MINUTE - at).total_seconds()))
        return KeyRefused(429, f"每分钟最多 {key.per_minute} 次，稍后再来。", wait=wait)
    return None


def _inside(address: str, networks: Sequence[str]) -> bool:
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(here in ipaddress.ip_network(one) for one in networks)


def answered(*, call: ApiCall, rows: int) -> None:
    """Write down how many rows a call was given."""
    call.state, call.rows = CallState.ANSWERED, rows
    call.save(update_fields=["state", "rows"])


def not_answered(*, call: ApiCall, note: str) -> None:
    """Write down that a call was let in, could not be read, and was given no rows."""
    call.state, call.note, call.rows = CallState.REFUSED, note[:200], 0
    call.save(update_fields=["state", "note", "rows"])
