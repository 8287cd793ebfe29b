"""Where the pages of a register live: the list is ``Register.url``, the others named after it.

``url="library:books_list"`` has ``library:books_export``, ``library:books_import`` and so on
beside it.
"""

from typing import Any

from django.urls import NoReverseMatch, reverse

from guanjia.kernel.registers.declaration import Register

_LIST = "_list"
_TAKES_IN = ("_import", "_upload", "_new")


def url_name(register: Register, what: str) -> str:
    """The full url name of one of the register's pages: list, export, import, upload, marked."""
    stem = register.url or register.key.replace(".", ":")
    return f"{stem.removesuffix(_LIST)}_{what}"


def local_name(register: Register, what: str) -> str:
    """The url name within its namespace."""
    return url_name(register, what).rpartition(":")[2]


def list_of(name: str) -> str:
    """The url name of the list that a page takes files or rows in for, by the page's; else ``""``.

    A page so named that belongs to no register has no such list either.
    """
    stem = next((name.removesuffix(tail) for tail in _TAKES_IN if name.endswith(tail)), "")
    return stem and f"{stem}{_LIST}"


def url(register: Register, what: str, **kwargs: Any) -> str:
    """The address of one of the register's pages."""
    return reverse(url_name(register, what), kwargs=kwargs)


def maybe(name: str, *args: object, query: str = "") -> str:
    """The address of a url name, or ``""`` when nobody has wired it."""
    try:
        found = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{found}?{query}" if query else found
