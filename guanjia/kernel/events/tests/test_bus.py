"""News: published once, heard by everybody who asked, in order."""

from dataclasses import dataclass

import pytest

from guanjia.kernel.events import bus


@dataclass(frozen=True)
class Happened:
    number: int


@dataclass(frozen=True)
class HappenedLater(Happened):
    """A class of its own, although it inherits."""


def test_an_event_nobody_waits_for_is_fine() -> None:
    bus.publish(Happened(1))


def test_subscribers_hear_in_the_order_of_their_subscription() -> None:
    heard: list[str] = []

    def first(news: Happened) -> None:
        heard.append(f"first {news.number}")

    def second(news: Happened) -> None:
        heard.append(f"second {news.number}")

    with bus.subscribed(Happened, first), bus.subscribed(Happened, second):
        bus.subscribe(Happened, first)
        bus.publish(Happened(1))
        bus.publish(HappenedLater(2))
    bus.publish(Happened(3))
    assert heard == ["first 1", "second 1"]


def test_a_subscriber_that_fails_fails_the_publisher() -> None:
    def fail(_: Happened) -> None:
        raise ValueError("no")

    with bus.subscribed(Happened, fail), pytest.raises(ValueError, match="no"):
        bus.publish(Happened(1))


def test_captured_keeps_what_was_published_inside() -> None:
    bus.publish(Happened(0))
    with bus.captured() as outer, bus.captured() as inner:
        bus.publish(Happened(1))
    bus.publish(Happened(2))
    assert outer == inner == [Happened(1)]
