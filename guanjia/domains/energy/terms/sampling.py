"""Words of sampling (抽查): how a check is done, and what it found. Pure."""

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
CHECKABLE = frozenset({CheckState.DRAWN, CheckState.DIFFERS})
YEAR, QUARTERS = 0, (1, 2, 3, 4)
