"""What meters send over MQTT: what is read, and what is set aside."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guanjia.domains.energy.rules import meter_messages as messages

OWN = "guanjia/v1/meters/DB-1"
GATEWAY = "guanjia/v1/gateways/G-1"


def payload(readings: Any, **other: Any) -> bytes:
    return json.dumps({"v": 1, "readings": readings, **other}).encode()


def test_a_meter_sends_its_registers() -> None:
    told = [
        {"at": "2020-07-01T00:15:00+08:00", "value": 12.5},
        {"at": 1593534600, "value": "13.0005"},
        {"at": "2020-06-30T16:45:00Z", "value": 14},
    ]
    lines, aside = messages.parse(OWN, payload(told))
    assert aside == []
    assert [(line.number, line.at, line.value) for line in lines] == [
        ("DB-1", datetime(2020, 6, 30, 16, 15, tzinfo=UTC), Decimal("12.5")),
        ("DB-1", datetime(2020, 6, 30, 16, 30, tzinfo=UTC), Decimal("13.000")),
        ("DB-1", datetime(2020, 6, 30, 16, 45, tzinfo=UTC), Decimal(14)),
    ]


def test_a_gateway_names_each_meter() -> None:
    told = [
        {"meter": "A", "at": 1593534600, "value": 1},
        {"at": 1593534600, "value": 1},
    ]
    lines, (aside,) = messages.parse(GATEWAY, payload(told))
    assert [line.number for line in lines] == ["A"]
    assert "没有表号" in aside.sample


def test_a_meter_cannot_speak_for_another() -> None:
    told = [{"meter": "DB-2", "at": 1593534600, "value": 1}]
    lines, _ = messages.parse(OWN, payload(told))
    assert [line.number for line in lines] == ["DB-1"]


def test_a_register_keeps_the_digits_it_was_written_with() -> None:
    ((line,), _) = messages.parse(
        OWN, b'{"v":1,"readings":[{"at":1593534600,"value":123456789.123}]}'
    )
    assert line.value == Decimal("123456789.123")


@pytest.mark.parametrize(
    ("sent_", "said"),
    [
        (b"\xff\xfe", "不是 JSON"),
        (b"[1]", "v 应为 1"),
        (b'{"v":true,"readings":[]}', "v 应为 1"),
        (b'{"v":2,"readings":[{}]}', "v 应为 1"),
        (b'{"v":1}', "没有 readings"),
        (b'{"v":1,"readings":[{"at":1593534600,"value":NaN}]}', "不是 JSON"),
        (b"[" * 60_000, "不是 JSON"),
        (b" " * 70_000, "超过 64 KiB"),
        (payload([{"at": 1593534600, "value": 1}] * 1001), "最多 1000 个"),
    ],
)
def test_a_broken_message_is_set_aside_whole(sent_: bytes, said: str) -> None:
    lines, (aside,) = messages.parse(OWN, sent_)
    assert lines == []
    assert (aside.number, aside.reason) == ("DB-1", "BROKEN")
    assert said in aside.sample
    assert len(aside.sample) <= messages.SAMPLE_MAX


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        ("2020-07-01T00:15:00", 1, "没有写时区"),
        ("yesterday", 1, "看不懂时间"),
        (None, 1, "没有时间"),
        (10**30, 1, "看不懂时间"),
        (0, 1, "时间 at 不合理"),
        (1593534600, -1, "读数 value 不合理"),
        (1593534600, 10**15, "读数 value 不合理"),
        (1593534600, "1e400000", "读数 value 不合理"),
        (1593534600, "many", "看不懂读数"),
        (1593534600, True, "没有读数"),
        (1593534600, None, "没有读数"),
    ],
)
def test_a_broken_reading_is_set_aside_alone(at: Any, value: Any, said: str) -> None:
    good = {"at": 1593534600, "value": 1}
    lines, (aside,) = messages.parse(OWN, payload([good, {"at": at, "value": value}]))
    assert len(lines) == 1
    assert said in aside.sample


def test_a_device_whose_topic_is_no_number_does_not_speak_for_another() -> None:
    lines, (aside,) = messages.parse(
        "guanjia/v1/meters/a b", b'{"v":1,"readings":[{"meter":"DB-1","at":1593534600,"value":1}]}'
    )
    assert lines == []
    assert "没有表号" in aside.sample


def test_a_number_beyond_all_numbers_is_set_aside_alone() -> None:
    lines, (aside,) = messages.parse(
        OWN,
        b'{"v":1,"readings":[{"at":1593534600,"value":1},'
        b'{"at":1593534600,"value":1e99999999999999999999}]}',
    )
    assert len(lines) == 1
    assert "读数 value 不合理" in aside.sample


@settings(max_examples=60)
@given(
    topic=st.sampled_from([OWN, GATEWAY, "guanjia/v1/meters/" + "x" * 80, ""]),
    told=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["v", "readings", "at", "value", "meter"]), inner, max_size=4
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
@example(OWN, b'{"v":1,"readings":[{"at":1593534600,"value":1e99999999999999999999}]}')
@example(OWN, b'{"v":1,"readings":["\\ud800"]}')
@example(OWN, b'{"v":1,"readings":[{"at":"2020-07-01T23:59:59+07:59:59.500000","value":1}]}')
def test_whatever_comes_is_a_reading_or_set_aside(topic: str, told: bytes) -> None:
    lines, aside = messages.parse(topic, told)
    assert lines or aside
    for each in aside:
        assert len(each.sample) <= messages.SAMPLE_MAX
        assert "\x00" not in each.sample
        each.sample.encode()
    for line in lines:
        assert line.at.timestamp() % 1 == 0, "whole seconds"
