"""How dates, times and numbers are written."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from guanjia.ui import formats

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2020, 5, 20)
MORNING = datetime(2020, 5, 20, 8, 28, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (date(2020, 5, 20), "", "5月20日"),
        (date(2019, 5, 20), "", "2019年5月20日"),
        (date(2020, 5, 20), "full", "2020年5月20日"),
        (date(2020, 5, 20), "iso", "2020-05-20"),
        (date(2020, 5, 20), "row", "05-20"),
        (date(2019, 5, 20), "row", "2019-05-20"),
        (date(2020, 5, 23), "week", "5月23日 周六"),
        (date(2020, 5, 20), "long", "2020年5月20日 星期三"),
        (date(2020, 5, 21), "near", "明天"),
        (date(2020, 5, 22), "near", "5月22日"),
    ],
)
def test_a_day_has_one_form_each(value: date, style: str, text: str) -> None:
    assert formats.day(value, style=style, today=TODAY) == text


def test_a_time_is_shown_in_the_time_of_the_city() -> None:
    utc = datetime(2020, 5, 19, 22, 30, tzinfo=ZoneInfo("UTC"))
    assert formats.daytime(utc, today=TODAY) == "5月20日 6:30"
    assert formats.daytime(utc, style="row", today=TODAY) == "05-20 06:30"
    assert formats.daytime(utc, style="iso") == "2020-05-20 06:30"


def test_a_span_within_a_day_names_the_day_once() -> None:
    assert formats.span(MORNING, MORNING.replace(hour=15)).endswith("5月20日 8:28 至 15:28")
    assert "至 2020年5月21日 8:28" in formats.span(MORNING, MORNING + timedelta(days=1))
    assert formats.span(MORNING, None).endswith("8:28 起")


def test_a_span_of_days_names_the_month_once() -> None:
    assert formats.span(date(2019, 5, 13), date(2019, 5, 22)) == "2019年5月13日至22日"
    assert formats.span(date(2019, 5, 13), date(2019, 5, 13)) == "2019年5月13日"
    assert formats.span(date(2020, 5, 1), date(2020, 5, 20), style="iso").endswith("至 2020-05-20")


@pytest.mark.parametrize(
    ("value", "text"),
    [(27, "27 分钟"), (360, "6 小时"), (timedelta(minutes=387), "6 小时 27 分"), (-5, "5 分钟")],
)
def test_durations(value: timedelta | int, text: str) -> None:
    assert formats.duration(value) == text


def test_numbers_and_money() -> None:
    assert formats.num(59251) == "59,251"
    assert formats.num(Decimal("52.50")) == "52.5"
    assert formats.num(Decimal("1000.00")) == "1,000"
    assert formats.num(Decimal("1.5"), places=2) == "1.50"
    assert formats.yuan(31_100_000) == "311,000.00"
    assert formats.wan(29_960_000) == "29.96"


def test_a_phone_number_is_masked_even_when_short() -> None:
    assert formats.phone_masked("15812342391") == "158****2391"
    assert formats.phone_masked("12345") == "****"
