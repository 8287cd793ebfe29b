"""Units and people: entering, moving, reforms with their history, posts."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from guanjia.kernel.audit.models import Record
from guanjia.kernel.org import actions, queries
from guanjia.kernel.org.models import Person, Post, Unit, UnitChange
from guanjia.kernel.org.terms import Nature, Reform
from guanjia.kernel.org.tests.builders import AT, SYSTEM, person, unit
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, Held, NotAllowed, Reach, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
JUNE = date(2020, 6, 1)
NOBODY = Actor(name="路人")


@pytest.fixture
def city() -> Unit:
    return unit("3602", nature=Nature.AREA)


@pytest.fixture
def farming(city: Unit) -> Unit:
    return unit("3602D036", city, name="市农业农村局", short_name="农业农村局")


def keeper_of(below: Unit) -> Actor:
    """Who keeps the units below one unit only."""
    verbs = frozenset({"org.unit.reform", "org.person.enter", "org.unit.enter"})
    held = Held(
        duty="org.keeper",
        title="",
        verbs=verbs,
        reach=Reach.BELOW,
        unit_id=below.pk,
        unit_path=below.path,
    )
    return Actor(name="机构人员管理员", held=(held,))


def records(verb: str) -> list[Record]:
    return list(Record.objects.filter(verb=verb).order_by("pk"))


def test_a_child_may_stand_before_its_parent_in_the_ledger() -> None:
    facts = {"short_name": "", "nature": Nature.SECTION, "level": "PREFECTURE", "position": 1}
    rows: list[dict[str, Any]] = [
        {"code": "A1x", "name": "办公室", "parent_code": "A1", **facts},
        {"code": "A1", "name": "某局", "parent_code": "A", **facts},
        {"code": "A", "name": "某市", "parent_code": None, **facts},
    ]
    assert actions.enter_units(actor=SYSTEM, rows=rows, at=AT) == (3, 0, 0)
    assert Unit.objects.get(code="A1x").path == "/A/A1/A1x/"
    assert len(records("org.unit.entered")) == 3


def test_entering_the_same_again_changes_and_records_nothing(farming: Unit) -> None:
    before = Record.objects.count()
    unit("3602D036", farming.parent, name="市农业农村局", short_name="农业农村局")
    assert Record.objects.count() == before


def test_a_moved_unit_takes_everything_below_it_along(city: Unit, farming: Unit) -> None:
    section = unit("3602D03601", farming, nature=Nature.SECTION)
    desk = unit("3602D0360101", section, nature=Nature.SECTION)
    county = unit("360281", city, nature=Nature.AREA)
    moved = unit("3602D036", county, name="市农业农村局", short_name="农业农村局")
    assert moved.path == "/3602/360281/3602D036/"
    desk.refresh_from_db()
    section.refresh_from_db()
    assert section.path == moved.path + "3602D03601/"
    assert desk.path == section.path + "3602D0360101/"
    assert section.parent == moved
    last = records("org.unit.entered")[-1]
    assert last.before["parent_id"] == city.pk
    assert last.after["parent_id"] == county.pk


def test_a_namesake_code_does_not_move_along(city: Unit, farming: Unit) -> None:
    neighbour = unit("3602D0367", city)
    county = unit("360281", city, nature=Nature.AREA)
    unit("3602D036", county)
    neighbour.refresh_from_db()
    assert neighbour.path == "/3602/3602D0367/"


def test_a_renamed_unit_keeps_its_old_name_in_its_history(farming: Unit) -> None:
    actions.rename_unit(
        actor=SYSTEM,
        unit_id=farming.pk,
        name="市乡村振兴局",
        short_name="乡村振兴局",
        on=JUNE,
        document="景办字〔2020〕1号",
        at=AT,
    )
    farming.refresh_from_db()
    change = farming.changes.get()
    assert (farming.name, change.before, change.after) == (
        "市乡村振兴局",
        "市农业农村局",
        "市乡村振兴局",
    )
    assert (change.kind, change.on, change.successor) == (Reform.RENAMED, JUNE, farming)
    (record,) = records("org.unit.renamed")
    assert record.before == {"name": "市农业农村局", "short_name": "农业农村局"}
    assert record.note == "景办字〔2020〕1号"


def test_a_merged_unit_hands_over_people_and_sections_and_closes(city: Unit, farming: Unit) -> None:
    into = unit("3602D099", city)
    section = unit("3602D03601", farming, nature=Nature.SECTION)
    clerk, deskman = person("D036001", farming), person("D036002", section)
    merged = actions.merge_unit(actor=SYSTEM, unit_id=farming.pk, into_id=into.pk, on=JUNE, at=AT)
    for row in (farming, section, clerk, deskman):
        row.refresh_from_db()
    assert merged == into
    assert farming.closed_on == JUNE
    assert clerk.unit == into
    assert (section.parent, section.path) == (into, "/3602/3602D099/3602D03601/")
    assert deskman.unit == section
    assert farming.changes.get().successor == into
    assert farming not in queries.find_units(scope=Scope.all(), text="农业")
    assert records("org.unit.merged")[0].after == {"into": "3602D099", "people": [clerk.pk]}


def test_a_unit_is_not_merged_into_itself_or_below_itself(farming: Unit) -> None:
    section = unit("3602D03601", farming, nature=Nature.SECTION)
    for into in (farming, section):
        with pytest.raises(Refused, match="不能并入自己或自己的下级"):
            actions.merge_unit(actor=SYSTEM, unit_id=farming.pk, into_id=into.pk, on=JUNE, at=AT)
    assert not UnitChange.objects.exists()


def test_a_unit_is_not_merged_into_a_closed_one(city: Unit, farming: Unit) -> None:
    closed = unit("3602D099", city)
    actions.close_unit(actor=SYSTEM, unit_id=closed.pk, on=JUNE, at=AT)
    with pytest.raises(Refused, match="已撤销"):
        actions.merge_unit(actor=SYSTEM, unit_id=farming.pk, into_id=closed.pk, on=JUNE, at=AT)


def test_a_split_moves_the_people_named_and_leaves_the_rest(farming: Unit) -> None:
    goes, stays = person("D036001", farming), person("D036002", farming)
    part = {
        "code": "3602D037",
        "name": "市畜牧局",
        "short_name": "畜牧局",
        "nature": Nature.PARTY_OR_STATE,
        "level": "PREFECTURE",
        "people": [goes.pk],
    }
    (made,) = actions.split_unit(actor=SYSTEM, unit_id=farming.pk, parts=[part], on=JUNE, at=AT)
    for row in (goes, stays):
        row.refresh_from_db()
    assert (goes.unit, stays.unit) == (made, farming)
    assert (made.parent, made.path) == (farming.parent, "/3602/3602D037/")
    assert farming.changes.get().kind == Reform.SPLIT
    assert made.origins.get().unit == farming
    assert records("org.unit.split")[0].after["people"] == [goes.pk]


def test_a_unit_with_people_is_not_closed(farming: Unit) -> None:
    someone = person("D036001", farming)
    with pytest.raises(Refused, match="还有 1 人在册"):
        actions.close_unit(actor=SYSTEM, unit_id=farming.pk, on=JUNE, at=AT)
    Person.objects.filter(pk=someone.pk).update(left_on=date(2020, 5, 1))
    actions.close_unit(actor=SYSTEM, unit_id=farming.pk, on=JUNE, at=AT)
    farming.refresh_from_db()
    assert farming.closed_on == JUNE
    assert farming.changes.get().kind == Reform.CLOSED
    assert records("org.unit.closed")


def test_what_a_reform_did_is_never_rewritten(farming: Unit) -> None:
    actions.close_unit(actor=SYSTEM, unit_id=farming.pk, on=JUNE, at=AT)
    change = UnitChange.objects.get()
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        UnitChange.objects.filter(pk=change.pk).update(before="x")
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        change.delete()


def test_a_reform_outside_the_scope_finds_nothing(city: Unit, farming: Unit) -> None:
    other = unit("3602D040", city)
    keeper = keeper_of(farming)
    with pytest.raises(Unit.DoesNotExist):
        actions.close_unit(actor=keeper, unit_id=other.pk, on=JUNE, at=AT)
    with pytest.raises(Unit.DoesNotExist):
        actions.rename_unit(
            actor=keeper, unit_id=other.pk, name="x", short_name="x", on=JUNE, at=AT
        )


def test_a_merge_across_the_scope_finds_nothing(city: Unit, farming: Unit) -> None:
    other = unit("3602D040", city)
    with pytest.raises(Unit.DoesNotExist):
        actions.merge_unit(
            actor=keeper_of(farming), unit_id=farming.pk, into_id=other.pk, on=JUNE, at=AT
        )


def test_ones_own_unit_can_be_locked_and_changed(farming: Unit) -> None:
    me = person("D036001", farming)
    held = Held(duty="x", title="", verbs=frozenset({"org.unit.reform"}), reach=Reach.OWN)
    keeper = Actor(name="我", person_id=me.pk, held=(held,))
    actions.rename_unit(
        actor=keeper, unit_id=farming.pk, name="新名", short_name="新", on=JUNE, at=AT
    )
    assert Unit.objects.get(pk=farming.pk).name == "新名"


def test_without_the_duty_nothing_is_entered_or_reformed(farming: Unit) -> None:
    for act in (
        lambda: actions.enter_units(actor=NOBODY, rows=[], at=AT),
        lambda: actions.enter_people(actor=NOBODY, rows=[], at=AT),
        lambda: actions.close_unit(actor=NOBODY, unit_id=farming.pk, on=JUNE, at=AT),
        lambda: actions.split_unit(actor=NOBODY, unit_id=farming.pk, parts=[], on=JUNE, at=AT),
        lambda: actions.merge_unit(actor=NOBODY, unit_id=1, into_id=2, on=JUNE, at=AT),
        lambda: actions.hold_post(
            actor=NOBODY, person_id=1, unit_id=1, title="", since=JUNE, at=AT
        ),
        lambda: actions.leave_post(actor=NOBODY, post_id=1, until=JUNE, at=AT),
        lambda: actions.tell_left(actor=NOBODY, person_id=1, left_on=JUNE, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_somebody_holds_a_further_post_and_leaves_it(city: Unit, farming: Unit) -> None:
    other = unit("3602D055", city)
    head = person("D036001", farming)
    post = actions.hold_post(
        actor=SYSTEM, person_id=head.pk, unit_id=other.pk, title="副局长", since=JUNE, at=AT
    )
    assert head.posts.get() == post
    actions.leave_post(actor=SYSTEM, post_id=post.pk, until=date(2020, 7, 1), at=AT)
    post.refresh_from_db()
    assert post.until == date(2020, 7, 1)
    assert [r.on_label for r in records("org.post.held")] == ["人D036001"]
    assert records("org.post.left")[0].after == {"post": "副局长"}


def test_somebody_leaves_with_every_post_and_a_mistake_is_taken_back(
    city: Unit, farming: Unit
) -> None:
    other = unit("3602D055", city)
    head = person("D036001", farming)
    post = actions.hold_post(
        actor=SYSTEM, person_id=head.pk, unit_id=other.pk, title="副局长",
        since=date(2020, 1, 1), at=AT,
    )  # fmt: skip
    left = AT.date()
    actions.tell_left(actor=SYSTEM, person_id=head.pk, left_on=left, at=AT)
    head.refresh_from_db()
    post.refresh_from_db()
    assert (head.left_on, post.until) == (left, left)
    assert head not in Person.objects.serving()
    actions.tell_left(actor=SYSTEM, person_id=head.pk, left_on=None, at=AT)
    assert head in Person.objects.serving()
    assert len(records("org.person.left")) == len(records("org.person.back")) == 1


def test_nobody_leaves_before_they_came_or_on_a_day_to_come(farming: Unit) -> None:
    head = person("D036001", farming)
    Person.objects.filter(pk=head.pk).update(hired_on=date(2016, 3, 1))
    for day, code in ((date(2016, 2, 29), "too_early"), (date(2031, 1, 1), "in_the_future")):
        with pytest.raises(Refused) as refused:
            actions.tell_left(actor=SYSTEM, person_id=head.pk, left_on=day, at=AT)
        assert [each.code for each in refused.value.findings] == [code]
    assert Person.objects.get(pk=head.pk).left_on is None


def test_the_same_post_is_held_once(farming: Unit) -> None:
    head = person("D036001", farming)
    facts = {"person": head, "unit": farming, "title": "副局长", "since": JUNE}
    Post.objects.create(**facts)
    with pytest.raises(IntegrityError, match="org_post_is_held_once"), transaction.atomic():
        Post.objects.create(**facts)


def test_people_are_found_by_name_number_and_initials(farming: Unit) -> None:
    found = person("D036016", farming, "莫兴")
    gone = person("D036017", farming, "莫愁")
    Person.objects.filter(pk=gone.pk).update(left_on=date(2020, 1, 1))
    for text in ("莫", "d036016", "mx"):
        assert queries.find_people(scope=Scope.all(), text=text) == [found]
    assert queries.find_people(scope=Scope.all(), text="  ") == []
    assert queries.find_people(scope=Scope(), text="莫") == []


def test_a_person_who_changes_name_gets_new_initials(farming: Unit) -> None:
    person("D036016", farming, "莫兴")
    assert person("D036016", farming, "王五").initials == "ww"


def test_a_section_answers_to_its_unit(farming: Unit) -> None:
    section = unit("3602D03601", farming, nature=Nature.SECTION)
    desk = unit("3602D0360101", section, nature=Nature.SECTION)
    assert queries.home_unit(desk) == farming
    assert queries.home_unit(farming) == farming


def test_scopes_let_in_just_their_part_of_the_tree(city: Unit, farming: Unit) -> None:
    section = unit("3602D03601", farming, nature=Nature.SECTION)
    other = unit("3602D0361", city)
    one = person("D036001", section)
    below = Scope(paths=(farming.path,))
    assert set(Unit.objects.within(below)) == {farming, section}
    assert set(Unit.objects.within(Scope(unit_ids=(farming.pk,)))) == {farming}
    assert set(Unit.objects.within(Scope(person_id=one.pk))) == {section}
    assert set(Unit.objects.within(Scope())) == set()
    assert set(Unit.objects.within(Scope.all())) == {city, farming, section, other}
    assert set(Person.objects.within(Scope(unit_ids=(farming.pk,)))) == set()
    assert set(Person.objects.within(below)) == {one}
    assert set(Person.objects.within(Scope(person_id=one.pk))) == {one}


def test_a_path_that_does_not_end_with_the_code_is_forbidden(farming: Unit) -> None:
    with pytest.raises(IntegrityError, match="org_unit_path_ends"), transaction.atomic():
        Unit.objects.filter(pk=farming.pk).update(path="/elsewhere/")
