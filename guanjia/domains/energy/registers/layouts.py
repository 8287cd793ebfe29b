"""Returns laid out otherwise than the register: months side by side, or a line for each source.

Every title is taken apart into the month, the source and the side (amount or cost) that it names;
what a title leaves open, the row says in columns of its own (月份, 能源品种). So a line for each
source, a line for each month, and a line with a whole year are read alike.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from guanjia.domains.energy.registers import layout_totals
from guanjia.domains.energy.registers.layout_totals import Total
from guanjia.domains.energy.terms.energies import SOURCES, Energy, Measure
from guanjia.kernel.registers import cells
from guanjia.kernel.registers.cells import Raw
from guanjia.kernel.registers.unfolding import Cell, Misfit, Titles

_MONTHS = 12
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MONTH = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)[-/.年])?(?P<month>1[0-2]|0?[1-9])月份?"
    r"|(?P<y2>(?:19|20)\d\d)[-/.](?P<m2>1[0-2]|0?[1-9])(?!\d)"
    r"|(?P<spoken>十[一二]|[一二三四五六七八九十])月份?"
)
_SPOKEN = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
_UNIT = re.compile(r"\(([^()]*)\)")
_SIDES = {
    Measure.AMOUNT: (
        "数量", "消费量", "实物量", "用量", "消耗量", "使用量", "数值", "值", "量", "消费数量",
    ),
    Measure.COST: ("费用", "金额", "费", "消费金额", "支出", "费用金额"),
}  # fmt: skip
# What a row says of itself, by the words offices use.
_OWN = {
    "code": ("统一社会信用代码", "信用代码", "机构代码", "社会信用代码", "单位代码"),
    "name": ("机构名称", "单位名称", "名称", "机构"),
    "month": ("月份", "年月", "报告月份", "所属月份", "统计月份", "期间"),
    "year": ("年度", "年份", "年"),
    "item": (
        "能源品种", "品种", "能源种类", "能源类型", "能源资源品种", "能源", "种类", "指标", "项目",
        "能源资源", "能耗品种",
    ),
    "unit": ("计量单位", "单位(计量)"),
    "nothing": ("序号", "备注", "所属区域", "机构类型", "合计", "总计", "小计", "区域"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Meaning:
    """What a title, or an item of a row, says: any of month, source, side, and the unit."""

    month: str = ""
    energy: Energy | None = None
    measure: Measure | None = None
    unit: str = ""

    def filled_by(self, other: "_Meaning") -> "_Meaning":
        """With what it leaves open taken from another."""
        return _Meaning(
            month=self.month or other.month,
            energy=self.energy or other.energy,
            measure=self.measure or other.measure,
            unit=self.unit or other.unit,
        )


def _names() -> dict[str, tuple[Energy, Measure]]:
    found: dict[str, tuple[Energy, Measure]] = {}
    for energy, source in SOURCES.items():
        words = {source.amount, energy.label, *(w for w in source.words if not w.endswith("费"))}
        for word in words:
            for tail in ("", *_SIDES[Measure.AMOUNT]):
                found.setdefault(cells.fold_label(word + tail), (energy, Measure.AMOUNT))
            for tail in _SIDES[Measure.COST]:
                found.setdefault(cells.fold_label(word + tail), (energy, Measure.COST))
        for word in (source.cost, *(w for w in source.words if w.endswith("费"))):
            found[cells.fold_label(word)] = (energy, Measure.COST)
    return found


_NAMES = _names()
_SIDE_NAMES = {cells.fold_label(word): side for side, words in _SIDES.items() for word in words}
_EITHER = "单位"  # who it is, or in what it counts
_OWN_NAMES = {cells.fold_label(word): own for own, words in _OWN.items() for word in words}


def _month_in(text: str) -> tuple[str, str]:
    """The month that a text names (``2020-05``, or ``-05`` without a year), and the rest of it."""
    found = _MONTH.search(text)
    if found is None:
        return "", text
    spoken = found["spoken"]
    number = _SPOKEN.index(spoken) + 1 if spoken else int(found["month"] or found["m2"])
    year = found["year"] or found["y2"] or ""
    return f"{year}-{number:02}", text[: found.start()] + text[found.end() :]


def meaning_of(title: str) -> _Meaning | None:
    """What a title says of a source's consumption; ``None`` where a word of it says nothing."""
    month, rest = _month_in(cells.fold_label(title))
    unit = "".join(_UNIT.findall(rest))
    rest = re.sub(r"[-_/、:：.]", "", _UNIT.sub("", rest))
    if rest in _NAMES:
        energy, measure = _NAMES[rest]
        return _Meaning(month=month, energy=energy, measure=measure, unit=unit)
    if rest in _SIDE_NAMES:
        return _Meaning(month=month, measure=_SIDE_NAMES[rest], unit=unit)
    # Two titles above one another: 电 / 费用.
    for end in range(len(rest) - 1, 0, -1):
        named, side = _NAMES.get(rest[:end]), _SIDE_NAMES.get(rest[end:])
        if named and side:
            return _Meaning(month=month, energy=named[0], measure=side, unit=unit)
    return _Meaning(month=month, unit=unit) if month and not rest else None


