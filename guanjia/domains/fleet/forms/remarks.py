"""What people write about what is odd in a register (说明); nothing is saved or decided here."""

from guanjia.kernel.registers.remarks import EXPLANATION_MAX
from guanjia.ui import findings
from guanjia.ui.forms import Form


class Explain(Form):
    """说明."""

    explanation = findings.words("说明", EXPLANATION_MAX)
    looks = {"explanation": {"width": "l", "example": "核对后写明原因"}}
