"""The shape of what people fill in about buildings and rooms; nothing is saved or decided here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.space.actions.rooms import RoomPart
from guanjia.domains.space.models import Building
from guanjia.domains.space.rules.buildings import FILES
from guanjia.domains.space.rules.ledger import ROOM_M2_MAX
from guanjia.domains.space.terms.ledger import (
    RoomKind,
    RoomState,
)
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.registers.cells import several
from guanjia.kernel.registers.fields import field_of, term_of, title_of
from guanjia.kernel.values.term import Term
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, WholeNumber

BIGGEST_M2 = Decimal(10_000_000)
WHY_MAX = 180
FIRST_DAY = date(1900, 1, 1)
SEGMENTS = 7
FILE_KINDS = ("照片", "证照", "图纸", "鉴定报告", "其他")


def words(label: str, longest: int, *, required: bool = True) -> forms.CharField:
    """One line of text."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        error_messages={
            "required": f"补填{label}。",
            "max_length": f"{label}最多 {longest} 个字。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def words_of(attribute: Any, *, required: bool = True) -> forms.CharField:
    """One line of text for a field of a model: its label and length."""
    field = field_of(attribute)
    return words(title_of(field), field.max_length, required=required)


def chosen_of(attribute: Any, *, required: bool = True) -> forms.ChoiceField:
    """One of the choices of a field of a model, under its label."""
    field = field_of(attribute)
    term = term_of(field)
    if term is None:
        msg = f"{field} has no choices of a term"
        raise TypeError(msg)
    return chosen(title_of(field), term, required=required)


def why(label: str = "原因") -> forms.CharField:
    """Why something is told."""
    return words(label, WHY_MAX)


def chosen(
    label: str,
    term: type[Term],
    *,
    required: bool = True,
    among: Sequence[Term] = (),
    missing: str = "",
) -> forms.ChoiceField:
    """One of a few choices: side by side up to seven, else a list."""
    offered = [(one.value, one.label) for one in (among or term)]
    side_by_side = required and len(offered) <= SEGMENTS
    return forms.ChoiceField(
        label=label,
        choices=offered if required else [("", "未登记"), *offered],
        required=required,
        widget=forms.RadioSelect if side_by_side else forms.Select,
        error_messages={
            "required": missing or f"选一项{label}。",
            "invalid_choice": f"从列出的{label}中选一项。",
        },
    )


