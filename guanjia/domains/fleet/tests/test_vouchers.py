"""The trip sheet follows its trip: issued, replaced and made void by the actions."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest

from guanjia.domains.fleet.actions import dispatching, entering, requests
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests.builders import AT, BUS, HOUR, SECOND, THIRD, City
from guanjia.domains.fleet.vouchers import TRIP_SHEET
from guanjia.kernel.attachments import store
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.vouchers import office, queries, rendering
from guanjia.kernel.vouchers.models import Voiding, Voucher
from guanjia.kernel.vouchers.terms import Form, State, Why
from guanjia.kernel.vouchers.tests.letters import sheets

pytestmark = pytest.mark.django_db
TODAY = AT.date()
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"


def states(trip: Trip) -> list[State]:
    """What the sheets of a trip are worth today, the newest first."""
    return [voucher.state(TODAY) for voucher in queries.of(trip)]


def printed(trip: Trip) -> list[str]:
    """The words of the newest sheet, cell by cell."""
    (file,) = queries.of(trip)[0].files.all()
    document = docx.Document(io.BytesIO(store.read(file.digest)))
    return [cell.text for table in document.tables for row in table.rows for cell in row.cells]


def test_a_dispatch_issues_the_sheet_with_what_the_trip_says(city: City) -> None:
    trip = city.dispatched()
    (sheet,) = queries.of(trip)
    assert sheet.numbered == "景车派〔2020〕00001号"
    assert sheet.issuer == "市机关事务管理局"
    said = printed(trip)
    for each in (
        "市农业农村局",
        "莫兴",
        "2 人",
        "调研督导",
        "春耕调研",
        "市农业农村局 → 乐平",
        "2020年5月20日 10:00",
        "2020年5月20日 12:00",
        "赣H10001",
        "大众朗逸（5 座）",
        "汪杰",
        "C1",
        "邵红　2020年5月20日 9:00 同意",
        f"派车单号　{trip.number}",
    ):
        assert each in said, each
    assert not any("{{" in cell for cell in said)


def test_a_sheet_holds_until_a_day_after_the_return(city: City) -> None:
    trip = city.dispatched(planned_to=AT + 30 * HOUR)
    (sheet,) = queries.of(trip)
    assert (sheet.valid_from, sheet.valid_until) == (TODAY, TODAY + 3 * DAY)


def test_dispatching_the_same_pair_again_issues_nothing(city: City) -> None:
    trip = city.dispatched()
    city.dispatch(trip)
    assert states(trip) == [State.VALID]


def test_another_car_replaces_the_sheet(city: City) -> None:
    trip = city.dispatched()
    city.dispatch(trip, car=SECOND, driver="程勇")
    assert states(trip) == [State.VALID, State.REPLACED]
    assert SECOND in printed(trip)


def test_another_time_replaces_the_sheet(city: City) -> None:
    trip = city.dispatched()
    dispatching.replan_trip(
        actor=city.actor("dispatcher"),
        trip_id=trip.pk,
        planned_from=AT + 2 * HOUR,
        planned_to=AT + 5 * HOUR,
        reason="会议推迟",
        at=AT,
    )
    assert states(trip) == [State.VALID, State.REPLACED]
    assert "2020年5月20日 11:00" in printed(trip)
    assert Voiding.objects.get().reason == "会议推迟"


def test_a_request_that_waits_has_no_sheet_to_replace(city: City) -> None:
    trip = city.approved()
    dispatching.replan_trip(
        actor=city.actor("dispatcher"),
        trip_id=trip.pk,
        planned_from=AT + 2 * HOUR,
        planned_to=AT + 5 * HOUR,
        at=AT,
    )
    assert states(trip) == []


def test_taking_back_and_cancelling_make_the_sheet_void(city: City) -> None:
    trip = city.dispatched()
    dispatching.recall_trip(actor=city.actor("dispatcher"), trip_id=trip.pk, reason="检修", at=AT)
    assert states(trip) == [State.VOID]
    city.dispatch(trip, car=SECOND, driver="程勇")
    assert states(trip) == [State.VALID, State.VOID]
    requests.cancel_trip(actor=city.actor("asker"), trip_id=trip.pk, reason="会议改期", at=AT)
    assert states(trip) == [State.VOID, State.VOID]
    assert [(each.why, each.reason) for each in Voiding.objects.all()] == [
        (Why.CANCELLED, "检修"),
        (Why.CANCELLED, "会议改期"),
    ]


def test_who_shares_a_car_has_a_sheet_that_follows_it(city: City) -> None:
    carrier = city.dispatched(car=BUS, driver="程勇")
    trip = city.approved()
    dispatching.share_trip(
        actor=city.actor("dispatcher"), trip_id=trip.pk, carrier_id=carrier.pk, at=AT
    )
    assert BUS in printed(trip)
    assert f"合乘 {carrier.number} 的车" in printed(trip)
    city.dispatch(carrier, car=THIRD, driver="方敏")
    assert states(trip) == [State.VALID, State.REPLACED]
    assert THIRD in printed(trip)
    dispatching.recall_trip(actor=city.actor("dispatcher"), trip_id=carrier.pk, at=AT)
    assert states(trip)[0] is states(carrier)[0] is State.VOID


def test_an_emergency_has_its_sheet_before_its_papers(city: City) -> None:
    trip = dispatching.dispatch_urgently(
        actor=city.actor("dispatcher"),
        facts=city.wish(),
        car_id=city.cars[THIRD].pk,
        driver_id=city.drivers["方敏"].pk,
        reason="密接转运",
        at=AT,
    )
    said = printed(trip)
    assert "应急先派，尚未审批" in said
    assert any("密接转运" in cell and "补齐手续" in cell for cell in said)


def test_dispatched_together_each_has_a_sheet_or_nobody(city: City) -> None:
    trips = [city.approved() for _ in range(2)]
    dispatching.dispatch_together(
        actor=city.actor("dispatcher"), trip_ids=[trip.pk for trip in trips], at=AT
    )
    assert [states(trip) for trip in trips] == [[State.VALID]] * 2
    many = [city.approved(passengers=18).pk for _ in range(2)]  # one bus for two
    with pytest.raises(Refused):
        dispatching.dispatch_together(actor=city.actor("dispatcher"), trip_ids=many, at=AT)
    assert Voucher.objects.count() == 2


def test_a_refused_dispatch_uses_no_number(city: City) -> None:
    city.dispatched()
    with pytest.raises(Refused):
        city.dispatched()
    assert Voucher.objects.count() == 1
    city.dispatched(car=SECOND, driver="程勇")
    assert set(Voucher.objects.values_list("number", flat=True)) == {1, 2}


def test_a_broken_template_dispatches_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    trip = city.approved()

    def fail(**_: Any) -> bytes:
        raise rendering.TemplateUnusable("trip_sheet.docx")

    monkeypatch.setattr(rendering, "render", fail)
    with pytest.raises(Refused, match="没有签发"):
        city.dispatch(trip)
    trip.refresh_from_db()
    assert trip.state == TripState.APPROVED


def test_a_ledger_issues_no_sheets_and_takes_back_those_of_cancelled_trips(city: City) -> None:
    city.recorded("PC2020051900001")
    assert not Voucher.objects.exists()
    trip = city.dispatched()
    row = city.sheet(
        trip.number,
        state=TripState.CANCELLED,
        car=None,
        driver=None,
        went_at=None,
        back_at=None,
        start_km=None,
        end_km=None,
    )
    entering.record_trips(actor=city.actor("dispatcher"), rows=[row], at=AT)
    assert states(trip) == [State.VOID]


LONG_UNIT = "景德镇市人民政府驻深圳办事处（景德镇市人民政府驻粤港澳大湾区招商引资联络服务中心）"


@pytest.mark.slow
@pytest.mark.skipif(
    not office.program(),
    reason="LibreOffice is missing, so the LAYOUT OF THE TRIP SHEET IS NOT TESTED: tools/office.sh",
)
@pytest.mark.parametrize(("much", "pages"), [("little", 1), ("usual", 1), ("all there can be", 2)])
def test_a_sheet_is_one_page_as_long_as_it_can_be(much: str, pages: int) -> None:
    facts = {
        "number": "景车派〔2020〕00015号", "trip": "PC2020052000015", "issuer": "市机关事务管理局",
        "unit": "市农业农村局", "rider": "莫兴", "passengers": "2 人", "purpose": "调研接待",
        "reason": "春耕调研", "route": "市农业农村局 → 乐平", "plate": "赣H10001",
        "planned_from": "2020年5月20日 10:00", "planned_to": "2020年5月20日 12:00",
        "make": "大众朗逸（5 座）", "driver": "汪杰", "licence": "C1", "approval": "—",
        "remark": "—", "valid": "2020年5月20日至2020年5月21日", "issued_by": "熊燕欣",
        "issued_on": "2020年5月20日", "code": "K7Q2-9F4M-XT3C", "place": "guanjia.example/v",
    }  # fmt: skip
    if much != "little":
        facts |= {"unit": LONG_UNIT, "reason": "调研督导、慰问群众，" * 10}
    if much == "all there can be":
        facts |= {
            "issuer": LONG_UNIT,
            "route": "市农业农村局（昌江区瓷都大道1188号）" * 4 + " → " + "乐平市众埠镇" * 16,
            "make": "某某牌新能源多用途乘用车纯电动七座豪华版" * 3,
            "remark": "应急先派：" + "转运" * 60, "rider": "买买提·阿卜杜拉·阿卜杜热合曼·玉素甫",
            "approval": "邵红（代徐明金）　2020年5月20日 9:00 同意",
        }  # fmt: skip
    content = rendering.render(
        kind=TRIP_SHEET, facts=facts, address="https://guanjia.example/v/K7Q29F4MXT3C/"
    )
    found = sheets(office.to_pdf(content))
    assert len(found) == pages
    last = "".join(letter.sign for line in found[-1].lines() for letter in line)
    assert "出车收车" in last, "what is filled in by hand stays together with the signatures"
    assert "K7Q2-9F4M-XT3C" in last


def test_the_kinds_of_files_are_told_apart(city: City) -> None:
    assert [file.form for file in queries.of(city.dispatched())[0].files.all()] == [Form.DOCX]
