"""What partner systems may be allowed to read and to tell us; departments declare it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ApiScope:
    """One thing a key may open: the rows of one wire (可读内容), or, where it ``writes``, an act of
    a department for the units and rows that the key names (可填内容)."""

    key: str
    title: str
    wire: str = ""
    writes: bool = False


_scopes: dict[str, ApiScope] = {}


def declare(*scopes: ApiScope) -> None:
    """Make scopes known, from the ``apps.py`` of their department."""
    for scope in scopes:
        _scopes[scope.key] = scope


def get(key: str) -> ApiScope | None:
    """The scope of this key; ``None`` for one that is not declared."""
    return _scopes.get(key)


def all_scopes() -> list[ApiScope]:
    """Every scope in the order of declaration."""
    return list(_scopes.values())
