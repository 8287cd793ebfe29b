"""News travels up: a department publishes what happened, whoever subscribed is called at once.

Subscribers run in the publisher's transaction, in the order of their subscription; one that raises
rolls everything back. What may take long is deferred as a job by the subscriber.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Event = TypeVar("Event")

_subscribers: dict[type[Any], list[Callable[[Any], object]]] = {}
_listeners: list[list[Any]] = []


def subscribe(kind: type[Event], function: Callable[[Event], object]) -> None:
    """Call the function for every event of exactly this class; twice the same counts once."""
    functions = _subscribers.setdefault(kind, [])
    if function not in functions:
        functions.append(function)


def publish(event: object) -> None:
    """Tell everybody who subscribed; an event nobody waits for is fine."""
    for heard in _listeners:
        heard.append(event)
    for function in tuple(_subscribers.get(type(event), ())):
        function(event)


@contextmanager
def captured() -> Iterator[list[Any]]:
    """For tests: the events published inside the block, in order. Subscribers still run."""
    heard: list[Any] = []
    _listeners.append(heard)
    try:
        yield heard
    finally:
        # By identity: two empty lists are equal.
        _listeners[:] = [listener for listener in _listeners if listener is not heard]


@contextmanager
def subscribed(kind: type[Event], function: Callable[[Event], object]) -> Iterator[None]:
    """For tests: a subscription that ends with the block."""
    subscribe(kind, function)
    try:
        yield
    finally:
        _subscribers[kind].remove(function)
