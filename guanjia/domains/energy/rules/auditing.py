"""What an energy audit needs before it is finished, and who has to be audited. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.domains.energy.terms.auditing import AuditContent, MeasureState
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.works import AuditState
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, passed, refuse

CONTENT_MAX, FINDING_MAX, TITLE_MAX, REASON_MAX = 1000, 400, 120, 300
CLAIM_MAX = Decimal(100_000_000)
COST_MAX_FEN = 10**13
_KG_PER_T = 1000
_FEBRUARY, _LEAP = 2, 29


def may_begin(*, on: date, today: date) -> Verdict:
    """An audit begins, not before it happens."""
    if on > today:
        return refuse("in_the_future", "没有启动：", "启动日期还没有到。", field="on")
    return Verdict()


def may_tell(*, words: str, longest: int) -> Verdict:
    """Contents and findings are told in words."""
    if not 0 < len(words.strip()) <= longest:
        return refuse("words_missing", "没有保存：", f"写 1 到 {longest} 个字。", field="words")
    return Verdict()


def may_finish(
    *, told: Collection[AuditContent], begun: date, on: date, today: date, law: LawInForce
) -> Verdict:
    """An audit is finished when it has looked at everything the law names."""
    if on < begun:
        return refuse("ends_before", "没有完成：", "完成日期早于启动日期。", field="on")
    if on > today:
        return refuse("in_the_future", "没有完成：", "完成日期还没有到。", field="on")
    rule = law["energy.audit.contents"]
    missing = [AuditContent(name) for name in rule.value if AuditContent(name) not in told]
    if missing:
        names = "、".join(content.label for content in missing)
        return refuse(
            "contents_missing", "没有完成：", f"还有 {len(missing)} 项没有写审计情况：{names}。",
            rule.cite,
        )  # fmt: skip
    return passed(
        "contents_told", "审计内容齐全。", f"{len(rule.value)} 项都有审计情况。", rule.cite
    )


def may_call_off(*, reason: str) -> Verdict:
    """An audit is called off with a reason."""
    if not 0 < len(reason.strip()) <= REASON_MAX:
        sentence = f"写明取消原因，1 到 {REASON_MAX} 个字。"
        return refuse("reason_missing", "没有取消：", sentence, field="reason")
    return Verdict()


def may_remove_file(*, state: AuditState) -> Verdict:
    """The papers of a finished audit stay with it."""
    if state is not AuditState.DONE:
        return ALLOWED
    return refuse("audit_over", "没有移除：", "审计已完成，附件不再移除；有差错补附一份。")


def may_set_measure(
    *, title: str, begun: date, due: date, cost_fen: int | None, claims: Mapping[Energy, Decimal]
) -> Verdict:
    """A measure has a name, a day, and savings that are something."""
    verdict = may_tell(words=title, longest=TITLE_MAX)
    if due < begun:
        verdict += refuse("due_before", "没有保存：", "计划完成早于审计启动。", field="due_on")
    if cost_fen is not None and not 0 <= cost_fen <= COST_MAX_FEN:
        verdict += refuse("cost_odd", "没有保存：", "投资过大，核对位数。", field="cost")
    if any(not 0 < amount <= CLAIM_MAX for amount in claims.values()):
        sentence = "年节约量大于 0，不知道的不填。"
        verdict += refuse("claim_odd", "没有保存：", sentence, field="claims")
    return verdict


def may_finish_measure(*, done: date | None, begun: date, on: date, today: date) -> Verdict:
    """A measure is done once, after the audit began."""
    if done is not None:
        return refuse("measure_done", "没有保存：", f"这条措施 {done:%Y-%m-%d} 已完成。")
    if on < begun:
        return refuse("ends_before", "没有保存：", "完成日期早于审计启动。", field="on")
    if on > today:
        return refuse("in_the_future", "没有保存：", "完成日期还没有到。", field="on")
    return Verdict()


def measure_state(*, due: date, done: date | None, today: date) -> MeasureState:
    """How far a measure has come."""
    if done is not None:
        return MeasureState.DONE
    return MeasureState.LATE if due < today else MeasureState.OPEN


# ── who has to be audited ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Due:
    """Why an institution has to be audited, and by which rule."""

    reasons: tuple[str, ...]
    cite: Citation
    note: str


def reached(
    *, coal_kgce: Decimal, kwh: Decimal, floor_m2: Decimal | None, law: LawInForce
) -> Due | None:
    """What of its size makes an institution one that has to be audited; ``None`` where nothing."""
    rule = law["energy.audit.threshold"]
    found = []
    for name, value, unit in (
        ("tce", coal_kgce / _KG_PER_T, "tce"),
        ("kwh", kwh, "kWh"),
        ("floor_m2", floor_m2 or Decimal(0), "㎡"),
    ):
        bound = rule.decimal(name)
        if bound is not None and value >= bound:
            found.append(f"{_TITLES[name]} {value:,.1f} {unit}，不少于 {bound:,} {unit}")
    return Due(reasons=tuple(found), cite=rule.cite, note=rule.note) if found else None


_TITLES = {"tce": "年综合能耗", "kwh": "年用电", "floor_m2": "建筑面积"}


def since_when(*, today: date, law: LawInForce) -> date:
    """An audit finished on or after this day is recent enough."""
    years = int(law["energy.audit.every_years"].value)
    if (today.month, today.day) == (_FEBRUARY, _LEAP):
        return date(today.year - years, 3, 1)
    return today.replace(year=today.year - years)
