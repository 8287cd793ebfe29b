"""Doubts about returns: raised when figures come in, explained by people, gone when corrected."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.models import Consumption, Doubt, MonthReturn
from guanjia.domains.energy.queries import checking
from guanjia.domains.energy.queries import doubts as queries
from guanjia.domains.energy.rules import returns as rules
from guanjia.domains.energy.rules.checks import Oddity
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.returns import DOUBT_LIFE, DoubtState, Severity
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.findings.declaration import FindingKind
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Actor

EXPLAIN = queries.EXPLAIN
DOUBTS = FindingKind(
    subject=queries.DOUBTS, stem="energy.doubt", explains=EXPLAIN, decides=EXPLAIN,
    owed=(DoubtState.OPEN,), explained=DoubtState.EXPLAINED, back=None, final=True,
    order=Citation(title=DOUBT_LIFE.rule, own=True), files=None, said="说明",
    unit=lambda row: row.month_return.institution.unit, on=lambda row: row.month_return,
    about=lambda row: {"doubt": row.sentence},
)  # fmt: skip
What = tuple[int, str, str, str]


@transaction.atomic
def recheck(return_ids: Collection[int], *, at: datetime) -> int:
    """Check months against what is known now, and the other months of their institutions that they
    may cast another light on (``checking.beside``); returns how many doubts are new.

    A doubt that no longer arises is closed as corrected; one that was explained with the same
    figure stays explained; one with another figure is raised anew. What the bureau calls an error
    is refused: nothing of the months is then written. In the other months it is a doubt.
    """
    rows = MonthReturn.objects.filter(pk__in=return_ids).values_list("pk", "institution", "month")
    told = {pk: (institution, month) for pk, institution, month in rows}
    returns = {**told, **checking.beside(told.values())}
    lines: dict[int, dict[Energy, Used]] = defaultdict(dict)
    for line in Consumption.objects.filter(month_return__in=returns):
        used = Used(amount=line.amount, cost_fen=line.cost_fen)
        lines[line.month_return_id][Energy(line.energy)] = used
    past = checking.Past.of({institution for institution, _ in told.values()})
    months = {key: lines[pk] for pk, key in returns.items()}
    odd = checking.judge(months, past=past, day=timezone.localdate(at))
    rules.without_errors(
        [each.sentence for key in told.values() for each in odd.get(key, ())
         if each.severity is Severity.ERROR]
    ).enforce()  # fmt: skip
    wanted: dict[What, Oddity] = {
        (pk, each.check, each.energy or "", each.measure or ""): each
        for pk, key in returns.items()
        for each in odd.get(key, ())
    }
    return _settle(returns, wanted, at)


def _settle(returns: Collection[int], wanted: dict[What, Oddity], at: datetime) -> int:
    known = Doubt.objects.select_for_update().filter(month_return__in=list(returns)).order_by("pk")
    changed: list[Doubt] = []
    for doubt in known:
        what: What = (doubt.month_return_id, doubt.check_name, doubt.energy, doubt.measure)
        new = wanted.get(what)
        if doubt.state == DoubtState.OPEN and new is None:
            doubt.state, doubt.closed_at = DoubtState.CORRECTED, at
            changed.append(doubt)
        elif doubt.state == DoubtState.OPEN and new is not None:
            doubt.told, doubt.usual, doubt.sentence = new.told, new.usual, new.sentence
            changed.append(doubt)
            del wanted[what]
        elif doubt.state == DoubtState.EXPLAINED and new is not None and new.told == doubt.told:
            del wanted[what]
    fields = ["state", "closed_at", "told", "usual", "sentence"]
    Doubt.objects.bulk_update(changed, fields, batch_size=1000)
    Doubt.objects.bulk_create(
        [
            Doubt(
                month_return_id=what[0], check_name=what[1], energy=what[2], measure=what[3],
                told=each.told, usual=each.usual, sentence=each.sentence, raised_at=at,
                state=DoubtState.OPEN,
            )
            for what, each in wanted.items()
        ],
        batch_size=1000,
        # Two months of one institution told at once may raise the same doubt of a third.
        ignore_conflicts=True,
    )  # fmt: skip
    return len(wanted)


@transaction.atomic
def explain(*, actor: Actor, doubt_id: int, explanation: str, at: datetime) -> Doubt:
    """Say why a figure is as it is; it then stays explained as long as it stays.

    Needs ``energy.doubt.explain`` for its institution.
    """
    row: Doubt = findings.explain(DOUBTS, actor=actor, pk=doubt_id, explanation=explanation, at=at)
    return row
