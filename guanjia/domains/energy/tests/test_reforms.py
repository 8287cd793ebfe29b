"""What happens to institutions as bodies: renamed, merged, split, closed, entered again."""

from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from guanjia.domains.energy.actions import institutions as acts
from guanjia.domains.energy.models import (
    Institution,
    InstitutionChange,
    InstitutionChangePart,
    InstitutionSpell,
)
from guanjia.domains.energy.queries import institutions as queries
from guanjia.domains.energy.registers.institutions import INSTITUTIONS
from guanjia.domains.energy.rules.institutions import Size
from guanjia.domains.energy.terms.institutions import Change, InstitutionKind
from guanjia.domains.energy.tests.books import book, counts, take
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui.tests.reading import flat

pytestmark = pytest.mark.django_db


def sheet_row(city: City, who: str, **cells: Any) -> dict[str, Any]:
    """An institution as a sheet would tell it today, with other cells."""
    one = city.institution(who)
    now = one.spells.order_by("during").last()
    return {
        "code": one.code, "name": one.name, "kind": InstitutionKind(now.kind).label,
        "area": now.area.name, "floor_m2": str(now.floor_m2), "people": now.people,
        "staff": now.staff, "entered_on": f"{one.entered_on:%Y-%m-%d}",
        "assessed": "是" if now.assessed else "否", "key_user": "是" if now.key_user else "否",
        **cells,
    }  # fmt: skip


def reform(city: City, kind: Change, *names: str, into: tuple[str, ...] = (), **facts: Any) -> Any:
    return acts.reform(
        actor=SYSTEM, kind=kind, before=[city.institution(name).pk for name in names],
        after=[city.institution(name).pk for name in into], on=TODAY - 10 * DAY, at=AT, **facts,
    )  # fmt: skip


def test_an_institution_that_was_renamed_is_found_by_both_names(city: City) -> None:
    school = city.institution("school")
    reform(city, Change.RENAMED, "school", name="乐平中学")
    there = queries.Directory([school.code])
    assert (
        there.find(school.code, "乐平市第一中学") == there.find(school.code, "乐平中学") == school
    )
    old = queries.listed(Scope.all(), TODAY - 11 * DAY).get(pk=school.pk)
    assert old.now.name == "乐平市第一中学"


def test_a_name_of_the_past_is_no_longer_a_new_institution(city: City) -> None:
    school = city.institution("school")
    reform(city, Change.RENAMED, "school", name="乐平中学")
    old = sheet_row(city, "school", name="乐平市第一中学", floor_m2="8100")
    report = take(city, book(INSTITUTIONS, [old]), into=INSTITUTIONS)
    assert counts(report) == (0, 1, 0)
    assert [fault.code for fault in report.doubts] == ["name_former"]
    now = queries.listed(Scope.all(), TODAY).get(pk=school.pk).now
    assert (now.name, now.floor_m2) == ("乐平中学", 8100)
    both = [sheet_row(city, "school", name=name) for name in ("乐平市第一中学", "乐平中学")]
    report = take(city, book(INSTITUTIONS, both), into=INSTITUTIONS)
    assert [fault.code for fault in report.errors] == ["institution_twice"]


def test_who_carries_a_name_today_comes_before_who_carried_it(city: City) -> None:
    school = city.institution("school")
    reform(city, Change.RENAMED, "school", name="乐平中学")
    pk = Institution.objects.create(
        code=school.code, name="乐平市第一中学", area=city.units["leping"],
        entered_on=TODAY - 5 * DAY,
    ).pk  # fmt: skip
    found = queries.Directory([school.code]).find(school.code, "乐平市第一中学")
    assert found is not None
    assert found.pk == pk
    with pytest.raises(Refused) as refused:
        reform(city, Change.RENAMED, "school", name="乐平市第一中学")
    assert refused.value.findings[0].code == "name_taken"


def test_a_name_of_an_earlier_day_reaches_until_the_next_name(city: City) -> None:
    school = city.institution("school")
    acts.restate_size(
        actor=SYSTEM, institution_id=school.pk, why="新校区", at=AT,
        size=Size(floor_m2=Decimal(9000), people=None, staff=None),
    )  # fmt: skip
    reform(city, Change.RENAMED, "school", name="乐平中学")
    school.refresh_from_db()
    now = queries.listed(Scope.all(), TODAY).get(pk=school.pk).now
    assert (school.name, now.name, now.floor_m2) == ("乐平中学", "乐平中学", 9000)
    acts.reform(
        actor=SYSTEM, kind=Change.RENAMED, before=[school.pk], after=[], on=TODAY - 20 * DAY,
        name="乐平县中学", at=AT,
    )  # fmt: skip
    school.refresh_from_db()
    names = list(school.spells.order_by("during").values_list("name", flat=True))
    assert names == ["乐平市第一中学", "乐平县中学", "乐平中学", "乐平中学"]
    assert school.name == "乐平中学", "the later name stands"


def test_merged_institutions_leave_and_keep_their_history(city: City) -> None:
    reform(city, Change.MERGED, "office", into=("school",), document="乐府〔2020〕3号")
    names = set(queries.listed(Scope.all(), TODAY).values_list("name", flat=True))
    assert "乐平市财政局" not in names
    earlier = queries.listed(Scope.all(), TODAY - 11 * DAY)
    assert earlier.filter(name="乐平市财政局").exists()


