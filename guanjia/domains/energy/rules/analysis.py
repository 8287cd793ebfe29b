"""The yearly analysis of a key user, written from data: the same on the page and in Word. Pure.

Nothing is made up: a month that was not told is named as missing, and years are compared over the
months told in both.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from guanjia.domains.energy.rules import analysis_words as words
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.analysis_facts import (
    CARBON,
    INTENSITIES,
    MONTHS,
    AnalysisFacts,
    YearFacts,
)
from guanjia.domains.energy.rules.analysis_parts import (
    INSIDE,
    audits,
    doubts,
    odd,
    potential,
    quality,
)
from guanjia.domains.energy.rules.analysis_words import UNITS, changed, plain
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.engines.wordreports.paper import Figure, Head, Paper, Section, Series, Table, written

NOTHING = Decimal(0)
_SERIES_MAX = 3  # years in one chart
_NAMES = tuple(f"{number}月" for number in range(1, MONTHS + 1))
_UNEVEN = "月数不同的年度不能直接比较。"
TITLE = "能源资源消费状况分析"


def paper_of(facts: AnalysisFacts) -> Paper:
    """The whole analysis."""
    now = facts.now
    return Paper(
        title=f"{facts.year}年度{facts.name}{TITLE}",
        lines=(facts.name, f"{facts.year}年度{TITLE}"),
        facts=(
            ("单位", facts.name),
            ("信用代码", facts.code),
            ("单位类型", facts.kind.label),
            ("所属区域", facts.area),
            ("建筑面积", "没有登记" if now.floor_m2 is None else f"{plain(now.floor_m2)}平方米"),
            ("用能人数", "没有登记" if now.people is None else f"{now.people}人"),
        ),
        sections=_sections(facts),
        notes=_notes(facts) if now.months else (),
    )


def _sections(facts: AnalysisFacts) -> tuple[Section, ...]:
    """Of a year nobody told there is nothing to analyse."""
    if not facts.now.months:
        return (_basics(facts),)
    return (
        _basics(facts),
        _trend(facts),
        _structure(facts),
        _intensity(facts),
        odd(facts),
        potential(facts),
        audits(facts),
        quality(facts),
        doubts(facts),
    )


def public_part(paper: Paper) -> Paper:
    """An analysis as everybody may read it: without what institutions told their reviewers."""
    return replace(paper, sections=tuple(one for one in paper.sections if one.key != INSIDE))


def _notes(facts: AnalysisFacts) -> tuple[str, ...]:
    factors = facts.now.factors
    told = "、".join(
        f"{energy.label}{factors.coal[energy].value.normalize():f}"
        for energy in facts.now.amounts()
        if energy in factors.coal and facts.now.amounts()[energy]
    )
    return (
        f"口径：综合能耗按{facts.year}年末的系数折标准煤"
        f"（每单位千克标准煤：{told or '没有用能'}），不含水；"
        "单位面积能耗不含汽油、柴油。数据为机构填报的月报，没有填报的月份不补。",
    )


def _basics(facts: AnalysisFacts) -> Section:
    now = facts.now
    floor = "没有登记" if now.floor_m2 is None else f"{plain(now.floor_m2)}平方米"
    people = "没有登记" if now.people is None else f"{now.people}人"
    told = []
    for one in facts.years:
        if not one.months:
            told.append(f"{one.year}年没有月报")
        elif one.missing:
            told.append(f"{one.year}年有{words.listed(one.months)}，缺{words.runs(one.missing)}")
        else:
            told.append(f"{one.year}年12个月齐全")
    return Section(
        key="basics",
        title="基本情况",
        sentences=(
            f"{facts.name}为{words.kind(facts.kind)}，属{facts.area}，列为重点用能单位。"
            f"{facts.year}年末建筑面积{floor}，用能人数{people}。",
            f"月报填报情况：{words.joined(told)}",
        ),
    )


# ── how much, and how it went ────────────────────────────────────────────────────────────


def _trend(facts: AnalysisFacts) -> Section:
    now = facts.now
    coal, cost = now.coal(), now.cost()
    used = "没有填报" if coal is None else f"{plain(coal)}千克标准煤"
    paid = "没有填报" if cost is None else words.yuan(cost)
    sentences = [
        f"{facts.year}年{words.listed(now.months)}综合能耗{used}，能源资源费用{paid}。",
        *_untold(now),
    ]
    if facts.before and facts.common:
        sentences.append(_compared(facts, facts.before))
    elif facts.before is None:
        sentences.append(f"{facts.year - 1}年没有月报，不作同比。")
    sentences += _peak(facts)
    return Section(
        key="trend", title="消费总量和趋势", sentences=tuple(sentences), tables=(_by_year(facts),),
        figures=_months(facts),
    )  # fmt: skip


def _untold(now: YearFacts) -> list[str]:
    """The months of which an amount or a cost is missing: sums are without it."""
    said = []
    if months := now.unmeasured():
        said.append(f"{words.runs(months)}有只填了费用的品种，其用量没有计入。")
    if now.cost() is not None and (months := now.unpriced()):
        said.append(f"{words.runs(months)}有没填费用的品种，其费用没有计入。")
    return said


def _compared(facts: AnalysisFacts, before: YearFacts) -> str:
    """Both years over the months told in both; each source over those of which it was told."""
    now, common = facts.now, facts.common
    period = "" if len(common) == MONTHS else f"（只比两年都有月报的{words.runs(common)}）"
    parts = []
    both = facts.both()
    if (one := now.coal(both)) is not None and (other := before.coal(both)) is not None:
        parts.append(f"综合能耗{_only(both, common)}{changed(one, other)}")
    for energy in Energy:
        both = facts.both(energy)
        newer, older = now.amounts(both).get(energy), before.amounts(both).get(energy)
        if newer is None or older is None:
            if now.amounts(common).get(energy) or before.amounts(common).get(energy):
                parts.append(f"{energy.label}没有两年都填报的月份，不比")
        elif newer or older:
            parts.append(
                f"{energy.label}{_only(both, common)}由{plain(older)}{UNITS[energy]}变为"
                f"{plain(newer)}{UNITS[energy]}，{changed(newer, older)}"
            )
    if not parts:
        return f"与{before.year}年没有可比的用量。"
    return f"与{before.year}年同期相比{period}：{words.joined(parts)}"


def _only(both: frozenset[int], common: frozenset[int]) -> str:
    """Which months are compared, where it is fewer than were told in both years."""
    return "" if both == common else f"（{words.runs(both)}）"


def _peak(facts: AnalysisFacts) -> list[str]:
    """The months of most and least."""
    known = {n: coal for n in facts.now.months if (coal := facts.now.month_coal(n)) is not None}
    if len(known) < MONTHS // 2:
        return []
    most, least = max(known, key=lambda n: known[n]), min(known, key=lambda n: known[n])
    return [
        f"{most}月最多，{plain(known[most])}千克标准煤；{least}月最少，"
        f"{plain(known[least])}千克标准煤。"
    ]


def _used(facts: AnalysisFacts) -> list[Energy]:
    return [energy for energy in Energy if any(one.amounts().get(energy) for one in facts.years)]


def _by_year(facts: AnalysisFacts) -> Table:
    used = _used(facts)
    return Table(
        title="逐年消费",
        heads=(
            Head(title="年度"),
            Head(title="月报", unit="月", places=0),
            *(Head(title=energy.label, unit=SOURCES[energy].unit, places=1) for energy in used),
            Head(title="综合能耗", unit="kgce", places=1),
            Head(title="费用", unit="元", places=2),
        ),
        rows=tuple(
            (
                f"{one.year}年", str(len(one.months)),
                *(written(one.amounts().get(energy), 1) for energy in used),
                written(one.coal(), 1), _in_yuan(one.cost()),
            )
            for one in facts.years
            if one.months
        ),
        note=_by_year_note(facts),
    )  # fmt: skip


def _in_yuan(fen: int | None) -> str | None:
    return None if fen is None else written(Decimal(fen) / 100, 2)


def _by_year_note(facts: AnalysisFacts) -> str:
    said = [_UNEVEN] if len({len(one.months) for one in facts.years}) > 1 else []
    said += [
        f"{one.year}年{words.runs(months)}有没填用量或费用的品种，没有计入。"
        for one in facts.years
        if (months := {*one.unmeasured(), *(one.unpriced() if one.costs() else ())})
    ]
    return "".join(said)


def _months(facts: AnalysisFacts) -> tuple[Figure, ...]:
    """Standard coal month by month, year beside year; and water."""
    shown = [one for one in facts.years if one.months][-_SERIES_MAX:]
    figures = [
        Figure(
            key="coal", title="逐月综合能耗", unit="kgce", noun="月份", kind="line",
            categories=_NAMES,
            series=tuple(
                Series(
                    name=f"{one.year}年",
                    values=tuple(written(one.month_coal(n), 1) for n in range(1, MONTHS + 1)),
                )
                for one in shown
            ),
        )
    ]  # fmt: skip
    if Energy.WATER in _used(facts):
        figures.append(
            Figure(
                key="water", title="逐月用水", unit="t", noun="月份", kind="line",
                categories=_NAMES,
                series=tuple(
                    Series(
                        name=f"{one.year}年",
                        values=tuple(
                            written(one.months.get(n, {}).get(Energy.WATER, (None, None))[0], 1)
                            for n in range(1, MONTHS + 1)
                        ),
                    )
                    for one in shown
                ),
            )
        )  # fmt: skip
    return tuple(figures)


# ── of what ──────────────────────────────────────────────────────────────────────────────


def _structure(facts: AnalysisFacts) -> Section:
    now = facts.now
    amounts, costs = now.amounts(), now.costs()
    coal = {
        energy: amount * now.factors.coal[energy].value
        for energy, amount in amounts.items()
        if amount and energy in now.factors.coal
    }
    whole, paid = sum(coal.values(), NOTHING), sum(costs.values())
    sentences = []
    if whole:
        parts = [
            f"{energy.label}占{words.percent(value / whole * 100)}"
            for energy, value in sorted(coal.items(), key=lambda item: -item[1])
        ]
        sentences.append(f"按标准煤计，{words.joined(parts)}")
    if paid:
        parts = [
            f"{energy.label}{words.yuan(fen)}，占{words.percent(Decimal(fen) / paid * 100)}"
            for energy, fen in sorted(costs.items(), key=lambda item: -item[1])
            if fen
        ]
        told = "已填报的费用" if now.unpriced() else "费用"
        sentences.append(f"按{told}计，{words.joined(parts)}")
    if unknown := now.unknown():
        names = "、".join(energy.label for energy in unknown)
        sentences.append(f"{names}没有折标准煤系数，没有计入综合能耗。")
    used = [energy for energy in Energy if amounts.get(energy) or costs.get(energy)]
    rows = tuple(
        (
            energy.label, SOURCES[energy].unit, written(amounts.get(energy), 1),
            written(coal.get(energy), 1),
            written(coal[energy] / whole * 100, 1) if energy in coal and whole else None,
            _in_yuan(costs.get(energy)),
            written(Decimal(costs[energy]) / paid * 100, 1) if energy in costs and paid else None,
        )
        for energy in used
    )  # fmt: skip
    return Section(
        key="structure", title="消费结构", sentences=tuple(sentences) or ("没有用能。",),
        tables=(Table(title="各品种消费", heads=_STRUCTURE, rows=rows),) if rows else (),
        figures=_shares(coal, facts.year),
    )  # fmt: skip


_STRUCTURE = (
    Head(title="品种"),
    Head(title="单位"),
    Head(title="用量", places=1),
    Head(title="折标准煤", unit="kgce", places=1),
    Head(title="占比", unit="%", places=1),
    Head(title="费用", unit="元", places=2),
    Head(title="占比", unit="%", places=1),
)


def _shares(coal: dict[Energy, Decimal], year: int) -> tuple[Figure, ...]:
    """Sources beside each other, where there are several."""
    if len(coal) <= 1:
        return ()
    ordered = sorted(coal, key=lambda energy: -coal[energy])
    return (
        Figure(
            key="sources", title=f"{year}年各品种折标准煤", unit="kgce", noun="品种", kind="bar",
            categories=tuple(energy.label for energy in ordered),
            series=(
                Series(
                    name="折标准煤", values=tuple(written(coal[one], 1) for one in ordered)
                ),
            ),
        ),
    )  # fmt: skip


# ── against itself and its kind ──────────────────────────────────────────────────────────


def _intensity(facts: AnalysisFacts) -> Section:
    now, common = facts.now, facts.common
    own = now.intensity()
    sentences = []
    if now.missing:
        sentences.append(f"以下按已填报的{words.listed(now.months)}计算，没有折算成全年。")
    for name, title, _, unit in INTENSITIES:
        value = getattr(own, name)
        if value is None:
            size, noun = (now.floor_m2, "面积") if name == "per_m2" else (now.people, "人数")
            sentences.append(f"{title}无法计算，{'没有填报用量' if size else f'没有登记{noun}'}。")
            continue
        said = f"{title}{plain(value, 2)}{unit}"
        both = facts.both(Energy.WATER if name == "water_per_person" else None)
        if facts.before and both:
            newer = getattr(now.intensity(both), name)
            older = getattr(facts.before.intensity(both), name)
            if newer is not None and older is not None:
                said += f"，比上年同期{_only(both, common)}{changed(newer, older)}"
        sentences.append(f"{said}。")
    sentences += _kind(facts)
    return Section(
        key="intensity", title="能耗强度", sentences=tuple(sentences), tables=(_intensities(facts),)
    )


def _kind(facts: AnalysisFacts) -> list[str]:
    """Beside its kind, in the year itself or else in the newest that can be compared."""
    peers, said = facts.peers, []
    if peers is None:
        said.append(
            f"{facts.year}年填报相同月份的其他{words.kind(facts.kind)}只有{facts.peers_known}家，"
            "不足以代表同类，不作同类比较。"
        )
        peers = facts.newer
    if peers is None:
        return said
    parts = []
    for name, title, _, unit in INTENSITIES:
        own, median = getattr(peers.own, name), peers.median.get(name)
        if own is not None and median is not None:
            away = words.against(own, median)
            parts.append(
                f"{title}{plain(own, 2)}{unit}，同类中位数{plain(median, 2)}{unit}，{away}"
            )
    period = f"{peers.year}年{words.listed(peers.months)}"
    if parts:
        said.append(
            f"与{period}都有月报的{peers.count}家{words.kind(facts.kind)}相比，{words.joined(parts)}"
        )
    return said


def _intensities(facts: AnalysisFacts) -> Table:
    now, peers = facts.now, facts.peers or facts.newer
    years = [one for one in facts.years if one.months][-_SERIES_MAX:]
    heads = [Head(title="指标"), Head(title="单位")]
    heads += [
        Head(
            title=f"{one.year}年" + ("" if not one.missing else f"{len(one.months)}个月"), places=2
        )
        for one in years
    ]
    own = peers is not None and (peers.year, len(peers.months)) != (now.year, len(now.months))
    if peers is not None:
        period = f"{peers.year}年{len(peers.months)}个月"
        heads += [
            *([Head(title=f"{period}本单位", places=2)] if own else []),
            Head(title="同类中位数", places=2),
            Head(title="同类25%分位", places=2),
        ]
    rows = []
    carbon = any(one.intensity().co2_per_m2 is not None for one in years)
    for name, title, unit, _ in (*INTENSITIES, CARBON) if carbon else INTENSITIES:
        row = [title, unit, *(written(getattr(one.intensity(), name), 2) for one in years)]
        if peers is not None:
            row += [written(getattr(peers.own, name), 2)] if own else []
            row += [
                written(peers.median.get(name), 2),
                written(peers.quarter.get(name), 2),
            ]  # fmt: skip
        rows.append(tuple(row))
    return Table(
        title="能耗强度", heads=tuple(heads), rows=tuple(rows), note=_without_carbon(years)
    )


def _without_carbon(years: Sequence[YearFacts]) -> str:
    """Of which years carbon is not listed, and which sources have no factor."""
    unknown = {one.year: reckoning.carbon(one.amounts(), one.factors).unknown for one in years}
    return "".join(
        f"{year}年没有{'、'.join(energy.label for energy in energies)}的碳排放因子，碳排放不列。"
        for year, energies in unknown.items()
        if energies
    )
