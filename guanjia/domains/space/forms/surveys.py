"""The shape of what people fill in about surveys (统计摸底); nothing is saved or decided here."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.space.actions import surveys as actions
from guanjia.domains.space.actions.surveys import NOTICE_MAX, TITLE_MAX, WHY_MAX
from guanjia.domains.space.forms.ledger import ActForm, Area, Day, area, chosen, number, words
from guanjia.domains.space.forms.rounds import Several
from guanjia.domains.space.models import SurveyDoubt
from guanjia.domains.space.rules.ledger import ROOM_M2_MAX
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import Entry, SurveyKind
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.registers.cells import several
from guanjia.ui.forms import Form, choose, field_for

PEOPLE_MOST = 100_000
_FEN = Decimal(100)


def text(label: str, most: int) -> forms.CharField:
    """Several lines that an action judges; too long is said here."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        error_messages={"max_length": f"{label}最多 {most} 个字。"},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def paragraph(label: str, most: int, *, example: str) -> forms.CharField:
    """Several lines that must be written."""
    field = words(label, most)
    field.widget = forms.Textarea(attrs={"rows": 3, "maxlength": most, "placeholder": example})
    return field


def amount(label: str, *, places: int = 2) -> Area:
    """A number that may be 0, also as pages write it."""
    return Area(
        label=label,
        max_digits=10,
        decimal_places=places,
        min_value=Decimal(0),
        required=False,
        error_messages={
            "invalid": f"{label}只填数字，没有的填 0。",
            "min_value": f"{label}不小于 0。",
            "max_digits": f"{label}过大，核对位数和单位。",
            "max_decimal_places": f"{label}最多 {places} 位小数。",
            "max_whole_digits": f"{label}过大，核对位数和单位。",
        },
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class Plan(ActForm):
    """布置统计: what, as of when, until when, whom."""

    title = words("名称", TITLE_MAX)
    kind = chosen("类别", SurveyKind)
    as_of = Day("统计截至")
    due_on = Day("填报期限")
    notice = text("填报要求", NOTICE_MAX)
    units = Several("单位", choices=[])

    def __init__(self, *args: Any, units: Sequence[Unit], **rest: Any) -> None:
        super().__init__(*args, **rest)
        choose(self, "units", [(str(unit.pk), unit.shown) for unit in units])
        self.asked = units

    @property
    def ticked(self) -> set[str]:
        """The units that are ticked, by id."""
        return {str(pk) for pk in self["units"].value() or ()}

    def given(self) -> dict[str, Any]:
        """What the survey is to be."""
        told = self.cleaned_data
        return {"plan": actions.Plan(**{**told, "kind": SurveyKind(told["kind"])})}


class Facts(ActForm):
    """The facts of a unit; what is not known yet may stay empty until it is sent."""

    established = number("编制人数", least=0, most=PEOPLE_MOST, required=False)
    present = number("实有人数", least=0, most=PEOPLE_MOST, required=False)
    leased_m2 = amount("租用面积")
    leased_rent = amount("年租金")
    remark = text("备注", 500)
    looks = {
        "established": {"unit": "人", "width": "s", "help": "编制部门核定的人数，已按台账预填"},
        "present": {"unit": "人", "width": "s", "help": "统计截至日在岗的人数，含编外"},
        "leased_m2": {"unit": "㎡", "width": "s", "help": "向外租用的办公用房，没有的填 0"},
        "leased_rent": {"unit": "元", "width": "s"},
        "remark": {"width": "l", "example": "如 租用地点、租期"},
    }

    def facts(self) -> dict[str, Any]:
        """What was filled in, money in 分."""
        given = dict(self.cleaned_data)
        rent = given.pop("leased_rent")
        return given | {"leased_rent_fen": None if rent is None else int(rent * _FEN)}


_LOOKS = {
    "usable_m2": {"unit": "㎡", "width": "s", "example": "21.9"},
    "people": {
        "width": "l",
        "example": "工号或姓名，几个人用、隔开",
        "help": "写全坐在这里的人；留空表示没有人",
    },
    "why": {"width": "l", "example": "如 重新测量", "help": "与台账不同的写原因"},
}


class RoomFiled(ActForm):
    """What a unit says of a room of its return."""

    entry = chosen("填报", Entry, among=(Entry.KEPT, Entry.STRUCK))
    kind = chosen("房间类别", RoomKind)
    usable_m2 = area("使用面积", required=False, most=ROOM_M2_MAX)
    state = chosen("状态", RoomState)
    people = forms.CharField(
        label="使用人",
        required=False,
        max_length=2_000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "people"}),
    )
    why = words("说明", WHY_MAX, required=False)
    looks = _LOOKS

    def __init__(
        self,
        *args: Any,
        near: Iterable[Person] = (),
        known: Iterable[Person] = (),
        added: bool = False,
        **rest: Any,
    ) -> None:
        """``near``: people whose names may be written; ``known``: who stood there before;
        ``added``: the unit added the room itself.
        """
        super().__init__(*args, **rest)
        self.near = {person.pk: person for person in (*near, *known)}
        self.added = added

    def clean(self) -> dict[str, Any] | None:
        """A reason where the sheet wants one too, so that what it hands out comes back."""
        given = super().clean() or self.cleaned_data
        struck = given.get("entry") == Entry.STRUCK
        if struck != self.added and not given.get("why") and "why" not in self.errors:
            said = Entry.STRUCK if struck else Entry.ADDED
            self.add_error("why", f"{said.label}要写原因。")
        return given

    def clean_people(self) -> list[Person]:
        """Each code or name once; a name that means nobody, or several, is said."""
        codes = several(self.cleaned_data["people"])
        found = dict(org.people_by_number(codes))
        people: list[Person] = []
        for code in codes:
            named = [found[code]] if code in found else self._named(code)
            if len(named) != 1:
                why = (
                    f"单位里有几个{code}，写工号。" if named else f"没有找到 {code}，写工号或姓名。"
                )
                raise forms.ValidationError(why)
            people.append(named[0])
        return people

    def _named(self, name: str) -> list[Person]:
        return [person for person in self.near.values() if person.name == name]


