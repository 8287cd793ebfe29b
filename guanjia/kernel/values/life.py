"""The life of a row (状态): its states in order, how each looks, what may follow. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guanjia.kernel.values.term import Term


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One state: the tone and icon it is shown with, and the states that may follow it."""

    tone: str
    icon: str
    to: tuple[Term, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Life:
    """The states of a kind of row, declared once.

    The trigger of the table, the checks of the actions, the chips and the buttons all read it.
    ``rule``: the house rule that a refusal names (规则) when an act does not belong to the state.
    """

    states: Mapping[Term, Stage]
    rule: str
    field: str = "state"

    def __post_init__(self) -> None:
        unknown = {to for stage in self.states.values() for to in stage.to} - set(self.states)
        if unknown:
            raise ValueError(f"states that may follow are not declared: {sorted(unknown)}")

    def transitions(self) -> list[tuple[str, str]]:
        """Every allowed step as a pair of values, for the trigger that guards the column."""
        return [(state.value, to.value) for state, stage in self.states.items() for to in stage.to]

    def before(self, to: Term) -> tuple[Term, ...]:
        """The states from which a row may come into ``to``."""
        return tuple(state for state, stage in self.states.items() if to in stage.to)

    def of(self, value: str) -> Term:
        """The state of a stored value; ``KeyError`` for one that is not declared."""
        return {state.value: state for state in self.states}[value]

    def chip(self, value: str) -> tuple[str, str, str]:
        """Tone, icon and label of a stored value."""
        state = self.of(value)
        stage = self.states[state]
        return stage.tone, stage.icon, state.label

    def stands(self, value: str, among: Sequence[Term]) -> bool:
        """Whether a stored value is one of some states."""
        return self.of(value) in among
