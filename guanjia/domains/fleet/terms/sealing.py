"""The nouns of holiday sealing (节假日封存), and what rules need to know of it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from guanjia.kernel.attachments.terms import PICTURES, Bounds
from guanjia.kernel.values.term import Term

PHOTOS = Bounds(count_max=3, kinds=PICTURES)  # the car in its place, the odometer, the keys


class SealState(Term):
    """Where a car stands in a sealing (封存状态)."""

    TO_SEAL = "TO_SEAL", "待封存"
    SEALED = "SEALED", "已封存"
    ASKED = "ASKED", "例外审批中"
    EXCEPTED = "EXCEPTED", "例外使用"
    RELEASED = "RELEASED", "已解封"


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
