"""The nouns of drivers (驾驶员), and what rules need to know of one. Pure."""

from dataclasses import dataclass
from datetime import date

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class Licence(Term):
    """The class of a driving licence (准驾车型)."""

    A1 = "A1", "A1"
    A2 = "A2", "A2"
    A3 = "A3", "A3"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    C1 = "C1", "C1"
    C2 = "C2", "C2"
    C3 = "C3", "C3"
    C5 = "C5", "C5"


class DriverState(Term):
    """Whether a driver can be sent out."""

    ON_DUTY = "ON_DUTY", "在岗"
    ON_LEAVE = "ON_LEAVE", "请假"
    LEFT = "LEFT", "离岗"


_S = DriverState
DRIVER_LIFE = Life(
    states={
        _S.ON_DUTY: Stage(tone="done", icon="circle-check", to=(_S.ON_LEAVE, _S.LEFT)),
        _S.ON_LEAVE: Stage(tone="wait", icon="calendar-x", to=(_S.ON_DUTY, _S.LEFT)),
        _S.LEFT: Stage(tone="idle", icon="user-off", to=(_S.ON_DUTY, _S.ON_LEAVE)),
    },
    rule="驾驶员在岗、请假、离岗",
)


@dataclass(frozen=True, kw_only=True)
class DriverFacts:
    """What rules need to know of a driver."""

    name: str
    licence: Licence
    licence_until: date
    state: DriverState
