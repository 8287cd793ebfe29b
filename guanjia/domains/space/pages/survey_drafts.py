"""The rows behind the figures of a report that is not published: as they would be counted now."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.models import Building, Survey, SurveyBuilding, SurveyFact
from guanjia.domains.space.pages.survey_reports import SEE, whole
from guanjia.domains.space.queries import survey_reports as reports
from guanjia.domains.space.terms.ledger import RoomKind, RoomState, TitleState
from guanjia.domains.space.terms.surveys import SurveyState
from guanjia.kernel.org.models import Unit
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

PER_PAGE = 100
_DIGITS = 18  # what a column of ids can hold
_TERMS = (("kind", RoomKind), ("state", RoomState))
NONE = Decimal(0)


@needs(SEE)
def survey_draft_rooms(request: PageRequest, survey_id: int) -> HttpResponse:
    """The rooms that a figure of the draft counts; the address is the register's of published
    reports, so that it says the same: ``unit``, ``kind``, ``state``, ``place``, ``view``."""
    survey = whole(request, survey_id)
    if survey.state == SurveyState.PUBLISHED:
        return _published(request, survey, "space:survey_facts_list")
    unit = Unit.objects.filter(pk=_number(request.GET.get("unit", ""))).first()
    place = _place(request.GET.get("place", ""))
    facts = reports.facts_now(survey)
    told: list[str] = []
    if request.GET.get("unit"):
        facts = [fact for fact in facts if unit is not None and fact.unit_id == unit.pk]
        told.append(str(unit or "没有这个单位"))
    if request.GET.get("view") == "unheld":
        facts = [fact for fact in facts if fact.unit_id is None]
        told.append("没有使用单位")
    if request.GET.get("view") == "others":
        asked = set(survey.returns.values_list("unit", flat=True))
        facts = [fact for fact in facts if fact.unit_id not in {None, *asked}]
        told.append("没有参加填报的单位")
    if request.GET.get("place"):
        facts = [fact for fact in facts if (fact.compound, fact.building) == place]
        told.append(place[1])
    facts, more = _of_terms(facts, request.GET)
    return _shown(request, survey, facts, [*told, *more])


def _published(request: PageRequest, survey: Survey, name: str) -> HttpResponse:
    """The same rows of the report that was published meanwhile."""
    query = {key: value for key, value in request.GET.items() if key not in ("of", "page")}
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode(query | {'survey': survey.pk})}")


def _number(text: str) -> int:
    """An id of an address; 0, which is nobody's, for anything else."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0


def _place(text: str) -> tuple[str, str]:
    """Compound and name of a building by its id, empty where there is none."""
    rows = Building.objects.filter(pk=_number(text)).values_list("compound__name", "name")
    return rows.first() or ("", "")


def _of_terms(facts: list[SurveyFact], given: QueryDict) -> tuple[list[SurveyFact], list[str]]:
    """The rooms of the classes and states that are asked for, and how those are called."""
    told = []
    for name, term in _TERMS:
        wanted = [term(one) for one in given.get(name, "").split(",") if one in set(term)]
        if wanted:
            facts = [fact for fact in facts if getattr(fact, name) in wanted]
            told.append("、".join(one.label for one in wanted))
    return facts, told


def _shown(
    request: PageRequest, survey: Survey, facts: Sequence[SurveyFact], told: Sequence[str]
) -> HttpResponse:
    page = Paginator(facts, PER_PAGE).get_page(request.GET.get("page"))
    units = Unit.objects.in_bulk({fact.unit_id for fact in page if fact.unit_id})
    pages.tell_shown(request, rows=len(page.object_list))
    context: dict[str, Any] = {
        "survey": survey,
        "told": "，".join(told),
        "page": page,
        "rooms": [(fact, units.get(fact.unit_id)) for fact in page],
        "count": len(facts),
        "m2": sum((fact.usable_m2 for fact in facts), NONE),
        "on_time": timezone.now(),
    }
    return pages.render(request, "space/survey_draft.html", context)


@needs(SEE)
def survey_draft_buildings(request: PageRequest, survey_id: int) -> HttpResponse:
    """The buildings that a figure of the draft counts."""
    survey = whole(request, survey_id)
    if survey.state == SurveyState.PUBLISHED:
        return _published(request, survey, "space:survey_buildings_list")
    found: list[SurveyBuilding] = reports.buildings_now(survey)
    told = ""
    if (state := request.GET.get("title", "")) in set(TitleState):
        found = [one for one in found if one.title_state == state]
        told = TitleState(state).label
    pages.tell_shown(request, rows=len(found))
    context = {
        "survey": survey,
        "told": told,
        "buildings": found,
        "count": len(found),
        "m2": sum((one.gross_m2 for one in found), NONE),
        "on_time": timezone.now(),
    }
    return pages.render(request, "space/survey_draft.html", context)
