"""The shape of scores, appeals and schemes; nothing is saved or decided here."""

from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.actions import schemes
from guanjia.domains.energy.actions.assessing import FILES
from guanjia.domains.energy.forms.fields import Day, Members
from guanjia.domains.energy.forms.returns import Amount
from guanjia.domains.energy.queries import institutions
from guanjia.domains.energy.rules import schemes as rules
from guanjia.kernel.values.actor import Scope
from guanjia.ui.files import FilesField
from guanjia.ui.forms import NOT_DONE, Form

_POINTS_MAX = Decimal(200)
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


def _points(*, required: bool) -> Amount:
    return Amount(
        label="得分", required=required, min_value=Decimal(0), max_value=_POINTS_MAX, max_digits=6,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": "补填得分，没有就填 0。", "invalid": "得分只填数字，如 7.5。",
            "min_value": "得分不应小于 0。", "max_value": "得分过大。",
            "max_digits": "得分过大。", "max_whole_digits": "得分过大。",
            "max_decimal_places": "得分最多两位小数。",
        },
    )  # fmt: skip


def _words(label: str, longest: int, *, required: bool) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": f"补填{label}。", "max_length": f"{label}最多 {longest} 个字。",
        },
    )  # fmt: skip


class Own(Form):
    """What an institution gives itself, with its papers."""

    points = _points(required=True)
    words = _words("自评说明", 500, required=False)
    files: Any = FilesField(label="证明材料", bounds=FILES, help_text="文件、照片，能证明这一项的")


class Review(Form):
    """What a desk gives instead; empty takes its own points back."""

    points = _points(required=False)
    words = _words("理由", 300, required=False)


class Appeal(Form):
    """What an institution holds against its points."""

    words = _words("申诉理由", 500, required=True)


class Answer(Form):
    """What the city says to an appeal."""

    upheld = forms.ChoiceField(
        label="复核结果", choices=[("", "维持"), ("1", "采纳")], required=False,
        error_messages={"invalid_choice": "复核结果选维持或采纳。"},
    )  # fmt: skip
    points = _points(required=False)
    words = _words("复核意见", 500, required=True)


class Join(Form):
    """Who takes part besides."""

    members = Members(required=True)
    looks = {"members": {"width": "l", "example": "一行一家，名称或信用代码"}}

    def clean_members(self) -> list[int]:
        """The institutions somebody wrote down; the lines nobody knows are named."""
        found, unknown = institutions.named(Scope.all(), self.cleaned_data["members"])
        for finding in rules.all_known(unknown=unknown, headline=NOT_DONE).refusals:
            raise forms.ValidationError(finding.sentence)
        return found

    def given(self) -> dict[str, Any]:
        """With the ids of the institutions."""
        told = dict(self.cleaned_data)
        return {"institution_ids": told.pop("members"), **told}


class Open(Join):
    """When the institutions have to be through."""

    self_until = Day("自评截止")
    appeal_until = Day("申诉截止")
    members = Members()
    field_order = ("self_until", "appeal_until", "members")
    looks = {
        "self_until": {"width": "m", "example": "如 2020-12-20"},
        "appeal_until": {"width": "m", "example": "如 2021-01-15"},
        "members": {
            "width": "l",
            "example": "一行一家，名称或信用代码。不填是名录库中列入在线考核的全部机构",
        },
    }


class Plan(Form):
    """A table of indicators, and the year it is for."""

    table = forms.ChoiceField(
        label="指标表",
        error_messages={"required": "选一张指标表。", "invalid_choice": "选一张指标表。"},
    )
    year = forms.IntegerField(
        label="年度", min_value=_FIRST_YEAR, max_value=_LAST_YEAR,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "补填年度。", "invalid": "年度写成 2020 这样。",
                        "min_value": "年度写成 2020 这样。", "max_value": "年度写成 2020 这样。"},
    )  # fmt: skip
    title = forms.CharField(
        label="名称", max_length=80, required=False,
        error_messages={"max_length": "名称最多 80 个字。"},
    )  # fmt: skip

    looks = {
        "table": {"width": "l"},
        "year": {"width": "s"},
        "title": {"width": "l", "help": "不填用指标表的名称"},
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Any = self.fields["table"]
        known.choices = [(name, table["title"]) for name, table in schemes.tables().items()]

    def given(self) -> dict[str, Any]:
        """With the table itself."""
        told = dict(self.cleaned_data)
        return {"table": schemes.tables()[told.pop("table")], **told}
