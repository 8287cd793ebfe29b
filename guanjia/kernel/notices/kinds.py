"""What people are told about, declared by the departments: title, template, urgency. Pure."""

from dataclasses import dataclass

from guanjia.kernel.notices.terms import EVERYDAY, ChannelKind


@dataclass(frozen=True, kw_only=True)
class NoticeKind:
    """A kind of notice.

    ``template``: a text file; its first line is the title, the rest the body. ``urgent`` goes out
    at once, also at night. ``digest``: whether it may wait some minutes to go out with others.
    """

    key: str
    title: str
    template: str
    urgent: bool = False
    channels: tuple[ChannelKind, ...] = EVERYDAY
    digest: bool = True


_kinds: dict[str, NoticeKind] = {}


def declare(*kinds: NoticeKind) -> None:
    """Make kinds known; called from the ``apps.py`` of the department that tells of them."""
    for kind in kinds:
        _kinds[kind.key] = kind


def get(key: str) -> NoticeKind | None:
    """The kind of this key, or ``None`` for one that is no longer declared."""
    return _kinds.get(key)


def all_kinds() -> list[NoticeKind]:
    """Every declared kind in the order of declaration."""
    return list(_kinds.values())
