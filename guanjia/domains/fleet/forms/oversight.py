"""The forms of oversight and sealing; what they cannot read is said in one sentence."""

from datetime import date
from typing import Any

from django import forms

from guanjia.domains.fleet.terms.oversight import DECISIONS, FILES, Outcome
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.kernel.values.period import Period
from guanjia.ui import findings
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, WholeNumber

_DAY = {"invalid": "写成 2020-05-20 这样的日期。"}
_MOMENT = {
    "invalid": "写成 2020-05-20 20:30 这样的时间。",
    "required": "没有填时间。",
}
_YEARS = range(1949, 2200)
_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S")


def text(most: int, label: str = "") -> forms.CharField:
    """A text that an action judges; too long is said here."""
    return forms.CharField(
        label=label, required=False, max_length=most,
        error_messages={"max_length": f"{label or '文字'}最多 {most} 个字。"},
    )  # fmt: skip


def number(label: str) -> WholeNumber:
    """An odometer reading; missing is judged by the action, nonsense is said here."""
    return WholeNumber(
        label=label, required=False, min_value=0, max_value=3_000_000,
        error_messages={
            "invalid": f"{label}填整数。",
            "min_value": f"{label}不能小于 0。",
            "max_value": f"{label}太大，核对后再填。",
        },
    )  # fmt: skip


class Explain(Form):
    """情况说明 with its papers."""

    explanation = findings.explanation()
    files = FilesField(label="附件", bounds=FILES, help_text="派车单、通知、照片都可以")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {"explanation": {"width": "l", "example": "那天谁用车、去做什么、为什么和派车单不一样"}}


class Decide(Form):
    """处理结果 and the reasons."""

    outcome = forms.ChoiceField(
        label="处理结果",
        choices=[(each.value, each.label) for each in DECISIONS],
        widget=forms.RadioSelect,
        error_messages={"required": "没有选处理结果。", "invalid_choice": "从列出的结果中选一项。"},
    )
    decision = findings.decision()
    looks = {"decision": {"width": "l", "example": "查了什么、怎么认定、怎么处理"}}

    def given(self) -> dict[str, Any]:
        """As the action takes it."""
        return {**self.cleaned_data, "outcome": Outcome(self.cleaned_data["outcome"])}


class Close(Form):
    """办结说明; what was to be mended or referred says what came of it."""

    closing = findings.closing()
    looks = {
        "closing": {
            "width": "l", "example": "如 已退还油费，已谈话提醒",
            "help": "整改、移送的，写明结果才能办结",
        }
    }  # fmt: skip


class Review(Form):
    """重新核查: a month."""

    month = forms.DateField(
        label="月份",
        input_formats=("%Y-%m", "%Y-%m-%d"),
        error_messages={"invalid": "写成 2020-05 这样的月份。", "required": "没有填月份。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": "10"}),
    )
    looks: dict[str, dict[str, str]] = {"month": {"width": "m", "example": "如 2020-05"}}

    def clean_month(self) -> date:
        """A month that people live to see; a slip of the keys is said, not counted."""
        month: date = self.cleaned_data["month"]
        if month.year not in _YEARS:
            raise forms.ValidationError(self.fields["month"].error_messages["invalid"])
        return month


class Month(Review):
    """A month, and why a list is made anew."""

    note = text(200, "再编一版的原因")
    looks = {
        "month": {"width": "m", "example": "如 2020-05"},
        "note": {"width": "l", "help": "第一次编不用填"},
    }


class Sighted(forms.Form):
    """登记线索, by an inspector on a phone."""

    plate = forms.CharField(
        label="号牌号码",
        max_length=12,
        error_messages={"required": "没有填号牌号码。", "max_length": "号牌号码太长。"},
    )
    seen_at = forms.DateTimeField(
        label="时间",
        input_formats=_FORMATS,
        error_messages=_MOMENT,
        widget=forms.DateTimeInput(format="%Y-%m-%d %H:%M"),
    )
    place = forms.CharField(
        label="地点",
        max_length=100,
        error_messages={"required": "没有写地点。", "max_length": "地点最多 100 个字。"},
    )
    source = forms.ChoiceField(
        label="来源",
        choices=[
            (each.value, each.label)
            for each in SightingSource
            if each in (SightingSource.CHECK, SightingSource.REPORT, SightingSource.FINE)
        ],
        initial=SightingSource.CHECK.value,
        widget=forms.RadioSelect,
        error_messages={"required": "没有选来源。", "invalid_choice": "从列出的来源中选一项。"},
    )
    note = text(200, "说明")


class Plan(forms.Form):
    """安排封存."""

    title = forms.CharField(
        label="名称",
        max_length=60,
        error_messages={"required": "没有写名称。", "max_length": "名称最多 60 个字。"},
    )
    begin_at = forms.DateTimeField(label="起", input_formats=_FORMATS, error_messages=_MOMENT)
    end_at = forms.DateTimeField(label="止", input_formats=_FORMATS, error_messages=_MOMENT)
    notice = forms.CharField(
        label="通知",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "没有写通知。", "max_length": "通知最多 1000 个字。"},
    )


def month_of(text_given: str) -> date | None:
    """``2020-05`` as the first day of the month; ``None`` for what is no month."""
    found = Period.month_named(text_given[:7])
    return found.start if found is not None and found.start.year in _YEARS else None
