"""Later parts of an analysis: odd months, what could be saved, audits, what is in doubt. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from guanjia.domains.energy.rules import analysis_words as words
from guanjia.domains.energy.rules.analysis_facts import AnalysisFacts, AuditFacts, OddLook, Peers
from guanjia.domains.energy.rules.analysis_words import UNITS, plain
from guanjia.domains.energy.rules.savings import METHODS
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.works import AuditState
from guanjia.engines.baselines.outliers import Odd
from guanjia.engines.wordreports.paper import Head, Section, Table, written

NOTHING = Decimal(0)
INSIDE = "doubts"  # the part that is not published: words of institutions to their reviewers
_ODD = (
    Head(title="月份"),
    Head(title="品种"),
    Head(title="单位"),
    Head(title="填报", places=1),
    Head(title="预期", places=1),
    Head(title="偏差", unit="%", places=1),
)
_POTENTIAL = (
    Head(title="指标"),
    Head(title="单位"),
    Head(title="本单位", places=2),
    Head(title="比照值", places=2),
    Head(title="潜力"),
)


# ── odd months ───────────────────────────────────────────────────────────────────────────


def odd(facts: AnalysisFacts) -> Section:
    """Which months stand out, source by source, and how that was looked for."""
    sentences, rows = [], []
    for one in facts.odd:
        sentences.append(_looked(one, facts.year))
        if one.look is not None:
            rows += [_odd_row(one.energy, each) for each in one.look.odd]
    return Section(
        key="odd",
        title="异常月份",
        sentences=tuple(sentences) or ("没有可以检验的品种。",),
        tables=(Table(title="异常月份", heads=_ODD, rows=tuple(rows)),) if rows else (),
    )


def _looked(one: OddLook, year: int) -> str:
    look = one.look
    if look is None:
        return f"{one.energy.label}只有{one.have}个月有数，至少要{one.need}个月，不检验。"
    fit = (
        ""
        if look.r2 is None
        else f"，R²为{look.r2:.2f}，CV(RMSE)为{(look.cv_rmse or 0) * 100:.1f}%"
    )
    how = f"{one.energy.label}按{METHODS[look.method]}检验{look.months}个月{fit}"
    if not look.odd:
        return f"{how}，没有异常的月份。"
    here = [each for each in look.odd if each.month.year == year]
    parts = [_said(one.energy, each) for each in here]
    earlier = len(look.odd) - len(here)
    if earlier:
        parts.append(f"以前年份有{earlier}个月，见表")
    return f"{how}，异常的有：{words.joined(parts)}"


def _said(energy: Energy, each: Odd) -> str:
    unit = UNITS[energy]
    told = f"{each.month.year}年{each.month.month}月{plain(each.amount)}{unit}"
    if _none_expected(each):
        return f"{told}，预期没有用量"
    away = words.against(Decimal(str(each.amount)), Decimal(str(each.expected)))
    return f"{told}，预期{plain(each.expected)}{unit}，{away}"


def _none_expected(each: Odd) -> bool:
    """Nothing that shows: there is no share of it."""
    return plain(each.expected) == "0"


def _odd_row(energy: Energy, each: Odd) -> tuple[str | None, ...]:
    over = each.amount - each.expected
    share = None if _none_expected(each) else over / each.expected * 100
    return (
        f"{each.month:%Y-%m}", energy.label, SOURCES[energy].unit, written(each.amount, 1),
        written(each.expected, 1), written(share, 1),
    )  # fmt: skip


# ── what could be saved ──────────────────────────────────────────────────────────────────


def potential(facts: AnalysisFacts) -> Section:
    """What would be saved at the median and at the first quartile of its kind."""
    peers = facts.peers or facts.newer
    if peers is None:
        sentence = "同类单位太少，没有比照值，节能潜力不作估算。"
        return Section(key="potential", title="节能潜力", sentences=(sentence,))
    period = f"{peers.year}年{words.listed(peers.months)}"
    sentences = [
        f"以{period}{peers.count}家同类单位的中位数和25%分位为比照，潜力为本单位强度高出比照值的部分"
        "乘以面积或人数；高出是否都能节约，要结合能源审计判断。"
    ]
    rows: list[tuple[str | None, ...]] = []
    for label, values in (("中位数", peers.median), ("25%分位", peers.quarter)):
        sentence, found = _gap(peers, label, values)
        sentences.append(sentence)
        rows += found
    return Section(
        key="potential", title="节能潜力", sentences=tuple(sentences),
        tables=(
            Table(
                title=f"{peers.year}年{words.runs(peers.months)}节能潜力", heads=_POTENTIAL,
                rows=tuple(rows),
            ),
        ),
    )  # fmt: skip


def _gap(
    peers: Peers, label: str, values: Mapping[str, Decimal]
) -> tuple[str, list[tuple[str | None, ...]]]:
    parts: list[str] = []
    rows: list[tuple[str | None, ...]] = []
    for name, title, unit, over, noun in (
        ("per_m2", "单位面积能耗", "kgce/㎡", peers.floor_m2, "千克标准煤"),
        ("water_per_person", "人均用水量", "m³/人", peers.people, "立方米水"),
    ):
        own = getattr(peers.own, name)
        bound = values.get(name)
        if own is None or bound is None or not over:
            continue
        gap = max(own - bound, NOTHING) * over
        share = words.percent((own - bound) / own * 100) if gap else ""
        said = f"可节约{plain(gap)}{noun}，占{share}" if gap else "不高于比照值"
        parts.append(f"按{title}{said}")
        rows.append((f"{title}，{label}", unit, written(own, 2), written(bound, 2), said))
    if not parts:
        return f"对{label}：缺面积、人数或用量，不作估算。", rows
    return f"对{label}：{words.joined(parts)}", rows


# ── audits, doubts ───────────────────────────────────────────────────────────────────────


def audits(facts: AnalysisFacts) -> Section:
    """Every audit with its measures, and what these were found to save."""
    sentences = []
    for one in facts.audits:
        sentences += [f"{_how_far(one)}{_found(one)}。", *one.saved]
    return Section(
        key="audits", title="能源审计和整改",
        sentences=tuple(sentences) or ("没有登记过能源审计。",),
    )  # fmt: skip


def _how_far(one: AuditFacts) -> str:
    """An audit that is planned or called off did not take place."""
    begun, by = _day(one.begun_on), f"由{one.auditor or '本单位'}审计"
    if one.state is AuditState.PLANNED:
        return f"计划{begun}启动能源审计，{by}"
    if one.state is AuditState.CALLED_OFF:
        return f"定于{begun}启动的能源审计已取消"
    done = f"{_day(one.done_on)}完成" if one.done_on else one.state.label
    return f"{begun}启动能源审计，{done}，{by}"


def _found(one: AuditFacts) -> str:
    if not one.findings and one.state in (AuditState.PLANNED, AuditState.CALLED_OFF):
        return ""
    return f"；登记审计发现{one.findings}条，整改措施{one.measures}项，已完成{one.done}项"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def quality(facts: AnalysisFacts) -> Section:
    """Months nobody told, factors nobody compared, a size that changed."""
    now = facts.now
    sentences = []
    if now.missing:
        sentences.append(f"{facts.year}年缺{words.runs(now.missing)}月报，分析只及已填报的月份。")
    unchecked = [
        energy.label
        for energy, amount in now.amounts().items()
        if amount
        and (factor := now.factors.coal.get(energy)) is not None
        and (factor.cite is None or factor.cite.unchecked)
        and energy is not Energy.OTHER
    ]
    if unchecked:
        sentences.append(f"{'、'.join(unchecked)}的折标准煤系数没有与标准原文核对。")
    sentences += facts.restated
    whole = (f"{facts.year}年12个月齐全，没有要说明的。",)
    return Section(key="quality", title="数据质量", sentences=tuple(sentences) or whole)


def doubts(facts: AnalysisFacts) -> Section:
    """What the checks doubted, open and explained; not for the public."""
    year, sentences = facts.year, []
    open_ones = [one for one in facts.doubts if not one.explanation]
    explained = [one for one in facts.doubts if one.explanation]
    if open_ones:
        sentences.append(f"{year}年还有{len(open_ones)}处审核疑点没有说明：")
        sentences += [f"{one.month.month}月，{_bare(one.sentence)}。" for one in open_ones]
    if explained:
        sentences.append(f"{year}年有{len(explained)}处审核疑点已由机构说明，按填报数分析：")
        sentences += [
            f"{one.month.month}月，{_bare(one.sentence)}；机构说明：{_bare(one.explanation)}。"
            for one in explained
        ]
    return Section(
        key=INSIDE, title="审核疑点", sentences=tuple(sentences) or (f"{year}年没有审核疑点。",)
    )


def _bare(sentence: str) -> str:
    return sentence.rstrip("。")
