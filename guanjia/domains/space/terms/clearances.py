"""The nouns of giving offices back (腾退移交). Pure."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class ClearanceReason(Term):
    """Why rooms go back (腾退原因); the time it may take depends on it."""

    NEW_FOR_OLD = "NEW_FOR_OLD", "建新交旧"
    SWAPPED = "SWAPPED", "置换交回"
    LEFT = "LEFT", "调离退休"
    POST_ENDED = "POST_ENDED", "免去兼职"
    LOAN_ENDED = "LOAN_ENDED", "借用到期"
    REFORMED = "REFORMED", "机构撤并"
    OVER = "OVER", "超面积整改"


# A loan that ended opens its clearance by itself.
BY_HAND = tuple(each for each in ClearanceReason if each is not ClearanceReason.LOAN_ENDED)


class ClearanceState(Term):
    """Where a clearance stands (状态)."""

    OPEN = "OPEN", "待移交"
    HANDED_BACK = "HANDED_BACK", "待接收"
    RETURNED = "RETURNED", "退回整改"
    DONE = "DONE", "已接收"
    CALLED_OFF = "CALLED_OFF", "已撤销"


_S = ClearanceState
CLEARANCE_LIFE = Life(
    states={
        _S.OPEN: Stage(tone="wait", icon="hourglass", to=(_S.HANDED_BACK, _S.CALLED_OFF)),
        _S.HANDED_BACK: Stage(tone="move", icon="key", to=(_S.RETURNED, _S.DONE)),
        _S.RETURNED: Stage(tone="stop", icon="arrow-back-up", to=(_S.HANDED_BACK, _S.CALLED_OFF)),
        _S.DONE: Stage(tone="done", icon="circle-check"),
        _S.CALLED_OFF: Stage(tone="idle", icon="ban"),
    },
    rule="腾退的房间先由单位移交，再接收",
)

# Not over: the rooms are not back.
STANDING = (ClearanceState.OPEN, ClearanceState.HANDED_BACK, ClearanceState.RETURNED)
# In the hands of the unit.
WITH_UNIT = (ClearanceState.OPEN, ClearanceState.RETURNED)
