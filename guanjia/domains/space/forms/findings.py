"""The forms of 用房问题; what they cannot read is said in one sentence."""

from datetime import date

from django import forms

from guanjia.domains.space.actions.findings import DECISION_MAX, EXPLANATION_MAX, FILES
from guanjia.domains.space.terms.findings import DECISIONS
from guanjia.ui.files import FilesField

_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d")
_FIRST, _LAST = date(1990, 1, 1), date(2199, 12, 31)


def _text(most: int, label: str) -> forms.CharField:
    """A text that an action judges; too long is said here."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        error_messages={"max_length": f"{label}最多 {most} 个字。"},
    )


class _DayForm(forms.Form):
    """A form with a day that people live to see."""

    day_field = ""

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        day = found.get(self.day_field)
        if isinstance(day, date) and not _FIRST <= day <= _LAST:
            self.add_error(self.day_field, "写成 2020-05-20 这样的日期。")
        return found


class Judge(_DayForm):
    """As of which day everything is looked over."""

    day_field = "day"
    day = forms.DateField(
        label="核查日期",
        input_formats=_FORMATS,
        error_messages={
            "invalid": "写成 2020-05-20 这样的日期。",
            "required": "没有填核查日期。",
        },
    )


class Explain(forms.Form):
    """情况说明 with its papers."""

    explanation = _text(EXPLANATION_MAX, "情况说明")
    files = FilesField(label="附件", bounds=FILES, help_text="批复、通知、照片都可以")  # type: ignore[assignment]  # a field, as its name in the page


class Decide(_DayForm):
    """处理结果, the reasons, and until when it is to be put right."""

    day_field = "mend_by"
    outcome = forms.ChoiceField(
        label="处理结果",
        choices=[(each.value, each.label) for each in DECISIONS],
        error_messages={"required": "没有选处理结果。", "invalid_choice": "从列出的结果中选一项。"},
    )
    decision = _text(DECISION_MAX, "处理意见")
    mend_by = forms.DateField(
        label="整改期限",
        required=False,
        input_formats=_FORMATS,
        error_messages={"invalid": "写成 2020-05-20 这样的日期。"},
    )
