"""Words of sampling (抽查): how a check is done, and what it found. Pure."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class Method(Term):
    """How somebody looks at an institution's figures."""

    ON_SITE = "ON_SITE", "现场核查"
    DESK = "DESK", "资料核查"


class CheckState(Term):
    """What came of an institution that was drawn."""

    DRAWN = "DRAWN", "待核查"
    AGREES = "AGREES", "相符"
    DIFFERS = "DIFFERS", "待更正"
    CORRECTED = "CORRECTED", "已更正"


# Where a check may still be written down.
CHECKABLE = (CheckState.DRAWN, CheckState.DIFFERS)
_S = CheckState
CHECK_LIFE = Life(
    states={
        _S.DRAWN: Stage(tone="wait", icon="hourglass", to=(_S.AGREES, _S.DIFFERS)),
        _S.DIFFERS: Stage(tone="stop", icon="alert-triangle", to=(_S.CORRECTED, _S.AGREES)),
        _S.AGREES: Stage(tone="done", icon="circle-check"),
        _S.CORRECTED: Stage(tone="done", icon="circle-check"),
    },
    rule="抽到的机构核查一次，误差超过允许值的更正后再核查",
)
YEAR, QUARTERS = 0, (1, 2, 3, 4)
