"""The forms in which people explain, return, decide on and close findings; for all departments."""

from typing import Any

from django import forms

from guanjia.kernel.findings.models import DECISION_MAX, EXPLANATION_MAX, NOTE_MAX
from guanjia.ui.forms import Form


def words(label: str, most: int, *, required: bool = True, rows: int = 3) -> forms.CharField:
    """Some sentences."""
    return forms.CharField(
        label=label, max_length=most, required=required,
        error_messages={
            "required": f"没有写{label}。写明{label}，1 到 {most} 个字。",
            "max_length": f"{label}最多 {most} 个字。",
        },
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


def explanation(label: str = "情况说明") -> forms.CharField:
    """The words of the unit."""
    return words(label, EXPLANATION_MAX, rows=4)


class Return(Form):
    """退回: what is missing."""

    comment = words("退回意见", NOTE_MAX)
    looks: dict[str, dict[str, str]] = {
        "comment": {"width": "l", "example": "缺什么，如 附上当天的会议通知"}
    }


def decision(**more: Any) -> forms.CharField:
    """The reasons of who decides."""
    return words("处理意见", DECISION_MAX, **more)


def closing(label: str = "办结说明", *, required: bool = False) -> forms.CharField:
    """What came of it."""
    return words(label, DECISION_MAX, required=required)
