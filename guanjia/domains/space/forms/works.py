"""What people fill in about repairs (大中修); nothing is saved or decided here."""

from collections.abc import Iterable
from typing import Any

from django import forms

from guanjia.domains.space.forms.disposals import Yuan
from guanjia.domains.space.forms.ledger import ActForm, Day, chosen, number, words, words_of
from guanjia.domains.space.models import Works
from guanjia.domains.space.terms.works import (
    FILES,
    Contract,
    Funds,
    Planned,
    WorksAsked,
    WorksKind,
    WorksPart,
)
from guanjia.ui.files import FilesField
from guanjia.ui.forms import choose

_DAY = {"width": "m", "example": "如 2020-05-20"}
_SUM = {"unit": "元", "width": "m", "example": "如 865000.00"}


def _files(help_text: str) -> Any:
    return FilesField(label="附件", bounds=FILES, help_text=help_text)


class Ask(ActForm):
    """申请大中修."""

    building = forms.ChoiceField(
        label="楼栋",
        error_messages={"required": "选一栋楼。", "invalid_choice": "从列出的楼栋中选。"},
    )
    title = words("项目名称", 60)
    kind = chosen("类别", WorksKind)
    part = chosen("部位", WorksPart)
    reason = words("理由", 300)
    estimate = Yuan("估算金额")
    files = _files("现状照片、鉴定报告")
    looks = {
        "building": {"width": "l"},
        "title": {"width": "l", "example": "如 屋面防水维修"},
        "reason": {"width": "l", "example": "现状、影响、为什么要修"},
        "estimate": _SUM,
    }

    def __init__(self, *args: Any, buildings: Iterable[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        choose(
            self,
            "building",
            [("", "选一栋"), *((str(one.pk), f"{one.compound} {one}") for one in buildings)],
        )

    def given(self) -> dict[str, Any]:
        """What the unit asks for, and its files."""
        told = self.cleaned_data
        asked = WorksAsked(
            building_id=int(told["building"]), title=told["title"],
            kind=WorksKind(told["kind"]), part=WorksPart(told["part"]), reason=told["reason"],
            fen=told["estimate"],
        )  # fmt: skip
        return {"asked": asked, "files": told["files"]}


class Plan(ActForm):
    """列入计划."""

    year = number("计划年度", least=1990, most=2199)
    budget = Yuan("预算")
    funds = chosen("资金来源", Funds)
    special = words("特殊原因", 200, required=False)
    files = _files("预算批复、会议纪要")
    looks = {
        "year": {"unit": "年", "width": "s"},
        "budget": _SUM,
        "special": {"width": "l", "help": "距上次大中修没有满间隔年限的才填，写明安全隐患等原因"},
    }

    def given(self) -> dict[str, Any]:
        """How the repairs are planned, and the papers."""
        told = self.cleaned_data
        planned = Planned(
            year=told["year"], budget_fen=told["budget"], funds=Funds(told["funds"]),
            special=told["special"],
        )  # fmt: skip
        return {"planned": planned, "files": told["files"]}


class Begin(ActForm):
    """开工."""

    contractor = words_of(Works.contractor)
    paper = words_of(Works.paper)
    contract = Yuan("合同价")
    on = Day("开工日期")
    due_on = Day("计划完工", required=False)
    over_note = words_of(Works.over_note, required=False)
    files = _files("合同、中标通知书")
    looks = {
        "contractor": {"width": "l"},
        "paper": {"width": "l"},
        "contract": _SUM,
        "on": _DAY,
        "due_on": _DAY,
        "over_note": {"width": "l", "help": "合同价不超预算的不填"},
    }

    def given(self) -> dict[str, Any]:
        """The contract, and its papers."""
        told = self.cleaned_data
        contract = Contract(
            on=told["on"], contractor=told["contractor"], paper=told["paper"],
            fen=told["contract"], due_on=told["due_on"], over_note=told["over_note"],
        )  # fmt: skip
        return {"contract": contract, "files": told["files"]}


class Accept(ActForm):
    """验收."""

    accepted_on = Day("验收日期")
    conclusion = words_of(Works.conclusion)
    files = _files("验收报告、照片")
    looks = {"accepted_on": _DAY, "conclusion": {"width": "l", "example": "如 合格"}}


class Settle(ActForm):
    """决算."""

    settled_on = Day("决算日期")
    final = Yuan("决算金额")
    over_note = words_of(Works.over_note, required=False)
    files = _files("决算审核报告")
    looks = {
        "settled_on": _DAY,
        "final": _SUM,
        "over_note": {"width": "l", "help": "决算不超预算的不填"},
    }

    def given(self) -> dict[str, Any]:
        """The final account in 分."""
        told = dict(self.cleaned_data)
        return {"fen": told.pop("final"), **told}


class Why(ActForm):
    """Why something is left out or called off."""

    reason = words("原因", 200)
    looks = {"reason": {"width": "l"}}
