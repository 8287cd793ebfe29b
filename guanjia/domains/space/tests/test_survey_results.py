"""What comes of a survey: differences for the ledger, mismatches, the frozen report, notices."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import Error, transaction

from guanjia.domains.space.actions import (
    rooms,
    survey_adopting,
    survey_reports,
    surveys,
    timelines,
)
from guanjia.domains.space.actions import survey_review as review
from guanjia.domains.space.models import SurveyDifference, SurveyFact
from guanjia.domains.space.notices import surveys as notices
from guanjia.domains.space.queries import rooms as room_queries
from guanjia.domains.space.queries import survey_reports as reports
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.ledger import Basis, RoomKind, RoomState
from guanjia.domains.space.terms.reconcile import Differs, RoomTold
from guanjia.domains.space.terms.surveys import DiffKind, DiffState, Entry, SurveyKind
from guanjia.domains.space.tests import survey_scenes as scenes
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.domains.space.tests.survey_scenes import HOUR, Scene
from guanjia.domains.space.tests.test_survey_actions import refused
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.notices.tests import golden
from guanjia.kernel.values.actor import NotAllowed, Scope

FOLDER = Path(__file__).parent / "golden"
DAY = timedelta(days=1)


@pytest.fixture
def scene(city: City) -> Scene:
    """A survey whose farming return differs from the ledger in every way."""
    found = scenes.survey(city)
    found.fill(
        found.told("101", usable_m2=Decimal(25), why="重新测量"),
        found.told("102", kind=RoomKind.SERVICE, people=[], why="改作会议室"),
        found.told("103", state=RoomState.REPAIR, why="漏水维修"),
        found.told("104", entry=Entry.STRUCK, why="已交回"),
        found.told("202", usable_m2=Decimal(18), why="年初借用"),
        found.told("199", usable_m2=Decimal(12), why="新隔出的一间"),
    )
    return found


def differences() -> dict[str, SurveyDifference]:
    rows = SurveyDifference.objects.select_related("row")
    return {f"{each.row.number} {each.kind}": each for each in rows}


def as_told(city: City) -> list[RoomTold]:
    """The ledger today as the reconciliation has it."""
    return [
        RoomTold(
            id=row.pk, name=str(row), building_id=row.building_id, kind=RoomKind(row.now.kind),
            state=RoomState(row.now.state), usable_m2=row.now.usable_m2,
            unit_id=row.held.unit_id if row.held else None,
            unit=str(row.held.unit) if row.held else "",
        )
        for row in room_queries.as_of(day=TODAY, scope=Scope.all())
    ]  # fmt: skip


# ── differences ──────────────────────────────────────────────────────────────────────────


def test_an_accepted_return_lists_each_difference_once(scene: Scene) -> None:
    scene.accepted()
    found = differences()
    assert found.keys() == {
        "101 AREA", "102 KIND", "102 PEOPLE", "103 STATE", "104 STRUCK", "202 HOLDER", "199 ADDED",
    }  # fmt: skip
    assert (found["101 AREA"].ours, found["101 AREA"].theirs) == ("24 ㎡", "25 ㎡")
    assert (found["102 PEOPLE"].ours, found["102 PEOPLE"].theirs) == ("占小青", "没有使用人")


def test_adopted_differences_make_the_ledger_as_returned(scene: Scene) -> None:
    scene.accepted()
    keeper = scene.city.actor("keeper")
    for each in differences().values():
        survey_adopting.adopt_difference(
            actor=keeper, difference_id=each.pk, since=TODAY, at=AT + 5 * HOUR
        )
    farming = scene.city.units["farming"]
    stand = {
        row.number: (row.now.kind, row.now.usable_m2, row.now.state)
        for row in room_queries.as_of(day=TODAY, scope=Scope.all())
        if row.held and row.held.unit == farming
    }
    assert stand == {
        "101": ("OFFICE", Decimal(25), "IN_USE"),
        "102": ("SERVICE", Decimal(20), "IN_USE"),
        "103": ("OFFICE", Decimal(18), "REPAIR"),
        "202": ("OFFICE", Decimal(18), "IN_USE"),
        "199": ("OFFICE", Decimal(12), "IN_USE"),
    }
    assert queries.mismatches(rooms=as_told(scene.city), day=TODAY) == []


def test_a_difference_is_declined_with_the_reason_and_may_be_adopted_later(scene: Scene) -> None:
    scene.accepted()
    keeper, each = scene.city.actor("keeper"), differences()["101 AREA"]
    with refused("why_missing"):
        survey_adopting.decline_difference(actor=keeper, difference_id=each.pk, why="", at=AT)
    survey_adopting.decline_difference(
        actor=keeper, difference_id=each.pk, why="测绘报告为准", at=AT
    )
    assert differences()["101 AREA"].state == DiffState.DECLINED
    with refused("ahead"):
        survey_adopting.adopt_difference(
            actor=keeper, difference_id=each.pk, since=TODAY + DAY, at=AT
        )
    survey_adopting.adopt_difference(actor=keeper, difference_id=each.pk, since=TODAY, at=AT)
    with refused("state"):
        survey_adopting.adopt_difference(actor=keeper, difference_id=each.pk, since=TODAY, at=AT)


def test_only_the_keeper_of_the_ledger_adopts(scene: Scene) -> None:
    scene.accepted()
    with pytest.raises(NotAllowed):
        survey_adopting.adopt_difference(
            actor=scene.city.actor("clerk"), difference_id=differences()["101 AREA"].pk,
            since=TODAY, at=AT,
        )  # fmt: skip


def test_a_room_in_a_building_that_the_ledger_does_not_have_is_not_adopted(scene: Scene) -> None:
    scene.fill(scene.told("301", building="租用楼", why="租用"))
    scene.accepted()
    with refused("building_unknown"):
        survey_adopting.adopt_difference(
            actor=scene.city.actor("keeper"), difference_id=differences()["301 ADDED"].pk,
            since=TODAY, at=AT,
        )  # fmt: skip
    assert differences()["301 ADDED"].state == DiffState.OPEN


# ── 账账 ─────────────────────────────────────────────────────────────────────────────────


def test_mismatches_are_told_once_with_both_values(scene: Scene) -> None:
    scene.accepted()
    found = queries.mismatches(rooms=as_told(scene.city), day=TODAY)
    told = {(each.subject, each.differs, each.place) for each in found}
    assert ("常委楼 101", Differs.RETURN_DIFFERS, "area") in told
    assert ("常委楼 102", Differs.RETURN_DIFFERS, "kind") in told
    assert ("常委楼 104", Differs.RETURN_DIFFERS, "unit") in told
    assert {each.subject for each in found if each.differs is Differs.RETURN_EXTRA} == {
        "常委楼 199", "常委楼 202",
    }  # fmt: skip
    keeper = scene.city.actor("keeper")
    survey_adopting.decline_difference(
        actor=keeper, difference_id=differences()["101 AREA"].pk, why="测绘报告为准", at=AT
    )
    left = queries.mismatches(rooms=as_told(scene.city), day=TODAY)
    assert "常委楼 101" not in {each.subject for each in left}


def test_a_section_is_answered_for_by_its_unit(city: City) -> None:
    timelines.release(room=city.room("101"), on=TODAY)
    timelines.hold(
        room=city.room("101"), unit=city.units["section"], since=TODAY,
        basis=Basis.LEDGER,
    )  # fmt: skip
    scene = scenes.survey(city)
    assert scene.row("101").usable_m2 == 24
    scene.accepted()
    assert queries.mismatches(rooms=as_told(city), day=TODAY) == []


# ── the report ───────────────────────────────────────────────────────────────────────────


def publish(scene: Scene) -> None:
    survey_reports.publish_survey(
        actor=scene.city.actor("keeper"), survey_id=scene.survey.pk, at=AT + 9 * HOUR
    )
    scene.survey.refresh_from_db()


def test_a_report_counts_what_was_accepted_and_the_ledger_for_the_rest(scene: Scene) -> None:
    scene.accepted_all()
    publish(scene)
    found = reports.report(scene.survey)
    lines = {str(line.filing.unit): line for line in found.units}
    farming = lines["市农业农村局"]
    assert (farming.sum.rooms, farming.sum.m2) == (5, Decimal(93))
    assert farming.sum.of(RoomKind.OFFICE) == Decimal(73)
    assert found.total.rooms == 11  # ten of the ledger, one that was added; 104 is nobody's
    assert (found.unheld.rooms, found.total.vacant) == (5, 3)
    assert [line.count for line in found.titles] == [1, 0, 0, 0]
    assert farming.over_m2 == farming.basic_m2 - sum(m2 or 0 for m2, _ in farming.pairs)


def test_later_changes_of_the_ledger_do_not_alter_a_published_report(scene: Scene) -> None:
    scene.accepted_all()
    publish(scene)
    before = reports.report(scene.survey)
    keeper = scene.city.actor("keeper")
    rooms.change_room(
        actor=keeper, room_id=scene.city.room("203").pk, changes={"usable_m2": Decimal(99)},
        on=TODAY, why="重新测量", at=AT,
    )  # fmt: skip
    after = reports.report(scene.survey)
    assert after.total == before.total
    assert [line.sum for line in after.units] == [line.sum for line in before.units]
    with pytest.raises(Error), transaction.atomic():
        SurveyFact.objects.update(usable_m2=1)
    with pytest.raises(Error), transaction.atomic():
        SurveyFact.objects.all()[0].delete()


def test_a_report_waits_for_every_unit(scene: Scene) -> None:
    scene.accepted()
    with refused("outstanding"):
        publish(scene)
    review.excuse_return(
        actor=scene.city.actor("keeper"), filing_id=scene.filing("other").pk, why="另报", at=AT
    )
    publish(scene)
    other = next(
        line for line in reports.report(scene.survey).units if str(line.filing.unit) == "市教育局"
    )
    assert other.sum.rooms == 1  # by the ledger
    with refused("state"):
        publish(scene)


def test_the_next_survey_asks_why_space_moved(scene: Scene) -> None:
    scene.accepted_all()
    publish(scene)
    made = surveys.plan_survey(
        actor=scene.city.actor("keeper"),
        plan=surveys.Plan(
            title="2020年摸底", kind=SurveyKind.ONCE, as_of=TODAY + DAY, due_on=TODAY + 9 * DAY
        ),
        at=AT + 2 * DAY,
    )
    again = Scene(scene.city, made)
    again.facts()
    doubt = again.filing().doubts.get(code="MOVED")
    assert "2020年办公用房统计年报填报 93 ㎡" in doubt.sentence


# ── notices ──────────────────────────────────────────────────────────────────────────────

FACTS: dict[str, Any] = {
    "title": "2020年办公用房统计年报", "unit": "市农业农村局", "number": "TJ2020001-001",
    "as_of": "2020年5月20日", "due": "5月30日", "late": False, "by": "彭敏瓷",
    "why": "二楼会议室面积与平面图不符",
}  # fmt: skip
VARIANTS: dict[str, dict[str, Any]] = {"space.survey_reminded.late": {"late": True}}


@pytest.mark.parametrize("name", [*(kind.key for kind in notices.KINDS), *VARIANTS])
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before


def test_who_is_told_what(scene: Scene) -> None:
    def told() -> list[tuple[str, str]]:
        rows = Notice.objects.filter(kind__startswith="space.survey").order_by("pk")
        return [(row.kind.removeprefix("space.survey_"), row.person.name) for row in rows]

    assert told() == [("asked", "莫兴"), ("asked", "洪涛")]
    scene.sent()
    assert told()[2:] == [("to_approve", "余建国")]
    review.send_back(
        actor=scene.city.actor("chief"), filing_id=scene.filing().pk, why="改", at=AT + 3 * HOUR
    )
    assert told()[3:] == [("back", "莫兴")]


def test_differences_are_of_every_kind() -> None:
    assert set(survey_adopting._DOING) == set(DiffKind)
