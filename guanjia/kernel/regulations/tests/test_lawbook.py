"""The lawbook: what is in force on a day, and every way in which a file can be wrong."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from guanjia.kernel.regulations import lawbook
from guanjia.kernel.regulations.lawbook import LawUnreadable, NotInForce

SOURCES = """
old-act:
  title: 旧办法
  issuer: 国务院
  number: 国令第1号
  issued_on: null
  since: 2010-01-01
  repealed_on: null
  repealed_by: null
"""

CEILING = """
fleet.ceiling:
  title: 上限
  unit: 元
  local: may_tighten
  tighter: lower
  values:
    - since: 2012-01-01
      value: {SMALL: 100, LARGE: null}
      cite: {source: old-act, article: 第七条}
      checked_on: null
    - since: 2018-01-01
      value: {SMALL: 120, LARGE: 500}
      cite: {source: old-act, article: 第八条}
      checked_on: 2020-02-03
      checked_by: 某人
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files (``national/fleet.yaml`` as ``national__fleet``) into a folder of regulations."""

    def into(folder: str = "law", sources: str = SOURCES, **files: str) -> Path:
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        if sources:
            (root / "sources.yaml").write_text(sources, "utf-8")
        for name, text in files.items():
            path = root / (name.replace("__", "/") + ".yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        return root

    return into


def test_the_files_of_the_house_have_no_fault() -> None:
    assert lawbook.check([lawbook.HOUSE_FOLDER]) == []


def test_every_provision_of_the_house_is_in_force_from_its_first_day_until_today() -> None:
    book = lawbook.load([lawbook.HOUSE_FOLDER])
    first = {key: min(p.since for p in found) for key, found in book.by_key.items()}
    for day in (date(2020, 1, 1), date(2026, 11, 24)):
        assert {p.key for p in book.at(day)} == {key for key in first if first[key] <= day}
    assert {p.key for p in book.at(date(2026, 11, 24))} == set(book.by_key)


def test_it_gives_the_value_of_the_day_with_its_citation(write: Write) -> None:
    book = lawbook.load([write(national__fleet=CEILING)])
    before, after = (
        book.at(day)["fleet.ceiling"] for day in (date(2017, 12, 31), date(2018, 1, 1))
    )
    assert (before.value["SMALL"], before.cite.article) == (100, "第七条")
    assert (after.value["SMALL"], after.cite.article) == (120, "第八条")
    assert before.cite.unchecked
    assert not after.cite.unchecked
    assert after.cite.line() == "《旧办法》第八条 · 国令第1号 · 2010年1月1日起施行"


def test_before_the_first_day_nothing_is_in_force(write: Write) -> None:
    law = lawbook.load([write(national__fleet=CEILING)]).at(date(2011, 12, 31))
    assert "fleet.ceiling" not in law
    with pytest.raises(NotInForce, match="2011-12-31"):
        law["fleet.ceiling"]


def test_an_unknown_key_is_not_in_force(write: Write) -> None:
    with pytest.raises(NotInForce):
        lawbook.load([write(national__fleet=CEILING)]).at(date(2020, 1, 1))["fleet.nothing"]


def test_an_instant_counts_as_its_day_in_shanghai(write: Write) -> None:
    book = lawbook.load([write(national__fleet=CEILING)])
    assert book.at(datetime(2017, 12, 31, 16, 0, tzinfo=UTC)).on_date == date(2018, 1, 1)


def test_a_value_cannot_be_changed(write: Write) -> None:
    law = lawbook.load([write(national__fleet=CEILING)]).at(date(2020, 1, 1))
    with pytest.raises(TypeError):
        law["fleet.ceiling"].value["SMALL"] = 1


def test_decimals_are_read_from_text(write: Write) -> None:
    text = CEILING.replace("{SMALL: 100, LARGE: null}", "'1.6'").replace(
        "{SMALL: 120, LARGE: 500}", "{A: '1.8', B: null}"
    )
    book = lawbook.load([write(national__fleet=text)])
    assert book.at(date(2013, 1, 1))["fleet.ceiling"].decimal() == Decimal("1.6")
    assert book.at(date(2019, 1, 1))["fleet.ceiling"].decimal("A") == Decimal("1.8")
    assert book.at(date(2019, 1, 1))["fleet.ceiling"].decimal("B") is None


def tightened(small: object, large: object, since: str = "2019-01-01") -> str:
    """A local file with one value."""
    head = CEILING.split("    - since", maxsplit=1)[0]
    return head + (
        f"    - since: {since}\n      value: {{SMALL: {small}, LARGE: {large}}}\n"
        "      cite: {own: 本市从严}\n"
    )


def test_the_most_specific_jurisdiction_in_force_wins(write: Write) -> None:
    folder = write(
        national__fleet=CEILING,
        jiangxi__fleet=tightened(110, 400),
        jingdezhen__fleet=tightened(90, 300, "2021-01-01"),
    )
    book = lawbook.load([folder])
    values = [
        book.at(day)["fleet.ceiling"].value["SMALL"]
        for day in (date(2018, 6, 1), date(2020, 1, 1), date(2022, 1, 1))
    ]
    assert values == [120, 110, 90]
    assert book.at(date(2022, 1, 1))["fleet.ceiling"].cite.line() == "规则：本市从严"


@pytest.mark.parametrize(
    ("small", "large", "since", "fault"),
    [
        (121, 500, "2019-01-01", "121 宽于 120"),
        (120, "null", "2019-01-01", "不设限宽于 500"),
        (110, 500, "2013-01-01", "110 宽于 100"),  # loose only against the older value
        ("some", 500, "2019-01-01", "比不出宽严"),
    ],
)
def test_a_local_value_that_loosens_is_refused_at_load_time(
    write: Write, small: object, large: object, since: str, fault: str
) -> None:
    folder = write(national__fleet=CEILING, jingdezhen__fleet=tightened(small, large, since))
    assert any(fault in sentence for sentence in lawbook.check([folder]))
    with pytest.raises(LawUnreadable):
        lawbook.load([folder])


def test_a_local_value_must_speak_of_every_item(write: Write) -> None:
    local = tightened(90, 300).replace(", LARGE: 300", "")
    folder = write(national__fleet=CEILING, jingdezhen__fleet=local)
    assert any("各项名目" in sentence for sentence in lawbook.check([folder]))


def test_where_more_is_stricter_less_is_looser(write: Write) -> None:
    national = CEILING.replace("tighter: lower", "tighter: higher")
    national = national.replace("{SMALL: 100, LARGE: null}", "8").replace(
        "{SMALL: 120, LARGE: 500}", "8"
    )
    local = tightened(1, 1).replace("{SMALL: 1, LARGE: 1}", "7").replace("lower", "higher")
    folder = write(national__fleet=national, jingdezhen__fleet=local)
    assert any("7 宽于 8" in sentence for sentence in lawbook.check([folder]))


def test_a_provision_that_does_not_allow_it_has_no_local_values(write: Write) -> None:
    national = CEILING.replace("  local: may_tighten\n  tighter: lower\n", "")
    folder = write(national__fleet=national, jingdezhen__fleet=tightened(1, 1))
    assert any("没有允许另定" in sentence for sentence in lawbook.check([folder]))


def test_a_deployment_adds_a_folder_and_may_replace_parameters_of_the_house(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = (
        "fleet.trip.km_doubt:\n  title: 单次里程待核\n  unit: 公里\n  values:\n"
        "    - since: 2025-01-01\n      value: 800\n      cite: {own: 本市参数}\n"
    )
    monkeypatch.setenv(lawbook.FOLDER_VARIABLE, str(write("added", sources="", local__fleet=own)))
    assert lawbook.check() == []
    assert lawbook.law_at(date(2026, 1, 1))["fleet.trip.km_doubt"].value == 800
    assert lawbook.law_at(date(2024, 1, 1))["fleet.trip.km_doubt"].value != 800


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert "没有这个文件夹" in lawbook.check([tmp_path / "nowhere"])[0]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("unit: 元", "unit: 元\n  colour: red", "不认识的项 colour"),
        ("unit: 元", "unit: 元\n  unit: 角", "键 unit 重复"),
        ("unit: 元", "on: 元", "读成了 True"),
        ("  unit: 元\n", "", "缺 unit"),
        ("title: 上限", "title: ''", "title 应是文字"),
        ("      checked_on: null\n", "", "缺 checked_on"),
        ("      checked_by: 某人\n", "", "checked_on 与 checked_by 要一起写"),
        ("value: {SMALL: 100, LARGE: null}", "value: 1.6", "小数要加引号"),
        ("value: {SMALL: 100, LARGE: null}", "value: null", "value 应是"),
        ("value: {SMALL: 100, LARGE: null}", "value: [1, 2]", "value 应是"),
        ("      value: {SMALL: 100, LARGE: null}\n", "", "缺 value"),
        ("since: 2012-01-01", "since: '2012'", "应写成 2017-12-05"),
        ("since: 2012-01-01", "since: 2012-01-01 08:00:00", "应写成 2017-12-05"),
        ("since: 2012-01-01", "since: 2019-01-01", "从早到晚"),
        ("since: 2012-01-01", "since: 2009-01-01", "早于《旧办法》"),
        ("source: old-act, article: 第七条", "source: no-act, article: ''", "不在 sources.yaml"),
        ("source: old-act, article: 第七条", "source: old-act", "缺 article"),
        ("source: old-act, article: 第七条", "own: 自定", "不写 checked_on"),
        ("fleet.ceiling", "meeting.ceiling", "键应以 fleet. 开头"),
        ("local: may_tighten", "local: as_you_like", "local 只能是"),
        ("tighter: lower", "tighter: upper", "tighter 只能是"),
        ("  tighter: lower\n", "", "要一起写"),
        ("title: 上限", "title: {", "读不出"),
        ("since: 2012-01-01", "since: 2012-01-40", "读不出"),
    ],
)
def test_a_faulty_file_is_named_with_its_fault(
    write: Write, old: str, new: str, fault: str
) -> None:
    assert old in CEILING
    faults = lawbook.check([write(national__fleet=CEILING.replace(old, new, 1))])
    assert any(sentence.startswith("national/fleet.yaml") for sentence in faults)
    assert any(fault in sentence for sentence in faults), faults


def test_every_fault_is_told_at_once(write: Write) -> None:
    text = CEILING.replace("unit: 元", "colour: red").replace(
        "value: {SMALL: 100,", "valu: {SMALL: 1,"
    )
    assert len(lawbook.check([write(national__fleet=text)])) >= 3


def test_a_key_stands_in_one_place_of_a_jurisdiction(write: Write) -> None:
    first = write(national__fleet=CEILING)
    second = write("second", sources="", national__fleet=CEILING)
    assert any("已经有这一条" in sentence for sentence in lawbook.check([first, second]))


def test_a_file_outside_the_jurisdictions_is_a_fault(write: Write) -> None:
    assert any("之一的文件夹里" in s for s in lawbook.check([write(mars__fleet=CEILING)]))
    assert any("之一的文件夹里" in s for s in lawbook.check([write("two", fleet=CEILING)]))


def test_a_value_may_not_outlive_its_document(write: Write) -> None:
    repealed = SOURCES.replace("repealed_on: null", "repealed_on: 2019-01-01")
    faults = lawbook.check([write(sources=repealed, national__fleet=CEILING)])
    assert len([s for s in faults if "已废止" in s]) == 1, "the older value ended in time"


def test_a_repealing_document_must_be_listed(write: Write) -> None:
    repealed = SOURCES.replace("repealed_by: null", "repealed_by: new-act")
    faults = lawbook.check([write(sources=repealed)])
    assert any("new-act" in s for s in faults)
    assert any("缺 repealed_on" in s for s in faults)
