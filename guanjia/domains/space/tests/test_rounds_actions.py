"""Rounds from their plan to the last thing put right: who may, what is refused, what stays."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, IntegrityError, transaction

from guanjia.domains.space.actions import rectifying, rounds, timelines
from guanjia.domains.space.actions.inspecting import Came, Look
from guanjia.domains.space.models import CheckItem, Inspection, Inspector, Rectification, Round
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.queries import scores
from guanjia.domains.space.terms.ledger import Basis, RoomKind
from guanjia.domains.space.terms.rounds import ItemFacts, RectState, Result, RoundState
from guanjia.domains.space.tests import rounding
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Reach, Scope

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = AT + 60 * DAY


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {finding.code for finding in refused.value.findings}


# ── planning ─────────────────────────────────────────────────────────────────────────────


def test_a_plan_keeps_its_checklist_with_the_articles_of_that_day(city: City) -> None:
    made = rounding.planned(city)
    assert (made.state, made.due_on) == (RoundState.PLANNED, TODAY + timedelta(days=39))
    line = CheckItem.objects.get(round=made, result=Result.OVER)
    cite = queries.cite_of(line)
    assert cite is not None
    assert "第十九条" in cite.line()
    assert cite.unchecked, "nobody compared the article with the official text"
    record = Record.objects.get(verb="space.round.planned", on_id=made.pk)
    assert record.after["units"] == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_on": TODAY - DAY}, "ends_before_it_begins"),
        ({"units": []}, "no_units"),
        ({"items": []}, "no_items"),
        ({"due_on": TODAY}, "due_too_early"),
        ({"title": "  "}, "title_missing"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    city: City, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        rounding.planned(city, **changes)
    assert code in codes(refused)
    assert not Round.objects.exists()


def test_two_rounds_of_one_name_and_units_out_of_reach_are_refused(city: City) -> None:
    rounding.planned(city)
    with pytest.raises(Refused) as twice:
        rounding.planned(city)
    assert codes(twice) == {"title_taken"}
    with pytest.raises(Refused) as unknown:
        rounding.planned(city, title="另一次", units=[999_999])
    assert codes(unknown) == {"outside"}


def test_only_whoever_plans_rounds_may(city: City) -> None:
    for who in ("clerk", "inspector", "supervisor"):
        with pytest.raises(NotAllowed):
            rounds.plan_round(actor=city.actor(who), plan=rounding.plan(city), at=AT)


def test_a_planned_round_takes_no_looks_until_it_is_begun(city: City) -> None:
    made = rounding.planned(city)
    (answer,) = rounding.send(city, made, [rounding.look(city, made, "101")])
    assert answer.came is Came.REFUSED
    assert "巡检开始以前" in answer.sentence
    rounds.begin_round(actor=city.actor("keeper"), round_id=made.pk, at=AT)
    with pytest.raises(Refused):
        rounds.begin_round(actor=city.actor("keeper"), round_id=made.pk, at=AT)
    (answer,) = rounding.send(city, made, [rounding.look(city, made, "101")])
    assert answer.came is Came.STORED


def test_a_round_closes_when_every_unit_was_visited_or_excused(city: City) -> None:
    made, keeper = rounding.running(city), city.actor("keeper")
    rounding.send(city, made, [rounding.look(city, made, "101")])
    with pytest.raises(Refused) as refused:
        rounds.close_round(actor=keeper, round_id=made.pk, excuses={}, at=AT + DAY)
    assert codes(refused) == {"unvisited"}
    assert "教育局" in str(refused.value)
    rounds.close_round(
        actor=keeper, round_id=made.pk, excuses={city.units["other"].pk: "正在搬迁"},
        closing="检查一家", at=AT + DAY,
    )  # fmt: skip
    made.refresh_from_db()
    assert (made.state, made.closing) == (RoundState.CLOSED, "检查一家")
    assert made.visits.get(unit=city.units["other"]).excuse == "正在搬迁"
    with pytest.raises(Error), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(state=RoundState.RUNNING, closed_at=None)


def test_progress_is_told_by_unit(city: City) -> None:
    made = rounding.running(city)
    rounding.asked(city, made, "101")
    rounding.send(city, made, [rounding.look(city, made, "102")])
    told = queries.progress(round_=made, scope=Scope.all(), day=TODAY)
    assert [(str(one.unit), one.rooms, one.looked, one.problems, one.undone) for one in told] == [
        ("市农业农村局", 4, 2, 1, 1),
        ("市教育局", 1, 0, 0, 0),
    ]
    mine = queries.progress(round_=made, scope=city.actor("clerk").scope(queries.SEE), day=TODAY)
    assert [str(one.unit) for one in mine] == ["市农业农村局"]


# ── on the telephone ─────────────────────────────────────────────────────────────────────


def test_the_same_record_sent_twice_is_one_and_keeps_its_own_time(city: City) -> None:
    made = rounding.running(city, begins_on=TODAY - DAY)
    looks = [
        rounding.look(city, made, room, scanned_at=AT - HOUR * n)
        for n, room in enumerate(("101", "102", "103"))
    ]
    first = rounding.send(city, made, looks)
    again = rounding.send(city, made, looks, at=AT + 3 * HOUR)
    assert [one.came for one in first] == [Came.STORED] * 3
    assert [one.came for one in again] == [Came.KNOWN] * 3
    rows = Inspection.objects.order_by("room__number")
    assert [row.scanned_at for row in rows] == [AT, AT - HOUR, AT - 2 * HOUR]
    assert {row.received_at for row in rows} == {AT}
    assert {row.inspector for row in rows} == {city.people["inspector"]}


def test_a_record_that_is_refused_does_not_hold_up_the_others(city: City) -> None:
    made = rounding.running(city)
    looks = [
        rounding.look(city, made, "101"),
        rounding.look(city, made, "201"),  # held by nobody
        rounding.look(city, made, "102", Result.OTHER),  # says not what
        rounding.look(city, made, "103", note="一切正常"),
    ]
    came = rounding.send(city, made, looks)
    assert [one.came for one in came] == [Came.STORED, Came.REFUSED, Came.REFUSED, Came.STORED]
    assert "没有使用单位" in came[1].sentence
    assert "写说明" in came[2].sentence
    assert Inspection.objects.count() == 2


def test_somebody_elses_record_is_not_taken_over(city: City) -> None:
    made = rounding.running(city)
    look = rounding.look(city, made, "101")
    rounding.send(city, made, [look])
    (answer,) = rounding.send(city, made, [look], who="keeper")
    assert answer.came is Came.REFUSED


def test_named_inspectors_go_and_no_others(city: City) -> None:
    made = rounding.running(city, inspectors=[city.people["keeper_too"].pk])
    assert Inspector.objects.get(round=made).person == city.people["keeper_too"]
    (answer,) = rounding.send(city, made, [rounding.look(city, made, "101")])
    assert "不在这次巡检的人员里" in answer.sentence
    (answer,) = rounding.send(city, made, [rounding.look(city, made, "101")], who="keeper_too")
    assert answer.came is Came.STORED
    with pytest.raises(NotAllowed):
        rounding.send(city, made, [rounding.look(city, made, "101")], who="clerk")


def test_a_clock_that_is_off_is_told_and_set_right_for_the_day(city: City) -> None:
    made = rounding.running(city)
    ahead = timedelta(hours=30)
    look = rounding.look(city, made, "101", scanned_at=AT + ahead - HOUR)
    (answer,) = rounding.send(city, made, [look], sent_at=AT + ahead)
    row = Inspection.objects.get(uid=answer.uid)
    assert (row.on_day, row.scanned_at, row.clock_off_s) == (TODAY, AT + ahead - HOUR, 108_000)
    assert "手机时钟快" in answer.sentence


def test_what_was_looked_at_before_the_end_is_taken_afterwards_and_later_is_not(
    city: City,
) -> None:
    made = rounding.running(city, units=[city.units["farming"].pk])
    rounding.send(city, made, [rounding.look(city, made, "101")])
    rounds.close_round(actor=city.actor("keeper"), round_id=made.pk, excuses={}, at=AT + 2 * HOUR)
    looks = [
        rounding.look(city, made, "102", scanned_at=AT + HOUR),
        rounding.look(city, made, "103", scanned_at=AT + 3 * HOUR),
    ]
    came = rounding.send(city, made, looks, at=AT + 4 * HOUR)
    assert [one.came for one in came] == [Came.STORED, Came.REFUSED]


def test_the_latest_look_counts_in_whatever_order_they_arrive(city: City) -> None:
    made = rounding.running(city)
    late = rounding.look(city, made, "101", scanned_at=AT + HOUR)
    early = rounding.look(city, made, "101", Result.OVER, scanned_at=AT)
    rounding.send(city, made, [late], at=AT + 2 * HOUR)
    (answer,) = rounding.send(city, made, [early], at=AT + 3 * HOUR)
    assert "更晚的记录" in answer.sentence
    assert not Inspection.objects.get(uid=late.uid).replaced
    assert Inspection.objects.get(uid=early.uid).replaced
    assert not Rectification.objects.exists(), "the later look found nothing"


def test_the_room_belongs_to_who_held_it_when_it_was_looked_at(city: City) -> None:
    made = rounding.running(city)
    room = city.room("101")
    timelines.release(room=room, on=TODAY + DAY)
    timelines.hold(room=room, unit=city.units["other"], since=TODAY + DAY, basis=Basis.LEDGER)
    rounding.send(city, made, [rounding.look(city, made, "101")], at=AT + 2 * DAY)
    assert Inspection.objects.get().unit == city.units["farming"]


def test_an_inspector_of_one_unit_records_nothing_of_another(city: City) -> None:
    made = rounding.running(city)
    farming = city.units["farming"]
    duty = ("space.inspector", Reach.BELOW, farming)
    city.accounts["sitter"] = access.account("sitter", city.people["sitter"], duty)
    looks = [rounding.look(city, made, "101"), rounding.look(city, made, "203")]
    came = rounding.send(city, made, looks, who="sitter")
    assert [one.came for one in came] == [Came.STORED, Came.REFUSED]
    scope = city.actor("sitter").scope("space.round.inspect")
    told = queries.rooms_to_go(round_=made, scope=scope, day=TODAY)
    assert {one["u"] for one in told} == {farming.pk}
    assert [one["n"] for one in told] == ["101", "102", "103", "104"]


def test_photos_stay_with_the_record(city: City) -> None:
    made = rounding.running(city)
    look = rounding.look(city, made, "101", photos=[picture(), picture("red")])
    rounding.send(city, made, [look])
    rounding.send(city, made, [look])
    row = Inspection.objects.get()
    files = attachments.of(model="space.inspection", row_id=row.pk)
    assert [file.name for file in files] == ["现场1.jpg", "现场2.jpg"]


def picture(colour: str = "white") -> bytes:
    import io  # noqa: PLC0415 — only here

    from PIL import Image  # noqa: PLC0415 — only here

    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "JPEG")
    return out.getvalue()


def test_a_broken_photo_refuses_its_record_alone(city: City) -> None:
    made = rounding.running(city)
    looks = [
        rounding.look(city, made, "101", photos=[b"no picture"]),
        rounding.look(city, made, "102"),
    ]
    came = rounding.send(city, made, looks)
    assert [one.came for one in came] == [Came.REFUSED, Came.STORED]


@pytest.mark.pg15
def test_the_database_takes_a_record_once_and_keeps_it(city: City) -> None:
    made = rounding.running(city)
    look = rounding.look(city, made, "101")
    rounding.send(city, made, [look])
    row = Inspection.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Inspection.objects.create(
            uid=look.uid, round=made, unit=row.unit, on_day=TODAY, received_at=AT,
            inspector_name="程勇", told="LEDGER",
        )  # fmt: skip
    with pytest.raises(Error), transaction.atomic():
        row.delete()


def test_what_an_inspector_measured_differs_from_the_ledger(city: City) -> None:
    made = rounding.running(city)
    look = rounding.look(
        city, made, "101", Result.MISMATCH, measured_m2=Decimal("26.5"), seen_kind=RoomKind.SERVICE
    )
    rounding.send(city, made, [look])
    told = queries.mismatches(scope=Scope.all(), day=TODAY)
    assert [(one.what, one.told, one.found) for one in told] == [
        ("使用面积", "24.0 ㎡", "26.5 ㎡"),
        ("房间类别", "办公室", "服务用房"),
    ]
    other = city.actor("stranger").scope(queries.SEE)
    assert queries.mismatches(scope=other, day=TODAY) == []
    timelines.restate(room=city.room("101"), on=TODAY, told_at=AT, usable_m2=Decimal("26.5"))
    left = queries.mismatches(scope=Scope.all(), day=TODAY)
    assert [one.what for one in left] == ["房间类别"]


@pytest.mark.parametrize("measured", ["0", "-1", "100000"])
def test_an_odd_measure_is_refused(city: City, measured: str) -> None:
    made = rounding.running(city)
    look = Look(
        uid=uuid4(), room_id=city.room("101").pk, scanned_at=AT, measured_m2=Decimal(measured)
    )
    (answer,) = rounding.send(city, made, [look])
    assert "实测面积" in answer.sentence


# ── putting right ────────────────────────────────────────────────────────────────────────


def test_a_finding_is_asked_for_answered_sent_back_and_accepted(city: City) -> None:
    made, keeper = rounding.running(city), city.actor("keeper")
    rect = rounding.asked(city, made)
    assert (rect.state, rect.due_on, rect.number) == (
        RectState.OPEN, made.due_on, f"ZG{TODAY.year}00001",
    )  # fmt: skip
    with pytest.raises(Refused):
        rectifying.accept(actor=keeper, rectification_id=rect.pk, at=AT)
    rounding.answered(city, rect)
    rectifying.send_back(actor=keeper, rectification_id=rect.pk, comment="附照片", at=AT + HOUR)
    rect.refresh_from_db()
    assert (rect.state, rect.returned_note) == (RectState.OPEN, "附照片")
    rounding.answered(city, rect, at=AT + DAY)
    rectifying.accept(actor=keeper, rectification_id=rect.pk, closing="已看", at=AT + 2 * DAY)
    rect.refresh_from_db()
    assert (rect.state, rect.closed_by, rect.returned_note) == (RectState.DONE, "彭敏瓷", "")
    with pytest.raises(Refused):
        rounding.answered(city, rect)
    with pytest.raises(Error), transaction.atomic():
        Rectification.objects.filter(pk=rect.pk).update(state=RectState.OPEN, closed_at=None)
    verbs = Record.objects.filter(on_type="space.rectification", on_id=rect.pk).order_by("pk")
    assert [one.verb.rpartition(".")[2] for one in verbs] == [
        "asked", "answered", "returned", "answered", "accepted",
    ]  # fmt: skip


def test_an_answer_needs_words_and_only_the_unit_gives_it(city: City) -> None:
    rect = rounding.asked(city, rounding.running(city))
    with pytest.raises(Refused) as refused:
        rectifying.answer(
            actor=city.actor("clerk"), rectification_id=rect.pk, explanation=" ", at=AT
        )
    assert codes(refused) == {"explanation_missing"}
    with pytest.raises(ObjectDoesNotExist):
        rectifying.answer(
            actor=city.actor("stranger"), rectification_id=rect.pk, explanation="已改", at=AT
        )
    for who in ("inspector", "chief", "supervisor"):
        with pytest.raises(NotAllowed):
            rectifying.answer(
                actor=city.actor(who), rectification_id=rect.pk, explanation="已改", at=AT
            )


def test_a_wrong_finding_is_called_off_with_its_reason(city: City) -> None:
    rect = rounding.asked(city, rounding.running(city))
    before = scores.scores(year=TODAY.year, scope=Scope.all(), on=TODAY)
    with pytest.raises(Refused):
        rectifying.call_off(actor=city.actor("keeper"), rectification_id=rect.pk, reason="", at=AT)
    rectifying.call_off(
        actor=city.actor("keeper"), rectification_id=rect.pk, reason="量错了", at=AT
    )
    after = scores.scores(year=TODAY.year, scope=Scope.all(), on=TODAY)
    assert (before[0].score.left, after[0].score.left) == (95, 100)


def test_a_second_finding_of_one_room_joins_what_is_under_way(city: City) -> None:
    made = rounding.running(city)
    rect = rounding.asked(city, made)
    again = rounding.look(city, made, "101", Result.CHANGED, scanned_at=AT + HOUR)
    rounding.send(city, made, [again], at=AT + HOUR)
    rect.refresh_from_db()
    assert Rectification.objects.count() == 1
    assert rect.inspection.uid == again.uid


def test_a_unit_that_lets_its_time_pass_is_reminded_every_week(city: City) -> None:
    made = rounding.running(city)
    rect = rounding.asked(city, made)
    keeper = city.actor("keeper")
    due = AT + timedelta(days=(rect.due_on - TODAY).days)
    assert rectifying.remind(actor=keeper, at=due) == [], "the last day is still in time"
    assert rectifying.remind(actor=keeper, at=due + DAY) == [rect.pk]
    assert rectifying.remind(actor=keeper, at=due + DAY) == [], "twice in a night is once"
    assert rectifying.remind(actor=keeper, at=due + 7 * DAY) == []
    assert rectifying.remind(actor=keeper, at=due + 8 * DAY) == [rect.pk]
    rounding.answered(city, rect, at=due + 8 * DAY)
    assert rectifying.remind(actor=keeper, at=due + 30 * DAY) == []


# ── the year ─────────────────────────────────────────────────────────────────────────────


def test_a_unit_loses_points_for_findings_and_for_being_late(city: City) -> None:
    made = rounding.running(city)
    for room in ("101", "102", "103", "104"):
        rounding.asked(city, made, room)
    rounding.send(city, made, [rounding.look(city, made, "203")])
    first = scores.scores(year=TODAY.year, scope=Scope.all(), on=TODAY)
    assert [(str(one.unit), one.score.left, one.problems) for one in first] == [
        ("市农业农村局", 85, 4),  # the fourth of one line costs nothing more
        ("市教育局", 100, 0),
    ]
    assert made.due_on is not None
    late = scores.scores(year=TODAY.year, scope=Scope.all(), on=made.due_on + 11 * DAY)
    assert (late[0].score.late, late[0].score.left, late[0].late) == (8, 77, 4)
    mine = scores.scores(year=TODAY.year, scope=city.actor("stranger").scope(queries.SEE), on=TODAY)
    assert [str(one.unit) for one in mine] == ["市教育局"]


def test_a_checklist_of_the_planners_own_says_its_own_grounds(city: City) -> None:
    own = ItemFacts(result=Result.OTHER, text="走廊堆物", points=Decimal(2), basis="消防要求")
    made = rounding.running(city, items=[own])
    cite = queries.cite_of(CheckItem.objects.get(round=made))
    assert cite is not None
    assert (cite.title, cite.own) == ("消防要求", True)
