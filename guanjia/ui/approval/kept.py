"""What somebody typed into an act that was refused, kept until the page is shown again.

The page of a subject belongs to its department and the acts to the front hall, so a refused act
leads back to the page; what was refused and what was typed travel in the session.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from guanjia.kernel.regulations.verdict import Finding, Verdict, verdict_from_json

_KEY = "approval_refused"
_CASES_MAX = 5  # more than anybody has open; the session stays small
_TEXT_MAX = 600


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A refused act: which one, why, and what was typed."""

    act: str = ""
    findings: tuple[Finding, ...] = ()
    comment: str = ""
    people: tuple[int, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


def keep(  # one keyword for each thing that travels
    request: HttpRequest,
    *,
    case_id: int,
    act: str,
    findings: Sequence[Finding],
    comment: str = "",
    people: Sequence[int] = (),
    told: Mapping[str, str] | None = None,
) -> None:
    """Remember a refused act until the page of the case is shown."""
    waiting = dict(request.session.get(_KEY, {}))
    waiting.pop(str(case_id), None)
    waiting[str(case_id)] = {
        "act": act,
        "verdict": Verdict(refusals=tuple(findings)).as_json(),
        "comment": comment[:_TEXT_MAX],
        "people": list(people),
        "told": dict(told or {}),
    }
    request.session[_KEY] = dict(list(waiting.items())[-_CASES_MAX:])


def take(request: HttpRequest, *, case_id: int) -> Kept:
    """What was refused on a case, told once."""
    waiting: dict[str, Any] = dict(request.session.get(_KEY, {}))
    found = waiting.pop(str(case_id), None)
    if found is None:
        return Kept()
    request.session[_KEY] = waiting
    return Kept(
        act=found["act"],
        findings=verdict_from_json(found["verdict"]).refusals,
        comment=found["comment"],
        people=tuple(found["people"]),
        told=found["told"],
    )