def unfold(titles: Titles, above: str) -> "Returns | None":
    """How a table of returns is to be read; ``None`` where it names neither institutions nor what
    they consumed."""
    own: dict[str, int] = {}
    known: set[int] = set()
    meanings: dict[int, _Meaning] = {}
    totals: dict[int, Total[_Meaning]] = {}
    either = 0
    for position, title in titles.items():
        folded = cells.fold_label(title)
        word = _OWN_NAMES.get(_UNIT.sub("", folded)) or _OWN_NAMES.get(folded)
        if folded == _EITHER:
            either = position
            known.add(position)
        elif (total := layout_totals.total_of(title, meaning_of)) is not None:
            totals[position] = total
            if word is not None:
                known.add(position)
        elif word is not None:
            own.setdefault(word, position)
            known.add(position)
        elif (meaning := meaning_of(title)) is not None:
            meanings[position] = meaning
            known.add(position)
    if either:
        own.setdefault("unit" if "name" in own else "name", either)
    totals = {
        at: total for at, total in totals.items() if _has_parts(total, meanings, "item" in own)
    }
    made = Returns(
        own=own, meanings=meanings, known=frozenset(known | totals.keys()),
        year=_only_year(above), totals=totals if totals and layout_totals.checked() else {},
    )  # fmt: skip
    return made if made.complete else None


def _has_parts(total: Total[_Meaning], meanings: Mapping[int, _Meaning], by_row: bool) -> bool:
    """Whether a table has columns that a total could be of: of one alone it says something new."""
    of = total.meaning
    if of is None or of.energy is None:
        # Of what its row is about; over both sides together there is no total.
        sides = {each.measure for each in meanings.values()}
        wanted = sides if of is None or of.measure is None else {of.measure}
        return by_row and len(wanted) == 1 and bool(wanted & sides or sides == {None})
    side = _side(of)
    return any(
        _side(each.filled_by(_Meaning(energy=of.energy))) == side
        or (by_row and each.measure is None and each.energy is None)
        for each in meanings.values()
    )


def _only_year(text: str) -> str:
    """The one year that the lines above a table name."""
    years = set(_YEAR.findall(cells.half_width(text)))
    return years.pop() if len(years) == 1 else ""


