"""What people fill in about cars and drivers (车辆、驾驶员); nothing is saved or decided here."""

from typing import Any

from django import forms

from guanjia.domains.fleet.actions.entering import CAR
from guanjia.domains.fleet.forms.disposals import Day
from guanjia.domains.fleet.forms.upkeep import words
from guanjia.domains.fleet.models import Driver
from guanjia.domains.fleet.terms.cars import KEPT, CarState
from guanjia.domains.fleet.terms.drivers import DriverState, Licence
from guanjia.kernel.values.term import Term
from guanjia.ui.forms import Form, archive_form, field_for, offer

Amend = archive_form(CAR)
Tank = archive_form(CAR, "tank_l", "battery_kwh")
_REASON = {"width": "l"}


def _states(states: tuple[Term, ...]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="改为",
        choices=[(state.value, state.label) for state in states],
        error_messages={"required": "没有选状态。", "invalid_choice": "从列出的状态中选一项。"},
    )


class _State(Form):
    """Another state, with the reason. ``now``: the state that is not offered."""

    states: tuple[Term, ...] = ()

    def __init__(self, *args: Any, now: str, **rest: Any) -> None:
        super().__init__(*args, **rest)
        offer(self, "state", [state for state in self.states if state != now])


class CarChange(_State):
    """改状态."""

    state = _states(KEPT)
    reason = words("原因", 200)
    states = KEPT
    looks = {"state": {"width": "m"}, "reason": {**_REASON, "example": "如 送修变速箱"}}

    def given(self) -> dict[str, Any]:
        """The state as a term."""
        return {**self.cleaned_data, "state": CarState(self.cleaned_data["state"])}


class Secret(Form):
    """标为涉密."""

    reason = words("原因", 200)
    secret = True
    looks = {"reason": {**_REASON, "example": "如 定密文件的文号"}}

    def given(self) -> dict[str, Any]:
        """Whether it is one from now on."""
        return {**self.cleaned_data, "secret": self.secret}


class NotSecret(Secret):
    """取消涉密."""

    secret = False


class DriverChange(_State):
    """改在岗状态."""

    state = _states(tuple(DriverState))
    reason = words("原因", 200)
    states = tuple(DriverState)
    looks = {"state": {"width": "m"}, "reason": {**_REASON, "example": "如 年休假至 12月1日"}}

    def given(self) -> dict[str, Any]:
        """The state as a term."""
        return {**self.cleaned_data, "state": DriverState(self.cleaned_data["state"])}


class Renewal(Form):
    """登记换证."""

    licence = field_for(Driver.licence)
    licence_until = Day(label="有效期止")
    looks = {"licence": {"width": "s"}, "licence_until": {"width": "m"}}

    def given(self) -> dict[str, Any]:
        """The class as a term."""
        return {**self.cleaned_data, "licence": Licence(self.cleaned_data["licence"])}
