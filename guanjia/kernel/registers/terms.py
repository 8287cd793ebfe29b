"""Words of uploads and remarks."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class UploadState(Term):
    """How far an uploaded file has come."""

    READING = "READING", "正在核对"
    FAULTY = "FAULTY", "有错待改"
    READY = "READY", "可以写入"
    WRITING = "WRITING", "正在写入"
    WRITTEN = "WRITTEN", "已写入"
    FAILED = "FAILED", "没有读成"


class RemarkKind(Term):
    """What kind of remark hangs on a row."""

    FINDING = "FINDING", "发现"
    DOUBT = "DOUBT", "存疑"
    PAPER = "PAPER", "待补手续"


class RemarkState(Term):
    """Whether somebody still has to answer a remark."""

    OPEN = "OPEN", "待说明"
    EXPLAINED = "EXPLAINED", "已说明"
    CLOSED = "CLOSED", "已了结"


REMARK_LIFE = Life(
    states={
        RemarkState.OPEN: Stage(
            tone="wait", icon="alert-circle", to=(RemarkState.EXPLAINED, RemarkState.CLOSED)
        ),
        RemarkState.EXPLAINED: Stage(tone="idle", icon="message", to=(RemarkState.CLOSED,)),
        RemarkState.CLOSED: Stage(tone="idle", icon="circle-check"),
    },
    rule="存疑的事项说明一次",
)
