"""The shapes of what people type about notices; they never save."""

from collections.abc import Mapping
from typing import Any

from django import forms

from guanjia.kernel.notices.channels.catalogue import WAYS, Setting, Way
from guanjia.kernel.notices.terms import ChannelKind, DeliveryState
from guanjia.portal.forms import text_input
from guanjia.ui.forms import Form


def _check(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _clock(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off"}),
        error_messages={"invalid": "写成 21:00 这样的时间"},
    )


class Preferences(Form):
    """Where to, when not, and how much at once."""

    email = text_input(
        "电子邮箱", most=120, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )  # fmt: skip
    channels = forms.MultipleChoiceField(
        label="接收渠道", required=False, widget=forms.CheckboxSelectMultiple
    )
    digest = _check("合并成一条")
    quiet = _check("免打扰")
    quiet_from = _clock("免打扰从")
    quiet_to = _clock("免打扰到")

    def __init__(self, *args: Any, offered: Mapping[ChannelKind, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"].choices = list(offered.items())  # type: ignore[attr-defined]  # a MultipleChoiceField
        if not offered:
            del self.fields["channels"]


class Channel(Form):
    """The settings of one channel; what is secret is typed anew or left empty."""

    def __init__(
        self, *args: Any, way: Way, known: Mapping[str, str], kept: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for one in way.settings:
            self.fields[one.name] = _setting(one, known.get(one.name, one.default), kept)
        self.fields["enabled"] = _check("启用")

    def split(self, way: Way) -> tuple[dict[str, str], dict[str, str]]:
        """What was typed: plain settings, and secrets."""
        names = {one.name: one.secret for one in way.settings}
        given = {name: str(self.cleaned_data.get(name) or "") for name in names}
        return (
            {name: text for name, text in given.items() if not names[name]},
            {name: text for name, text in given.items() if names[name]},
        )


def _setting(one: Setting, initial: str, kept: bool) -> forms.Field:
    if one.choices:
        return forms.ChoiceField(
            label=one.title, choices=one.choices, initial=initial, widget=forms.RadioSelect,
            error_messages={"required": f"没有选{one.title}"},
        )  # fmt: skip
    required, help_text = one.must, one.help
    widget: forms.Widget = forms.TextInput()
    if one.secret:
        # As text it would stay in the memory of a shared browser.
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        required, initial = one.must and not kept, ""
        if kept:
            more = "留空不改" if one.must else "留空不改，填 - 清除"
            help_text = f"{help_text}；{more}" if help_text else more
    if one.long:
        widget = forms.Textarea(attrs={"rows": 3})
    return text_input(
        one.title, most=one.most, required=required, initial=initial,
        help_text=help_text, widget=widget,
    )  # fmt: skip


class Trial(Form):
    """Where one message goes for a trial."""

    address = text_input("发到", most=120, required=False)


class DeliveryFilter(Form):
    """Filters of the delivery log; nothing is required, an unknown value filters nothing."""

    state = forms.ChoiceField(
        label="状态", choices=[("", "全部"), *DeliveryState.choices()], required=False
    )
    channel = forms.ChoiceField(
        label="渠道",
        choices=[("", "全部"), *((kind.value, way.kind.label) for kind, way in WAYS.items())],
        required=False,
    )
    words = text_input("收件人、内容", most=60, required=False)

    def clean_words(self) -> str:
        """A NUL can stand in no column."""
        return str(self.cleaned_data["words"]).replace("\0", "")
