"""The shape of what happened to an institution as a body; nothing is saved or decided here."""

from typing import Any

from django import forms

from guanjia.domains.energy.forms.fields import Day, Members
from guanjia.domains.energy.terms.institutions import Change
from guanjia.ui.forms import Form, choose

_OF_ONE_THAT_IS_THERE = (Change.RENAMED, Change.MERGED, Change.SPLIT, Change.CLOSED)


class Reform(Form):
    """更名, 合并, 分立, 撤销 of an institution in the register; 恢复 of one that has left."""

    kind = forms.ChoiceField(
        label="变动", widget=forms.RadioSelect,
        error_messages={"required": "选一种变动。", "invalid_choice": "选一种变动。"},
    )  # fmt: skip
    on = Day("变动日期")
    name = forms.CharField(
        label="新名称", max_length=100, required=False,
        error_messages={"max_length": "新名称最多 100 个字。"},
    )  # fmt: skip
    members = Members(label="并入、分成的机构")
    document = forms.CharField(
        label="批准文号", max_length=60, required=False,
        error_messages={"max_length": "批准文号最多 60 个字。"},
    )  # fmt: skip
    note = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": "说明最多 300 个字。"},
    )  # fmt: skip

    looks = {
        "kind": {"width": "l", "help": "合并、撤销的机构退出名录库，以前的月报和情况照旧可查"},
        "name": {"width": "l", "help": "更名时填"},
        "members": {
            "width": "l",
            "help": "合并写并入哪一家，分立写分成哪几家，一行一家名称或信用代码，先入库",
        },
        "document": {"width": "l", "example": "如 乐府〔2020〕3号"},
        "note": {"width": "l"},
    }

    def __init__(self, *args: Any, left: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        some = (Change.REOPENED,) if left else _OF_ONE_THAT_IS_THERE
        choose(self, "kind", [(each.value, each.label) for each in some])

    def given(self) -> dict[str, Any]:
        """What happened, as the action takes it."""
        return {**self.cleaned_data, "kind": Change(self.cleaned_data["kind"])}
