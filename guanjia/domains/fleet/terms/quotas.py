"""The nouns of quotas (编制): how many cars of a class a unit may keep on its books. Pure."""

from dataclasses import dataclass

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class ChangeState(Term):
    """Where a change of a quota stands (状态)."""

    PENDING = "PENDING", "审批中"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    AGREED = "AGREED", "已批准"
    REFUSED = "REFUSED", "未批准"


_S = ChangeState
# A ledger enters what is agreed to already.
CHANGE_LIFE = Life(
    states={
        _S.PENDING: Stage(
            tone="wait", icon="hourglass", to=(_S.AGREED, _S.RETURNED, _S.WITHDRAWN, _S.REFUSED)
        ),
        _S.RETURNED: Stage(
            tone="stop", icon="arrow-back-up", to=(_S.PENDING, _S.WITHDRAWN, _S.REFUSED)
        ),
        _S.WITHDRAWN: Stage(tone="idle", icon="arrow-back-up", to=(_S.PENDING,)),
        _S.AGREED: Stage(tone="done", icon="circle-check"),
        _S.REFUSED: Stage(tone="stop", icon="circle-x"),
    },
    rule="编制变更先审批，退回、撤回后才能修改",
)
CHANGE_MENDING = CHANGE_LIFE.before(ChangeState.PENDING)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a quota stands on a day.

    ``quota``: granted (编制); ``on_books``: cars on the books (在编); ``reserved``: places that
    purchases under way will take (占用). ``known``: whether a quota was ever granted; without one
    it counts as none.
    """

    quota: int
    on_books: int
    reserved: int
    known: bool = True

    @property
    def free(self) -> int:
        """Places that nobody has or will take (空余); below zero where there are too many."""
        return self.quota - self.on_books - self.reserved

    @property
    def over(self) -> int:
        """How many cars stand on the books beyond the quota (超编)."""
        return max(self.on_books - self.quota, 0)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell: no quota, no car, no purchase."""
        return not (self.known or self.on_books or self.reserved)

    def __add__(self, other: "Standing") -> "Standing":
        return Standing(
            quota=self.quota + other.quota,
            on_books=self.on_books + other.on_books,
            reserved=self.reserved + other.reserved,
            known=self.known or other.known,
        )


NOTHING = Standing(quota=0, on_books=0, reserved=0, known=False)
