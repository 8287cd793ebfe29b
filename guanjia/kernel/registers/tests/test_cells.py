"""Cells: what people type is read, what cannot be read is answered with a sentence."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.kernel.registers import cells
from guanjia.kernel.registers.cells import ErrorCell, Percent, Uncomputed
from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.kernel.registers.tests.books import Shelf
from guanjia.kernel.values.period import SHANGHAI


def column(kind: Kind = Kind.TEXT, title: str = "购置价格(万元)", **parts: Any) -> Column:
    return Column(name="x", title=title, kind=kind, **parts)


EVERY_KIND = [
    column(
        kind,
        choices=Shelf if kind is Kind.CHOICE else None,
        above=0 if kind is Kind.DECIMAL else None,
    )
    for kind in Kind
]
ANY_CELL = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.builds(ErrorCell, st.text()),
    st.builds(Percent, st.floats()),
    st.just(Uncomputed()),
)


@given(st.sampled_from(EVERY_KIND), ANY_CELL, st.booleans())
def test_no_cell_makes_it_stumble(of: Column, raw: Any, must: bool) -> None:
    reading = cells.read(of, raw, must=must)
    assert not reading.code or reading.message
    assert len(cells.shown(raw)) <= 120


@given(st.text(alphabet="0123456789年月日时分.-/: ,，+一二三", max_size=24))
def test_nearly_right_texts_do_not_make_it_stumble(text: str) -> None:
    for of in EVERY_KIND:
        reading = cells.read(of, text)
        assert not reading.code or reading.message


# ── numbers ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (17.62, "17.62"),
        (0.1 + 0.2, "0.3"),
        (1e3, "1000"),
        ("1,234.5", "1234.5"),
        ("12，345，678", "12345678"),
        ("１８．５", "18.5"),
        (" 3.50\u00a0", "3.5"),
        ("+7", "7"),
        (".5", "0.5"),
        (Percent(0.43), "0.43"),
    ],
)
def test_it_reads_numbers_as_people_type_them(raw: Any, value: str) -> None:
    assert cells.read(column(Kind.DECIMAL), raw).value == Decimal(value)


@pytest.mark.parametrize(
    "raw", ["1.8升左右", "一点八", "1,23", "1.2.3", "1e5", "--1", "5²", "—", "1 2", True, "９" * 50]
)
def test_it_refuses_what_is_not_just_a_number(raw: Any) -> None:
    reading = cells.read(column(Kind.DECIMAL, example="1.8"), raw)
    assert (reading.code, reading.message) == ("number_unreadable", "只填数字，如 1.8")


@pytest.mark.parametrize(
    ("raw", "parts", "code", "message"),
    [
        (-1, {"above": 0}, "value_too_small", "购置价格应大于 0"),
        ("0", {"above": 0}, "value_too_small", "购置价格应大于 0"),
        (-0.5, {"minimum": 0}, "value_too_small", "购置价格不应小于 0"),
        (101, {"maximum": 100}, "value_too_large", "购置价格不应大于 100"),
        (1e13, {}, "value_too_large", "购置价格的数字过大，核对位数和单位"),
    ],
)
def test_it_names_the_bound_that_is_broken(
    raw: Any, parts: dict[str, Any], code: str, message: str
) -> None:
    reading = cells.read(column(Kind.DECIMAL, **parts), raw)
    assert (reading.code, reading.message, reading.faulty) == (code, message, True)


def test_more_decimals_than_kept_are_a_doubt_not_a_silent_change() -> None:
    reading = cells.read(column(Kind.DECIMAL), 1.235)
    assert (reading.value, reading.doubt, reading.faulty) == (Decimal("1.24"), True, False)
    assert reading.message == "取 2 位小数，读作 1.24"


def test_a_percentage_means_its_shown_number_where_the_column_counts_in_percent() -> None:
    assert cells.read(column(Kind.DECIMAL, "进度(%)"), Percent(0.43)).value == Decimal(43)


@pytest.mark.parametrize(("raw", "value"), [(5, 5), (5.0, 5), ("1,000", 1000), ("5.00", 5)])
def test_it_reads_whole_numbers(raw: Any, value: int) -> None:
    read = cells.read(column(Kind.INTEGER), raw).value
    assert (read, type(read)) == (value, int)


def test_it_refuses_half_a_seat() -> None:
    reading = cells.read(column(Kind.INTEGER, "座位数"), 5.5)
    assert (reading.code, reading.message) == ("number_not_whole", "座位数应为整数")


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False))
def test_numbers_come_back_as_they_were_written(number: Decimal) -> None:
    for raw in (float(number), str(number), f"{number:,}", f"{number:,}".replace(",", "，")):
        assert cells.read(column(Kind.DECIMAL), raw).value == number


# ── dates ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "raw",
    [
        "2020年3月5日", "2020.3.5", "2020/3/5", "2020-03-05", "20200305", "2020年03月05号",
        "２０２０年３月５日", " 2020 年 3 月 5 日 ", "2020/3/5 08:30", 43895, 43895.0, 20200305,
        datetime(2020, 3, 5, tzinfo=UTC).replace(tzinfo=None), date(2020, 3, 5),
    ],
)  # fmt: skip
def test_it_reads_dates_as_offices_write_them(raw: Any) -> None:
    assert cells.read(column(Kind.DATE), raw).value == date(2020, 3, 5)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("去年", "写成 2016-05-08 这样的日期"),
        ("2031年2月30日", "2 月没有 30 日"),
        ("2019-02-29", "2019 年 2 月没有 29 日"),
        ("2020.4.40", "4 月没有 40 日"),
        ("2020/13/1", "一年没有 13 月"),
        ("0202-03-05", "202 年不在 1900 至 2100 之间，核对年份"),
        ("20.3.5", "写成 2016-05-08 这样的日期"),
        ("2020年3月", "写成 2016-05-08 这样的日期"),
        ("2020-3/5", "写成 2016-05-08 这样的日期"),
        (17, "写成 2016-05-08 这样的日期"),
        (True, "写成 2016-05-08 这样的日期"),
        (time(8, 30), "写成 2016-05-08 这样的日期"),
        (timedelta(hours=30), "写成 2016-05-08 这样的日期"),
    ],
)
def test_it_says_what_is_wrong_with_a_date(raw: Any, sentence: str) -> None:
    reading = cells.read(column(Kind.DATE), raw)
    assert (reading.code, reading.message) == ("date_unreadable", sentence)


@pytest.mark.parametrize(
    "raw",
    [
        "2020/3/5 08:30", "2020年3月5日 8时30分", "2020年3月5日8点30", "2020-03-05 08:30:00",
        "2020-03-05T08:30:00.000", "2020.3.5 8：30", "20200305 08:30", 43895.354166666664,
    ],
)  # fmt: skip
def test_it_reads_moments_in_shanghai(raw: Any) -> None:
    value = cells.read(column(Kind.DATETIME), raw).value
    assert value == datetime(2020, 3, 5, 8, 30, tzinfo=SHANGHAI)
    assert value.utcoffset() == timedelta(hours=8)


def test_the_end_of_a_day_is_the_beginning_of_the_next() -> None:
    value = cells.read(column(Kind.DATETIME), "2020-03-31 24:00").value
    assert value == datetime(2020, 4, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("2020-03-05 25:00", "一天没有“25:00”这个时刻"),
        ("2020-03-05 24:01", "一天没有“24:01”这个时刻"),
        ("2020-03-05 早上", "时刻“早上”读不出，写成 08:30 这样"),
        ("早上", "写成 2016-05-08 08:30 这样的时间"),
    ],
)
def test_it_says_what_is_wrong_with_a_moment(raw: str, sentence: str) -> None:
    reading = cells.read(column(Kind.DATETIME), raw)
    assert (reading.code, reading.message) == ("date_unreadable", sentence)


def test_day_numbers_of_old_macs_count_from_1904() -> None:
    assert cells.read(column(Kind.DATE), 42433, epoch_1904=True).value == date(2020, 3, 5)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_every_way_to_write_a_day_reads_the_same(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
    ):
        assert cells.read(column(Kind.DATE), text).value == day


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 12, 30)))  # noqa: DTZ001 — as Excel keeps them
def test_moments_survive_excels_fractions_of_a_day(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    serial = (moment - datetime(1899, 12, 30)).total_seconds() / 86400  # noqa: DTZ001 — as above
    value = cells.read(column(Kind.DATETIME), serial).value
    assert value == moment.replace(tzinfo=SHANGHAI)


# ── text, codes, choices ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("raw", "value"),
    [("双创双修 ", "双创双修"), ("\u3000市\u00a0局\u200b ", "市 局"), (3602, "3602"),
     (3602.0, "3602"), ("（甲）", "（甲）"), ("甲_x000D_\n乙", "甲\n乙"), (None, ""), ("  ", "")],
)  # fmt: skip
def test_it_tidies_text(raw: Any, value: str) -> None:
    assert cells.read(column(), raw).value == value


def test_codes_are_read_in_half_width() -> None:
    code = column(Kind.REFERENCE)
    assert cells.read(code, "３６０２Ｄ０５５").value == "3602D055"
    assert cells.read(column(unique=True, clean=str.upper), "赣ｈ1234５").value == "赣H12345"


@pytest.mark.parametrize("raw", [datetime(2020, 3, 1), date(2020, 3, 1), time(3, 1)])  # noqa: DTZ001 — as Excel keeps them
def test_a_code_that_excel_took_for_a_day_is_not_guessed(raw: Any) -> None:
    """3-1 became the first of March: as a key it would be a new row beside the right one."""
    assert cells.read(column(unique=True), raw).code == "code_as_day"
    assert cells.read(column(), raw).code == "", "prose may well be a day"


def test_a_number_that_is_nothing_once_rounded_is_too_small() -> None:
    area = column(Kind.DECIMAL, above=0, places=2)
    assert cells.read(area, 0.004).code == "value_too_small"
    assert cells.read(area, 0.005).value == Decimal("0.01")


def test_a_long_code_that_excel_took_for_a_number_lost_its_end() -> None:
    assert cells.read(column(), 1.2360200434808e17).code == "code_as_number"


@pytest.mark.parametrize(
    ("raw", "parts", "code", "message"),
    [
        (None, {"required": True}, "required_missing", "补填购置价格"),
        ("\u200b", {"required": True}, "required_missing", "补填购置价格"),
        ("甲" * 9, {"max_length": 8}, "text_too_long", "最多 8 个字，现有 9 个"),
        ("a\x07b", {}, "text_unreadable", "格子里有看不见的控制字符，重新输入一遍"),
        ("x", {"check": lambda _: "不行", "check_code": "bad"}, "bad", "不行"),
        (ErrorCell("#REF!"), {}, "cell_error", "公式出错（#REF!），改正公式或直接填写"),
    ],
)
def test_it_says_what_is_wrong_with_a_text(
    raw: Any, parts: dict[str, Any], code: str, message: str
) -> None:
    reading = cells.read(column(**parts), raw)
    assert (reading.code, reading.message) == (code, message)


@pytest.mark.parametrize("raw", ["文学（外国）", "文学(外国)", " 文学 (外国) "])
def test_choices_are_found_by_their_label_whatever_the_width(raw: str) -> None:
    assert cells.read(column(Kind.CHOICE, choices=Shelf), raw).value is Shelf.LETTERS


def test_it_names_the_choices_there_are() -> None:
    reading = cells.read(column(Kind.CHOICE, choices=Shelf), "领导")
    assert (reading.code, reading.message) == (
        "choice_unknown",
        "从「历史、文学（外国）」中选一项",
    )


def test_headers_fold_width_blanks_and_signs() -> None:
    assert cells.fold_label("购置价格 （万元）") == cells.fold_label("购置价格(万元)")
    assert cells.fold_label("建筑面积(㎡)") == cells.fold_label("建筑面积（m²）")
    assert cells.fold_label("价格(元)") != cells.fold_label("价格(万元)")


def test_a_department_may_tidy_what_is_typed_before_it_is_read() -> None:
    litres = column(Kind.DECIMAL, clean=lambda text: text.removesuffix("升"))
    assert cells.read(litres, "1.8升").value == Decimal("1.8")
    dotless = column(Kind.REFERENCE, clean=lambda text: text.replace("·", ""), required=True)
    assert cells.read(dotless, "赣H·12345").value == "赣H12345"
    assert cells.read(dotless, "·").code == "required_missing"
