"""The shape of a key by which another system tells returns; nothing is saved or decided here."""

from typing import Any

from django import forms

from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.forms.fields import Day
from guanjia.kernel.exchange.models import ApiKey
from guanjia.ui.forms import Form, field_for

_CODES_LENGTH, _CODES_MAX = 12_000, 400


class Key(Form):
    """Whose system, for which areas and institutions, from where, until when."""

    partner = fields.words("合作系统", 60, help_text="如 市教育局能耗监测平台")
    contact = fields.words("联系人", 60, required=False)
    areas = forms.TypedMultipleChoiceField(
        label="整个区域", coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "从列出的区域中选。"},
    )  # fmt: skip
    subjects = forms.CharField(
        label="指定机构", required=False, max_length=_CODES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="每行一家：统一社会信用代码，同一代码有几家的再写名称",
        error_messages={"max_length": "机构太多，按区域发放或分几个密钥。"},
    )  # fmt: skip
    networks = forms.CharField(
        label="来源网段", required=False, max_length=1200,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        help_text="一行一个，如 10.36.0.0/16；不填不限",
        error_messages={"max_length": "来源网段太长。"},
    )  # fmt: skip
    since = Day("启用日期")
    until = Day("截止日期")
    per_minute = forms.IntegerField(
        label="每分钟次数",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "补填每分钟次数。", "invalid": "每分钟次数写整数。"},
    )  # fmt: skip

    def __init__(self, *args: Any, areas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Any = self.fields["areas"]
        known.choices = areas

    def clean_subjects(self) -> list[tuple[str, str]]:
        """Code and name (may be empty) of every line."""
        lines = [line.strip() for line in self.cleaned_data["subjects"].splitlines()]
        found = [(code, name.strip()) for code, _, name in (x.partition(" ") for x in lines if x)]
        if len(found) > _CODES_MAX:
            raise forms.ValidationError(f"一个密钥最多指定 {_CODES_MAX} 家机构。")
        return found

    def clean_networks(self) -> list[str]:
        """One network a line."""
        text = str(self.cleaned_data["networks"])
        return text.replace("，", "\n").replace(",", "\n").splitlines()


class Stop(Form):
    """Why a key stops."""

    reason = field_for(ApiKey.revoked_reason, label="停用原因", required=True)
    looks = {"reason": {"width": "l"}}