@dataclass(frozen=True, kw_only=True)
class Returns:
    """A table of returns whose columns are understood."""

    own: Mapping[str, int]
    meanings: Mapping[int, _Meaning]
    known: frozenset[int]
    year: str = ""
    totals: Mapping[int, Total[_Meaning]] = field(default_factory=dict)
    _items: dict[str, _Meaning | None] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether institution, month and source of every cell will be known."""
        if "code" not in self.own or not self.meanings:
            return False
        by_row = "item" in self.own
        return all(
            (each.energy is not None or by_row) and (each.month or "month" in self.own)
            for each in self.meanings.values()
        )

    def rows(self, line: Mapping[int, Raw]) -> Iterator[Mapping[str, Cell] | Misfit]:
        """The months that a line tells of; a line for one source gives parts of a month."""
        own = {word: Cell(line[at], at) for word, at in self.own.items() if at in line}
        item = self._item(own)
        if isinstance(item, Misfit):
            yield item
            return
        months: dict[str, dict[str, Cell]] = {}
        for position, meaning in self.meanings.items():
            if position not in line:
                continue
            full = meaning.filled_by(item).filled_by(_Meaning(measure=Measure.AMOUNT))
            if (wrong := self._unit(full, position, own)) is not None:
                yield wrong
                if wrong.position not in self.meanings:
                    return  # the whole line counts in it
                continue
            name = str(full.energy).lower() + ("_cost" if full.measure is Measure.COST else "")
            months.setdefault(full.month, {})[name] = Cell(line[position], position)
        for month, parts in months.items():
            yield {**self._who(own), **self._when(month, own, parts), **parts}
        yield from self._wrong_totals(line, item)

    def _wrong_totals(self, line: Mapping[int, Raw], item: _Meaning) -> Iterator[Misfit]:
        """Totals of the line that its months do not come to."""
        if not self.totals:
            return
        columns: dict[layout_totals.Side, dict[int, str]] = {}
        for at, meaning in self.meanings.items():
            if (side := _side(meaning.filled_by(item))) is not None:
                columns.setdefault(side, {})[at] = meaning.month
        for at, total in self.totals.items():
            of = self._of(total, item)
            side = _side(of)
            if at not in line or side not in columns or self._unit(of, at, {}) is not None:
                continue
            parts = total.parts(columns[side])
            come_to = layout_totals.sums((side, line[each]) for each in parts if each in line)
            if said := layout_totals.differs(line[at], side, come_to):
                yield Misfit(at, "total_differs", said)

    def _of(self, total: Total[_Meaning], item: _Meaning) -> _Meaning:
        """Of what a total is in a line; of the one side there is where it says nothing of it."""
        of = (total.meaning or _Meaning()).filled_by(item)
        sides = {each.measure for each in self.meanings.values()}
        return of.filled_by(_Meaning(measure=next(iter(sides)))) if len(sides) == 1 else of

    def _who(self, own: Mapping[str, Cell]) -> dict[str, Cell]:
        return {word: own[word] for word in ("code", "name") if word in own}

    def _when(
        self, month: str, own: Mapping[str, Cell], parts: Mapping[str, Cell]
    ) -> dict[str, Cell]:
        """The month of a part: its title's, with the year of the row or of the lines above."""
        if not month:
            return {"month": own["month"]} if "month" in own else {}
        year = month[:-3] or self._year(own)
        place = next(iter(parts.values())).position
        return {"month": Cell(f"{year}{month[-3:]}" if year else month[-2:] + "月", place)}

    def _year(self, own: Mapping[str, Cell]) -> str:
        if "year" not in own:
            return self.year
        return "".join(_YEAR.findall(cells.shown(own["year"].raw))[:1])

    def _item(self, own: Mapping[str, Cell]) -> _Meaning | Misfit:
        """What the row's own column of items says."""
        if "item" not in own:
            if "item" in self.own:
                return Misfit(self.own["item"], "item_missing", "补填能源品种")
            return _Meaning()
        text = cells.shown(own["item"].raw)
        if text not in self._items:
            self._items[text] = meaning_of(text)
        found = self._items[text]
        if found is None or found.energy is None:
            labels = "、".join(energy.label for energy in Energy)
            sentence = f"从「{labels}」中选一项，“{cells.shown(own['item'].raw)}”读不出"
            return Misfit(own["item"].position, "item_unknown", sentence)
        # 电 as an item names the source; which side it is, the columns say where they can.
        sided = any(each.measure is not None for each in self.meanings.values())
        return found if not sided else _Meaning(energy=found.energy, unit=found.unit)

    def _unit(self, full: _Meaning, position: int, own: Mapping[str, Cell]) -> Misfit | None:
        """Amounts in another unit than ours are not guessed at."""
        wanted = "元" if full.measure is Measure.COST else SOURCES[full.energy or Energy.OTHER].unit
        said = full.unit
        if not said and "unit" in own and full.measure is not Measure.COST:
            said, position = cells.fold_label(cells.shown(own["unit"].raw)), own["unit"].position
        same = {cells.fold_label(wanted), *_SAME_UNIT.get(wanted, ())}
        if not said or said in same:
            return None
        return Misfit(position, "unit_differs", f"单位应为{wanted}，表中为{said}，换算后再填")


def _side(meaning: _Meaning) -> layout_totals.Side | None:
    """Which side of which source a title is about, with the row's own words."""
    if meaning.energy is None:
        return None
    return meaning.energy, meaning.measure or Measure.AMOUNT


_SAME_UNIT = {
    "kWh": ("度", "千瓦时", "千瓦·时"),
    # A ton of water is a cubic metre.
    "t": ("吨", "m3", "立方米", "立方"),
    "m³": ("立方米", "立方", "方"),
    "L": ("升",),
    "kg": ("千克", "公斤"),
    "GJ": ("吉焦", "百万千焦"),
    "kgce": ("千克标准煤",),
    "元": ("￥", "人民币元"),
}
