"""The changes of buildings and compounds in words (历次变动)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from guanjia.domains.space.models import Building, Compound
from guanjia.domains.space.queries import buildings as queries
from guanjia.domains.space.terms.ledger import (
    BuildingKind,
    BuildingState,
    SafetyGrade,
    Structure,
    TitleState,
)
from guanjia.kernel.audit.models import Record
from guanjia.ui import formats

_TERMS = {
    "state": BuildingState,
    "title_state": TitleState,
    "safety": SafetyGrade,
    "kind": BuildingKind,
    "structure": Structure,
}
# What a fact is called before its values; a word that says what it is of needs no name.
_NAMES = {
    "state": "", "title_state": "", "safety": "安全等级 ", "kind": "", "structure": "",
    "gross_m2": "建筑面积 ", "title_m2": "证载面积 ", "floors_above": "层数 ",
    "built_year": "建成年份 ", "title_no": "证号 ", "title_owner": "权属人 ",
    "titled_on": "登记日期 ", "delivered_on": "交付日期 ", "appraised_on": "鉴定日期 ",
    "address": "地址 ", "land_m2": "土地面积 ", "land_title_no": "土地权属证号 ",
}  # fmt: skip
_TOLD = 3


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """What changed on a day: ``since`` is ``None`` for the first of all."""

    since: date | None
    until: date | None
    told: list[str]
    why: str

    @property
    def last(self) -> date | None:
        """The last day of it, where it is over."""
        return self.until - timedelta(days=1) if self.until else None


def chapters(row: Building | Compound) -> list[Chapter]:
    """The changes of a row in words (历次变动), the latest first."""
    return [
        Chapter(
            since=one.since,
            until=one.until,
            told=[
                _told(name, getattr(before, name), getattr(after, name))
                for name, before, after in one.facts
            ],
            why=one.spell.why,
        )
        for one in queries.changes(row)
    ]


def change(record: Record) -> str:
    """What an act changed, from what into what and from which day, where it is short."""
    before, after = record.before or {}, record.after or {}
    told = [
        _told(name, before[name], after[name])
        for name in _NAMES
        if name in before and name in after
    ][:_TOLD]
    since = after.get("since")
    if told and since:
        told.append("一直如此" if since == "always" else f"自 {since} 起")
    return "，".join(told)


def _told(name: str, before: Any, after: Any) -> str:
    old, new = _shown(name, before), _shown(name, after)
    return f"{_NAMES[name]}{old or '未登记'} → {new or '未登记'}"


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, Decimal):
        return formats.num(value, places=1)
    if isinstance(value, date):
        return formats.day(value, style="iso")
    term = _TERMS.get(name)
    return str(term(value).label) if term is not None and value in set(term) else str(value)
