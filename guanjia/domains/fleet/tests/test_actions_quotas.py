"""Quotas: asking, deciding, entering, and how they stand on any day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from guanjia.domains.fleet.actions import quotas, stays
from guanjia.domains.fleet.events import QuotaChanged
from guanjia.domains.fleet.models import CarStay, Quota, QuotaChange
from guanjia.domains.fleet.queries import quotas as reading
from guanjia.domains.fleet.terms.cars import Keeping, Use
from guanjia.domains.fleet.terms.quotas import ChangeState, Standing
from guanjia.domains.fleet.terms.stays import LeftBy
from guanjia.domains.fleet.tests import quota_scenes as scenes
from guanjia.domains.fleet.tests.builders import AT, TODAY, City
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.acts.changing import OutOfState
from guanjia.kernel.approvals import news
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def standing(city: City, on: date = TODAY, use: Use = Use.OTHER) -> Standing:
    return reading.standing(unit_id=city.units["farming"].pk, use=use, on=on)


def row(city: City, **changes: Any) -> dict[str, Any]:
    return {
        "unit": city.units["farming"],
        "use": Use.OTHER,
        "quota": 5,
        "document": "景机管车〔2020〕1号",
        "approved_on": date(2020, 3, 1),
        **changes,
    }


# ── asking and deciding ────────────────────────────────────────────────────────────────────


def test_a_change_goes_through_three_hands_and_then_holds(city: City) -> None:
    change = scenes.change(city, delta=2)
    assert change.state == ChangeState.PENDING
    assert change.number.startswith("BZ2020")
    assert standing(city).quota == 0, "what is not agreed to is not there"
    scenes.agree(city, change)
    assert change.state == ChangeState.AGREED
    assert change.decided_at == AT
    assert standing(city) == Standing(quota=2, on_books=0, reserved=0, known=True)
    told = Record.objects.get(verb="fleet.quota.requested", on_id=change.pk)
    assert told.after["delta"] == 2
    assert told.name == "占小青"


def test_a_change_is_told_to_whoever_listens(city: City) -> None:
    with bus.captured() as heard:
        change = scenes.change(city)
        scenes.agree(city, change)
    assert heard[-1] == QuotaChanged(change_id=change.pk)


def test_a_change_agreed_to_late_holds_from_the_day_it_was_agreed_to(city: City) -> None:
    change = scenes.change(city, takes_effect_on=TODAY)
    scenes.agree(city, change, at=AT + 3 * DAY)
    assert change.takes_effect_on == TODAY + 3 * DAY
    assert standing(city, TODAY + 2 * DAY).quota == 0
    assert standing(city, TODAY + 3 * DAY).quota == 1


def test_a_change_for_a_later_day_waits_for_it(city: City) -> None:
    change = scenes.change(city, takes_effect_on=TODAY + 10 * DAY)
    scenes.agree(city, change)
    assert standing(city, TODAY + 9 * DAY).quota == 0
    assert standing(city, TODAY + 10 * DAY).quota == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"delta": 0}, "no_change"),
        ({"delta": -1}, "below_zero"),
        ({"takes_effect_on": TODAY - DAY}, "in_the_past"),
        ({"reason": " "}, "reason_missing"),
    ],
)
def test_what_cannot_be_asked_leaves_no_trace(
    city: City, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        scenes.change(city, **changes)
    assert [finding.code for finding in refused.value.findings] == [code]
    assert not QuotaChange.objects.exists()
    assert not Quota.objects.exists()
    assert not Record.objects.filter(verb="fleet.quota.requested").exists()


def test_a_quota_taken_below_zero_meanwhile_cannot_be_agreed_to(city: City) -> None:
    scenes.grant(city, 1)
    first, second = scenes.change(city, delta=-1), scenes.change(city, delta=-1)
    scenes.agree(city, first)
    scenes.agree(city, second, by=scenes.DECIDERS[:2])
    with pytest.raises(Refused) as refused:
        scenes.agree(city, second, by=scenes.DECIDERS[2:])
    assert refused.value.findings[0].code == "below_zero"
    second.refresh_from_db()
    assert second.state == ChangeState.PENDING
    assert standing(city).quota == 0


def test_what_an_approval_does_is_done_once_however_often_it_is_declared(city: City) -> None:
    news.follow(quotas.OF_CHANGES)
    scenes.grant(city, 1)
    change = scenes.change(city, delta=-1)
    scenes.agree(city, change)
    change.refresh_from_db()
    assert change.state == ChangeState.AGREED
    assert standing(city).quota == 0


def test_a_change_sent_back_is_mended_and_sent_again(city: City) -> None:
    change = scenes.change(city, delta=5)
    scenes.send_back(city, change)
    assert (change.state, change.state_note) == (ChangeState.RETURNED, "请补充报价")
    facts = {"delta": 1, "takes_effect_on": TODAY, "reason": "按批复", "document": "请〔2020〕3号"}
    with pytest.raises(Refused):
        quotas.change_request(
            actor=city.actor("car_keeper"), change_id=change.pk, facts=facts, at=AT
        )
    quotas.change_request(actor=city.actor("clerk"), change_id=change.pk, facts=facts, at=AT)
    scenes.agree(city, change)
    assert standing(city).quota == 1
    with pytest.raises(OutOfState):
        quotas.change_request(actor=city.actor("clerk"), change_id=change.pk, facts=facts, at=AT)
    record = Record.objects.get(verb="fleet.quota.changed")
    assert (record.before["delta"], record.after["delta"]) == (5, 1)
    assert (record.before["state"], record.after["state"]) == ("RETURNED", "PENDING")


def test_a_change_can_be_withdrawn_or_ended(city: City) -> None:
    change, other = scenes.change(city), scenes.change(city)
    scenes.withdraw(city, change)
    scenes.stop(city, other)
    assert (change.state, other.state) == (ChangeState.WITHDRAWN, ChangeState.REFUSED)
    assert standing(city).quota == 0


def test_only_who_has_the_duty_asks_and_only_for_their_units(city: City) -> None:
    with pytest.raises(NotAllowed):
        quotas.request_change(actor=city.actor("stranger"), facts={}, at=AT)
    with pytest.raises(Unit.DoesNotExist):
        scenes.change(city, unit_id=city.units["other"].pk)


def test_the_document_is_written_down_afterwards(city: City) -> None:
    change = scenes.change(city)
    with pytest.raises(OutOfState):
        quotas.set_document(
            actor=city.actor("car_keeper"), change_id=change.pk, document="x", at=AT
        )
    scenes.agree(city, change)
    with pytest.raises(NotAllowed):
        quotas.set_document(actor=city.actor("clerk"), change_id=change.pk, document="x", at=AT)
    keeper = city.actor("car_keeper")
    with pytest.raises(Refused):
        quotas.set_document(actor=keeper, change_id=change.pk, document=" ", at=AT)
    for _ in range(2):
        quotas.set_document(actor=keeper, change_id=change.pk, document="景编〔2020〕2号", at=AT)
    change.refresh_from_db()
    assert change.document == "景编〔2020〕2号"
    assert Record.objects.filter(verb="fleet.quota.documented").count() == 1


# ── what ledgers state ─────────────────────────────────────────────────────────────────────


def test_a_number_of_a_ledger_becomes_the_change_that_leads_to_it(city: City) -> None:
    assert quotas.enter_quotas(actor=SYSTEM, rows=[row(city)], at=AT) == (1, 0, 0)
    later = row(city, quota=3, document="景机管车〔2020〕8号", approved_on=date(2020, 4, 1))
    assert quotas.enter_quotas(actor=SYSTEM, rows=[later], at=AT) == (1, 0, 0)
    assert list(
        QuotaChange.objects.order_by("takes_effect_on").values_list("delta", flat=True)
    ) == [
        5,
        -2,
    ]
    assert standing(city, date(2020, 3, 31)).quota == 5
    assert standing(city, date(2020, 4, 1)).quota == 3
    assert Record.objects.filter(verb="fleet.quota.entered").count() == 2


def test_the_same_ledger_twice_changes_nothing(city: City) -> None:
    rows = [row(city), row(city, use=Use.EMERGENCY, quota=2)]
    assert quotas.enter_quotas(actor=SYSTEM, rows=rows, at=AT) == (2, 0, 0)
    assert quotas.enter_quotas(actor=SYSTEM, rows=rows, at=AT) == (0, 0, 2)
    assert Record.objects.filter(verb="fleet.quota.entered").count() == 2


def test_a_corrected_number_mends_the_change_of_its_document(city: City) -> None:
    quotas.enter_quotas(actor=SYSTEM, rows=[row(city)], at=AT)
    assert quotas.enter_quotas(actor=SYSTEM, rows=[row(city, quota=6)], at=AT) == (0, 1, 0)
    assert standing(city).quota == 6
    assert QuotaChange.objects.count() == 1
    last = Record.objects.filter(verb="fleet.quota.entered").latest("pk")
    assert (last.before, last.after["delta"]) == ({"delta": 5}, 6)


def test_an_older_document_can_no_longer_state_the_number(city: City) -> None:
    quotas.enter_quotas(actor=SYSTEM, rows=[row(city)], at=AT)
    older = row(city, quota=9, document="老文件", approved_on=date(2020, 2, 1))
    found = quotas.contradictions([older, row(city)], today=AT.date())
    assert list(found) == [0]
    assert found[0][0] == "approved_on"


# ── how they stand ─────────────────────────────────────────────────────────────────────────


def test_any_past_day_can_be_read(city: City) -> None:
    scenes.grant(city, 3)
    car = scenes.car_of(city, "赣H40001", registered_on=date(2015, 6, 1))
    scenes.car_of(city, "赣H40002", registered_on=date(2019, 6, 1))
    scenes.car_of(city, "赣H40003", registered_on=date(2019, 6, 1), keeping=Keeping.LEASED)
    stays.leave(car=car, on=date(2020, 5, 1), by=LeftBy.DISPOSAL)
    assert standing(city, date(2015, 5, 31)).on_books == 0
    assert standing(city, date(2015, 6, 1)) == Standing(
        quota=0, on_books=1, reserved=0, known=False
    )
    assert standing(city, date(2019, 6, 1)) == Standing(quota=3, on_books=2, reserved=0)
    assert standing(city, date(2020, 4, 30)).on_books == 2
    assert standing(city, date(2020, 5, 1)).on_books == 1
    assert CarStay.objects.filter(car__plate="赣H40003").count() == 0


def test_all_units_are_read_in_few_statements_and_only_those_in_scope(city: City) -> None:
    scenes.grant(city, 3)
    scenes.grant(city, 2, unit="other", use=Use.EMERGENCY)
    scenes.car_of(city, "赣H40001")
    scenes.asked(city)
    with CaptureQueriesContext(connection) as captured:
        found = reading.standings(scope=Scope.all(), on=TODAY)
    assert len(captured) == 3
    farming, other = city.units["farming"].pk, city.units["other"].pk
    assert found[farming][Use.OTHER] == Standing(quota=3, on_books=1, reserved=1)
    assert found[farming][Use.OTHER].free == 1
    assert found[other][Use.EMERGENCY] == Standing(quota=2, on_books=0, reserved=0)
    near = reading.standings(scope=Scope(paths=(city.units["farming"].path,)), on=TODAY)
    assert set(near) == {farming}
    assert reading.standings(scope=Scope(), on=TODAY) == {}
    for unit_id, by_use in found.items():
        for use, cell in by_use.items():
            assert reading.standing(unit_id=unit_id, use=use, on=TODAY) == cell


def test_a_secret_car_is_not_counted_for_the_outside(city: City) -> None:
    scenes.grant(city, 3)
    car = scenes.car_of(city, "赣H40001")
    type(car).objects.filter(pk=car.pk).update(secret=True)
    unit = city.units["farming"].pk
    outside = reading.standings(scope=Scope.outside(), on=TODAY)[unit][Use.OTHER]
    inside = reading.standings(scope=Scope.all(), on=TODAY)[unit][Use.OTHER]
    assert (outside.on_books, inside.on_books) == (0, 1)


# ── what the database forbids ──────────────────────────────────────────────────────────────


@pytest.mark.pg15
def test_a_change_of_nothing_cannot_be_written(city: City) -> None:
    change = scenes.change(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuotaChange.objects.filter(pk=change.pk).update(delta=0)


def test_a_decided_change_never_waits_again(city: City) -> None:
    change = scenes.change(city)
    scenes.agree(city, change)
    with pytest.raises(DatabaseError), transaction.atomic():
        QuotaChange.objects.filter(pk=change.pk).update(state=ChangeState.PENDING)
