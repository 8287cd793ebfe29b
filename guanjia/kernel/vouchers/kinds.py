"""The kinds of vouchers that the departments issue."""

from guanjia.kernel.vouchers.terms import VoucherKind

_kinds: dict[str, VoucherKind] = {}


def declare(*kinds: VoucherKind) -> None:
    """Make kinds known; called from the ``apps.py`` of the department that issues them."""
    for kind in kinds:
        _kinds[kind.key] = kind


def get(key: str) -> VoucherKind | None:
    """The kind of this key, or ``None`` for one that is no longer declared."""
    return _kinds.get(key)


def title_of(key: str) -> str:
    """What a kind is called; the key where it is no longer declared."""
    kind = _kinds.get(key)
    return kind.title if kind else key


def unlisted() -> list[str]:
    """The kinds that the register of all vouchers leaves out."""
    return [kind.key for kind in _kinds.values() if not kind.listed]


def all_kinds() -> list[VoucherKind]:
    """Every declared kind in the order of declaration."""
    return list(_kinds.values())
