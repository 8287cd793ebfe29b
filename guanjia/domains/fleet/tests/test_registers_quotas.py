"""公务用车编制台账 and 公务用车更新审批, imported as offices keep them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from guanjia.domains.fleet import figures
from guanjia.domains.fleet.models import Purchase, QuotaChange
from guanjia.domains.fleet.queries import quotas as reading
from guanjia.domains.fleet.registers.quotas import QUOTAS
from guanjia.domains.fleet.registers.renewals import RENEWALS
from guanjia.domains.fleet.terms.cars import CarState, Use
from guanjia.domains.fleet.terms.purchases import PurchaseState
from guanjia.domains.fleet.tests import books
from guanjia.domains.fleet.tests import quota_scenes as scenes
from guanjia.domains.fleet.tests.builders import AT, City
from guanjia.domains.fleet.tests.test_pages_disposals import client_of
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.registers import importing, listing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.kernel.values.period import Period

pytestmark = pytest.mark.django_db
HALF = Period.parse("2020-H1")
QUOTA: dict[str, Any] = {
    "unit": "3602D036",
    "use": "其他公务用车",
    "number": "5",
    "document": "景机管车〔2019〕1号",
    "approved_on": "2019年1月1日",
}
RENEWAL: dict[str, Any] = {
    "old_car": "赣H40001 ",
    "make": "比亚迪秦EV",
    "use": "其他公务用车",
    "energy": "纯电动",
    "displacement_l": None,
    "price_wan": "14.98",
    "approved_on": "2020.5.5",
    "document": "景机管车〔2020〕7号",
}


def taken(register: Register, *rows: Mapping[str, Any], actor: Any = SYSTEM) -> Any:
    return importing.import_file(
        register=register, path_or_file=books.book(register, rows), actor=actor, at=AT
    )


def faults(report: Any) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


@pytest.fixture
def kept(city: City) -> City:
    """The unit has two old cars."""
    scenes.car_of(city, "赣H40001")
    scenes.car_of(city, "赣H40002", registered_on=date(2014, 5, 1))
    return city


# ── quotas ─────────────────────────────────────────────────────────────────────────────────


def test_quotas_come_in_as_offices_keep_them(city: City) -> None:
    rows = [QUOTA, {**QUOTA, "use": "应急保障用车", "number": 2}, {**QUOTA, "unit": "3602D040"}]
    report = taken(QUOTAS, *rows)
    assert (report.errors, report.created) == ((), 3)
    unit = city.units["farming"].pk
    assert reading.standing(unit_id=unit, use=Use.OTHER, on=date(2019, 1, 1)).quota == 5
    again = taken(QUOTAS, *rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 3)
    assert QuotaChange.objects.count() == 3


def test_faults_of_quotas_are_named_by_row_and_column(city: City) -> None:
    report = taken(
        QUOTAS,
        QUOTA,
        QUOTA,
        {**QUOTA, "unit": "3602D999"},
        {**QUOTA, "use": "专车"},
        {**QUOTA, "unit": "3602D040", "number": "-1"},
        {**QUOTA, "unit": "3602D040", "use": "应急保障用车", "approved_on": "2019-02-30"},
        {**QUOTA, "unit": "3602D055", "approved_on": "2099-05-21"},
    )
    assert [fault[:2] for fault in faults(report)] == [
        (4, "单位编码"),
        (5, "单位编码"),
        (6, "车辆类别"),
        (7, "编制数"),
        (8, "批准日期"),
        (9, "批准日期"),
    ]
    assert faults(report)[0][2] == "quota_duplicate"
    assert not QuotaChange.objects.exists(), "everything, or nothing"


def test_an_older_document_and_a_missing_one_are_told(city: City) -> None:
    taken(QUOTAS, QUOTA)
    older = {**QUOTA, "number": 9, "document": "旧文", "approved_on": "2018-01-01"}
    assert faults(taken(QUOTAS, older)) == [(3, "批准日期", "contradicts_known")]
    report = taken(QUOTAS, {**QUOTA, "unit": "3602D040", "document": None})
    assert [fault.code for fault in report.doubts] == ["document_missing"]
    assert report.created == 1


def test_a_quota_without_its_day_holds_from_the_entering_and_is_told_once(city: City) -> None:
    row = {**QUOTA, "document": "—", "approved_on": None, "number": "14辆", "use": "其他公务"}
    report = taken(QUOTAS, row)
    assert report.errors == ()
    assert {fault.code for fault in report.doubts} == {"document_missing", "approval_missing"}
    assert QuotaChange.objects.get().takes_effect_on == AT.date()
    again = taken(QUOTAS, row)
    assert (again.doubts, again.unchanged) == ((), 1)


def test_a_document_that_is_known_has_the_day_known_of_it(city: City) -> None:
    taken(QUOTAS, QUOTA)
    report = taken(QUOTAS, {**QUOTA, "approved_on": None})
    assert (report.errors, report.doubts, report.unchanged) == ((), (), 1)


def test_a_unit_without_a_quota_goes_out_and_comes_back(city: City) -> None:
    row = {**QUOTA, "number": 0, "document": None, "approved_on": None}
    report = taken(QUOTAS, row)
    assert (report.errors, report.doubts, report.unchanged) == ((), (), 1)


def test_only_the_keeper_imports_and_a_clerk_sees_their_own(city: City) -> None:
    with pytest.raises(NotAllowed):
        taken(QUOTAS, QUOTA, actor=city.actor("clerk"))
    taken(QUOTAS, QUOTA, {**QUOTA, "unit": "3602D040"}, actor=city.actor("car_keeper"))
    mine = QUOTAS.rows(city.actor("clerk").scope("fleet.quota.see"))
    assert [row.unit for row in mine] == [city.units["farming"]]
    assert (mine[0].number, mine[0].on_books, mine[0].document) == (5, 0, "景机管车〔2019〕1号")
    assert QUOTAS.rows(city.actor("supervisor").scope("fleet.quota.see")).count() == 2


# ── renewals ───────────────────────────────────────────────────────────────────────────────


def test_renewals_come_in_as_offices_keep_them(kept: City) -> None:
    report = taken(RENEWALS, RENEWAL)
    assert (report.errors, report.doubts, report.created) == ((), (), 1)
    purchase = Purchase.objects.get()
    assert (purchase.old_car.plate, purchase.price_fen) == ("赣H40001", 14_980_000)
    assert (purchase.approved_on, purchase.state) == (date(2020, 5, 5), PurchaseState.RECORDED)
    again = taken(RENEWALS, RENEWAL)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)


def test_faults_of_renewals_are_named_by_row_and_column(kept: City) -> None:
    report = taken(
        RENEWALS,
        RENEWAL,
        RENEWAL,
        {**RENEWAL, "old_car": "赣H99999"},
        {**RENEWAL, "old_car": "赣H40002", "approved_on": "2020-05-32"},
        {**RENEWAL, "old_car": "赣H10001", "approved_on": "2099-05-21"},
        {**RENEWAL, "old_car": "赣H10002", "price_wan": "-1"},
        {**RENEWAL, "old_car": "赣H10003", "approved_on": "2018-02-28"},
    )
    assert faults(report)[0] == (4, "旧车号牌号码", "renewed_twice")
    assert faults(report)[1] == (5, "旧车号牌号码", "car_unknown")
    assert sorted(fault[:2] for fault in faults(report)[2:]) == [
        (6, "批准日期"),
        (7, "批准日期"),
        (8, "新车价格(万元)"),
        (9, "批准日期"),
    ]
    assert not Purchase.objects.exists()


def test_what_is_above_its_ceiling_or_too_young_is_taken_in_as_a_finding(kept: City) -> None:
    report = taken(RENEWALS, {**RENEWAL, "old_car": "赣H40002", "price_wan": "18.01"})
    assert report.errors == ()
    assert {(fault.row, fault.column, fault.code) for fault in report.doubts} == {
        (3, "新车价格(万元)", "over_price"),
        (3, "批准日期", "too_young"),
    }
    found = Remark.objects.filter(register="fleet.renewals")
    assert {remark.code for remark in found} >= {"over_price", "too_young"}
    assert all(remark.cite for remark in found if remark.kind == "FINDING")


def test_a_renewal_without_a_document_waits_for_it(kept: City) -> None:
    report = taken(RENEWALS, {**RENEWAL, "document": None})
    assert [fault.code for fault in report.doubts] == ["document_missing"]
    assert Purchase.objects.get().document == ""


def test_a_renewal_whose_car_is_not_chosen_is_taken(kept: City) -> None:
    unknown = dict.fromkeys(("make", "use", "energy", "displacement_l", "price_wan"))
    report = taken(RENEWALS, RENEWAL | unknown)
    assert (report.errors, [fault.code for fault in report.doubts]) == ((), ["use_assumed"])
    purchase = Purchase.objects.get()
    assert (purchase.make, purchase.energy, purchase.use) == ("", "", Use.OTHER)
    assert figures.renewed(scope=Scope.all(), period=HALF) == 1
    assert taken(RENEWALS, RENEWAL | unknown).unchanged == 1
    assert taken(RENEWALS, RENEWAL).updated == 1
    assert taken(RENEWALS, RENEWAL | unknown).unchanged == 1, "nothing known is taken away"
    assert Purchase.objects.get().make == "比亚迪秦EV"


def test_a_renewal_that_is_not_approved_yet_does_not_count(kept: City) -> None:
    report = taken(RENEWALS, RENEWAL | {"approved_on": None, "document": None})
    assert (report.errors, report.doubts, report.created) == ((), (), 1)
    assert figures.renewed(scope=Scope.all(), period=HALF) == 0
    assert taken(RENEWALS, RENEWAL | {"approved_on": None, "document": None}).unchanged == 1
    purchase = Purchase.objects.get()
    page = client_of(kept, "car_keeper").get(reverse("fleet:purchase", args=[purchase.pk]))
    assert "待批准" in page.content.decode()
    with pytest.raises(Refused) as refused:
        scenes.carded(kept, purchase)
    assert "not_whole" in {finding.code for finding in refused.value.findings}
    assert taken(RENEWALS, RENEWAL).updated == 1
    assert figures.renewed(scope=Scope.all(), period=HALF) == 1
    assert taken(RENEWALS, RENEWAL | {"approved_on": None}).unchanged == 1


def test_a_document_without_its_day_is_a_doubt(kept: City) -> None:
    report = taken(RENEWALS, RENEWAL | {"approved_on": "—"})
    assert [(f.column, f.code) for f in report.doubts] == [("批准日期", "approval_missing")]


@pytest.mark.parametrize(
    ("column", "written", "field", "read"),
    [
        ("old_car", "赣H·40001", "document", "景机管车〔2020〕7号"),
        ("use", "执法执勤", "use", Use.LAW_ENFORCEMENT),
        ("energy", "电动", "energy", "ELECTRIC"),
        ("displacement_l", "0", "displacement_l", None),
        ("price_wan", "14.9876万元", "price_fen", 14_987_600),
        ("price_wan", "149,876元", "price_fen", 14_987_600),
        ("price_wan", "待定", "price_fen", None),
        ("approved_on", "2020-05-05 15:30", "approved_on", date(2020, 5, 5)),
    ],
)
def test_cells_of_a_renewal_are_read_as_offices_write_them(
    kept: City, column: str, written: str, field: str, read: Any
) -> None:
    report = taken(RENEWALS, RENEWAL | {column: written})
    assert (report.errors, report.doubts) == ((), ())
    assert getattr(Purchase.objects.get(), field) == read
    assert taken(RENEWALS, RENEWAL | {column: written}).unchanged == 1


def test_a_price_one_yuan_over_its_ceiling_is_over(kept: City) -> None:
    report = taken(RENEWALS, RENEWAL | {"price_wan": "18.0001"})
    assert [fault.code for fault in report.doubts] == ["over_price"]
    assert taken(RENEWALS, {**RENEWAL, "price_wan": "18"}).doubts == ()


def test_a_ledger_does_not_overwrite_what_was_approved_here(kept: City) -> None:
    scenes.grant(kept, 2)
    old = scenes.Car.objects.get(plate="赣H40001")
    purchase = scenes.renewal(kept, old)
    assert faults(taken(RENEWALS, RENEWAL)) == [(3, "旧车号牌号码", "contradicts_known")]
    scenes.agree(kept, purchase)
    same = {**RENEWAL, "approved_on": "2020-05-20", "document": None}
    assert taken(RENEWALS, same).unchanged == 1
    assert faults(taken(RENEWALS, {**same, "make": "红旗 E-QM5"})) == [
        (3, "旧车号牌号码", "contradicts_known")
    ]


def test_a_car_already_disposed_of_can_have_been_renewed(kept: City) -> None:
    scenes.Car.objects.filter(plate="赣H40001").update(state=CarState.DISPOSED)
    assert taken(RENEWALS, RENEWAL).created == 1


# ── the figure ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("approved_on", "inside"),
    [("2019-12-31", 0), ("2020-01-01", 1), ("2020-05-20", 1)],
)
def test_a_renewal_belongs_to_the_period_of_its_approval(
    kept: City, approved_on: str, inside: int
) -> None:
    taken(RENEWALS, {**RENEWAL, "approved_on": approved_on})
    assert figures.renewed(scope=Scope.all(), period=HALF) == inside


def test_the_figure_counts_approved_renewals_only_and_opens_exactly_them(kept: City) -> None:
    scenes.grant(kept, 9)
    taken(RENEWALS, RENEWAL)
    scenes.agree(kept, scenes.asked(kept))  # an additional car is no renewal
    scenes.renewal(kept, scenes.car_of(kept, "赣H40003"))  # not agreed to
    assert figures.renewed(scope=Scope.all(), period=HALF) == 1
    assert figures.renewed(scope=Scope(), period=HALF) == 0
    assert figures.renewed.opens is not None
    query = listing.read(register=RENEWALS, params=figures.renewed.opens(HALF))
    assert not query.notes
    shown = listing.look(query=query, scope=Scope.all(), at=AT)
    assert set(shown.rows) == set(figures.renewed.rows(scope=Scope.all(), period=HALF))
    assert shown.count == 1


def test_a_secret_car_is_not_in_what_is_shared(kept: City) -> None:
    taken(RENEWALS, RENEWAL)
    scenes.Car.objects.filter(plate="赣H40001").update(secret=True)
    assert RENEWALS.rows(Scope.outside()).count() == 0
    assert RENEWALS.rows(Scope.all()).count() == 1
