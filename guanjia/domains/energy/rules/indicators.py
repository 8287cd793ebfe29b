"""A year's indicators as they are published: by area, by kind, and of key users. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from guanjia.domains.energy.rules.analysis_words import plain
from guanjia.domains.energy.rules.reckoning import Intensity
from guanjia.domains.energy.terms.energies import Energy
from guanjia.engines.wordreports.paper import Figure, Head, Paper, Section, Series, Table, written

_KG_PER_T = 1000
_HEADS = (
    Head(title="机构", unit="家", places=0),
    Head(title="有月报", unit="家", places=0),
    Head(title="月报", unit="份", places=0),
    Head(title="综合能耗", unit="tce", places=1),
    Head(title="用电", unit="kWh", places=0),
    Head(title="用水", unit="t", places=0),
    Head(title="人均综合能耗", unit="kgce/人", places=1),
    Head(title="单位面积能耗", unit="kgce/㎡", places=2),
    Head(title="人均用水量", unit="m³/人", places=1),
)
COLUMNS = ("coal", "electricity", "water", "per_person", "per_m2", "water_per_person")
# A sum of fewer would tell of single institutions, which only key users are named for.
GROUP_MIN = 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """What an area, a kind or an institution comes to; ``told``: those with returns, ``named``:
    those of them whose own numbers are public or may become so, key users; ``tellers``: both of
    those who are behind a column, where they are others."""

    title: str
    institutions: int
    told: int
    months: int
    amounts: Mapping[Energy, Decimal]
    coal: Decimal | None  # None: no amount was told that counts as coal
    intensity: Intensity
    named: int = 0
    tellers: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def behind(self, column: str) -> int:
        """How many a column adds up."""
        return self.tellers.get(column, (self.told, self.named))[0]

    def rest(self, column: str) -> int:
        """How many a column still tells of once what is known by name is taken off."""
        told, named = self.tellers.get(column, (self.told, self.named))
        return told - named


def paper_of(
    *,
    year: int,
    whole: Line,
    areas: Sequence[Line],
    kinds: Sequence[Line],
    key_users: Sequence[Line] | None,
    unknown: Collection[Energy],
    over: bool,
) -> Paper:
    """Everything a year's publication says; ``over``: whether the year is."""
    sections = [
        _whole(year, whole, over=over),
        _groups("areas", "各区域", "区域", areas, year),
        _groups("kinds", "各类机构", "机构类型", kinds, year),
    ]
    if key_users is not None:
        sections.append(_single(key_users, year))
    late = "重点用能单位含后来入库、补报当年月报的单位，这些单位不计入合计。"
    notes = [
        "综合能耗折标准煤，不含水；单位面积能耗不含汽油、柴油。强度按有月报的机构的用量除以其人数、"
        "面积，填报不满一年的不折算成全年。",
        f"一栏中有数据的不足{GROUP_MIN}家，或者除去重点用能单位还剩不足{GROUP_MIN}家的区域、类型，"
        "这一栏不列合计；能由总数推算出来的，相邻最少的一个也不列。",
    ]
    if key_users:
        notes.append(late)
    if unknown:
        names = "、".join(energy.label for energy in unknown)
        notes.append(f"{names}没有折标准煤系数，没有计入综合能耗。")
    return Paper(
        title=f"{year}年度公共机构能源资源消费指标", sections=tuple(sections), notes=tuple(notes)
    )