def area(label: str, *, required: bool = True, most: Decimal = BIGGEST_M2) -> forms.DecimalField:
    """An area in ㎡, also as pages write it: ``4,607.5``."""
    return Area(
        label=label,
        max_digits=10,
        decimal_places=2,
        min_value=Decimal("0.01"),
        max_value=most,
        required=required,
        error_messages={
            "required": f"补填{label}。",
            "invalid": f"{label}只填数字，如 21.9。",
            "min_value": f"{label}应大于 0。",
            "max_value": f"{label}过大，核对位数和单位。",
            "max_digits": f"{label}过大，核对位数和单位。",
            "max_decimal_places": f"{label}最多两位小数。",
            "max_whole_digits": f"{label}过大，核对位数和单位。",
        },
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class Area(forms.DecimalField):
    """A number of ㎡; commas between thousands are no fault."""

    def to_python(self, value: Any) -> Any:
        """As the base class, without the commas."""
        if isinstance(value, str):
            value = value.replace(",", "").replace("，", "")
        return super().to_python(value)


class Day(forms.DateField):
    """A day between 1900 and 2200: a year half typed is no day."""

    def __init__(self, label: str, *, required: bool = True) -> None:
        super().__init__(
            label=label,
            required=required,
            error_messages={
                "required": f"补填{label}。",
                "invalid": "写成 2020-05-08 这样的日期。",
            },
            widget=forms.DateInput(
                format="%Y-%m-%d",
                attrs={"data-date": "date", "maxlength": "20", "autocomplete": "off"},
            ),
        )

    def to_python(self, value: Any) -> date | None:
        """The day, or a fault for one that nobody means."""
        day: date | None = super().to_python(value)
        if day is not None and not FIRST_DAY <= day <= date(2199, 12, 31):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


def number(label: str, *, least: int, most: int, required: bool = True) -> WholeNumber:
    """A whole number."""
    return WholeNumber(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        error_messages={
            "required": f"补填{label}。",
            "invalid": f"{label}只填整数。",
            "min_value": f"{label}不小于 {least}。",
            "max_value": f"{label}不大于 {most}。",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class ActForm(Form):
    """A form of one act."""


class FilesForm(ActForm):
    """Photos and papers of a building."""

    kind = forms.ChoiceField(
        label="种类", choices=[(one, one) for one in FILE_KINDS], widget=forms.RadioSelect
    )
    files = FilesField(label="文件", bounds=FILES, required=True, help_text="手机拍照也可")  # type: ignore[assignment]  # a field; the form's own uploads keep their name


# ── rooms ────────────────────────────────────────────────────────────────────────────────

_AREAS = {
    "usable_m2": {"unit": "㎡", "width": "s", "example": "21.9"},
    "gross_m2": {"unit": "㎡", "width": "s", "help": "没有测绘的不填"},
    "on": {"example": "如 2020-05-08", "help": "从这一天起算，之前的台账不变"},
    "why": {"width": "l", "example": "如 改作会议室"},
}


def _is(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a room is, as the actions take it."""
    return {
        "kind": RoomKind(told["kind"]), "state": RoomState(told["state"]),
        "usable_m2": told["usable_m2"], "gross_m2": told["gross_m2"],
    }  # fmt: skip


class RoomFacts(ActForm):
    """What a room is, from a day on."""

    kind = chosen("房间类别", RoomKind)
    usable_m2 = area("使用面积", most=ROOM_M2_MAX)
    gross_m2 = area("建筑面积", required=False, most=ROOM_M2_MAX)
    state = chosen("状态", RoomState)
    on = Day("起始日期")
    why = why()
    looks = _AREAS

    def given(self) -> dict[str, Any]:
        """What changes, from when and why."""
        told = self.cleaned_data
        return {"changes": _is(told), "on": told["on"], "why": told["why"]}


class RoomNew(RoomFacts):
    """A room that is not in the ledger."""

    building = forms.ModelChoiceField(
        label="楼栋",
        queryset=Building.objects.none(),
        empty_label="选一栋",
        error_messages={"required": "选一栋楼。", "invalid_choice": "从列出的楼栋中选一栋。"},
    )
    floor = number("楼层", least=-20, most=200)
    number = words("房间号", 20)
    field_order = ("building", "floor", "number")
    looks = _AREAS | {
        "building": {"width": "l"},
        "floor": {"unit": "层", "width": "s", "example": "3", "help": "地下一层写 -1"},
        "number": {"width": "s", "example": "301"},
        "why": {"width": "l", "example": "如 加建、漏登"},
    }

    def __init__(self, *args: Any, buildings: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        field: Any = self.fields["building"]
        field.queryset = buildings

    def given(self) -> dict[str, Any]:
        """Where it is and what, from when and why."""
        told = self.cleaned_data
        return {
            "building_id": told["building"].pk, "floor": told["floor"], "number": told["number"],
            "facts": _is(told), "since": told["on"], "why": told["why"],
        }  # fmt: skip


class HolderForm(ActForm):
    """Which unit holds a room; an empty one is nobody."""

    unit = forms.CharField(
        label="使用单位",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )
    on = Day("起始日期")
    why = why()
    looks = {
        "unit": {"width": "l", "example": "单位编码或名称", "help": "留空表示不再由任何单位使用"},
        "on": _AREAS["on"],
        "why": {"width": "l", "example": "如 台账漏登，按使用协议补"},
    }

    def clean_unit(self) -> Unit | None:
        """By code, short name or full name."""
        text = self.cleaned_data["unit"].strip()
        if not text:
            return None
        code = text.split(" ", 1)[0]
        found = Unit.objects.open().filter(code=code).first()
        if found is None:
            named = list(Unit.objects.open().filter(name=text)[:2])
            named = named or list(Unit.objects.open().filter(short_name=text)[:2])
            found = named[0] if len(named) == 1 else None
        if found is None:
            raise forms.ValidationError(f"单位名录中没有“{text}”，写单位编码或全称。")
        return found

    def given(self) -> dict[str, Any]:
        """The id of the unit, from when and why."""
        told = self.cleaned_data
        unit = told["unit"]
        return {"unit_id": unit.pk if unit else None, "on": told["on"], "why": told["why"]}


class SeatForm(ActForm):
    """Who sits in a room from a day on, by 工号 or name."""

    people = forms.CharField(
        label="使用人",
        required=False,
        max_length=2_000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "people"}),
    )
    on = Day("起始日期")
    why = words("说明", WHY_MAX, required=False)
    looks = {
        "people": {
            "width": "l",
            "example": "工号或姓名，几个人用、隔开",
            "help": "写全这一天起坐在这里的人；留空表示没有人",
        },
        "on": _AREAS["on"],
        "why": {"width": "l"},
    }

    def __init__(self, *args: Any, near: Iterable[Person] = (), **rest: Any) -> None:
        """``near``: the people of the unit that holds the room: their names may be written."""
        super().__init__(*args, **rest)
        self.near = list(near)

    def clean_people(self) -> list[Person]:
        """Each code or name once; a name that means nobody, or several, is said."""
        codes = several(self.cleaned_data["people"])
        found = dict(org.people_by_number(codes))
        unknown: list[str] = []
        doubled: list[str] = []
        people: list[Person] = []
        for code in codes:
            named = [found[code]] if code in found else [p for p in self.near if p.name == code]
            if len(named) == 1:
                people.append(named[0])
            else:
                (doubled if named else unknown).append(code)
        if doubled:
            raise forms.ValidationError(f"单位里有几个{'、'.join(doubled)}，写工号。")
        if unknown:
            raise forms.ValidationError(
                f"没有找到 {'、'.join(unknown)}，写工号或本单位人员的姓名。"
            )
        return people

    def given(self) -> dict[str, Any]:
        """Their ids, from when and why."""
        told = self.cleaned_data
        ids = [one.pk for one in told["people"]]
        return {"people_ids": ids, "on": told["on"], "why": told["why"]}


class MergeForm(ActForm):
    """Which rooms become one."""

    rooms = words("与哪些房间合并", 200)
    number = words("合并后的房间号", 20)
    usable_m2 = area("合并后使用面积", required=False, most=ROOM_M2_MAX)
    on = Day("起始日期")
    why = why()
    looks = {
        "rooms": {"width": "l", "example": "同一层的房间号，几间用、隔开"},
        "number": {"width": "s", "help": "可以沿用其中一间的号"},
        "usable_m2": {"unit": "㎡", "width": "s", "help": "不填按各间之和"},
        "on": _AREAS["on"],
        "why": {"width": "l", "example": "如 拆除隔墙，合并为会议室"},
    }

    def clean_rooms(self) -> tuple[str, ...]:
        """The numbers, each once."""
        return several(self.cleaned_data["rooms"])

    def given(self) -> dict[str, Any]:
        """As the action takes it: the others by number."""
        told = dict(self.cleaned_data)
        return {"beside": told.pop("rooms"), **told}


_PART = re.compile(r"^\s*(\S+)\s+(\S+)\s+([0-9][0-9,，]*(?:\.[0-9]{1,2})?)\s*(?:㎡|m2)?\s*$")


class SplitForm(ActForm):
    """Into which rooms a room is split: one line for each."""

    parts = forms.CharField(
        label="拆成",
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={"required": "一行写一间。"},
    )
    on = Day("起始日期")
    why = why()
    looks = {
        "parts": {
            "width": "l",
            "example": "301 办公室 18\n301A 服务用房 12.5",
            "help": "一行一间：房间号 类别 使用面积；一间可以沿用原来的号",
        },
        "on": _AREAS["on"],
        "why": {"width": "l", "example": "如 加隔墙"},
    }

    def clean_parts(self) -> list[RoomPart]:
        """Each line as a room; the first that cannot be read is named."""
        parts = []
        for place, text in enumerate(self.cleaned_data["parts"].splitlines(), start=1):
            if not text.strip():
                continue
            read = _PART.match(text)
            kind = RoomKind.labelled(read[2]) if read else None
            if read is None or kind is None or len(read[1]) > 20:  # noqa: PLR2004 — the length of a room number
                raise forms.ValidationError(
                    f"第 {place} 行读不懂：写成“房间号 类别 使用面积”，如 301 办公室 18。"
                )
            m2 = Decimal(read[3].replace(",", "").replace("，", ""))
            if m2 > ROOM_M2_MAX:
                raise forms.ValidationError(f"第 {place} 行面积过大，核对位数和单位。")
            parts.append(RoomPart(number=read[1], kind=kind, usable_m2=m2))
        return parts
