"""What people fill in about 周转房; nothing is saved or decided here."""

from collections.abc import Sequence
from typing import Any

from django import forms

from guanjia.domains.space.forms.disposals import Yuan
from guanjia.domains.space.forms.ledger import ActForm, Day, chosen, number, words
from guanjia.domains.space.models import Rent
from guanjia.domains.space.terms.tenancies import (
    FILES,
    Condition,
    PaidBy,
    Payment,
    Return,
    TenancyAsked,
    TenantKind,
)
from guanjia.kernel.org.models import Person
from guanjia.ui.files import FilesField
from guanjia.ui.forms import choose

_DAY = {"width": "m", "example": "如 2020-05-20"}


class MoveIn(ActForm):
    """登记入住."""

    room = forms.ChoiceField(
        label="房间",
        error_messages={"required": "选一套空置的周转房。", "invalid_choice": "这套房不能选。"},
    )
    tenant = words("承租人", 60)
    kind = chosen("入住类别", TenantKind)
    since_on = Day("起租日期")
    last_on = Day("到期日期")
    document = words("批准文号", 60, required=False)
    note = words("说明", 200, required=False)
    files = FilesField(label="附件", bounds=FILES, help_text="租住协议、任职文件")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {
        "room": {"width": "l"},
        "tenant": {"width": "l", "example": "工号或姓名"},
        "since_on": _DAY,
        "last_on": _DAY,
        "document": {"width": "l", "example": "如 景机管房〔2020〕3号"},
        "note": {"width": "l"},
    }

    def __init__(self, *args: Any, rooms: Sequence[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        choose(
            self,
            "room",
            [
                ("", "选一套"),
                *((str(one.pk), f"{one}，{one.now.usable_m2:.1f} ㎡") for one in rooms),
            ],
        )
        self.fields["tenant"].widget.attrs["list"] = "people"
        if not rooms:
            none = "现在没有空置的周转房，退房或在房间台账登记空置以后再办"
            self.looks = {**self.looks, "room": {"width": "l", "help": none}}

    def clean_tenant(self) -> Person:
        """Somebody by 工号, or by a name that only one has."""
        typed = self.cleaned_data["tenant"].strip()
        rows = Person.objects.serving()
        found = list(rows.filter(number=typed)[:1]) or list(rows.filter(name=typed)[:2])
        if len(found) != 1:
            word = f"有几个人叫“{typed}”，填工号。" if found else f"人员名录中没有“{typed}”。"
            raise forms.ValidationError(word)
        return found[0]

    def given(self) -> dict[str, Any]:
        """Who is to live where, and the papers."""
        told = self.cleaned_data
        asked = TenancyAsked(
            room_id=int(told["room"]), tenant_id=told["tenant"].pk,
            kind=TenantKind(told["kind"]), since_on=told["since_on"], last_on=told["last_on"],
            document=told["document"], note=told["note"],
        )  # fmt: skip
        return {"asked": asked, "files": told["files"]}


class Renew(ActForm):
    """续租."""

    last_on = Day("续租到")
    document = words("批准文号", 60, required=False)
    files = FilesField(label="附件", bounds=FILES, help_text="续租协议")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {"last_on": _DAY, "document": {"width": "l"}}


class Left(ActForm):
    """登记离任."""

    left_on = Day("离任日期")
    note = words("说明", 200, required=False)
    looks = {"left_on": _DAY, "note": {"width": "l", "example": "如 调任省直，任免文号"}}


class HandBack(ActForm):
    """退房验房."""

    on = Day("退房日期")
    condition = chosen("房屋状况", Condition)
    note = words("验房情况", 200, required=False)
    keys = number("交回钥匙", least=0, most=99)
    damage = Yuan("赔偿", required=False)
    files = FilesField(label="附件", bounds=FILES, help_text="验房单、照片")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {
        "on": _DAY,
        "note": {"width": "l", "example": "如 卫生间镜面破损，由承租人赔偿"},
        "keys": {"unit": "把", "width": "s"},
        "damage": {"unit": "元", "width": "m", "help": "没有损坏不填"},
    }

    def given(self) -> dict[str, Any]:
        """How the room came back, and the papers."""
        told = self.cleaned_data
        back = Return(
            on=told["on"], condition=Condition(told["condition"]), note=told["note"],
            keys=told["keys"], damage_fen=told["damage"] or 0,
        )  # fmt: skip
        return {"back": back, "files": told["files"]}


class Why(ActForm):
    """Why something is called off or made void."""

    reason = words("原因", 200)
    looks = {"reason": {"width": "l"}}


class Take(ActForm):
    """收租: months are ticked, the sum is typed anew."""

    rents = forms.MultipleChoiceField(
        label="月份",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "所选月份已经收过，刷新后重新选。"},
    )
    amount = Yuan("收款金额")
    receipt = words("票据号", 40)
    by = chosen("收款方式", PaidBy)
    paid_on = Day("收款日期")
    looks = {
        "amount": {"unit": "元", "width": "m", "help": "照收到的填，系统与所选月份核对"},
        "receipt": {"width": "m", "example": "如 PJ2020001"},
        "paid_on": _DAY,
    }

    def __init__(self, *args: Any, owed: Sequence[Rent], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.owed = owed
        choose(self, "rents", [(str(one.pk), f"{one.month:%Y-%m}") for one in owed])

    @property
    def ticked(self) -> list[int]:
        """The months that are ticked."""
        told = {str(one) for one in self["rents"].value() or ()}
        return [one.pk for one in self.owed if str(one.pk) in told]

    def given(self) -> dict[str, Any]:
        """What was paid."""
        told = self.cleaned_data
        payment = Payment(
            rent_ids=tuple(int(pk) for pk in told["rents"]), fen=told["amount"],
            receipt=told["receipt"], on=told["paid_on"], by=PaidBy(told["by"]),
        )  # fmt: skip
        return {"payment": payment}
