"""The life of a row, declared once: what follows what, and how each state looks."""

import pytest

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class Light(Term):
    """A lamp."""

    OFF = "OFF", "关"
    ON = "ON", "开"
    BROKEN = "BROKEN", "坏"


LIFE = Life(
    states={
        Light.OFF: Stage(tone="idle", icon="circle", to=(Light.ON,)),
        Light.ON: Stage(tone="move", icon="sun", to=(Light.OFF, Light.BROKEN)),
        Light.BROKEN: Stage(tone="stop", icon="circle-x"),
    },
    rule="先开后关",
)


def test_it_says_every_step_for_the_trigger() -> None:
    assert LIFE.transitions() == [("OFF", "ON"), ("ON", "OFF"), ("ON", "BROKEN")]


def test_it_says_from_where_a_state_is_reached() -> None:
    assert LIFE.before(Light.OFF) == (Light.ON,)
    assert LIFE.before(Light.BROKEN) == (Light.ON,)


def test_a_stored_value_is_shown_with_tone_icon_and_label() -> None:
    assert LIFE.chip("BROKEN") == ("stop", "circle-x", "坏")
    assert LIFE.stands("ON", (Light.ON, Light.OFF))
    assert not LIFE.stands("BROKEN", (Light.ON, Light.OFF))
    with pytest.raises(KeyError):
        LIFE.chip("MELTED")


def test_a_state_that_may_follow_must_be_declared() -> None:
    with pytest.raises(ValueError, match="BROKEN"):
        Life(states={Light.ON: Stage(tone="", icon="", to=(Light.BROKEN,))}, rule="")
