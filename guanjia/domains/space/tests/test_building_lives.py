"""What buildings and compounds were from day to day: restating, and what the database refuses."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanjia.domains.space.actions import building_lives as lives
from guanjia.domains.space.models import Building, BuildingSpell, Compound
from guanjia.domains.space.queries import buildings as queries
from guanjia.domains.space.rules import lives as rules
from guanjia.domains.space.terms.ledger import AS_ONE, BuildingState, TitleState
from guanjia.domains.space.tests.builders import AT, TODAY, City, annex
from guanjia.kernel.regulations.verdict import Refused

pytestmark = pytest.mark.pg15

DAY = timedelta(days=1)
SPAN = 12  # the days that are told of; the first stands for all before
FIRST = TODAY - (SPAN - 1) * DAY
PLAIN = {"gross_m2": Decimal(100), "floors_above": 5, "title_state": TitleState.NONE,
         "title_no": "", "title_owner": "", "titled_on": None, "title_m2": None}  # fmt: skip

told = st.fixed_dictionaries(
    {},
    optional={
        "gross_m2": st.sampled_from([Decimal(100), Decimal(200), Decimal(300)]),
        "floors_above": st.integers(5, 7),
        "title_owner": st.sampled_from(["", "市政府办公室", "市机关事务管理局"]),
        "title_m2": st.sampled_from([None, Decimal(90), Decimal(95)]),
    },
)
# From which day (none: a mistake), on which day the mistake was seen, what is told.
acts = st.lists(
    st.tuples(st.none() | st.integers(1, SPAN - 1), st.integers(0, SPAN - 1), told), max_size=8
)
Days = list[dict[str, Any]]


def day(n: int) -> date:
    """The day of a place among the days; of the first one long ago."""
    return FIRST + n * DAY if n else date(1950, 1, 1)


def groups(facts: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [next((one for one in AS_ONE if name in one), (name,)) for name in facts]


def replay(days: Days, on: int | None, seen: int, facts: Mapping[str, Any]) -> Days:
    """The same, day by day: what each day is told to have been."""
    new = [dict(one) for one in days]
    for group in groups(facts):
        was = [tuple(one[name] for name in group) for one in days]
        first = last = seen if on is None else on
        while on is None and first > 0 and was[first - 1] == was[seen]:
            first -= 1
        while last + 1 < len(days) and was[last + 1] == was[last]:
            last += 1
        for one in new[first : last + 1]:
            one.update({name: value for name, value in facts.items() if name in group})
    return new


def whole(life: Sequence[rules.Spell]) -> None:
    """No gap, no overlap, no day on which nothing changed, the first without a beginning."""
    days = [one.since for one in life]
    assert days[0] is None
    assert days[1:] == sorted({one for one in days if one is not None})
    assert all(one.facts != other.facts for one, other in pairwise(life))


@given(acts)
@settings(max_examples=200, deadline=None)
def test_a_life_is_what_a_replay_day_by_day_gives(told_acts: list[Any]) -> None:
    life, days = [rules.Spell(since=None, facts=dict(PLAIN))], [dict(PLAIN)] * SPAN
    for on, seen, facts in told_acts:
        given_: dict[str, Any] = {"facts": facts, "why": "测绘", "told_at": AT}
        life = (
            rules.always(life, seen=day(seen), **given_)
            if on is None
            else rules.from_day(life, on=day(on), **given_)
        )
        days = replay(days, on, seen, facts)
        whole(life)
        assert [life[rules.place(life, day(n))].facts for n in range(SPAN)] == days


def test_the_ledger_of_any_day_is_what_a_replay_gives(city: City) -> None:
    """In the database: one spell a day, and the building carries the facts of the last."""
    start = {name: getattr(city.building, name) for name in PLAIN}

    @given(acts)
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def tell(told_acts: list[Any]) -> None:
        with transaction.atomic():
            days = [dict(start)] * SPAN
            row = Building.objects.get(pk=city.building.pk)
            for on, seen, facts in told_acts:
                lives.restate(
                    row, on=None if on is None else day(on), seen=day(seen), facts=facts,
                    why="测绘", told_at=AT,
                )  # fmt: skip
                days = replay(days, on, seen, facts)
                assert {name: getattr(row, name) for name in start} == days[-1]
            for n, expected in enumerate(days):
                found = queries.as_at(Building.objects.all(), day(n)).get()
                assert {name: getattr(found, name) for name in start} == expected
            whole(lives.life_of(row))
            with connection.cursor() as cursor:  # gaps are looked for when the transaction ends
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            transaction.set_rollback(True)

    tell()


# ── restating ────────────────────────────────────────────────────────────────────────────


def restate(row: Any, on: date | None, why: str = "", **facts: Any) -> bool:
    return lives.restate(row, on=on, facts=facts, why=why, told_at=AT)


def areas(row: Any) -> list[tuple[date | None, int, str]]:
    return [(one.since, int(one.facts["gross_m2"]), one.why) for one in lives.life_of(row)]


def test_a_change_ends_where_the_fact_was_changed_by_itself(city: City) -> None:
    row, early, late = city.building, date(2015, 1, 1), date(2018, 1, 1)
    assert restate(row, late, "加建", gross_m2=Decimal(5000))
    assert restate(row, early, "测绘", gross_m2=Decimal(4800), floors_above=6)
    assert areas(row) == [(None, 4607, ""), (early, 4800, "测绘"), (late, 5000, "加建")]
    assert row.floors_above == 6, "of the floors nothing else was told: they last"
    assert not restate(row, TODAY, gross_m2=Decimal(5000))


def test_a_mistake_is_put_right_for_as_long_as_it_stood(city: City) -> None:
    row, late = city.building, date(2018, 1, 1)
    restate(row, late, "加建", gross_m2=Decimal(5000))
    restate(row, None, "抄错", gross_m2=Decimal(5100))
    assert areas(row) == [(None, 4607, ""), (late, 5100, "加建")]
    lives.restate(
        row, on=None, seen=late - DAY, facts={"gross_m2": Decimal(4670)}, why="抄错", told_at=AT
    )
    assert areas(row) == [(None, 4670, "抄错"), (late, 5100, "加建")]
    lives.restate(
        row, on=None, seen=late - DAY, facts={"gross_m2": Decimal(5100)}, why="一样", told_at=AT
    )
    assert areas(row) == [(None, 5100, "抄错；一样")], "without a change there is no spell"


def test_a_second_change_of_a_day_replaces_the_first_and_keeps_its_reason(city: City) -> None:
    restate(city.building, TODAY, "加建", gross_m2=Decimal(5000))
    restate(city.building, TODAY, "改建", gross_m2=Decimal(5200), floors_above=7)
    assert areas(city.building)[1:] == [(TODAY, 5200, "加建；改建")]


def test_the_words_of_two_titles_are_not_mixed(city: City) -> None:
    row, first, second = city.building, date(2010, 1, 1), date(2020, 1, 1)
    restate(
        row, second, title_state=TitleState.REGISTERED, title_no="新证", title_owner="本局",
        titled_on=second,
    )  # fmt: skip
    restate(
        row, first, title_state=TitleState.FILED, title_no="备案", title_owner="市政府办公室",
        titled_on=first, title_m2=Decimal(4000),
    )  # fmt: skip
    assert (row.title_no, row.title_m2) == ("新证", None)
    then = queries.as_at(Building.objects.all(), second - DAY).get()
    assert (then.title_no, then.title_m2) == ("备案", Decimal(4000))


def test_no_day_is_told_of_before_it_comes(city: City) -> None:
    for row in (city.building, city.building.compound):
        with pytest.raises(Refused) as refused:
            restate(row, TODAY + DAY, land_m2=1)
        assert "还没有到" in refused.value.findings[0].sentence


def test_a_compound_has_its_days_too(city: City) -> None:
    row = city.building.compound
    restate(row, date(2018, 1, 1), "征地", land_m2=Decimal(9000))
    assert Compound.objects.get().land_m2 == Decimal(9000)
    assert queries.as_at(Compound.objects.all(), date(2017, 12, 31)).get().land_m2 is None
    with CaptureQueriesContext(connection) as asked:
        found = list(queries.as_at(Building.objects.all(), date(2017, 12, 31)))
    assert [one.compound.land_m2 for one in found] == [None], "a building brings it along"
    annex(city)
    with CaptureQueriesContext(connection) as more:
        assert len(list(queries.as_at(Building.objects.all(), TODAY))) == 2
    assert len(asked) == len(more) == 2


# ── what the database keeps ──────────────────────────────────────────────────────────────


def refused_by_the_database(sentence: str, doing: Any) -> None:
    def whole() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            doing()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(Error, match=sentence):
        whole()


def test_a_new_building_brings_its_first_spell(city: City) -> None:
    spell = city.building.spells.get()
    assert (spell.during, spell.why) == (DateRange(None, None), "")
    assert all(getattr(spell, name) == getattr(city.building, name) for name in spell.facts)


@pytest.mark.parametrize(
    "facts", [{"gross_m2": 1}, {"state": BuildingState.CLOSED}, {"appraised_on": TODAY}]
)
def test_no_fact_is_changed_but_by_a_spell(city: City, facts: dict[str, Any]) -> None:
    where = "space_building_is_as_its_last_spell"
    refused_by_the_database(where, lambda: Building.objects.update(**facts))
    stale = Building.objects.get()
    restate(city.building, TODAY, floors_above=9)
    refused_by_the_database(where, stale.save)
    past = queries.as_at(Building.objects.all(), TODAY - DAY).get()
    refused_by_the_database(where, past.save)
    Building.objects.update(name="主楼", **{name: getattr(city.building, name) for name in facts})
    refused_by_the_database(
        "space_compound_is_as_its_last_spell", lambda: Compound.objects.update(address="别处")
    )


def test_whatever_becomes_of_the_spells_the_building_is_as_the_last(city: City) -> None:
    row, rows = city.building, BuildingSpell.objects
    restate(row, TODAY, floors_above=9)
    rows.filter(floors_above=9).update(floors_above=8)
    assert Building.objects.get().floors_above == 8
    rows.filter(floors_above=5).update(floors_above=4)
    assert Building.objects.get().floors_above == 8, "the spell before is no matter of today"
    rows.filter(floors_above=8).delete()
    assert Building.objects.get().floors_above == 4
    rows.update(during=DateRange(None, None))


def test_what_no_spell_can_be(city: City) -> None:
    row, rows = city.building, BuildingSpell.objects
    restate(row, TODAY, floors_above=9)
    old, new = rows.get(floors_above=5), rows.get(floors_above=9)
    cases: list[tuple[str, Any]] = [
        ("is_one_thing_at_a_time", lambda: rows.filter(pk=old.pk).update(
            during=DateRange(None, TODAY + DAY))),
        ("is_something_every_day", lambda: rows.filter(pk=old.pk).delete()),
        ("is_something_every_day", lambda: rows.filter(pk=new.pk).delete()),
        ("is_something_every_day", lambda: rows.filter(pk=old.pk).update(
            during=DateRange(None, TODAY - DAY))),
        ("building_spell_has_begun", lambda: rows.filter(pk=new.pk).update(
            during=DateRange(TODAY + DAY, None))),
        ("Cannot update", lambda: rows.filter(pk=new.pk).update(building=annex(city))),
        ("building_has_an_area", lambda: rows.filter(pk=old.pk).update(gross_m2=0)),
        ("building_has_a_floor", lambda: rows.filter(pk=new.pk).update(floors_above=0)),
        ("registered_title_has_a_number", lambda: rows.filter(pk=new.pk).update(title_no="")),
    ]  # fmt: skip
    for sentence, doing in cases:
        refused_by_the_database(sentence, doing)
    with pytest.raises(IntegrityError), transaction.atomic():
        Building.objects.create(
            compound=row.compound, name="无面积", gross_m2=0, floors_above=1, kind="LOW",
            title_state="NONE", state="DELIVERED",
        )  # fmt: skip
