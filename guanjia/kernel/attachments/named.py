"""Who names files of the store: each app that keeps files there says which it still needs.

The store keeps every file once, under its digest; so a file may only go when nobody names it.
"""

from collections.abc import Callable, Iterable

# Which of these digests are still needed.
StillNamed = Callable[[frozenset[str]], Iterable[str]]

_askers: dict[str, StillNamed] = {}


def enlist(app: str, still_named: StillNamed) -> None:
    """Make an app heard before a file goes; called from its ``apps.py``."""
    _askers[app] = still_named


def still_named(digests: Iterable[str]) -> set[str]:
    """Those of the digests that any app still names."""
    asked = frozenset(digests)
    if not asked:
        return set()
    return {digest for asker in _askers.values() for digest in asker(asked)} & asked
