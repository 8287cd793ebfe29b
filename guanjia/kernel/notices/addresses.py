"""Where messages to a person go, and how such an address is shown. Pure."""

import re

from guanjia.kernel.notices.terms import ChannelKind

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MOBILE = re.compile(r"1[3-9]\d{9}")


def is_email(text: str) -> bool:
    """Whether a text can be an e-mail address (ASCII: mail servers of offices know no other)."""
    return _EMAIL.fullmatch(text) is not None


def is_mobile(text: str) -> bool:
    """Whether a text is a mobile number of the mainland."""
    return _MOBILE.fullmatch(text) is not None


def fits(kind: ChannelKind, text: str) -> bool:
    """Whether a channel can reach this address."""
    return is_email(text) if kind is ChannelKind.EMAIL else is_mobile(text)


def of(kind: ChannelKind, *, email: str, mobile: str) -> str:
    """Which of a person's addresses a channel uses; ``""`` where it is missing or cannot be one."""
    wanted = (email if kind is ChannelKind.EMAIL else mobile).strip()
    return wanted if fits(kind, wanted) else ""


def masked(text: str) -> str:
    """``158****2391``, ``l***@jdz.gov.cn``; ``""`` for nothing."""
    name, at, host = text.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    return f"{text[:3]}****{text[-4:]}" if is_mobile(text) else "*" * len(text)
