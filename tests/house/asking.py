"""One test that asks many things of one kind, and names every one that fails.

A test for each of three thousand small questions costs more than the questions.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")
Check = Callable[[Thing], None]


def each(
    things: Iterable[Thing], *, name: Callable[[Thing], str]
) -> Callable[[Check[Thing]], Callable[[], None]]:
    """Ask every one of the things; ``name`` says which it was. There has to be at least one."""

    def of(check: Check[Thing]) -> Callable[[], None]:
        def test() -> None:
            faults: dict[str, str] = {}
            asked = 0
            for thing in things:
                asked += 1
                try:
                    check(thing)
                except AssertionError as fault:
                    faults[name(thing)] = str(fault)
            assert asked, "there is nothing to ask"
            assert not faults, "\n".join(f"{who}: {why}" for who, why in faults.items())

        # Without ``functools.wraps``: pytest would take the thing for a fixture.
        test.__name__, test.__doc__, test.__module__ = (
            check.__name__,
            check.__doc__,
            check.__module__,
        )
        return test

    return of
