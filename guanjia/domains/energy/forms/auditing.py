"""The shape of audits, findings and measures; nothing is saved or decided here."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.actions.auditing import FILES
from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.queries import institutions
from guanjia.domains.energy.rules import auditing as rules
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.kernel.values.actor import Scope
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Fen, Form

_NAME, _ROWS = 100, 4


class Plan(Form):
    """Which institution is audited, by whom, from when on."""

    institution = fields.words("机构名称", _NAME)
    auditor = fields.words("审计机构", _NAME, required=False)
    begun_on = fields.Day("计划启动")
    looks = {
        "institution": {"width": "l", "help": "写名录库中的全称，同名的写信用代码"},
        "auditor": {"width": "l", "help": "自行审计的不填"},
        "begun_on": {"width": "m"},
    }

    def __init__(self, *args: Any, scope: Scope, day: date, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.scope, self.day = scope, day

    def clean_institution(self) -> Institution:
        """The one of this name, or of this code."""
        words = self.cleaned_data["institution"].strip()
        one = institutions.one_named(self.scope, words, day=self.day)
        if one is None:
            raise forms.ValidationError("名录库中没有唯一的这个名称，核对名称，同名的填信用代码。")
        return one

    def given(self) -> dict[str, Any]:
        """With the id of the institution."""
        told = dict(self.cleaned_data)
        return {"institution_id": told.pop("institution").pk, **told}


class Begin(Form):
    """启动."""

    on = fields.Day("启动日期")
    looks = {"on": {"width": "m"}}


class Finish(Form):
    """完成, of an audit or a measure."""

    on = fields.Day("完成日期")
    looks = {"on": {"width": "m"}}


class _Told(Form):
    """Words under one of the contents."""

    content = forms.ChoiceField(
        label="审计内容", choices=AuditContent.choices,
        error_messages={"required": "选审计内容。", "invalid_choice": "选审计内容。"},
    )  # fmt: skip
    looks = {"content": {"width": "l"}}

    def given(self) -> dict[str, Any]:
        """The content, and the words."""
        told = self.cleaned_data
        return {"content": AuditContent(told["content"]), "words": told["words"]}


class Content(_Told):
    """What an audit says of one of its contents; which of them, its address may say."""

    words = fields.words("审计情况", rules.CONTENT_MAX, rows=_ROWS)

    def __init__(self, *args: Any, told: Mapping[str, str], **rest: Any) -> None:
        super().__init__(*args, **rest)
        asked = str(self.initial.get("content"))
        if asked in AuditContent.__members__:
            self.fields["content"].disabled = True
            self.initial.setdefault("words", told.get(asked, ""))


class Finding(_Told):
    """Something an audit found."""

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

    looks = {
        "title": {"width": "l", "example": "如：更换 LED 灯具"},
        "due_on": {"width": "m"},
        "cost": {"unit": "元", "width": "m"},
        **{one.lower(): {"unit": source.unit, "width": "m"} for one, source in SOURCES.items()},
    }

    def given(self) -> dict[str, Any]:
        """The measure, and what it is said to save, where something is."""
        told = dict(self.cleaned_data)
        claims = {energy: told.pop(energy.lower()) for energy in Energy}
        claims = {energy: amount for energy, amount in claims.items() if amount}
        return {"cost_fen": told.pop("cost"), "claims": claims, **told}


# A field for each source.
Measure.base_fields.update(
    {
        energy.lower(): fields.amount(
            f"年节约{energy.label}", low=Decimal(0), high=rules.CLAIM_MAX, places=2
        )
        for energy in SOURCES
    }
)


class Files(Form):
    """Reports and photos of an audit."""

    files: Any = FilesField(
        label="审计报告、照片", bounds=FILES, required=True, help_text="报告、现场照片、测试记录"
    )
