"""Remarks on rows: raised by rules and imports, explained by people."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.kernel.acts.changing import OutOfState, change
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkKind, RemarkState
from guanjia.kernel.regulations.verdict import Citation, Finding, refuse
from guanjia.kernel.values.actor import Actor

EXPLANATION_MAX = 500


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A remark about to be raised on the row ``object_id`` of a register."""

    object_id: int
    code: str
    kind: RemarkKind
    headline: str
    sentence: str = ""
    cite: Citation | None = None
    field: str = ""

    @classmethod
    def of(cls, *, object_id: int, kind: RemarkKind, finding: Finding) -> "Raised":
        """The remark that says what a rule found."""
        return cls(
            object_id=object_id,
            code=finding.code,
            kind=kind,
            headline=finding.headline,
            sentence=finding.sentence,
            cite=finding.cite,
            field=finding.field,
        )


def raise_remarks(*, register: str, remarks: Iterable[Raised], at: datetime) -> int:
    """Raise remarks that do not hang on their row yet; returns how many are new.

    Safe to repeat: the same words on the same row are raised once, also when somebody has already
    explained them; other words replace an open remark of the same code.
    """
    wanted = {(each.object_id, each.code): each for each in remarks}
    if not wanted:
        return 0
    with transaction.atomic():
        known = Remark.objects.select_for_update().filter(
            register=register, object_id__in={key[0] for key in wanted}
        )
        changed = []
        for old in known.order_by("pk"):
            new = wanted.get((old.object_id, old.code))
            if new is None:
                continue
            if (old.headline, old.sentence) == (new.headline, new.sentence):
                del wanted[old.object_id, old.code]
            elif old.state == RemarkState.OPEN:
                old.headline, old.sentence, old.cite = new.headline, new.sentence, _cite(new.cite)
                changed.append(old)
                del wanted[old.object_id, old.code]
        Remark.objects.bulk_update(changed, ["headline", "sentence", "cite"], batch_size=1000)
        rows = [_row(register, each, at) for each in wanted.values()]
        # Two imports may raise the same remark at once: the one that is there stays.
        Remark.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return len(rows)


def explain(*, actor: Actor, remark_id: int, explanation: str, at: datetime) -> Remark:
    """Answer an open remark in words; the caller has checked that the row lies in scope.

    Raises ``Refused`` for an empty or too long explanation and for a remark already answered.
    """
    words = explanation.strip()
    with transaction.atomic():
        remark: Remark = Remark.objects.select_for_update().get(pk=remark_id)
        if remark.state != RemarkState.OPEN:
            sentence = f"这件事{RemarkState(remark.state).label}，看新内容后再决定是否补充。"
            raise OutOfState(refuse("remark_answered", "不能说明。", sentence).refusals)
        if not words or len(words) > EXPLANATION_MAX:
            refuse(
                "explanation_missing",
                "没有写下说明。",
                f"写明原因，1 到 {EXPLANATION_MAX} 个字。",
                field="explanation",
            ).enforce()
        facts = {
            "state": RemarkState.EXPLAINED, "explanation": words,
            "explained_by_id": actor.account_id, "explained_at": at,
        }  # fmt: skip
        change(remark, facts, actor=actor, verb="registers.explain", at=at)
    return remark


def open_remarks(*, register: str, object_ids: Iterable[int]) -> dict[int, list[Remark]]:
    """Open remarks by row, in one statement."""
    found: dict[int, list[Remark]] = {}
    for remark in Remark.objects.filter(
        register=register, object_id__in=list(object_ids), state=RemarkState.OPEN
    ):
        found.setdefault(remark.object_id, []).append(remark)
    return found


def _row(register: str, each: Raised, at: datetime) -> Remark:
    data = asdict(each)
    data["cite"] = _cite(each.cite)
    data["headline"], data["sentence"] = each.headline[:200], each.sentence[:500]
    return Remark(register=register, raised_at=at, **data)


def _cite(cite: Citation | None) -> dict[str, Any] | None:
    if cite is None:
        return None
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in asdict(cite).items()
    }
