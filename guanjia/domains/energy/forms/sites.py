"""The shape of shared buildings and of who shares them; nothing is saved or decided here."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.forms.fields import Day
from guanjia.domains.energy.terms.sites import Basis
from guanjia.ui.forms import Form, choose

_PARTS_LENGTH = 20_000
_LINE = re.compile(r"^(?P<code>[0-9A-Z]{18})(?:\s+(?P<rest>.*))?$")
_PERCENT = re.compile(r"(?:^|\s)(?P<number>\d{1,3}(?:\.\d{1,6})?)\s*%?$")


class Site(Form):
    """A shared building."""

    name = fields.words("办公点", 80)
    area = forms.TypedChoiceField(
        label="所属区域", coerce=int,
        error_messages={"required": "选所属区域。", "invalid_choice": "选列出的区域。"},
    )  # fmt: skip
    address = fields.words("地址", 120, required=False)
    floor_m2 = fields.floor_m2()

    looks = {
        "name": {"width": "l", "example": "如 市发展中心 3 号楼"},
        "address": {"width": "l"},
        "floor_m2": {"unit": "㎡"},
    }

    def __init__(self, *args: Any, areas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "area", areas)


class Shares(Form):
    """Who shares a building from when: a line for each, code, name, and a percent."""

    since = Day("起始日期")
    basis = forms.ChoiceField(
        label="分摊办法", choices=Basis.choices,
        error_messages={"required": "选分摊办法。", "invalid_choice": "选分摊办法。"},
    )  # fmt: skip
    parts = forms.CharField(
        label="机构和比例", required=False, max_length=_PARTS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        error_messages={"max_length": "机构太多，分次登记。"},
    )  # fmt: skip

    looks = {
        "basis": {"help": "按面积、人数的，从名录库取起始日那天的数，不用写比例"},
        "parts": {
            "width": "l",
            "help": "每行一家：信用代码、名称、约定比例（如 12360200MB8463675X 市图书馆 62.5），"
            "比例合计 100；全部删去就不再分摊",
        },
    }

    def given(self) -> dict[str, Any]:
        """As the action takes it."""
        told = self.cleaned_data
        return {"since": told["since"], "basis": Basis(told["basis"]), "named": told["parts"]}

    def clean_parts(self) -> list[tuple[str, str, Decimal | None]]:
        """Code, name (may be empty) and percent (may be none) of every line."""
        found = []
        for number, line in enumerate(self.cleaned_data["parts"].splitlines(), start=1):
            text = line.replace("\t", " ").replace("　", " ").strip()
            if not text:
                continue
            match = _LINE.match(text)
            if match is None:
                raise forms.ValidationError(f"第 {number} 行开头写 18 位统一社会信用代码。")
            rest, percent = (match["rest"] or "").strip(), None
            if told := _PERCENT.search(rest):
                rest, percent = rest[: told.start()].strip(), Decimal(told["number"])
            found.append((match["code"], rest, percent))
        return found
