"""The forms of 用房问题; what they cannot read is said in one sentence."""

from typing import Any

from django import forms

from guanjia.domains.space.actions.findings import FILES
from guanjia.domains.space.forms.ledger import Day
from guanjia.domains.space.terms.findings import DECISIONS, Outcome
from guanjia.ui import findings
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form


class Judge(Form):
    """As of which day everything is looked over."""

    day = Day("核查日期")


class Explain(Form):
    """情况说明 with its papers."""

    explanation = findings.explanation()
    files = FilesField(label="附件", bounds=FILES, help_text="批复、通知、照片都可以")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {"explanation": {"width": "l", "example": "怎么形成的、有没有批复、准备怎么处理"}}


class Decide(Form):
    """处理结果, the reasons, and until when it is to be put right."""

    outcome = forms.ChoiceField(
        label="处理结果",
        choices=[(each.value, each.label) for each in DECISIONS],
        widget=forms.RadioSelect,
        error_messages={"required": "没有选处理结果。", "invalid_choice": "从列出的结果中选一项。"},
    )
    mend_by = Day("整改期限", required=False)
    decision = findings.decision()
    looks = {
        "mend_by": {"width": "m", "example": "如 2020-06-30", "help": "不成立的不填"},
        "decision": {"width": "l", "example": "整改的写要做什么，不成立的写理由"},
    }

    def given(self) -> dict[str, Any]:
        """As the action takes it."""
        return {**self.cleaned_data, "outcome": Outcome(self.cleaned_data["outcome"])}