def _whole(year: int, whole: Line, *, over: bool) -> Section:
    each, amounts = whole.intensity, whole.amounts
    shown = {column for column in COLUMNS if _enough(whole, column)}
    parts = [
        f"{title}{plain(value, 2)}{unit}"
        for column, title, value, unit in (
            ("per_person", "人均综合能耗", each.per_person, "千克标准煤/人"),
            ("per_m2", "单位面积能耗", each.per_m2, "千克标准煤/平方米"),
            ("water_per_person", "人均用水量", each.water_per_person, "立方米/人"),
        )
        if value is not None and column in shown
    ]
    when = f"{year}年末" if over else "现在"
    counted = (
        f"{when}名录库有公共机构{whole.institutions}家，其中{whole.told}家有月报，"
        f"共{whole.months}份"
    )
    if not shown:
        return Section(key="whole", title="全市合计", sentences=(f"{counted}，不足以合计。",))
    sums = [
        f"{title}{_said(value, unit) if value is None or column in shown else '不足以合计'}"
        for column, title, value, unit in (
            ("coal", "综合能耗", _tons(whole), "吨标准煤"),
            ("electricity", "用电", amounts.get(Energy.ELECTRICITY), "千瓦时"),
            ("water", "用水", amounts.get(Energy.WATER), "吨"),
        )
    ]
    return Section(
        key="whole",
        title="全市合计",
        sentences=(
            f"{counted}，平均每家{plain(Decimal(whole.months) / whole.told)}个月。"
            f"{'，'.join(sums)}。",
            f"{'，'.join(parts) or '强度无法计算'}。",
        ),
    )


def _tons(line: Line) -> Decimal | None:
    return None if line.coal is None else line.coal / _KG_PER_T


def _said(value: Decimal | None, unit: str) -> str:
    return "没有填报" if value is None else f"{plain(value)}{unit}"


def _groups(key: str, title: str, noun: str, lines: Sequence[Line], year: int) -> Section:
    shown = {column: _tellable(lines, column) for column in COLUMNS}
    coal = [line for line in lines if line.title in shown["coal"]]
    figures: tuple[Figure, ...] = ()
    if coal:
        figures = (
            Figure(
                key=key, title=f"{title}综合能耗", unit="tce", noun=noun, kind="bar", places=1,
                categories=tuple(line.title for line in coal),
                series=(
                    Series(
                        name=f"{year}年",
                        values=tuple(written(_tons(line), 1) for line in coal),
                    ),
                ),
            ),
        )  # fmt: skip
    rows = tuple(
        _row(line, {column for column in COLUMNS if line.title in shown[column]}) for line in lines
    )
    return Section(
        key=key, title=title, figures=figures,
        tables=(Table(title=title, heads=(Head(title=noun), *_HEADS), rows=rows),),
    )  # fmt: skip


def _tellable(lines: Sequence[Line], column: str) -> set[str]:
    """The groups whose sums of a column tell of no single institution, also not by what is left of
    the whole: where too few stay hidden, the smallest of the others hides with them. Counted twice:
    as if nobody was known by name, and as if all who may be were."""
    shown = [line for line in lines if _enough(line, column)]
    for count in (Line.rest, Line.behind):
        hidden = sum(count(line, column) for line in lines if line not in shown)
        others = [line for line in shown if count(line, column)]
        if 0 < hidden < GROUP_MIN and others:
            shown.remove(min(others, key=lambda line: count(line, column)))
    return {line.title for line in shown}


def _enough(line: Line, column: str) -> bool:
    rest = line.rest(column)
    return line.behind(column) >= GROUP_MIN and (not rest or rest >= GROUP_MIN)


def _single(lines: Sequence[Line], year: int) -> Section:
    heads = (Head(title="重点用能单位"), *_HEADS[2:])
    rows = tuple((row[0], *row[3:]) for row in (_row(line, COLUMNS) for line in lines))
    return Section(
        key="key_users", title="重点用能单位",
        sentences=() if rows else (f"{year}年没有列为重点用能单位的机构。",),
        tables=(Table(title="重点用能单位", heads=heads, rows=rows),) if rows else (),
    )  # fmt: skip


def _row(line: Line, shown: Collection[str]) -> tuple[str | None, ...]:
    """Counts are always told; sums only where enough are behind them."""
    each = line.intensity
    sums = {
        "coal": written(_tons(line), 1),
        "electricity": written(line.amounts.get(Energy.ELECTRICITY), 0),
        "water": written(line.amounts.get(Energy.WATER), 0),
        "per_person": written(each.per_person, 1),
        "per_m2": written(each.per_m2, 2),
        "water_per_person": written(each.water_per_person, 1),
    }
    return (
        line.title, str(line.institutions), str(line.told), str(line.months),
        *(sums[column] if column in shown else None for column in COLUMNS),
    )  # fmt: skip
