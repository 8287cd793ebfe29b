"""Plans are drawn, sent and adopted: editions stay, days choose among them, doubts follow."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from guanjia.domains.space.actions import plans as acts
from guanjia.domains.space.models import FloorPlan, PlanShape, PlanUpload
from guanjia.domains.space.queries import plans as reading
from guanjia.domains.space.terms.plans import Shape, ShapeRole, SourceKind
from guanjia.domains.space.tests.builders import SINCE, TODAY, City
from guanjia.engines.floorplan.tests import drawings
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.attachments import store
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

LENGTHS = {"101": 4000, "102": 3333, "103": 3000, "104": 10000, "105": 5000}
DAY = timedelta(days=1)


def row_of(city: City, **lengths: int) -> list[Shape]:
    """The first floor as one row of rooms 6 m deep, with other lengths where told."""
    left, shapes = 0, []
    for number, usual in LENGTHS.items():
        long = lengths.get(f"r{number}", usual)
        right = left + long
        shapes.append(
            Shape(
                label=number, role=ShapeRole.ROOM, room_id=city.room(number).pk,
                corners=((left, 0), (right, 0), (right, 6000), (left, 6000)),
            )
        )  # fmt: skip
        left = right
    return shapes


def sketched(city: City, shapes: list[Shape] | None = None, **told: Any) -> FloorPlan:
    """The first floor drawn by the keeper."""
    given: dict[str, Any] = {"since": TODAY, "at": AT, "seen_edition": 0} | told
    return acts.sketch(
        actor=city.actor("keeper"), building_id=city.building.pk, number=1,
        shapes=row_of(city) if shapes is None else shapes, **given,
    )  # fmt: skip


def sent(city: City, content: bytes | None = None, who: str = "keeper") -> PlanUpload:
    """A drawing of the first floor that waits."""
    return acts.upload(
        actor=city.actor(who), building_id=city.building.pk, number=1, name="一层.dxf",
        content=content or drawings.SVG.encode(), at=AT,
    )  # fmt: skip


def codes(caught: Any) -> list[str]:
    return [finding.code for finding in caught.value.findings]


# ── what every unit reads ──────────────────────────────────────────────────────────────────


def labelled(label: str) -> Shape:
    """A shape that is no room of the ledger, beside the row."""
    corners = ((30_000, 0), (34_000, 0), (34_000, 6000), (30_000, 6000))
    return Shape(label=label, role=ShapeRole.CORRIDOR, corners=corners)


@pytest.mark.parametrize("label", ["贺思", " 贺 思 ", "余建国"])
def test_a_label_is_not_the_name_of_somebody_who_sits_there(city: City, label: str) -> None:
    with pytest.raises(Refused) as caught:
        sketched(city, [*row_of(city), labelled(label)])
    assert codes(caught) == ["plan_named"]
    assert "改写用途" in caught.value.findings[0].text()
    assert not FloorPlan.objects.exists()


@pytest.mark.parametrize("label", ["接待室", "", "洪涛"])
def test_other_words_may_stand_there(city: City, label: str) -> None:
    """洪涛 sits one floor higher: of this floor the name says nothing."""
    assert sketched(city, [*row_of(city), labelled(label)]).edition == 1


# ── drawn on the page ──────────────────────────────────────────────────────────────────────


def test_a_sketch_becomes_the_first_edition(city: City) -> None:
    plan = sketched(city, note="现场量的")
    assert (plan.edition, plan.since, plan.source) == (1, TODAY, SourceKind.SKETCH)
    assert (plan.width_mm, plan.height_mm) == (25_333, 6000)
    assert plan.drawn_by == city.people["keeper"]
    drawn = PlanShape.objects.get(plan=plan, room=city.room("101"))
    assert drawn.area_m2 == 24
    assert 0 < drawn.anchor_x < 4000
    record = Record.objects.get(verb="space.plan.adopted")
    assert record.after["rooms"] == 5
    assert not Remark.objects.filter(code="plan_area").exists()


def test_an_area_that_is_not_the_ledgers_is_a_doubt_at_the_room(city: City) -> None:
    sketched(city, row_of(city, r101=4400))
    remark = Remark.objects.get(code="plan_area")
    assert remark.register == "space.rooms"
    assert remark.object_id == city.room("101").pk
    assert "26.4 ㎡" in remark.sentence
    assert "24.0 ㎡" in remark.sentence


def test_editions_stay_and_a_day_has_its_own(city: City) -> None:
    first = sketched(city, since=SINCE)
    second = sketched(city, row_of(city, r105=5100), since=TODAY, seen_edition=1, at=AT + DAY)
    floor = first.floor
    assert [plan.edition for plan in reading.editions(floor=floor)] == [2, 1]
    seen = {
        day: reading.plan_on(floor=floor, day=day)
        for day in (SINCE - DAY, SINCE, TODAY - DAY, TODAY, TODAY + DAY)
    }
    assert [plan.plan.edition for plan in seen.values() if plan] == [1, 1, 1, 2, 2]
    assert [plan.later for plan in seen.values() if plan] == [True, False, False, False, False]
    assert second.width_mm == 25_433


def test_a_day_may_be_corrected_on_the_same_day(city: City) -> None:
    sketched(city)
    again = sketched(city, seen_edition=1)
    found = reading.plan_on(floor=again.floor, day=TODAY)
    assert found is not None
    assert found.plan == again


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"seen_edition": 0}, "plan_newer"),
        ({"seen_edition": 1, "since": TODAY - DAY}, "plan_before"),
        ({"seen_edition": 1, "since": TODAY + 400 * DAY}, "plan_ahead"),
    ],
)
def test_a_plan_keeps_the_order_of_its_editions(
    city: City, told: dict[str, Any], code: str
) -> None:
    sketched(city)
    with pytest.raises(Refused) as caught:
        sketched(city, **told)
    assert codes(caught) == [code]
    assert FloorPlan.objects.count() == 1


def test_whoever_was_slower_is_told_by_whom(city: City) -> None:
    sketched(city)
    with pytest.raises(Refused) as caught:
        sketched(city, seen_edition=0)
    assert "彭敏瓷" in caught.value.findings[0].sentence


@pytest.mark.parametrize("who", ["clerk", "inspector", "supervisor", "decider"])
def test_only_the_keeper_draws(city: City, who: str) -> None:
    with pytest.raises(NotAllowed):
        acts.sketch(
            actor=city.actor(who), building_id=city.building.pk, number=1, shapes=row_of(city),
            since=TODAY, at=AT,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        sent(city, who=who)


def test_a_room_that_was_split_is_not_on_the_plan_of_the_day_before(city: City) -> None:
    with pytest.raises(Refused) as caught:
        sketched(city, since=SINCE - DAY)  # the ledger begins the day after
    assert codes(caught) == ["plan_strange"]


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "null", "[1]", '[{"role": "ROOM"}]', '[{"role": "SHIP", "corners": []}]',
        '[{"role": "ROOM", "corners": [[0.5, 0], [1, 1], [0, 1]]}]',
        '[{"role": "ROOM", "corners": [[true, 0], [1, 1], [0, 1]]}]',
        '[{"role": "ROOM", "corners": [[0, 0, 0], [1, 1], [0, 1]]}]',
        '[{"role": "ROOM", "room": "1", "corners": [[0, 0], [1, 1], [0, 1]]}]',
        "[" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_drawing_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        acts.read_shapes(text)
    assert codes(caught) == ["plan_unread"]


# ── sent ───────────────────────────────────────────────────────────────────────────────────


def test_a_drawing_is_read_looked_at_and_adopted(city: City) -> None:
    waiting = sent(city, drawings.dxf(drawings.outlined))
    assert waiting.source == SourceKind.DXF
    found = acts.read(waiting=waiting, day=TODAY, at=AT)
    assert [room.number for room in found.matched] == ["101", "102", "103"]
    assert [room.number for room in found.missing] == ["104", "105"]
    assert [gap.number for gap in found.gaps] == ["102"]  # 18 drawn, 20 in the ledger
    plan = acts.adopt(actor=city.actor("keeper"), upload_id=waiting.pk, since=TODAY, at=AT)
    assert (plan.source, plan.source_name) == (SourceKind.DXF, "一层.dxf")
    assert not PlanUpload.objects.exists()
    assert store.path_of(plan.digest).exists()
    assert plan.shapes.count() == 4
    assert Remark.objects.filter(code="plan_area", object_id=city.room("102").pk).exists()


def test_another_keeper_does_not_adopt_what_somebody_else_sent(city: City) -> None:
    waiting = sent(city)
    for act in (
        lambda actor: acts.adopt(actor=actor, upload_id=waiting.pk, since=TODAY, at=AT),
        lambda actor: acts.discard(actor=actor, drawing_id=waiting.pk, at=AT),
        lambda actor: reading.upload(actor=actor, upload_id=waiting.pk),
    ):
        with pytest.raises(PlanUpload.DoesNotExist):
            act(city.actor("keeper_too"))


def test_a_broken_file_leaves_nothing(city: City) -> None:
    with pytest.raises(Refused) as caught:
        sent(city, b"PK a workbook")
    assert codes(caught) == ["plan_kind"]
    assert caught.value.findings[0].field == "file"
    assert not PlanUpload.objects.exists()
    assert not Record.objects.filter(verb="space.plan.uploaded").exists()


def test_a_drawing_without_outlines_cannot_be_adopted(city: City) -> None:
    waiting = sent(city, b"<svg xmlns='http://www.w3.org/2000/svg'><text>101</text></svg>")
    with pytest.raises(Refused) as caught:
        acts.adopt(actor=city.actor("keeper"), upload_id=waiting.pk, since=TODAY, at=AT)
    assert codes(caught) == ["plan_no_outline"]
    assert PlanUpload.objects.exists()


def test_a_drawing_goes_with_its_file(
    city: City, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    waiting = sent(city)
    assert store.path_of(waiting.digest).exists()
    with django_capture_on_commit_callbacks(execute=True):
        acts.discard(actor=city.actor("keeper"), drawing_id=waiting.pk, at=AT)
    assert not PlanUpload.objects.exists()
    assert not store.path_of(waiting.digest).exists()
    assert Record.objects.filter(verb="space.plan.discarded").exists()


def test_drawings_that_nobody_adopted_go_after_a_day(
    city: City, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    waiting = sent(city)
    assert acts.sweep(at=AT + acts.KEPT) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert acts.sweep(at=AT + acts.KEPT + timedelta(seconds=1)) == 1
    assert not store.path_of(waiting.digest).exists()


def test_a_file_that_a_plan_names_stays(
    city: City, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    first = sent(city)
    plan = acts.adopt(actor=city.actor("keeper"), upload_id=first.pk, since=TODAY, at=AT)
    again = sent(city)  # the same file once more
    with django_capture_on_commit_callbacks(execute=True):
        acts.discard(actor=city.actor("keeper"), drawing_id=again.pk, at=AT)
    assert store.path_of(plan.digest).exists()


def test_nobody_heaps_up_drawings(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "WAITING_MAX", 1)
    small = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    sent(city, small)
    with pytest.raises(Refused) as caught:
        sent(city, small)
    assert codes(caught) == ["plan_waiting"]
    sent(city, small, who="keeper_too")


# ── what the database forbids ──────────────────────────────────────────────────────────────


def test_the_database_lets_no_edition_change(city: City) -> None:
    plan = sketched(city)
    for change in (
        lambda: FloorPlan.objects.filter(pk=plan.pk).update(since=date(2020, 1, 1)),
        lambda: PlanShape.objects.filter(plan=plan).update(area_m2=1),
        lambda: PlanShape.objects.filter(plan=plan)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.pg15
@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"number": "201"}, "not of the floor"),
        ({"number": "101"}, "space_a_room_is_drawn_once"),
        ({"role": ShapeRole.CORRIDOR, "number": "105"}, "space_only_rooms_have_a_room"),
        ({"polygon": [[0, 0], [1, 1]]}, "space_shape_has_corners"),
        ({"area_m2": 0}, "space_shape_has_an_area"),
        ({"place": 401}, "space_plan_has_few_shapes"),
    ],
)
def test_the_database_forbids_shapes_that_cannot_be(
    city: City, wrong: dict[str, Any], name: str
) -> None:
    plan = sketched(city, row_of(city)[:4])
    facts: dict[str, Any] = {
        "place": 9, "role": ShapeRole.ROOM, "area_m2": 1, "anchor_x": 1, "anchor_y": 1,
        "polygon": [[0, 0], [1000, 0], [0, 1000]],
    } | wrong  # fmt: skip
    number = facts.pop("number", None)
    with pytest.raises((IntegrityError, DatabaseError), match=name), transaction.atomic():
        PlanShape.objects.create(plan=plan, room=city.room(number) if number else None, **facts)
