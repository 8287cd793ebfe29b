"""What stands beside an institution's months: its targets; each with what the reader may do."""

from datetime import date
from typing import Any

from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.pages.holding import within
from guanjia.domains.energy.pages.scales import standing
from guanjia.domains.energy.queries import quotas, sites, targets
from guanjia.domains.energy.terms.targets import UNITS, Aim
from guanjia.ui.pages import PageRequest


def of(request: PageRequest, found: Institution, year: int, today: date) -> dict[str, Any]:
    """The parts of the institution page that other areas of the department have to say."""
    return {
        "aims": _aims(request, found, year, today),
        **_quotas(request, found, year, today),
        "sites": _sites(request, found, today),
    }


def _aims(
    request: PageRequest, found: Institution, year: int, today: date
) -> dict[str, Any] | None:
    """How it stands to the plan and to what it filed itself."""
    if not request.actor.can(targets.SEE):
        return None
    plan, own = targets.plan_of(year), found.targets.filter(year=year).first()
    lines: list[dict[str, Any]] = []
    if plan is not None:
        two = targets.compare(
            request.actor.scope(targets.SEE), year=year, base_year=plan.base_year, today=today,
            institutions=[found.pk],
        )  # fmt: skip
        pair = next(iter(two.pairs), None)
        stand = {
            aim: two.of(aim, pair, plan.due(aim, year))
            for aim in Aim
            if pair is not None and aim in plan.percents
        }
        lines = [
            {"aim": aim, "unit": UNITS[aim], "standing": each, "judged": each.judged}
            for aim, each in stand.items()
        ]
    may = within(request, targets.FILE, found.pk)
    return {"plan": plan, "lines": lines, "own": own, "may_file": may}


def _quotas(request: PageRequest, found: Institution, year: int, today: date) -> dict[str, Any]:
    """Where it stands between the values of its quotas, and its cases of the year."""
    if not request.actor.can(quotas.SEE):
        return {}
    scope = request.actor.scope(quotas.SEE)
    return {
        "quotas": [
            standing(each, year) for each in quotas.of_institution(scope, found.pk, year, today)
        ],
        "cases": list(quotas.listed(scope).filter(institution=found.pk, year=year)),
    }


def _sites(request: PageRequest, found: Institution, today: date) -> list[Any]:
    """The buildings it shares today."""
    if not request.actor.can(sites.SEE):
        return []
    return sites.of_institution(found.pk, today)
