"""The nouns of holiday sealing (节假日封存), and what rules need to know of it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from guanjia.kernel.attachments.terms import PICTURES, Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

PHOTOS = Bounds(count_max=3, kinds=PICTURES)  # the car in its place, the odometer, the keys


class SealState(Term):
    """Where a car stands in a sealing (封存状态)."""

    TO_SEAL = "TO_SEAL", "待封存"
    SEALED = "SEALED", "已封存"
    ASKED = "ASKED", "例外审批中"
    EXCEPTED = "EXCEPTED", "例外使用"
    RELEASED = "RELEASED", "已解封"


_S = SealState
# A car whose exception is refused goes back to where it stood.
SEALED_LIFE = Life(
    states={
        _S.TO_SEAL: Stage(tone="wait", icon="lock-open", to=(_S.SEALED, _S.ASKED)),
        _S.SEALED: Stage(tone="done", icon="lock", to=(_S.ASKED, _S.RELEASED)),
        _S.ASKED: Stage(tone="move", icon="hourglass", to=(_S.TO_SEAL, _S.SEALED, _S.EXCEPTED)),
        _S.EXCEPTED: Stage(tone="move", icon="steering-wheel"),
        _S.RELEASED: Stage(tone="idle", icon="key"),
    },
    rule="车辆先封存、后解封；例外使用先批准",
)
HELD = (SealState.TO_SEAL, SealState.SEALED, SealState.ASKED, SealState.RELEASED)


@dataclass(frozen=True, kw_only=True)
class SealFacts:
    """A car that was to stand still from one instant to another.

    ``sealed_at`` is ``None`` while nobody handed it in; the readings are of its odometer then and
    when it was released. ``called_off_at``: when the whole sealing was called off.
    """

    id: int
    sealing_id: int
    title: str
    begin_at: datetime
    end_at: datetime
    sealed_at: datetime | None = None
    released_at: datetime | None = None
    sealed_km: int | None = None
    released_km: int | None = None
    called_off_at: datetime | None = None
