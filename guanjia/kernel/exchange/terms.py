"""The nouns of talking to other platforms: how a peer stands, what became of a message. Pure."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class PeerState(Term):
    """Whether we talk to a peer (对接状态)."""

    OFF = "OFF", "未接通"
    ON = "ON", "已接通"
    PAUSED = "PAUSED", "已暂停"


class Algorithm(Term):
    """How what is said is signed (签名算法)."""

    SM3 = "SM3", "HMAC-SM3"
    SHA256 = "SHA256", "HMAC-SHA256"


class Op(Term):
    """What a message says of its row (动作)."""

    SAVE = "SAVE", "更新"
    WITHDRAW = "WITHDRAW", "撤下"


class OutState(Term):
    """What became of a message (报文状态)."""

    WAITING = "WAITING", "待发送"
    SENT = "SENT", "对方已收"
    REFUSED = "REFUSED", "被退"
    SUPERSEDED = "SUPERSEDED", "已由新报文代替"
    WITHHELD = "WITHHELD", "不外送"


# From which state a message may come into which; a trigger of the database sees to it.
OUT_LIFE = [
    ("WAITING", "SENT"),
    ("WAITING", "REFUSED"),
    ("REFUSED", "WAITING"),
    ("REFUSED", "SUPERSEDED"),
]


class InState(Term):
    """What became of a decision that was sent to us (来文状态)."""

    WAITING = "WAITING", "待办理"
    APPLIED = "APPLIED", "已办理"
    UNAPPLIED = "UNAPPLIED", "办不了"
    OUTDATED = "OUTDATED", "已有更新的"


IN_LIFE = [
    ("WAITING", "APPLIED"),
    ("WAITING", "UNAPPLIED"),
    ("WAITING", "OUTDATED"),
    ("UNAPPLIED", "WAITING"),
]


class CallState(Term):
    """How a call of a partner ended (结果)."""

    BEGUN = "BEGUN", "未答完"
    ANSWERED = "ANSWERED", "已答"
    REFUSED = "REFUSED", "未准"


class KeyState(Term):
    """Whether a key was stopped (密钥状态)."""

    GIVEN = "GIVEN", "未停用"
    STOPPED = "STOPPED", "已停用"


KEY_LIFE = Life(
    states={
        KeyState.GIVEN: Stage(tone="done", icon="circle-check", to=(KeyState.STOPPED,)),
        KeyState.STOPPED: Stage(tone="idle", icon="ban"),
    },
    rule="停用的密钥不能恢复，对方要用须另发",
)
