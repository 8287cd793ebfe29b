"""The nouns of notices: ways out, what became of a message, and when nobody wants to hear. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.values.term import Term


class ChannelKind(Term):
    """A way out of the platform (渠道)."""

    EMAIL = "EMAIL", "电子邮件"
    DINGTALK = "DINGTALK", "钉钉群机器人"
    WECOM = "WECOM", "企业微信群机器人"
    SMS = "SMS", "短信"


# A message on these is one line without the body: a short message costs by its length, and a group
# reads what is meant for one person.
BRIEF = frozenset({ChannelKind.DINGTALK, ChannelKind.WECOM, ChannelKind.SMS})
GROUPS = frozenset({ChannelKind.DINGTALK, ChannelKind.WECOM})

EVERYDAY = (ChannelKind.EMAIL, ChannelKind.DINGTALK, ChannelKind.WECOM)
PRESSING = (*EVERYDAY, ChannelKind.SMS)  # a short message costs money


class DeliveryState(Term):
    """What became of a message."""

    WAITING = "WAITING", "待发"
    SENDING = "SENDING", "发送中"
    SENT = "SENT", "已发"
    FAILED = "FAILED", "待重试"
    GIVEN_UP = "GIVEN_UP", "已放弃"
    SKIPPED = "SKIPPED", "未发"


# From which state a message may come into which; a trigger of the database sees to it.
LIFE = [
    ("WAITING", "SENDING"),
    ("FAILED", "SENDING"),
    ("SENDING", "SENT"),
    ("SENDING", "FAILED"),
    ("SENDING", "GIVEN_UP"),
    ("SENDING", "SKIPPED"),
    ("FAILED", "WAITING"),
    ("GIVEN_UP", "WAITING"),
    ("SKIPPED", "WAITING"),
]
OPEN = (DeliveryState.WAITING, DeliveryState.FAILED, DeliveryState.SENDING)
RETRIED = (DeliveryState.FAILED, DeliveryState.GIVEN_UP, DeliveryState.SKIPPED)

# How long after each failure the next try comes; after the last one the message is given up.
LADDER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(minutes=120),
)


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """The hours of a day in which only urgent messages go out; over midnight if need be."""

    begin: time
    end: time

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies inside; equal ends mean that no hour is quiet."""
        clock = at.astimezone(SHANGHAI).time()
        if self.begin <= self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def after(self, at: datetime) -> datetime:
        """The moment itself, or the end of the quiet hours it lies in."""
        if not self.holds(at):
            return at
        local = at.astimezone(SHANGHAI)
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return end if end > local else end + timedelta(days=1)


def quiet_from(text: str) -> Quiet:
    """Quiet hours as a provision writes them: ``21:00-07:30``."""
    begin, _, end = text.partition("-")
    return Quiet(begin=time.fromisoformat(begin), end=time.fromisoformat(end))
