"""What the approval of a row does to it: declared once by the department that has the row.

The trail has the act itself, ``<model of the row>.approved`` and its like, written by whoever did
it, so nothing is recorded here besides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from guanjia.kernel.approvals.events import (
    CaseAgreed,
    CaseReturned,
    CaseStopped,
    CaseWithdrawn,
)
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.events import bus
from guanjia.kernel.values.term import Term

Then = Callable[[Any, Act], object]


@dataclass(frozen=True, kw_only=True)
class Follow:
    """How a row follows the cases of a route, in the transaction of the act that moved the case.

    ``route``: its key. ``row``: id → the row, locked. ``agreed``: the last step was agreed to;
    ``returned``: the case is back with its applicant (退回); ``withdrawn``: the applicant took it
    back (撤回); ``stopped``: it was ended for good (终止). Each is what is done with the row and
    the act; or the state the row goes to, with the comment of who sent it back or ended it.
    """

    route: str
    row: Callable[[int], Any]
    agreed: Then
    returned: Term | Then
    withdrawn: Term | Then
    stopped: Term | Then


_followed: dict[str, Follow] = {}


def follow(row: Follow) -> None:
    """Hear of the cases of this route; declared again, it replaces."""
    _followed[row.route] = row
    bus.subscribe(CaseAgreed, _agreed)
    bus.subscribe(CaseReturned, _returned)
    bus.subscribe(CaseWithdrawn, _withdrawn)
    bus.subscribe(CaseStopped, _stopped)


def write(row: models.Model, **facts: Any) -> None:
    """Write down what an approval decided beside the state of a row; its case tells the trail."""
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=[*facts])


def move(row: models.Model, state: Term, note: str = "", **facts: Any) -> None:
    """Bring a row into a state, with what was said beside it, and with further facts."""
    longest = row._meta.get_field("state_note").max_length  # type: ignore[union-attr]  # a column
    write(row, state=state, state_note=note[:longest], **facts)


def _agreed(news: CaseAgreed) -> None:
    _heard(news, lambda followed: followed.agreed)


def _returned(news: CaseReturned) -> None:
    _heard(news, lambda followed: followed.returned)


def _withdrawn(news: CaseWithdrawn) -> None:
    _heard(news, lambda followed: followed.withdrawn, told=False)


def _stopped(news: CaseStopped) -> None:
    _heard(news, lambda followed: followed.stopped)


@transaction.atomic
def _heard(news: Any, answer: Callable[[Follow], Term | Then], *, told: bool = True) -> None:
    """``told``: whether the comment of the act stands beside the state."""
    followed = _followed.get(news.route)
    if followed is None:
        return
    row, act = followed.row(news.subject_id), Act.objects.get(pk=news.act_id)
    then = answer(followed)
    if isinstance(then, Term):
        move(row, then, act.comment if told else "")
    else:
        then(row, act)
