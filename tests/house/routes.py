"""Every page and every API operation, as the walks find them: from the wiring, not from a list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guanjia.kernel.access.duties import Duty
from guanjia.kernel.registers.declaration import Register
from guanjia.ui.pages import PUBLIC, SIGN_IN
from guanjia.ui.partners import KEY
from guanjia.ui.registers import entry_pages
from guanjia.ui.registers import pages as list_pages

# Of the pages that every register has, one function for all: all of them are walked for two
# registers of different shape (rows by sheet and by hand; a list that only looks).
WALKED_IN_FULL = ("energy.institutions", "fleet.bills")
# What shows rows, or a form, that the register declares, is walked for every register.
OPENED_FOR_ALL = (list_pages.list_page, list_pages.export_page, entry_pages.entry_page)


@dataclass(frozen=True)
class Route:
    """One page: its url name, the pattern of its address with the names in it, its view."""

    name: str
    pattern: str
    kwargs: tuple[str, ...]
    view: Callable[..., Any]

    def __str__(self) -> str:
        return self.name

    @property
    def needs(self) -> str:
        """The verb of its door; ``""`` for a page that has no door."""
        return getattr(self.view, "needs", "")

    @property
    def is_public(self) -> bool:
        """Whether anybody may open it."""
        return self.needs == PUBLIC

    @property
    def has_duty(self) -> bool:
        """Whether it needs more than a sign-in."""
        return self.needs not in (PUBLIC, SIGN_IN, "")

    def is_shut_to(self, duty: Duty) -> bool:
        """Whether its door has no verb of this duty, which only reads."""
        return self.has_duty and not (duty.reads | duty.verbs) & set(
            getattr(self.view, "opens_to", ())
        )

    @property
    def register(self) -> Register | None:
        """The register whose page it is, where a register's pages are made for it."""
        return getattr(self.view, "register", None)

    @property
    def is_walked(self) -> bool:
        """Whether the walks open it; else ``test_registers`` asks its declaration."""
        if self.register is None or self.register.key in WALKED_IN_FULL:
            return True
        return self.view.page in OPENED_FOR_ALL  # type: ignore[attr-defined]  # has a register

    def address(self, **values: Any) -> str:
        """Its address with these values."""
        return reverse(self.name, kwargs=values)


def _walk(
    resolver: URLResolver, spaces: tuple[str, ...] = (), above: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Name, pattern of the whole address, and entry of every page below a resolver."""
    for entry in resolver.url_patterns:
        pattern = f"{above}{entry.pattern}"
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry, inner, pattern)
        else:
            yield ":".join((*spaces, entry.name or f"<{entry.pattern}>")), pattern, entry


def every_route() -> list[Route]:
    """All pages but the API, which has its own walk."""
    return [
        Route(
            name=name, pattern=pattern, kwargs=tuple(entry.pattern.converters), view=entry.callback
        )
        for name, pattern, entry in _walk(get_resolver())
        if not name.startswith("api:")
    ]


def walked_routes() -> list[Route]:
    """The pages that the walks open; ``test_registers`` asks the others for their declaration."""
    return [route for route in every_route() if route.is_walked]


@dataclass(frozen=True)
class Operation:
    """One API operation: method and path as in the description, and its function."""

    method: str
    path: str
    function: Callable[..., Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def needs(self) -> str:
        """The verb of its door."""
        return getattr(self.function, "needs", "")

    @property
    def key_scope(self) -> str:
        """What the key of a partner system must open; ``""`` for what people are signed in to."""
        return self.needs.removeprefix(KEY) if self.needs.startswith(KEY) else ""

    @property
    def has_duty(self) -> bool:
        """Whether it needs more than a sign-in."""
        return self.needs not in (SIGN_IN, "")

    @property
    def kwargs(self) -> tuple[str, ...]:
        """The names in its path."""
        return tuple(
            part[1:-1].rpartition(":")[2] for part in self.path.split("/") if part.startswith("{")
        )


def every_operation() -> list[Operation]:
    """All operations behind ``/api/``."""
    from guanjia.config.api import api  # noqa: PLC0415 — the routers need ready apps

    root = reverse("api:openapi-json").removesuffix("openapi.json").rstrip("/")
    found = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                whole = "/".join(
                    part.strip("/") for part in (root, prefix, path) if part.strip("/")
                )
                found += [
                    Operation(method=method, path=f"/{whole}", function=operation.view_func)
                    for method in operation.methods
                ]
    return found
