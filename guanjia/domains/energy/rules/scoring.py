"""Points of an indicator from a fact, and what all points come to. Pure.

A scheme is data: its tree, points, scales and grades. Here is only how they are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from guanjia.domains.energy.terms.assessment import Fact, Grade, Leaf, Outcome, Result, Scale
from guanjia.kernel.regulations.verdict import Verdict, refuse

NOTHING = Decimal(0)
_CENT = Decimal("0.01")
Facts = Mapping[Fact, Decimal | None]


_TELLS = {Scale.EACH: "each", Scale.REACHES: "bound", Scale.STEPS: "steps"}


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How an indicator reads a fact.

    SHARE: points times the fact, which is a share of one. STEPS: the points of the first step whose
    bound the fact does not pass (``up``: whose bound it reaches), nothing beyond the last.
    EACH: so many points each time, up to all. REACHES: all points from a bound on, else none.
    """

    fact: Fact
    scale: Scale
    each: Decimal = NOTHING
    bound: Decimal = NOTHING
    steps: tuple[tuple[Decimal, Decimal], ...] = ()
    up: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Measure":
        """From a table's data; ``ValueError`` or ``KeyError`` where it makes none: each scale has a
        value of its own that has to be told."""
        scale = Scale(data["scale"])
        if scale in _TELLS and _TELLS[scale] not in data:
            raise KeyError(_TELLS[scale])
        return cls(
            fact=Fact(data["fact"]),
            scale=scale,
            each=Decimal(str(data.get("each", 0))),
            bound=Decimal(str(data.get("bound", 0))),
            steps=tuple(
                (Decimal(str(bound)), Decimal(str(points)))
                for bound, points in data.get("steps", ())
            ),
            up=bool(data.get("up", False)),
        )


def points_of(measure: Measure, value: Decimal | None, *, most: Decimal) -> Decimal | None:
    """The points a fact gives, two decimals; ``None`` where the fact is not known."""
    if value is None:
        return None
    if measure.scale is Scale.SHARE:
        found = most * min(max(value, NOTHING), Decimal(1))
    elif measure.scale is Scale.EACH:
        found = measure.each * value
    elif measure.scale is Scale.REACHES:
        found = most if value >= measure.bound else NOTHING
    else:
        found = next(
            (
                points
                for bound, points in measure.steps
                if (value >= bound if measure.up else value <= bound)
            ),
            NOTHING,
        )
    return min(max(found, NOTHING), most).quantize(_CENT, ROUND_HALF_UP)


def result(
    leaves: Sequence[Leaf],
    points: Mapping[str, Decimal],
    *,
    grades: Sequence[Grade],
    least: Decimal | None = None,
) -> Result:
    """What the points of all leaves come to.

    A must-do indicator without its full points makes the whole 未完成, however many points there
    are; a lost veto fails it; so does a ★ at nothing, or fewer points than ``least``.
    """
    total = sum((points.get(leaf.number, NOTHING) for leaf in leaves), NOTHING)
    short = [leaf for leaf in leaves if points.get(leaf.number, NOTHING) < leaf.points]
    vetoed = [leaf for leaf in short if leaf.veto]
    unmet = [leaf for leaf in short if leaf.must]
    bare = [leaf for leaf in leaves if leaf.star and not points.get(leaf.number, NOTHING)]
    if vetoed:
        return _against(total, Outcome.VETOED, vetoed)
    if unmet:
        return _against(total, Outcome.UNFINISHED, unmet)
    if bare:
        return _against(total, Outcome.FAILED, bare)
    if least is not None and total < least:
        reason = f"得分 {total.normalize():f}，低于 {least.normalize():f} 分"
        return Result(total=total, outcome=Outcome.FAILED, grade="", reasons=(reason,))
    return Result(total=total, outcome=Outcome.PASSED, grade=_grade(total, grades))


def _against(total: Decimal, outcome: Outcome, leaves: Sequence[Leaf]) -> Result:
    reasons = tuple(f"{leaf.number} {leaf.title}" for leaf in leaves)
    return Result(total=total, outcome=outcome, grade="", reasons=reasons)


def _grade(total: Decimal, grades: Sequence[Grade]) -> str:
    reached = [grade for grade in grades if total >= grade.least]
    return max(reached, key=lambda grade: grade.least).title if reached else ""


# ── a scheme ─────────────────────────────────────────────────────────────────────────────


def sound(leaves: Sequence[Leaf], *, full: Decimal) -> Verdict:
    """Whether a scheme adds up: numbers once, no empty points, the full mark without extras."""
    headline = "没有启用："
    numbers = [leaf.number for leaf in leaves]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        return refuse("number_twice", headline, f"指标编号 {'、'.join(twice)} 重复。")
    if not leaves or any(leaf.points <= 0 for leaf in leaves):
        return refuse("points_missing", headline, "每个末级指标都要有分值。")
    total = sum((leaf.points for leaf in leaves if not leaf.extra), NOTHING)
    if total != full:
        sentence = f"末级指标合计 {total.normalize():f} 分，应为 {full.normalize():f} 分。"
        return refuse("points_differ", headline, sentence)
    return Verdict()


def told(points: Decimal | None) -> Verdict:
    """An appeal that is upheld changes the points."""
    if points is not None:
        return Verdict()
    return refuse("points_missing", "没有保存：", "采纳的填复核后的得分。", field="points")


def may_score(points: Decimal | None, *, most: Decimal, words: str, cut: bool) -> Verdict:
    """Points within bounds; a reviewer who gives less than asked says why."""
    headline = "没有保存："
    if points is not None and not NOTHING <= points <= most:
        sentence = f"得分应在 0 到 {most.normalize():f} 之间。"
        return refuse("points_out", headline, sentence, field="points")
    if cut and not words.strip():
        return refuse("reason_missing", headline, "扣分的写明理由。", field="words")
    return Verdict()
