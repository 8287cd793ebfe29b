"""What people fill in about idle rooms and disposals; nothing is saved or decided here."""

from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.space.forms.ledger import ActForm, Day, chosen, words
from guanjia.domains.space.terms.disposals import (
    CALLED,
    FILES,
    LEAVING,
    Carried,
    DisposalAsked,
    DisposalWay,
    IdleCause,
    IdlePlan,
    PaidIn,
    Purpose,
    Valuation,
)
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.texts import is_id
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Fen, choose

_MOST = Decimal(10_000_000_000)
_DAY = {"width": "m", "example": "如 2020-05-20"}
_EVERY = (("1", "每月"), ("3", "每季"), ("6", "每半年"), ("12", "每年"))


class Yuan(Fen):
    """An amount in 元 as people write it (``311,000.00``); gives 分, ``None`` for an empty one."""

    def __init__(self, label: str, *, required: bool = True) -> None:
        super().__init__(
            label=label,
            required=required,
            min_value=0,
            max_value=_MOST,
            decimal_places=2,
            error_messages={
                "required": f"补填{label}。",
                "invalid": f"{label}只填数字，如 26000.00。",
                "min_value": f"{label}不能小于零。",
                "max_value": f"{label}过大，核对位数和单位。",
                "max_decimal_places": f"{label}最多两位小数。",
            },
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )


def unit_typed(text: str) -> Unit | None:
    """A unit by its code or name as typed; raises a fault where there is none or more than one."""
    typed = text.strip()
    if not typed:
        return None
    rows = Unit.objects.open()
    found = list(rows.filter(code=typed)[:1])
    found = found or list(rows.filter(short_name=typed)[:2]) or list(rows.filter(name=typed)[:2])
    if len(found) != 1:
        raise forms.ValidationError(f"单位名录中没有“{typed}”，按编码或简称填。")
    return found[0]


class IdleTold(ActForm):
    """Why a room is empty and what is planned (登记闲置情况)."""

    cause = chosen("闲置原因", IdleCause)
    plan = chosen("处理打算", IdlePlan)
    note = words("说明", 200, required=False)
    on = Day("起始日期")
    looks = {"note": {"width": "l", "example": "如 原农机站腾退，等调剂"}, "on": _DAY}


class Reuse(ActForm):
    """A request (申请处置利用) for rooms that are ticked."""

    rooms = forms.MultipleChoiceField(
        label="房间",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "从闲置用房台账选房间。"},
    )
    way = chosen("方式", DisposalWay)
    purpose = chosen("公益用途", Purpose, required=False)
    to_unit = words("使用单位", 60, required=False)
    party = words("使用方", 100, required=False)
    reason = words("理由", 200)
    files = FilesField(label="附件", bounds=FILES, help_text="请示、会议纪要、现场照片")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {
        "purpose": {"width": "m", "help": "转换用途时选"},
        "to_unit": {
            "width": "l", "example": "简称或编码",
            "help": "调剂使用必填；转换用途由名录中的单位使用时填",
        },
        "party": {"width": "l", "example": "名录以外的使用方，如 新厂街道"},
        "reason": {"width": "l", "example": "如 腾退后空置满一年，周边没有养老服务点"},
    }  # fmt: skip

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        # Which of them stand empty, the action knows.
        self.ticked = [int(pk) for pk in self["rooms"].value() or () if is_id(str(pk))]
        choose(self, "rooms", [(str(pk), str(pk)) for pk in self.ticked])
        self.fields["to_unit"].widget.attrs["list"] = "units"
        purposes = [(one.value, one.label) for one in Purpose]
        choose(self, "purpose", [("", "不转换用途"), *purposes])

    def clean_to_unit(self) -> Unit | None:
        """The unit that was typed."""
        return unit_typed(self.cleaned_data["to_unit"])

    def wanted(self) -> DisposalWay:
        """How the rooms are to be used."""
        return DisposalWay(self.cleaned_data["way"])

    def given(self) -> dict[str, Any]:
        """What the request says, and its papers."""
        told = self.cleaned_data
        purpose = Purpose(told["purpose"]) if told["purpose"] else None
        asked = DisposalAsked(
            way=self.wanted(), room_ids=tuple(sorted({int(pk) for pk in told["rooms"]})),
            reason=told["reason"], purpose=purpose, party=told["party"],
            to_unit_id=told["to_unit"].pk if told["to_unit"] else None,
        )  # fmt: skip
        return {"asked": asked, "files": told["files"]}


