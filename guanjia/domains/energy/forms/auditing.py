"""The shape of audits, findings and measures; nothing is saved or decided here."""

from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.actions.auditing import FILES
from guanjia.domains.energy.forms.fields import Day
from guanjia.domains.energy.forms.returns import Amount
from guanjia.domains.energy.rules import auditing as rules
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Fen, Form

_CODE, _NAME = 18, 100


def words_field(label: str, longest: int) -> forms.CharField:
    """A text of some lines."""
    return forms.CharField(
        label=label, max_length=longest, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": f"补填{label}。", "max_length": f"{label}最多 {longest} 个字。",
        },
    )  # fmt: skip


class Plan(Form):
    """Which institution is audited, by whom, from when on."""

    institution = forms.CharField(
        label="机构名称", max_length=_NAME,
        error_messages={"required": "补填机构名称。", "max_length": f"名称最多 {_NAME} 个字。"},
    )  # fmt: skip
    auditor = forms.CharField(
        label="审计机构", max_length=_NAME, required=False,
        error_messages={"max_length": f"审计机构最多 {_NAME} 个字。"},
    )  # fmt: skip
    begun_on = Day("计划启动")


class On(Form):
    """The day of an act."""

    on = Day("日期")


class Content(Form):
    """What an audit says of one of its contents."""

    words = words_field("审计情况", rules.CONTENT_MAX)


class Finding(Form):
    """Something an audit found."""

    content = forms.ChoiceField(
        label="审计内容", choices=AuditContent.choices,
        error_messages={"required": "选审计内容。", "invalid_choice": "选审计内容。"},
    )  # fmt: skip
    words = words_field("审计发现", rules.FINDING_MAX)


class Measure(Form):
    """What is done about it, and what it is said to save of each source in a year."""

    title = forms.CharField(
        label="整改措施", max_length=rules.TITLE_MAX,
        error_messages={
            "required": "补填整改措施。", "max_length": f"措施最多 {rules.TITLE_MAX} 个字。",
        },
    )  # fmt: skip
    due_on = Day("计划完成")
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
            self.fields[energy.lower()] = Amount(
                label=f"年节约{energy.label}", required=False, min_value=Decimal(0),
                max_value=rules.CLAIM_MAX, max_digits=14, decimal_places=2,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
                error_messages={
                    "invalid": f"年节约{energy.label}只填数字。",
                    "min_value": "年节约量不应小于 0。", "max_value": "年节约量过大，核对单位。",
                    "max_digits": "年节约量过大，核对单位。",
                    "max_whole_digits": "年节约量过大，核对单位。",
                    "max_decimal_places": "年节约量最多两位小数。",
                },
            )  # fmt: skip

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
