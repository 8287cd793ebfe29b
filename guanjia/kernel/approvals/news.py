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
    News,
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


def follow(row: Follow) -> None:
    """Hear of the cases of this route."""
    bus.subscribe(CaseAgreed, _hears(row, row.agreed))
    bus.subscribe(CaseReturned, _hears(row, _goes_to(row.returned)))
    bus.subscribe(CaseWithdrawn, _hears(row, _goes_to(row.withdrawn, told=False)))
    bus.subscribe(CaseStopped, _hears(row, _goes_to(row.stopped)))


def move(row: models.Model, state: Term, note: str = "", **facts: Any) -> None:
    """Bring a row into a state, with what was said beside it, and with further facts."""
    longest = row._meta.get_field("state_note").max_length  # type: ignore[union-attr]  # a column
    told = {"state": state, "state_note": note[:longest], **facts}
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=[*told])


def _goes_to(then: Term | Then, *, told: bool = True) -> Then:
    if not isinstance(then, Term):
        return then
    return lambda row, act: move(row, then, act.comment if told else "")


def _hears(followed: Follow, then: Then) -> Callable[[News], None]:
    @transaction.atomic
    def heard(news: Any) -> None:
        if news.route == followed.route:
            then(followed.row(news.subject_id), Act.objects.get(pk=news.act_id))

    return heard
