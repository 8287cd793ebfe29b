"""What people fill in about those over their quota; nothing is saved or decided here."""

from typing import Any

from guanjia.domains.energy.actions.quotas import FILES
from guanjia.ui import findings
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, WholeNumber


class Judge(Form):
    """判定超定额."""

    year = WholeNumber(
        label="年度", min_value=2000, max_value=2199,
        error_messages={
            "required": "补填年度。", "invalid": "年度只填四位数字。",
            "min_value": "年度不早于 2000 年。", "max_value": "年度填得太大，核对数字。",
        },
    )  # fmt: skip
    looks = {"year": {"unit": "年", "width": "s"}}


class Explain(Form):
    """Why an institution used more than its quota, with papers."""

    explanation = findings.explanation("说明")
    files: Any = FilesField(label="材料", bounds=FILES, help_text="账单、设备清单等")
    looks = {
        "explanation": {
            "width": "l", "help": "用能为什么超、打算怎么降；月报填错的，先更正月报"
        }
    }  # fmt: skip


class Return(findings.Return):
    """退回: what is missing."""

    looks = {"comment": {"width": "l", "example": "还要说明什么、附什么材料"}}


class Accept(Form):
    """采纳."""

    decision = findings.decision(required=False)
    looks = {"decision": {"width": "l", "example": "选填"}}
