"""Pages of meters as their users open them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from guanjia.domains.energy.actions import alarms
from guanjia.domains.energy.models import Meter, MeterAlarm, MeterChange, MeterNote, MonthReturn
from guanjia.domains.energy.tests import metering
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City
from guanjia.domains.energy.tests.metering import BEGUN

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def meter(city: City) -> Meter:
    """The meter of the school, with July."""
    found = metering.meter(city)
    metering.send(found, metering.steady(BEGUN, days=31))
    metering.roll()
    return found


def test_the_list_shows_whose_meters_one_sees(city: City, meter: Meter) -> None:
    metering.meter(city, "clinic", number="DB-C")
    page = seen(city, "county", "meters_list")
    assert "DB-1" in page
    assert "DB-C" not in page
    assert "DB-C" in seen(city, "keeper", "meters_list")
    assert "DB-1" not in seen(city, "stranger", "meters_list")


def test_a_meter_shows_its_month_and_its_hours(city: City, meter: Meter) -> None:
    page = seen(city, "clerk", "meter", meter.pk, month="2020-07", day="2020-07-05")
    for word in ("2020年7月逐日用量", "7月5日逐时用量", "逐月用量", "2,976", "31"):
        assert word in page
    assert "登记换表" not in seen(city, "leader", "meter", meter.pk)
    for odd in ("x", "2020-13", "9999-12", "0001-01", "2020-06"):
        seen(city, "clerk", "meter", meter.pk, month=odd, day=odd)
    answer = visit(city, "stranger").get(reverse("energy:meter", args=[meter.pk]))
    assert answer.status_code == 404


def test_a_meter_without_readings_says_what_to_do(city: City) -> None:
    fresh = metering.meter(city)
    page = seen(city, "clerk", "meter", fresh.pk)
    assert "接入自动上传，或抄表填止码" in page


def test_a_meter_is_entered_on_the_page_of_its_institution(city: City) -> None:
    school = city.institution("school")
    given = {
        "number": "DB-5", "energy": "WATER", "role": "MAIN", "multiplier": "1",
        "installed_at": "2020-07-01 08:00", "installed_reading": "1,234.5",
    }  # fmt: skip
    bad = post(city, "county", "institution_meter", school.pk, **{**given, "number": "表"})
    assert bad.status_code == 422
    assert "表号写字母" in bad.content.decode()
    assert post(city, "county", "institution_meter", school.pk, **given).status_code == 302
    made = Meter.objects.get()
    assert (made.institution, made.installed_reading) == (school, Decimal("1234.5"))
    again = post(city, "county", "institution_meter", school.pk, **given)
    assert "已经登记" in again.content.decode()
    assert "DB-5" in seen(city, "county", "institution", school.pk)
    assert post(city, "other_county", "institution_meter", school.pk, **given).status_code == 404
    assert post(city, "clerk", "institution_meter", school.pk, **given).status_code == 403
    changed = post(city, "county", "meter_edit", made.pk, **{**given, "place": "泵房"})
    assert changed.status_code == 302
    renamed = post(city, "county", "meter_edit", made.pk, **{**given, "number": "DB-6"})
    assert "表号不能改" in renamed.content.decode()
    made.refresh_from_db()
    assert made.place == "泵房"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"installed_at": "9999-12-31"}, "起用时间还没有到"),
        ({"installed_at": "2021-01-01 08:00"}, "起用时间还没有到"),
        ({"installed_at": "0001-01-01"}, "读数保留期"),
        ({"until": "9999-12-31"}, "停用日期过远"),
        ({"until": "2020-06-30"}, "停用日期早于起用"),
    ],
)
def test_a_meter_of_no_time_is_refused_on_its_page(
    city: City, given: dict[str, str], said: str
) -> None:
    """A day beyond the calendar would end all intake and all rolling up."""
    school = city.institution("school")
    usual = {
        "number": "DB-5", "energy": "WATER", "role": "MAIN", "multiplier": "1",
        "installed_at": "2020-07-01 08:00", "installed_reading": "0",
    }  # fmt: skip
    answer = post(city, "county", "institution_meter", school.pk, **{**usual, **given})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not Meter.objects.exists()


def test_a_clerk_reads_a_meter_off_and_tells_of_a_change(city: City, meter: Meter) -> None:
    assert "照表盘抄" in seen(city, "clerk", "meter_read", meter.pk)
    wrong = post(city, "clerk", "meter_read", meter.pk, at="2020-09-01 09:00", value="3000")
    assert (wrong.status_code, "还没有到" in wrong.content.decode()) == (422, True)
    assert "3000" in wrong.content.decode(), "nothing that was typed is lost"
    done = post(city, "clerk", "meter_read", meter.pk, at="2020-08-02 09:00", value="3,000.5")
    assert done.status_code == 302
    assert MeterNote.objects.get().value == Decimal("3000.5")
    told = {"changed_at": "2020-08-03 10:00", "began": "0", "multiplier": "1"}
    low = post(city, "clerk", "meter_change", meter.pk, ended="10", **told)
    assert (low.status_code, "已走到" in low.content.decode()) == (422, True)
    assert post(city, "clerk", "meter_change", meter.pk, ended="3010", **told).status_code == 302
    assert MeterChange.objects.get().ended == 3010
    assert "现在倍率" in seen(city, "clerk", "meter", meter.pk)
    assert "首只表倍率" in seen(city, "county", "meter_edit", meter.pk)
    assert post(city, "stranger", "meter_read", meter.pk).status_code == 404
    assert post(city, "supervisor", "meter_read", meter.pk).status_code == 403


def test_an_alarm_is_opened_and_settled(city: City, meter: Meter) -> None:
    alarms.look_over(actor=SYSTEM, day=AT.date() - DAY, at=AT)
    alarm = MeterAlarm.objects.get()
    assert "天没有上传" in seen(city, "clerk", "meter_alarms_list")
    assert "天没有上传" not in seen(city, "stranger", "meter_alarms_list")
    page = seen(city, "clerk", "alarm", alarm.pk)
    assert "天没有上传" in page
    assert reverse("energy:alarm_settle", args=[alarm.pk]) in page
    assert "已经处理，写明做法" in seen(city, "clerk", "alarm_settle", alarm.pk)
    empty = post(city, "clerk", "alarm_settle", alarm.pk, how="CLOSED", explanation="")
    assert (empty.status_code, "没有写处理说明" in empty.content.decode()) == (422, True)
    odd = post(city, "clerk", "alarm_settle", alarm.pk, how="GONE", explanation="查过了")
    assert (odd.status_code, "查过了" in odd.content.decode()) == (422, True)
    assert reverse("energy:alarm_settle", args=[alarm.pk]) not in seen(
        city, "leader", "alarm", alarm.pk
    )
    assert (
        post(city, "stranger", "alarm_settle", alarm.pk, how="CLOSED", explanation="x").status_code
        == 404
    )
    done = post(city, "clerk", "alarm_settle", alarm.pk, how="CLOSED", explanation="通信模块已换")
    assert done.status_code == 302
    assert "通信模块已换" in seen(city, "county", "alarm", alarm.pk)


def test_a_month_is_filled_from_its_meters(city: City, meter: Meter) -> None:
    school = city.institution("school")
    page = seen(city, "clerk", "month_fill", school.pk, "2020-07")
    assert "按表计填用量" in page
    assert "按表计填用量" not in seen(city, "clerk", "month_fill", school.pk, "2020-08")
    done = post(city, "clerk", "institution_metered", school.pk, month="2020-07")
    assert done.status_code == 302
    assert done["Location"] == reverse("energy:month_fill", args=[school.pk, "2020-07"])
    assert MonthReturn.objects.get(institution=school, month=BEGUN).origin == "METER"
    assert "表计，" in seen(city, "clerk", "month", school.pk, "2020-07")
    refused = post(city, "clerk", "institution_metered", school.pk, month="2020-08")
    assert "总表还没有读到月底" in refused.content.decode()
    other = post(city, "stranger", "institution_metered", school.pk, month="2020-07")
    assert other.status_code == 404
    for month, said in (("2020-13", "写成 2020-07 这样"), ("2999-01", "还没有到")):
        odd = post(city, "clerk", "institution_metered", school.pk, month=month)
        assert (odd.status_code, said in odd.content.decode()) == (422, True)


def test_what_was_set_aside_is_for_those_whose_meters_it_is(city: City, meter: Meter) -> None:
    metering.send(meter, [(AT + DAY, Decimal(1))])
    metering.send(Meter(number="DB-NOBODY"), [(AT, Decimal(1))])
    page = seen(city, "keeper", "meters_aside")
    assert "DB-NOBODY" in page
    assert "时间还没有到" in page
    own = seen(city, "county", "meters_aside")
    assert "DB-1" in own
    assert "DB-NOBODY" not in own
    assert "DB-1" not in seen(city, "other_county", "meters_aside")
    assert visit(city, "clerk").get(reverse("energy:meters_aside")).status_code == 403


def test_the_clerk_finds_alarms_in_the_inbox(city: City, meter: Meter) -> None:
    alarms.look_over(actor=SYSTEM, day=AT.date() - DAY, at=AT)
    page = visit(city, "clerk").get("/").content.decode()
    assert "表计报警待处理" in page
    assert "表计报警待处理" not in visit(city, "stranger").get("/").content.decode()
