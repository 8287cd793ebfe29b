"""Who would decide a request that is not sent yet: for the side of a form. Writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanjia.kernel.approvals import routes, seating
from guanjia.kernel.approvals.models import Case, CaseStep, Edition
from guanjia.kernel.approvals.routes import Route, Step
from guanjia.kernel.approvals.seating import Sitting
from guanjia.kernel.approvals.terms import UNDER_WAY, EditionState, Mode
from guanjia.kernel.org.models import Unit


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """A step that would come, and who would sit on it; nobody is a step that cannot be decided."""

    title: str
    mode: Mode
    sittings: tuple[Sitting, ...]
    hours: int | None = None


def ahead(
    *,
    route: Route,
    unit: Unit,
    facts: Mapping[str, Any],
    applicant_id: int | None,
    case: Case | None = None,
    at: datetime,
) -> list[Ahead]:
    """The steps of the edition in force that such facts need, with their people as of now.

    ``case``: the one that would be sent again; under way it stays on its own edition.
    """
    kept = case.edition if case is not None and case.state in UNDER_WAY else None
    kept = kept or Edition.objects.filter(route=route.key, state=EditionState.IN_FORCE).first()
    steps = routes.steps_from_data(kept.steps) if kept is not None else route.steps
    return of_steps(steps=routes.needed(steps, facts), unit=unit, applicant_id=applicant_id, at=at)


def of_steps(
    *, steps: Iterable[Step], unit: Unit, applicant_id: int | None, at: datetime
) -> list[Ahead]:
    """Who would sit on each of some steps for a unit as of now, whatever their conditions."""
    case = Case(unit=unit, applicant_id=applicant_id)
    return [
        Ahead(
            title=step.title,
            mode=step.mode,
            hours=step.hours,
            sittings=tuple(
                seating.sittings(
                    CaseStep(holder_spec=seating.spec_of(step.holder), mode=step.mode),
                    case=case,
                    at=at,
                )
            ),
        )
        for step in steps
    ]
