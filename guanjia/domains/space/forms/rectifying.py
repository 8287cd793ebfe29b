"""The forms of 整改: what the unit did, what is missing, how it was accepted, why it is off."""

from guanjia.domains.space.terms.rounds import PROOF
from guanjia.kernel.findings.models import DECISION_MAX
from guanjia.ui import findings
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form


class Answer(Form):
    """整改情况 with its proof."""

    explanation = findings.explanation("整改情况")
    files = FilesField(label="整改照片", bounds=PROOF, help_text="整改后的照片，或批复、情况说明")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {"explanation": {"width": "l", "example": "怎么改的、改到什么程度、什么时候改好"}}


class Return(findings.Return):
    """退回: what is missing."""

    looks = {"comment": {"width": "l", "example": "缺什么、还要改什么"}}


class Accept(Form):
    """验收意见."""

    closing = findings.closing("验收意见")
    looks = {"closing": {"width": "l"}}


class CallOff(Form):
    """撤销原因."""

    reason = findings.words("撤销原因", DECISION_MAX)
    looks = {"reason": {"width": "l"}}
