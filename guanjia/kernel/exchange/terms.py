"""The nouns of talking to other platforms: how a peer stands, what became of a message. Pure."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class PeerState(Term):
    """Whether we talk to a peer (对接状态)."""

    OFF = "OFF", "未接通"
    ON = "ON", "已接通"
    PAUSED = "PAUSED", "已暂停"


PEER_LIFE = Life(
    states={
        PeerState.OFF: Stage(tone="idle", icon="circle-dashed", to=(PeerState.ON,)),
        PeerState.ON: Stage(tone="done", icon="circle-check", to=(PeerState.PAUSED, PeerState.OFF)),
        PeerState.PAUSED: Stage(tone="stop", icon="hand-stop", to=(PeerState.ON, PeerState.OFF)),
    },
    rule="未接通的才能接通，已接通的才能暂停或断开",
)


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


OUT_LIFE = Life(
    states={
        OutState.WAITING: Stage(tone="wait", icon="clock", to=(OutState.SENT, OutState.REFUSED)),
        OutState.SENT: Stage(tone="done", icon="circle-check"),
        OutState.REFUSED: Stage(
            tone="stop", icon="circle-x", to=(OutState.WAITING, OutState.SUPERSEDED)
        ),
        OutState.SUPERSEDED: Stage(tone="idle", icon="versions"),
        OutState.WITHHELD: Stage(tone="idle", icon="eye-off"),
    },
    rule="被退的报文才能再发",
)


class InState(Term):
    """What became of a decision that was sent to us (来文状态)."""

    WAITING = "WAITING", "待办理"
    APPLIED = "APPLIED", "已办理"
    UNAPPLIED = "UNAPPLIED", "办不了"
    OUTDATED = "OUTDATED", "已有更新的"


IN_LIFE = Life(
    states={
        InState.WAITING: Stage(
            tone="wait", icon="clock", to=(InState.APPLIED, InState.UNAPPLIED, InState.OUTDATED)
        ),
        InState.APPLIED: Stage(tone="done", icon="circle-check"),
        InState.UNAPPLIED: Stage(tone="stop", icon="circle-x", to=(InState.WAITING,)),
        InState.OUTDATED: Stage(tone="idle", icon="versions"),
    },
    rule="办不了的来文才能再办",
)


class CallState(Term):
    """How a call of a partner ended (结果)."""

    BEGUN = "BEGUN", "未答完"
    ANSWERED = "ANSWERED", "已答"
    REFUSED = "REFUSED", "未准"


CALL_LIFE = Life(
    states={
        CallState.BEGUN: Stage(
            tone="wait", icon="clock", to=(CallState.ANSWERED, CallState.REFUSED)
        ),
        CallState.ANSWERED: Stage(tone="done", icon="circle-check"),
        CallState.REFUSED: Stage(tone="stop", icon="ban"),
    },
    rule="一次调用只有一个结果",
)


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
