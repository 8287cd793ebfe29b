"""What else is looked at when the trail is verified: whoever keeps files enlists a check."""

from collections.abc import Callable, Iterable

# How many things were compared with what the trail says of them, and what was found (Chinese).
Check = Callable[[], tuple[int, Iterable[str]]]

_checks: dict[str, Check] = {}


def enlist(title: str, check: Check) -> None:
    """Make a check part of every verification; called from an ``apps.py``. The title is Chinese."""
    _checks[title] = check


def all_checks() -> dict[str, Check]:
    """Every check by its title, in the order of enlisting."""
    return dict(_checks)
