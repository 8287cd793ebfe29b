"""A survey from its planning to the accepted return."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, transaction

from guanjia.domains.space.actions import survey_filling as filling
from guanjia.domains.space.actions import survey_review as review
from guanjia.domains.space.actions import surveys, timelines
from guanjia.domains.space.models import Survey, SurveyReturn, SurveyRoom
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import DoubtState, Entry, ReturnState, SurveyKind
from guanjia.domains.space.tests import survey_scenes as scenes
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.domains.space.tests.survey_scenes import HOUR, Scene
from guanjia.kernel.access.models import Grant
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, NotAllowed, Scope

DAY = timedelta(days=1)


@pytest.fixture
def scene(city: City) -> Scene:
    return scenes.survey(city)


def refused(code: str) -> object:
    return pytest.raises(Refused, check=lambda e: code in {f.code for f in e.findings})


# ── planning ─────────────────────────────────────────────────────────────────────────────


def test_returns_begin_with_the_ledger_of_the_day(scene: Scene) -> None:
    assert [str(one.unit) for one in SurveyReturn.objects.all()] == ["市农业农村局", "市教育局"]
    rows = scene.filing().rooms.all()
    assert [(row.number, row.usable_m2, row.people_names) for row in rows] == [
        ("101", 24, "余建国"), ("102", 20, "占小青"), ("103", 18, "莫兴、贺思"), ("104", 60, ""),
    ]  # fmt: skip
    assert scene.filing().approved.keys() == {"OFFICE", "SERVICE", "EQUIPMENT"}
    assert Record.objects.get(verb="space.survey.planned").after["rooms"] == 5


def test_a_survey_of_a_past_day_has_what_was_then(city: City) -> None:
    timelines.restate(room=city.room("104"), on=TODAY, told_at=AT, usable_m2=Decimal(55))
    scene = scenes.survey(city, as_of=TODAY - DAY)
    assert scene.row("104").usable_m2 == 60


def test_only_units_that_are_asked(city: City) -> None:
    scene = scenes.survey(city, units=[city.units["section"].pk])
    assert [str(one.unit) for one in scene.survey.returns.all()] == ["市农业农村局"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": "  "}, "title_missing"),
        ({"as_of": TODAY + DAY}, "as_of_ahead"),
        ({"due_on": TODAY - DAY}, "due_past"),
    ],
)
def test_what_cannot_be_planned(city: City, change: dict[str, object], code: str) -> None:
    with refused(code):
        scenes.survey(city, **change)


def test_a_title_is_used_once(scene: Scene) -> None:
    with refused("title_taken"):
        scenes.survey(scene.city)


def test_a_clerk_plans_nothing(city: City) -> None:
    plan = surveys.Plan(title="一", kind=SurveyKind.ONCE, as_of=TODAY, due_on=TODAY)
    with pytest.raises(NotAllowed):
        surveys.plan_survey(actor=city.actor("clerk"), plan=plan, at=AT)


def test_a_survey_is_prolonged_and_called_off(scene: Scene) -> None:
    keeper = scene.city.actor("keeper")
    surveys.prolong_survey(
        actor=keeper, survey_id=scene.survey.pk, due_on=TODAY + 20 * DAY, why="放假", at=AT
    )
    assert Survey.objects.get().due_on == TODAY + 20 * DAY
    surveys.call_off_survey(actor=keeper, survey_id=scene.survey.pk, why="并入年报", at=AT)
    with refused("off"):
        scene.facts()


# ── filling in ───────────────────────────────────────────────────────────────────────────


def test_rooms_are_corrected_added_and_struck(scene: Scene) -> None:
    counts = scene.fill(
        scene.told("101", usable_m2=Decimal("23.5"), why="重新测量"),
        scene.told("103"),
        scene.told("104", entry=Entry.STRUCK, why="已交回"),
        scene.told("202", usable_m2=Decimal(18), why="年初借用"),
        scene.told("199", why="新隔出的一间"),
    )
    assert counts == (2, 2, 1)
    rows = {row.number: row for row in scene.filing().rooms.all()}
    assert rows["101"].changed == ("usable_m2",)
    assert rows["104"].entry == Entry.STRUCK
    assert (rows["202"].entry, rows["202"].room) == (Entry.ADDED, scene.city.room("202"))
    assert (rows["199"].entry, rows["199"].room) == (Entry.ADDED, None)
    record = Record.objects.get(verb="space.surveyreturn.rooms_filled")
    assert len(record.after["rooms"]) == 4
    assert record.unit_path == scene.city.units["farming"].path


def test_an_added_room_that_is_struck_is_gone(scene: Scene) -> None:
    scene.fill(scene.told("199", why="新隔出的一间"))
    scene.fill(scene.told("199", entry=Entry.STRUCK))
    assert not scene.filing().rooms.filter(number="199").exists()


def test_a_clerk_fills_in_only_the_own_return(scene: Scene) -> None:
    with pytest.raises(ObjectDoesNotExist):
        scene.fill(scene.told("203", "other"), unit="other")
    with pytest.raises(NotAllowed):
        scene.fill(scene.told("101"), who="chief")
    assert queries.rooms(scene.city.actor("clerk").scope(queries.SEE)).count() == 4


def test_doubts_are_found_and_stay_explained(scene: Scene) -> None:
    scene.facts(present=1, established=None)
    assert scene.codes() == ["FACTS_MISSING", "MORE_SEATED"]
    scene.fill(scene.told("101", usable_m2=Decimal(240)))
    assert set(scene.codes()) >= {"AREA_ODD", "DIFFERS"}
    scene.explain_all()
    scene.fill(scene.told("102", why="看过"))
    assert scene.codes() == ["FACTS_MISSING"]  # must be put right, whatever is said
    assert "AREA_ODD" in scene.codes(state=DoubtState.EXPLAINED)
    scene.fill(scene.told("101", usable_m2=Decimal(250)))
    assert "AREA_ODD" in scene.codes()  # other facts: open again
    scene.fill(scene.told("101", usable_m2=Decimal(24)))
    assert "AREA_ODD" in scene.codes(state=DoubtState.GONE)


def test_a_reason_beside_a_room_explains_that_it_differs(scene: Scene) -> None:
    scene.fill(scene.told("101", usable_m2=Decimal(25), why="重新测量"))
    assert "DIFFERS" in scene.codes(state=DoubtState.EXPLAINED)
    scene.fill(scene.told("101", why=""))
    assert "DIFFERS" in scene.codes()


def test_a_fault_is_not_explained_away(scene: Scene) -> None:
    scene.facts(established=None)
    doubt = scene.filing().doubts.get(code="FACTS_MISSING")
    with refused("fault"):
        filling.explain_doubt(
            actor=scene.city.actor("clerk"), survey_doubt_id=doubt.pk, explanation="没有", at=AT
        )


def test_a_room_of_two_units_is_a_doubt_of_both(scene: Scene) -> None:
    scene.fill(scene.told("203", usable_m2=Decimal(27), why="我们在用"))
    assert "ROOM_TWICE" in scene.codes()
    assert "ROOM_TWICE" not in scene.codes("other")
    review.look_again(actor=scene.city.actor("keeper"), survey_id=scene.survey.pk, at=AT)
    assert "ROOM_TWICE" in scene.codes("other")


# ── up and back ──────────────────────────────────────────────────────────────────────────


def test_a_return_goes_up_the_levels(scene: Scene) -> None:
    scene.accepted()
    filing = scene.filing()
    assert (filing.state, filing.on_time) == (ReturnState.ACCEPTED, True)
    verbs = Record.objects.filter(verb__startswith="space.surveyreturn").values_list("verb", flat=1)
    assert [verb.rpartition(".")[2] for verb in verbs.order_by("pk")][-3:] == [
        "sent", "approved", "accepted",
    ]  # fmt: skip


def test_open_doubts_keep_a_return_back(scene: Scene) -> None:
    scene.facts(established=None, present=1)
    with pytest.raises(Refused) as caught:
        filling.send_return(actor=scene.city.actor("clerk"), filing_id=scene.filing().pk, at=AT)
    assert {finding.code for finding in caught.value.findings} == {"faults", "unexplained"}
    assert all(finding.cite for finding in caught.value.findings)


def test_a_return_comes_back_from_head_and_bureau(scene: Scene) -> None:
    filing = scene.sent()
    review.send_back(actor=scene.city.actor("chief"), filing_id=filing.pk, why="缺档案室", at=AT)
    assert (scene.filing().state, scene.filing().back_why) == (ReturnState.FILLING, "缺档案室")
    scene.approved()
    review.send_back(actor=scene.city.actor("keeper"), filing_id=filing.pk, why="核面积", at=AT)
    assert scene.filing().back_why == "核面积"
    assert scene.filing().reported_at is not None  # it had come in time, and stays so
    scene.fill(scene.told("101", usable_m2=Decimal(25), why="重新测量"))


def test_nobody_takes_a_step_of_another(scene: Scene) -> None:
    filing = scene.sent()
    chief, keeper = scene.city.actor("chief"), scene.city.actor("keeper")
    with refused("state"):
        review.accept_return(actor=keeper, filing_id=filing.pk, at=AT)
    with pytest.raises(ObjectDoesNotExist):
        review.approve_return(actor=scene.city.actor("stranger_chief"), filing_id=filing.pk, at=AT)
    review.approve_return(actor=chief, filing_id=filing.pk, at=AT)
    with refused("state"):
        review.send_back(actor=chief, filing_id=filing.pk, why="再看", at=AT)
    with refused("sent"):
        scene.facts(present=5)


def test_a_return_is_taken_back_before_the_head_decides(scene: Scene) -> None:
    filing = scene.sent()
    filling.recall_return(actor=scene.city.actor("clerk"), filing_id=filing.pk, at=AT)
    assert scene.filing().state == ReturnState.FILLING


def test_without_a_head_a_return_goes_to_the_bureau(scene: Scene) -> None:
    Grant.objects.filter(account=scene.city.accounts["chief"]).update(until=TODAY - DAY)
    assert scene.sent().state == ReturnState.APPROVED


def test_a_room_counts_with_one_unit(scene: Scene) -> None:
    scene.fill(scene.told("203", usable_m2=Decimal(27), why="我们在用"))
    scene.accepted()
    with refused("room_counted"):
        scene.accepted("stranger", "stranger_chief", "other")


def test_an_accepted_return_is_locked(scene: Scene) -> None:
    scene.accepted()
    with refused("locked"):
        scene.fill(scene.told("101", usable_m2=Decimal(30)))
    with pytest.raises(Error), transaction.atomic():
        SurveyRoom.objects.filter(filing=scene.filing()).update(usable_m2=1)
    with pytest.raises(Error), transaction.atomic():
        SurveyReturn.objects.filter(pk=scene.filing().pk).update(present=1)


def test_the_database_keeps_the_order_of_steps(scene: Scene) -> None:
    with pytest.raises(Error), transaction.atomic():
        SurveyReturn.objects.update(state="ACCEPTED", accepted_at=AT)


def test_a_unit_is_excused_and_asked_again(scene: Scene) -> None:
    keeper, filing = scene.city.actor("keeper"), scene.filing("other")
    with refused("why_missing"):
        review.excuse_return(actor=keeper, filing_id=filing.pk, why=" ", at=AT)
    review.excuse_return(actor=keeper, filing_id=filing.pk, why="涉密单位另报", at=AT)
    with refused("excused"):
        scene.facts("stranger", "other")
    review.ask_again(actor=keeper, filing_id=filing.pk, at=AT)
    scene.facts("stranger", "other")


# ── reminding, progress ──────────────────────────────────────────────────────────────────


def test_units_that_owe_are_reminded_once_a_day(scene: Scene) -> None:
    keeper = scene.city.actor("keeper")
    scene.approved()
    assert surveys.remind(actor=keeper, survey_id=scene.survey.pk, at=AT) == 1
    assert surveys.remind(actor=keeper, survey_id=scene.survey.pk, at=AT + HOUR) == 0
    assert surveys.remind(actor=keeper, survey_id=scene.survey.pk, at=AT + DAY) == 1
    reminder = scene.filing("other").reminders.latest("at")
    assert (reminder.by, reminder.people) == ("彭敏瓷", 1)


def test_the_system_reminds_before_the_time_is_over(scene: Scene) -> None:
    system = Actor.system("催报")
    assert surveys.remind_due(actor=system, at=AT) == 0
    assert surveys.remind_due(actor=system, at=AT + 7 * DAY) == 2


def test_progress_counts_levels_and_time(scene: Scene) -> None:
    scene.approved()
    found = queries.progress(survey=scene.survey, scope=Scope.all(), today=TODAY + 11 * DAY)
    assert (found.units, found.filling, found.approved, found.late) == (2, 1, 1, 1)
    assert (found.reported, found.on_time, found.on_time_rate) == (1, 1, 50)
    mine = queries.progress(
        survey=scene.survey, scope=scene.city.actor("stranger").scope(queries.SEE), today=TODAY
    )
    assert mine.units == 1


def test_many_rooms_are_few_statements(scene: Scene, django_assert_max_num_queries: object) -> None:
    rows = [
        scene.told(f"{n}", usable_m2=Decimal(20), kind=RoomKind.OFFICE, state=RoomState.IN_USE,
                   why="新楼", building="新楼")
        for n in range(300, 420)
    ]  # fmt: skip
    with django_assert_max_num_queries(40):  # type: ignore[operator]  # a fixture of pytest-django
        scene.fill(*rows)
    assert scene.filing().rooms.count() == 124
