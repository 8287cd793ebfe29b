"""Keeping the secrets of channels: encrypted at rest, readable only with the installation's key."""

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"guanjia.kernel.notices.channel"


class SecretUnreadable(ValueError):
    """A secret was kept under another key than the installation has now."""


def _box(key: str | bytes) -> Fernet:
    raw = key.encode() if isinstance(key, str) else key
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(raw)
    return Fernet(base64.urlsafe_b64encode(derived))


def _boxes() -> MultiFernet:
    """The box of today's key first; older keys still open what they closed."""
    return MultiFernet([_box(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def keep(secrets: Mapping[str, str]) -> str:
    """Some named secrets as text that can be stored; ``""`` for none."""
    if not secrets:
        return ""
    return _boxes().encrypt(json.dumps(dict(secrets)).encode()).decode()


def open_(kept: str) -> dict[str, str]:
    """What ``keep`` kept; raises ``SecretUnreadable`` under another key."""
    if not kept:
        return {}
    try:
        found: dict[str, str] = json.loads(_boxes().decrypt(kept.encode()))
    except (InvalidToken, ValueError) as fault:
        raise SecretUnreadable from fault
    return found