@pytest.mark.parametrize(
    ("kind", "who", "name", "fault"),
    [
        (Change.MERGED, (("office",), ()), "", "merged_into"),
        (Change.MERGED, (("office", "school"), ("school",)), "", "merged_into"),
        (Change.SPLIT, (("office",), ("school",)), "", "split_into"),
        (Change.RENAMED, (("office",), ()), " ", "name_missing"),
        (Change.CLOSED, (("office", "school"), ()), "", "one_at_a_time"),
        (Change.REOPENED, (("office",), ()), "", "not_there"),
    ],
)
def test_a_reform_that_cannot_have_been_is_refused(
    city: City, kind: Change, who: tuple[tuple[str, ...], tuple[str, ...]], name: str, fault: str
) -> None:
    with pytest.raises(Refused) as refused:
        reform(city, kind, *who[0], into=who[1], name=name)
    assert refused.value.findings[0].code == fault


def test_a_closed_institution_can_come_back(city: City) -> None:
    def there(day: date) -> bool:
        return bool(queries.listed(Scope.all(), day).filter(name="乐平市财政局").exists())

    pk = city.institution("office").pk
    acts.restate_size(
        actor=SYSTEM, institution_id=pk, why="新楼", at=AT,
        size=Size(floor_m2=Decimal(2500), people=None, staff=None),
    )  # fmt: skip
    reform(city, Change.CLOSED, "office")
    assert (there(TODAY), there(TODAY - 10 * DAY), there(TODAY - 11 * DAY)) == (False, False, True)
    how = {"actor": SYSTEM, "kind": Change.REOPENED, "before": [pk], "after": [], "at": AT}
    with pytest.raises(Refused) as refused:
        acts.reform(**how, on=TODAY - 11 * DAY)
    assert refused.value.findings[0].code == "before_left"
    acts.reform(**how, on=TODAY - 5 * DAY)
    days = [TODAY - n * DAY for n in (11, 10, 6, 5, 0)]
    assert [there(day) for day in days] == [True, False, False, True, True]
    with pytest.raises(Refused) as refused:
        reform(city, Change.CLOSED, "office")
    assert refused.value.findings[0].code == "before_entered", "it came back since"


def test_a_row_does_not_bring_back_who_left(city: City) -> None:
    reform(city, Change.CLOSED, "office")
    rows = [sheet_row(city, "office", people="90")]
    report = take(city, book(INSTITUTIONS, rows), into=INSTITUTIONS)
    assert counts(report) == (0, 0, 1)
    assert [fault.code for fault in report.doubts] == ["left"]
    with pytest.raises(Refused) as refused:
        acts.restate_size(
            actor=SYSTEM, institution_id=city.institution("office").pk, why="", at=AT,
            size=Size(floor_m2=None, people=90, staff=None),
        )  # fmt: skip
    assert refused.value.findings[0].code == "gone"


def test_a_key_user_that_left_has_no_link_to_nowhere(city: City) -> None:
    city.half_year("hospital")
    pk = city.institution("hospital").pk
    url = reverse("energy:analysis_draft", args=[pk, 2020])
    assert url in seen(city, "keeper", "institution", pk, year=2020)
    reform(city, Change.CLOSED, "hospital")
    assert url not in seen(city, "keeper", "institution", pk, year=2020)


def test_spells_written_before_end_with_their_institution(city: City) -> None:
    """What an earlier program wrote: who left still was something, who came back always was."""
    office, clinic = city.institution("office"), city.institution("clinic")
    left, back = TODAY - 30 * DAY, TODAY - 10 * DAY
    for one, kind, on in (
        (office, Change.CLOSED, left), (clinic, Change.CLOSED, left),
        (clinic, Change.REOPENED, back),
    ):  # fmt: skip
        change = InstitutionChange.objects.create(kind=kind, on=on, told_at=AT)
        InstitutionChangePart.objects.create(change=change, institution=one, came=False)
    Institution.objects.filter(pk=office.pk).update(left_on=left)
    migration = import_module("guanjia.domains.energy.migrations.0006_what_stands")
    with connection.schema_editor() as editor:
        migration.end_spells(apps, editor)
    spells = InstitutionSpell.objects.order_by("during")
    assert [
        (one.during.lower, one.during.upper)
        for one in spells.filter(institution__in=[office.pk, clinic.pk])
    ] == [(None, left), (None, left), (back, None)]
    assert spells.filter(institution=office).get().during.upper == left


def test_a_reform_is_entered_on_its_page(city: City) -> None:
    school, office = city.institution("school"), city.institution("office")
    given = {
        "kind": "MERGED",
        "on": "2020-08-01",
        "document": "乐府〔2020〕3号",
        "name": "",
        "note": "",
    }

    def told(members: str) -> Any:
        return post(city, "keeper", "institution_reform", office.pk, **given, members=members)

    assert told("月球站").status_code == 422
    assert "名录库中没有“月球站”" in flat(told("月球站").content)
    assert "并入哪一家" in flat(told("").content)
    assert told(school.name).status_code == 302
    page = seen(city, "keeper", "institution", office.pk)
    for words in ("2020-08-01 合并", "乐府〔2020〕3号", "乐平市财政局 → 乐平市第一中学", "已退出"):
        assert words in page
    assert "乐平市财政局 → 乐平市第一中学" in seen(city, "county", "institution", school.pk)
    again = flat(
        visit(city, "keeper").get(reverse("energy:institution_reform", args=[office.pk])).content
    )
    assert "恢复" in again
    assert "更名" not in again.partition("新名称")[0].partition("变动</label>")[2]


def test_only_who_keeps_the_register_reforms(city: City) -> None:
    pk = city.institution("office").pk
    for who in ("county", "clerk", "supervisor"):
        assert (
            visit(city, who).get(reverse("energy:institution_reform", args=[pk])).status_code == 403
        )
    assert "登记变动" not in seen(city, "county", "institution", pk)
    assert "登记变动" in seen(city, "keeper", "institution", pk)