class RoomAdded(RoomFiled):
    """A room that the return does not have."""

    compound = words("院落", 60)
    building = words("楼栋", 60)
    floor = number("楼层", least=-20, most=200)
    number = words("房间号", 20)
    why = words("说明", WHY_MAX)
    field_order = ("compound", "building", "floor", "number", "kind", "usable_m2", "state")
    looks = _LOOKS | {
        "compound": {"width": "l", "example": "如 市民中心"},
        "building": {"width": "l", "example": "如 市民中心A座"},
        "floor": {"unit": "层", "width": "s", "help": "地下一层写 -1"},
        "number": {"width": "s", "example": "301"},
        "why": {"width": "l", "example": "如 年初借用，还没有登记"},
    }

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        del self.fields["entry"]


class Explain(Form):
    """Why what is odd is right."""

    explanation = field_for(SurveyDoubt.explanation, label="说明", required=True)
    looks = {"explanation": {"width": "l"}}


class Due(ActForm):
    """Another last day, and why."""

    due_on = Day("填报期限")
    why = words("原因", WHY_MAX)
    looks = {"due_on": {"width": "m", "example": "如 2020-07-31"}, "why": {"width": "l"}}


class Why(ActForm):
    """Why something is done."""

    why = words("原因", WHY_MAX)
    looks = {"why": {"width": "l"}}


class Back(ActForm):
    """What is to be mended in a return that goes back."""

    why = paragraph("要改什么", 500, example="如 二楼会议室面积与平面图不符")


class Since(ActForm):
    """From which day something holds."""

    since = Day("起始日期")
    looks = {"since": {"width": "m"}}


class Declined(ActForm):
    """Why the ledger is right."""

    why = paragraph("台账为什么是对的", 180, example="如 竣工测绘报告为准")
