"""The report of a survey is published: its facts are written down and never change."""

from datetime import datetime

from django.db import transaction

from guanjia.domains.space.events import SurveyPublished
from guanjia.domains.space.models import Survey, SurveyBuilding, SurveyFact, SurveyReturn
from guanjia.domains.space.queries import survey_reports as reports
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.rules import surveys as rules
from guanjia.domains.space.terms.surveys import ReturnState, SurveyState
from guanjia.kernel.acts.changing import change, locked
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

PLAN, SURVEYS = queries.PLAN, queries.SURVEYS
_BATCH = 1_000


@transaction.atomic
def publish_survey(*, actor: Actor, survey_id: int, at: datetime) -> Survey:
    """Publish the report (发布统计报表): every unit is through or excused.

    The rooms and buildings it counts are kept as they are now; what the ledger says later changes
    nothing of it. Needs ``space.survey.plan``; publishes ``SurveyPublished``.
    """
    survey: Survey = locked(
        SURVEYS, actor=actor, verb=PLAN, pk=survey_id, act="发布", to=SurveyState.PUBLISHED
    )
    accepted = SurveyReturn.objects.filter(survey=survey, state=ReturnState.ACCEPTED).count()
    rules.may_publish(
        survey=SurveyState(survey.state), outstanding=queries.outstanding(survey),
        accepted=accepted, law=law_at(at),
    ).enforce()  # fmt: skip
    facts = SurveyFact.objects.bulk_create(reports.facts_now(survey), batch_size=_BATCH)
    buildings = SurveyBuilding.objects.bulk_create(reports.buildings_now(survey))
    counted = {"units": accepted, "rooms": len(facts), "buildings": len(buildings)}
    change(
        survey,
        {"state": SurveyState.PUBLISHED, "published_at": at, "published_by": actor.name},
        actor=actor, verb="space.survey.published", at=at,
        beside={name: (None, count) for name, count in counted.items()},
        news=[SurveyPublished(survey_id=survey.pk, at=at)],
    )  # fmt: skip
    return survey