class Mend(Reuse):
    """修改: another way is another request."""

    way = None  # type: ignore[assignment]  # the field is taken away

    def __init__(self, *args: Any, way: DisposalWay, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self._way = way

    def wanted(self) -> DisposalWay:
        """As it was."""
        return self._way


class Valued(ActForm):
    """登记评估."""

    valuation = Yuan("评估价")
    valuer = words("评估机构", 60)
    valued_on = Day("评估日期")
    files = FilesField(label="附件", bounds=FILES, help_text="评估报告")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {
        "valuation": {"unit": "元", "width": "m", "example": "如 26000.00"},
        "valuer": {"width": "l", "example": "评估报告上的机构"},
        "valued_on": _DAY,
    }

    def __init__(self, *args: Any, lease: bool, **rest: Any) -> None:
        super().__init__(*args, **rest)
        if lease:
            self.fields["valuation"].label = "评估月租金"

    def given(self) -> dict[str, Any]:
        """The valuation, and its papers."""
        told = self.cleaned_data
        valuation = Valuation(fen=told["valuation"], valuer=told["valuer"], on=told["valued_on"])
        return {"valuation": valuation, "files": told["files"]}


COMES_IN = "换入的房屋另在楼栋台账、房间台账登记"


def then_rooms(way: DisposalWay) -> str:
    """What becomes of the rooms once the disposal is carried out."""
    if way not in LEAVING:
        return "办理后房间按开始日期变动，之前的台账不变"
    more = f"；{COMES_IN}" if way == DisposalWay.EXCHANGE else ""
    return f"办理后房间从{CALLED[way]['on']}起移出台账，之前的台账不变{more}"


class CarryOut(ActForm):
    """办理: the facts each way needs; those of other ways are not asked."""

    document = words("批准文号", 60)
    paper = words("合同编号", 60)
    on = Day("开始日期")
    party = words("对方", 100)
    platform = words("交易平台", 60, required=False)
    last_on = Day("结束日期", required=False)
    price = Yuan("成交价", required=False)
    rent = Yuan("月租金", required=False)
    every = forms.ChoiceField(
        label="交租", choices=_EVERY, required=False, widget=forms.RadioSelect, initial="3"
    )
    files = FilesField(label="附件", bounds=FILES, help_text="批复、合同、成交确认书、许可")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {
        "document": {"width": "l", "example": "如 景机管房〔2020〕9号"},
        "paper": {"width": "l", "example": "如 HT-2020-01"},
        "on": _DAY,
        "last_on": _DAY,
        "party": {"width": "l", "example": "合同上的全称"},
        "platform": {"width": "l", "example": "如 市公共资源交易中心"},
        "price": {"unit": "元", "width": "m", "example": "如 900000.00"},
        "rent": {"unit": "元", "width": "m", "example": "如 3200.00"},
    }
    _ASKED = {
        DisposalWay.REALLOCATE: ("last_on", "price", "rent", "every", "platform", "party"),
        DisposalWay.PUBLIC: ("price", "rent", "every", "platform"),
        DisposalWay.EXCHANGE: ("last_on", "rent", "every", "platform"),
        DisposalWay.LEASE: ("price",),
        DisposalWay.AUCTION: ("last_on", "rent", "every"),
        DisposalWay.DEMOLISH: ("last_on", "rent", "every", "platform"),
    }

    def __init__(self, *args: Any, way: DisposalWay, **rest: Any) -> None:
        super().__init__(*args, **rest)
        for name in self._ASKED[way]:
            del self.fields[name]
        for name, label in CALLED[way].items():
            if name in self.fields:
                self.fields[name].label = label
        self.looks = self.looks | {"on": {**_DAY, "help": then_rooms(way)}}
        if way == DisposalWay.EXCHANGE:
            self.looks["price"] = {**self.looks["price"], "help": "对方补给本局的，没有的不填"}
        if way == DisposalWay.LEASE:
            self.fields["last_on"].required = self.fields["rent"].required = True
        if "party" in self.fields and way in (DisposalWay.PUBLIC, DisposalWay.DEMOLISH):
            self.fields["party"].required = False

    def given(self) -> dict[str, Any]:
        """The facts of the way, what it does not ask is nothing; and the papers."""
        told = self.cleaned_data
        carried = Carried(
            on=told["on"], document=told["document"], paper=told["paper"],
            party=told.get("party", ""), platform=told.get("platform", ""),
            last_on=told.get("last_on"), price_fen=told.get("price") or 0,
            rent_fen=told.get("rent") or 0, every=int(told.get("every") or 0),
        )  # fmt: skip
        return {"carried": carried, "files": told["files"]}


class PayIn(ActForm):
    """登记缴库."""

    receipt = words("票据号", 40)
    paid = Yuan("缴库金额")
    paid_on = Day("缴库日期")
    note = words("差额原因", 200, required=False)
    looks = {
        "receipt": {"width": "l", "example": "非税收入一般缴款书上的编号"},
        "paid": {"unit": "元", "width": "m"},
        "paid_on": _DAY,
        "note": {"width": "l", "help": "和应缴一样的不填"},
    }

    def given(self) -> dict[str, Any]:
        """What was paid."""
        told = self.cleaned_data
        paid = PaidIn(
            receipt=told["receipt"], fen=told["paid"], on=told["paid_on"], note=told["note"]
        )
        return {"paid": paid}


class TakeBack(ActForm):
    """收回."""

    on = Day("收回日期")
    note = words("说明", 200, required=False)
    looks = {"on": _DAY, "note": {"width": "l", "help": "没有到期的写明原因"}}


class Why(ActForm):
    """Why something is called off."""

    reason = words("取消原因", 200)
    looks = {"reason": {"width": "l"}}


class Word(ActForm):
    """A word on the way to the approvers."""

    comment = words("报批说明", 200, required=False)
    looks = {"comment": {"width": "l", "help": "选填"}}
