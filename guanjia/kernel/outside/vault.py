"""Keeping secrets that are told to other servers: encrypted at rest, read with our own key only."""

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

CHANNELS = b"guanjia.kernel.notices.channel"  # the notice channels; never changed, or they are lost
PEERS = b"guanjia.kernel.exchange.peer"


class SecretUnreadable(ValueError):
    """A secret was kept under another key than the installation has now."""


def _box(key: str | bytes, purpose: bytes) -> Fernet:
    raw = key.encode() if isinstance(key, str) else key
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(raw)
    return Fernet(base64.urlsafe_b64encode(derived))


def _boxes(purpose: bytes) -> MultiFernet:
    """The box of today's key first; older keys still open what they closed."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_box(key, purpose) for key in keys])


def keep(secrets: Mapping[str, str], *, purpose: bytes) -> str:
    """Some named secrets as text that can be stored; ``""`` for none.

    ``purpose``: what they are for; another purpose cannot open them.
    """
    if not secrets:
        return ""
    return _boxes(purpose).encrypt(json.dumps(dict(secrets)).encode()).decode()


def open_(kept: str, *, purpose: bytes) -> dict[str, str]:
    """What ``keep`` kept for the purpose; raises ``SecretUnreadable`` under another key."""
    if not kept:
        return {}
    try:
        found: dict[str, str] = json.loads(_boxes(purpose).decrypt(kept.encode()))
    except (InvalidToken, ValueError) as fault:
        raise SecretUnreadable from fault
    return found
