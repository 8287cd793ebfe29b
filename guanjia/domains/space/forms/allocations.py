"""The shape of what people fill in about allocations; nothing is saved or decided here."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from guanjia.domains.space.forms.ledger import ActForm, Day, area, number, words
from guanjia.domains.space.forms.units import ForUnit
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import (
    FILES,
    AllocationMethod,
    Asked,
    LettingOut,
)
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Finding, Refused, Verdict
from guanjia.kernel.values.texts import is_id
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, choose

WAYS = [(way.value, way.label) for way in AllocationMethod] + [
    (wish.value, f"{wish.label}给外单位") for wish in LettingOut
]
# Ways of which a later one says why they will not do.
EARLIER = (AllocationMethod.REALLOCATE, AllocationMethod.SWAP, AllocationMethod.RENT)
PERSONS_MAX = 5_000
REASON_MAX, REFUSAL_MAX, SHORT_MAX = 300, 200, 60


def text(label: str, most: int, *, required: bool = True, rows: int = 3) -> forms.CharField:
    """A text of several lines."""
    field = words(label, most, required=required)
    field.widget = forms.Textarea(attrs={"rows": rows, "maxlength": most})
    return field


def way_of(value: str) -> AllocationMethod | LettingOut:
    """A way, or what must never be done with offices."""
    if value in LettingOut.__members__:
        return LettingOut(value)
    return AllocationMethod(value)


class Ask(ForUnit):
    """申请用房: the request of one unit, which is asked for the number of people of its ranks."""

    unit = words("使用单位", 100, required=False)
    way = forms.ChoiceField(
        label="配置方式",
        choices=WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": "选一种配置方式。", "invalid_choice": "从列出的方式中选。"},
    )
    reason = text("申请理由", REASON_MAX)
    wanted_m2 = area("申请面积")
    since_on = Day("借用开始", required=False)
    last_on = Day("借用结束", required=False)
    back = forms.MultipleChoiceField(
        label="交回的旧房",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "交回的房间不是这个单位在用的。"},
    )
    files = FilesField(label="附件", bounds=FILES, help_text="请示、编制文件，手机拍照也可")  # type: ignore[assignment]  # a field; the form's own uploads keep their name

    def __init__(self, *args: Any, day: date, law: LawInForce, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.verdict, self.law, unit = Verdict(), law, self.chosen
        self.ranks = reading.ranks_for(unit=unit, law=law) if unit else []
        for rank in Rank:
            if rank not in self.ranks:
                del self.fields[_persons(rank)]
        own = reading.own_rooms(unit=unit, day=day) if unit else []
        choose(self, "back", [(str(row.pk), _room_words(row)) for row in own])
        self.initial = {**self.begun(), **self.initial}

    def begun(self) -> dict[str, Any]:
        """What a request begins with: the people in service."""
        staff = reading.staff_by_rank(self.chosen) if self.chosen else {}
        return {"way": AllocationMethod.REALLOCATE.value} | {
            _persons(rank): n for rank, n in staff.items()
        }

    @property
    def persons(self) -> list[Any]:
        """The fields of how many of each rank."""
        return [self[_persons(rank)] for rank in self.ranks]

    @property
    def refusals(self) -> list[Any]:
        """The fields of why an earlier way will not do."""
        return [self[_refusal(way)] for way in EARLIER]

    def add_refusal(self, refused: Refused) -> None:
        """Beside the field with the article; what has no field of its own on top."""
        self.verdict = Verdict(refusals=refused.findings)
        for finding in refused.findings:
            if finding.field in self.fields:
                self.add_error(finding.field, "规则不允许，见下。")
            else:
                self.add_error(None, finding.text())

    def is_valid(self) -> bool:
        """Whether it says all it must. Where only the need was asked about (重新核算), nothing is
        done, and nothing said of what is missing."""
        if self.is_bound and "reckon" in self.data:
            for name in [name for name in self.errors if not name.startswith("persons_")]:
                del self.errors[name]
            return False
        return self._may_be_asked() and super().is_valid()

    def _may_be_asked(self) -> bool:
        """Whether the way is one at all: what must never be done is said before anything else, with
        its article, and nothing more is asked for."""
        wish = self.data.get("way", "")
        if wish not in LettingOut.__members__:
            return True
        self.full_clean()
        for name in [name for name in self.errors if name != "way"]:
            del self.errors[name]
        self.add_refusal(Refused(rules.may_let_out(wish=LettingOut(wish), law=self.law).refusals))
        return False

    def counted(self) -> dict[Rank, int]:
        """How many of each rank, as far as it can be read; before anything is sent as it begins."""
        if self.is_bound:
            _ = self.errors  # reads what was sent, once
        kept = getattr(self, "cleaned_data", {}) if self.is_bound else self.initial
        found = {rank: kept.get(_persons(rank)) or 0 for rank in self.ranks}
        return {rank: n for rank, n in found.items() if n}

    def given(self) -> dict[str, Any]:
        """For which unit, what is asked, and its papers."""
        kept = self.cleaned_data
        way = way_of(kept["way"])
        asked = Asked(
            way=way,
            reason=kept["reason"],
            wanted_m2=kept["wanted_m2"],
            persons=self.counted(),
            refusals={each: kept[_refusal(each)] for each in EARLIER},
            since_on=kept["since_on"] if way == AllocationMethod.LOAN else None,
            last_on=kept["last_on"] if way == AllocationMethod.LOAN else None,
            back=tuple(int(pk) for pk in kept["back"]),
        )
        return {"unit_id": kept["unit"].pk, "asked": asked, "files": kept["files"]}


class Mend(Ask):
    """修改后再交: with a word for whoever decides."""

    comment = words("修改说明", 100, required=False)

    def begun(self) -> dict[str, Any]:
        """Nothing but what was asked."""
        return {}

    def given(self) -> dict[str, Any]:
        """What is asked, its papers, and the word."""
        told = super().given()
        del told["unit_id"]
        return {**told, "comment": self.cleaned_data["comment"]}


def _persons(rank: Rank) -> str:
    return f"persons_{rank.value}"


def _refusal(way: AllocationMethod) -> str:
    return f"refusal_{way.value}"


for _form in (Ask, Mend):
    _form.base_fields |= {
        _persons(rank): number(rank.label, least=0, most=PERSONS_MAX, required=False)
        for rank in Rank
    } | {
        _refusal(way): words(f"不能{way.label}的理由", REFUSAL_MAX, required=False)
        for way in EARLIER
    }


def _room_words(row: Any) -> str:
    told = f"{row}　{row.now.get_kind_display()} {rules.area(row.now.usable_m2)}"
    return f"{told}　{RoomState.CLEARING.label}" if row.now.state == RoomState.CLEARING else told


def initial_of(allocation: Allocation) -> dict[str, Any]:
    """A request as the form shows it, to mend it."""
    return {
        "way": allocation.way,
        "reason": allocation.reason,
        "wanted_m2": allocation.wanted_m2,
        "since_on": allocation.since_on,
        "last_on": allocation.last_on,
        "back": [str(row.room_id) for row in allocation.rooms.filter(back=True)],
        **{_persons(Rank(row.rank)): row.persons for row in allocation.needs.all()},
        **{_refusal(AllocationMethod(row.way)): row.refusal for row in allocation.ways.all()},
    }


class Choose(ActForm):
    """选房: which rooms, from when; a loan has its days already."""

    rooms = forms.MultipleChoiceField(
        label="房间",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "没有选房间。", "invalid_choice": "所选房间已不在空房里。"},
    )
    since_on = Day("使用期限起", required=False)
    gross_m2 = area("建筑面积", required=False)

    def __init__(self, *args: Any, ids: Iterable[int], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.refused: tuple[Finding, ...] = ()
        # Also those that somebody else took meanwhile, so that the refusal can say who.
        sent = [pk for pk in self["rooms"].value() or () if is_id(str(pk))] if self.is_bound else []
        choices = [(str(pk), str(pk)) for pk in {*ids, *map(int, sent)}]
        choose(self, "rooms", choices)

    def add_refusal(self, refused: Refused) -> None:
        """The page tells them all on top, with what may be had instead."""
        self.refused = refused.findings

    def given(self) -> dict[str, Any]:
        """The ids of the rooms, from when on, and their 建筑面积."""
        told = dict(self.cleaned_data)
        return {"room_ids": [int(pk) for pk in told.pop("rooms")], **told}


class Outside(ActForm):
    """What was leased or built."""

    place = words("坐落", 200)
    gross_m2 = area("建筑面积")
    document = words("批准文号", SHORT_MAX, required=False)
    since_on = Day("使用期限起")
    last_on = Day("使用期限止", required=False)
    looks = {
        "place": {"width": "l", "example": "如 瓷都大道 88 号 3 层"},
        "gross_m2": {"unit": "㎡", "width": "s"},
        "document": {
            "width": "l",
            "example": "如 景府办〔2020〕9号",
            "help": "租用须经本级人民政府批准，建设按权限审批。",
        },
        "since_on": {"width": "m"},
        "last_on": {"width": "m", "help": "长期使用的不填。"},
    }


class HandOverForm(Form):
    """交接: the day and who receives; the signature is drawn."""

    on = Day("交接日期")
    receiver = words("接收人", SHORT_MAX, required=False)

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, label_suffix="", **more)


class CallOff(ActForm):
    """取消调配."""

    reason = words("取消原因", REFUSAL_MAX)
    looks = {"reason": {"width": "l"}}


class ChooseAgain(ActForm):
    """重新选房."""

    reason = words("换房原因", REFUSAL_MAX)
    looks = {"reason": {"width": "l"}}


class Extend(ActForm):
    """申请续借: until when a loan is to go on, and why."""

    last_on = Day("续借到")
    reason = text("续借理由", REASON_MAX, rows=2)
    looks = {"last_on": {"width": "m"}}


class End(ActForm):
    """登记归还."""

    on = Day("归还日期")
    looks = {"on": {"width": "m"}}
