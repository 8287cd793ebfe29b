"""The shape of explanations and answers; nothing is saved or decided here."""

from typing import Any

from guanjia.domains.energy.actions.quotas import FILES
from guanjia.domains.energy.forms import fields
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form


class Explanation(Form):
    """Why an institution used more than its quota, with papers."""

    words = fields.words("说明", 1000, rows=5)
    files: Any = FilesField(label="材料", bounds=FILES, help_text="账单、设备清单等")


class Answer(Form):
    """What the bureau says to it."""

    words = fields.words("意见", 300, required=False)
