"""The shapes of what people type in the front hall; they never save."""

from typing import Any

from django import forms

from guanjia.kernel.access import duties
from guanjia.kernel.calendar.terms import DayKind
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Reach
from guanjia.ui.forms import Form


def day_input(label: str, *, required: bool = True, **kwargs: Any) -> forms.DateField:
    """A day, typed or picked, written as 2020-05-08."""
    kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    return forms.DateField(
        label=label,
        required=required,
        error_messages={"invalid": "写成 2020-05-08 这样的日期", "required": f"没有填{label}"},
        **kwargs,
    )


def text_input(label: str, *, most: int, required: bool = True, **kwargs: Any) -> forms.CharField:
    """One line of text."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        error_messages={"required": f"没有填{label}", "max_length": f"最多 {most} 个字"},
        **kwargs,
    )


class SignIn(Form):
    """User name and password."""

    username = text_input(
        "用户名", most=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )  # fmt: skip
    password = text_input(
        "密码", most=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip


class Password(Form):
    """The old password, and the new one twice."""

    old = text_input(
        "原密码", most=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )  # fmt: skip
    new = text_input(
        "新密码", most=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = text_input(
        "再输一次新密码", most=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Both new ones must be the same."""
        given = super().clean() or {}
        if "new" in given and "again" in given and given["new"] != given["again"]:
            self.add_error("again", "两次输入的新密码不一样")
        return given


class OpenAccount(Form):
    """A new account: of a person of the tree, or of nobody (an administrator)."""

    username = text_input(
        "用户名", most=60, help_text="登录时用，常用姓名的拼音",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    person = text_input(
        "人员工号", most=40, required=False, help_text="人员名录中的工号；只作管理用的账号可以不填"
    )
    name = text_input("姓名", most=60, required=False, help_text="填了工号的，用名录中的姓名")

    def clean(self) -> dict[str, Any]:
        """Somebody must be named."""
        given = super().clean() or {}
        if not given.get("person") and not given.get("name"):
            self.add_error("person", "填人员工号，或填姓名")
        return given


class Give(Form):
    """A duty with its reach, for a unit, from a day on."""

    duty = forms.ChoiceField(label="职责", error_messages={"required": "没有选职责"})
    reach = forms.ChoiceField(
        label="数据范围", choices=Reach.choices, widget=forms.RadioSelect,
        error_messages={"required": "没有选数据范围"},
    )  # fmt: skip
    unit = text_input(
        "单位编码", most=40, required=False, help_text="数据范围是本单位、本单位及下级的，指明单位",
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )  # fmt: skip
    since = day_input("起")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(duty.key, duty.title) for duty in duties.all_duties()]
        self.fields["duty"].choices = [("", "选一项"), *known]  # type: ignore[attr-defined]  # a ChoiceField


class TrailFilter(Form):
    """Filters of the trail; nothing is required."""

    name = text_input("姓名", most=60, required=False)
    verb = text_input("操作", most=80, required=False)
    words = text_input("对象", most=60, required=False)
    first = day_input("从", required=False)
    last = day_input("到", required=False)


class SetDay(Form):
    """The kind of a day, with the reason."""

    day = day_input("日期")
    kind = forms.ChoiceField(
        label="类别", choices=DayKind.choices, widget=forms.RadioSelect,
        error_messages={"required": "没有选类别"},
    )  # fmt: skip
    name = text_input("节日名称", most=20, required=False)
    reason = text_input("理由", most=200, help_text="通知的文号，或为什么调整")


class Reform(Form):
    """What every reform says: from when, by which document."""

    on = day_input("生效日期")
    document = text_input("文号", most=100, required=False)


class Rename(Reform):
    """A new name (更名)."""

    name = text_input("新名称", most=100)
    short_name = text_input("新简称", most=60)
    field_order = ["name", "short_name", "on", "document"]


class Merge(Reform):
    """The unit it goes into (并入)."""

    into = text_input(
        "并入单位编码", most=40, help_text="人员和内设机构都随之转入",
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )  # fmt: skip
    field_order = ["into", "on", "document"]


class Split(Reform):
    """The new unit and who goes there (分出)."""

    code = text_input("新单位编码", most=40)
    name = text_input("新单位名称", most=100)
    short_name = text_input("新单位简称", most=60)
    people = forms.MultipleChoiceField(
        label="转入人员", required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ["code", "name", "short_name", "people", "on", "document"]

    def clean_code(self) -> str:
        """No slash, and not taken."""
        code = str(self.cleaned_data["code"])
        if "/" in code:
            raise forms.ValidationError("单位编码不用“/”")
        if Unit.objects.filter(code=code).exists():
            raise forms.ValidationError(f"单位编码 {code} 已有单位在用")
        return code


class Leave(Form):
    """The day somebody left or retired."""

    left_on = day_input("离职日期")


class HoldPost(Form):
    """A further post at a unit (兼任)."""

    unit = text_input(
        "单位编码", most=40, widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"})
    )
    title = text_input("职务", most=60)
    since = day_input("任职日期")
