"""What people fill in about fines (违法) and accidents (事故); nothing is saved or decided here."""

from typing import Any

from django import forms

from guanjia.domains.fleet.forms.cars import OfCar
from guanjia.domains.fleet.forms.disposals import Day, Yuan
from guanjia.domains.fleet.forms.requests import Moment
from guanjia.domains.fleet.forms.upkeep import chosen, note, papers_field, whole, words
from guanjia.domains.fleet.models import Driver
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.terms.upkeep import Blame, PaidBy
from guanjia.ui.forms import Form, offer

_CAR = {"width": "m", "example": "如 赣H12345"}
_SUM = {"unit": "元", "width": "m"}


class NewFine(OfCar):
    """A traffic offence, as the police state it."""

    number = words("决定书编号", 40, required=False)
    at = Moment(label="违法时间", example="8:00")
    place = words("违法地点", 100)
    what = words("违法行为", 100)
    points = whole("记分", most=12)
    amount_fen = Yuan(label="罚款")
    note = note()
    files = papers_field("处罚决定书、违法照片")
    looks = {
        "car": _CAR,
        "number": {"width": "l", "help": "没有的不填，由系统编号"},
        "at": {"width": "l"},
        "place": {"example": "如 瓷都大道与广场路交叉口"},
        "what": {"example": "如 机动车违反禁止标线指示"},
        "points": {"unit": "分", "width": "s"},
        "amount_fen": {"unit": "元", "width": "m", "help": "由责任人个人缴纳，不登记为运行费用"},
    }

    def given(self) -> dict[str, Any]:
        """The row as a ledger would have it, and the papers."""
        row = dict(self.cleaned_data)
        files, points = row.pop("files"), row["points"] or 0
        return {"row": {**row, "points": points}, "files": files}


class NewAccident(OfCar):
    """An accident, as far as it is known."""

    number = words("事故编号", 40, required=False)
    at = Moment(label="事故时间", example="8:00")
    place = words("事故地点", 100)
    what = words("事故情形", 200)
    driver = words("驾驶员", 60, required=False)
    blame = chosen("责任认定", Blame)
    loss_fen = Yuan(label="损失金额", required=False)
    insurer_fen = Yuan(label="保险赔付", required=False)
    self_fen = Yuan(label="自付金额", required=False)
    note = note()
    files = papers_field("事故认定书、定损单、现场照片")
    looks = {
        "car": _CAR,
        "number": {"width": "l", "help": "交警认定书编号；没有的不填，由系统编号"},
        "at": {"width": "l"},
        "what": {"example": "如 倒车时与护栏相擦，右后门受损"},
        "driver": {"width": "m", "help": "不填按当时的派车单找"},
        "loss_fen": {"unit": "元", "width": "m"},
        "insurer_fen": {"unit": "元", "width": "m", "help": "本车和对方保险赔付的合计"},
        "self_fen": {"unit": "元", "width": "m"},
    }

    def clean_driver(self) -> Driver | None:
        """The driver of this name or number."""
        text = str(self.cleaned_data["driver"]).strip()
        if not text:
            return None
        found = archive.drivers_by_name([text]).get(text)
        if found is None:
            raise forms.ValidationError(f"驾驶员名册中没有“{text}”，或有同名，改填驾驶员编号。")
        return found

    def given(self) -> dict[str, Any]:
        """The row as a ledger would have it, and the papers."""
        row = dict(self.cleaned_data)
        files = row.pop("files")
        sums = {name: row[name] or 0 for name in ("loss_fen", "insurer_fen", "self_fen")}
        return {"row": {**row, **sums}, "files": files}


class Handle(Form):
    """处理违法: paid by whom, when."""

    on = Day(label="处理日期")
    paid_by = forms.ChoiceField(
        label="缴款人",
        choices=PaidBy.choices(),
        error_messages={"required": "没有选缴款人。", "invalid_choice": "从列出的缴款人中选一项。"},
    )
    payer = words("缴款人姓名", 60, required=False)
    looks = {"on": {"width": "m"}, "paid_by": {"width": "m"}, "payer": {"width": "m"}}

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        # Public money is not offered; who tells it all the same is told why not.
        offer(self, "paid_by", [PaidBy.DRIVER, PaidBy.OTHER])

    def given(self) -> dict[str, Any]:
        """Who paid, as a term."""
        return {**self.cleaned_data, "paid_by": PaidBy(self.cleaned_data["paid_by"])}


class Close(Form):
    """结案."""

    blame = forms.ChoiceField(
        label="责任认定",
        choices=Blame.choices(),
        error_messages={"required": "没有选责任认定。", "invalid_choice": "从列出的责任中选一项。"},
    )
    loss_fen = Yuan(label="损失金额")
    insurer_fen = Yuan(label="保险赔付")
    self_fen = Yuan(label="自付金额")
    on = Day(label="结案日期")
    looks = {
        "blame": {"width": "m"},
        "loss_fen": _SUM,
        "insurer_fen": {**_SUM, "help": "本车和对方保险赔付的合计"},
        "self_fen": _SUM,
        "on": {"width": "m"},
    }

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        offer(self, "blame", [blame for blame in Blame if blame is not Blame.PENDING])

    def given(self) -> dict[str, Any]:
        """The blame as a term."""
        return {**self.cleaned_data, "blame": Blame(self.cleaned_data["blame"])}
