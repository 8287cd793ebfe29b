"""The shape of audits, findings and measures; nothing is saved or decided here."""

from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.actions.auditing import FILES
from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.rules import auditing as rules
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Fen, Form

_NAME, _ROWS = 100, 4


class Plan(Form):
    """Which institution is audited, by whom, from when on."""

    institution = fields.words("机构名称", _NAME)
    auditor = fields.words("审计机构", _NAME, required=False)
    begun_on = fields.Day("计划启动")


class On(Form):
    """The day of an act."""

    on = fields.Day("日期")


class Content(Form):
    """What an audit says of one of its contents."""

    words = fields.words("审计情况", rules.CONTENT_MAX, rows=_ROWS)


class Finding(Form):
    """Something an audit found."""

    content = forms.ChoiceField(
        label="审计内容", choices=AuditContent.choices,
        error_messages={"required": "选审计内容。", "invalid_choice": "选审计内容。"},
    )  # fmt: skip
    words = fields.words("审计发现", rules.FINDING_MAX, rows=_ROWS)


class Measure(Form):
    """What is done about it, and what it is said to save of each source in a year."""

    title = fields.words("整改措施", rules.TITLE_MAX)
    due_on = fields.Day("计划完成")
    cost = Fen(
        label="投资", required=False, min_value=Decimal(0), max_digits=13, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": "投资只填数字，如 86000。", "min_value": "投资不应小于 0。",
            "max_digits": "投资过大，核对位数。", "max_whole_digits": "投资过大，核对位数。",
            "max_decimal_places": "投资最多写到分。",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for energy in Energy:
            self.fields[energy.lower()] = fields.amount(
                f"年节约{energy.label}", low=Decimal(0), high=rules.CLAIM_MAX, places=2
            )

    def sources(self) -> list[tuple[Any, str]]:
        """The fields of the sources with their units."""
        return [(self[energy.lower()], source.unit) for energy, source in SOURCES.items()]

    def claims(self) -> dict[Energy, Decimal]:
        """What it is said to save, where something is."""
        given = self.cleaned_data
        return {energy: given[energy.lower()] for energy in Energy if given.get(energy.lower())}


class Files(Form):
    """Reports and photos of an audit."""

    files: Any = FilesField(
        label="审计报告、照片", bounds=FILES, help_text="报告、现场照片、测试记录"
    )
