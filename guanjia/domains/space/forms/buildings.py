"""The shape of what people fill in about compounds and buildings; nothing is decided here."""

from datetime import date
from typing import Any

from guanjia.domains.space.actions import building_lives as lives
from guanjia.domains.space.actions.buildings import AMENDABLE
from guanjia.domains.space.forms.ledger import (
    WHY_MAX,
    ActForm,
    Day,
    area,
    chosen,
    chosen_of,
    number,
    why,
    words,
    words_of,
)
from guanjia.domains.space.models import Building, Compound
from guanjia.domains.space.rules.buildings import Title
from guanjia.domains.space.terms.ledger import (
    COMPOUND_FACTS,
    SafetyGrade,
    TitleState,
)
from guanjia.kernel.registers import narrowing
from guanjia.kernel.values.term import Term


class Since(Term):
    """From which day a change holds."""

    DAY = "DAY", "从某一天起变的"
    ALWAYS = "ALWAYS", "原来就记错了，一直如此"


_SINCE = {
    "on": {"example": "如 2020-05-08", "help": "从这一天起算，之前的台账不变"},
    "why": {"width": "l", "example": "如 按竣工测绘报告更正"},
}


class Dated(ActForm):
    """Facts as they stand (today, or on the day of ``?on=``), and since when they are otherwise."""

    since = chosen("什么时候起", Since, missing="选一项：从某一天起变的，还是原来就记错了。")
    on = Day("从哪天起", required=False)
    why = why()
    looks = _SINCE
    facts: tuple[str, ...] = ()

    def __init__(self, *args: Any, row: Building | Compound, today: date, **rest: Any) -> None:
        super().__init__(*args, **rest)
        day = narrowing.day_from(str(self.initial.get("on") or ""))
        self.seen, self.past = day or today, day not in (None, today)
        if not self.past:
            self.initial.pop("on", None)
        self.stood = lives.facts_on(row, self.seen)
        self.initial = {name: self.stood[name] for name in self.facts} | dict(self.initial)

    def clean(self) -> dict[str, Any]:
        """A change has its day; a mistake has none."""
        given = super().clean() or self.cleaned_data
        if given.get("since") == Since.DAY and not given.get("on") and "on" not in self.errors:
            self.add_error("on", "补填从哪天起。")
        if given.get("since") == Since.ALWAYS:
            given["on"] = None
        return given

    def given(self) -> dict[str, Any]:
        """Of the facts those that were filled in otherwise than they stood."""
        told = self.cleaned_data
        facts = {
            name: told[name]
            for name in self.facts
            if name in self.data and told[name] != self.stood[name]
        }
        return {"facts": facts, "on": told["on"], "why": told["why"], "seen": self.seen}


class BuildingFacts(ActForm):
    """Plain facts of a building."""

    gross_m2 = area("建筑面积")
    floors_above = number("层数", least=1, most=200)
    kind = chosen_of(Building.kind)
    structure = chosen_of(Building.structure, required=False)
    built_year = number("建成年份", least=1800, most=2200, required=False)
    delivered_on = Day("交付日期", required=False)
    state = chosen_of(Building.state)
    looks = {
        "gross_m2": {"unit": "㎡", "width": "s", "example": "4607"},
        "floors_above": {"unit": "层", "width": "s", "example": "5"},
        "built_year": {"width": "s", "example": "2019"},
        "delivered_on": {"width": "m", "example": "如 2020-04-08"},
    }


class BuildingAmend(Dated, BuildingFacts):
    """The same with the day from which they hold and why."""

    facts = AMENDABLE
    field_order = (*BuildingFacts.base_fields, "since", "on", "why")
    looks = BuildingFacts.looks | _SINCE


class BuildingNew(BuildingFacts):
    """A building that is not in the ledger."""

    compound = words("院落", 60)
    name = words("楼栋", 60)
    field_order = ("compound", "name")
    looks = BuildingFacts.looks | {
        "compound": {"width": "l", "example": "如 市民中心，没有的院落同时登记"},
        "name": {"width": "l", "example": "如 市民中心A座"},
    }

    def given(self) -> dict[str, Any]:
        """Where it stands, how it is called, and its facts."""
        told = self.cleaned_data
        facts = {name: told[name] for name in AMENDABLE}
        return {"compound": told["compound"], "name": told["name"], "facts": facts}


class TitleForm(ActForm):
    """How the title to a building stands."""

    state = chosen("权属", TitleState)
    number = words("证号或备案号", 60, required=False)
    owner = words("权属人", 100, required=False)
    on = Day("登记或备案日期", required=False)
    area_m2 = area("证载面积", required=False)
    note = words("说明", WHY_MAX, required=False)
    looks = {
        "number": {"width": "l", "example": "如 赣(2020)景德镇市不动产权第4042号"},
        "owner": {"width": "l", "example": "如 景德镇市机关事务管理局"},
        "on": {
            "example": "如 2020-04-08",
            "help": "从这一天起算，没有的从今天起；同一证号改日期，按新日期",
        },
        "area_m2": {"unit": "㎡", "width": "s", "help": "与台账建筑面积不同的，台账核对会列出"},
        "note": {"width": "l", "example": "如 资料缺失，按权属备案办理"},
    }

    def given(self) -> dict[str, Any]:
        """The title, and a word about it."""
        told = self.cleaned_data
        title = Title(
            state=TitleState(told["state"]), number=told["number"].strip(),
            owner=told["owner"].strip(), on=told["on"], area_m2=told["area_m2"],
        )  # fmt: skip
        return {"title": title, "note": told["note"]}


class AppraisalForm(ActForm):
    """What an appraisal of safety found."""

    grade = chosen("安全等级", SafetyGrade)
    on = Day("鉴定日期")
    note = words("鉴定单位、报告编号", WHY_MAX, required=False)
    looks = {"on": {"example": "如 2020-04-08"}, "note": {"width": "l"}}

    def given(self) -> dict[str, Any]:
        """The grade as a term."""
        return self.cleaned_data | {"grade": SafetyGrade(self.cleaned_data["grade"])}


class CompoundForm(Dated):
    """Address and land of a compound, with the day from which they hold and why."""

    address = words_of(Compound.address, required=False)
    land_m2 = area("土地面积", required=False)
    land_title_no = words_of(Compound.land_title_no, required=False)
    facts = COMPOUND_FACTS
    field_order = (*COMPOUND_FACTS, "since", "on", "why")
    looks = {
        "address": {"width": "l"},
        "land_m2": {"unit": "㎡", "width": "s"},
        "land_title_no": {"width": "l"},
    } | _SINCE
