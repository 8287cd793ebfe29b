"""What a message says: one notice whole, several as a list. Pure."""

from collections.abc import Sequence
from typing import Protocol

from guanjia.kernel.notices.terms import BRIEF, ChannelKind
from guanjia.kernel.notices.wording import cut

_TITLE_MAX = 200
_LINES_MAX = 30


class Told(Protocol):
    """What a message needs of a notice."""

    title: str
    body: str


def title_of(notices: Sequence[Told]) -> str:
    """The one title, or how many there are."""
    first = notices[0].title
    return (
        first if len(notices) == 1 else cut(f"您有 {len(notices)} 件新消息：{first}等", _TITLE_MAX)
    )


def message_of(notices: Sequence[Told], way: ChannelKind) -> tuple[str, str]:
    """Title and body for a channel; on brief ones the titles only."""
    if len(notices) == 1:
        only = notices[0]
        return only.title, "" if way in BRIEF else only.body
    if way is ChannelKind.SMS:
        return title_of(notices), ""
    title = f"您有 {len(notices)} 件新消息"
    lines = [
        f"{number}. {notice.title}" + ("" if way in BRIEF else _indented(notice.body))
        for number, notice in enumerate(notices[:_LINES_MAX], start=1)
    ]
    if len(notices) > _LINES_MAX:
        lines.append(f"另有 {len(notices) - _LINES_MAX} 件，登录后看。")
    return title, "\n".join(lines)


def _indented(body: str) -> str:
    return "".join(f"\n   {line}" for line in body.splitlines())
