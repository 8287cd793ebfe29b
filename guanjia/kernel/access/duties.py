"""Duties (职责): named bundles of verbs, declared by the departments. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What somebody is charged with, and the verbs that come with it.

    ``verbs`` change things, ``reads`` only look; a read-only reach keeps just ``reads``.
    ``watched``: looks under this duty are recorded, because its holders come from outside.
    """

    key: str
    title: str
    verbs: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    watched: bool = False


_duties: dict[str, Duty] = {}
_titles: dict[str, str] = {}


def declare(*duties: Duty) -> None:
    """Make duties known; called from the ``apps.py`` of the department that has them."""
    for duty in duties:
        _duties[duty.key] = duty


def name_verbs(titles: dict[str, str]) -> None:
    """Give verbs the Chinese name that a refusal shows."""
    _titles.update(titles)


def get(key: str) -> Duty | None:
    """The duty of this key, or ``None`` for one that is no longer declared."""
    return _duties.get(key)


def all_duties() -> list[Duty]:
    """Every declared duty in the order of declaration."""
    return list(_duties.values())


def title_of(verb: str) -> str:
    """The Chinese name of a verb; the verb itself where none was given."""
    return _titles.get(verb, verb)
