"""What an address of the board asks to see."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from guanjia.domains.fleet.pages import lanes

OPENED_MAX = 6
_DIGITS_MAX = 15


def number(text: str | None) -> int | None:
    """An id of an address, ``None`` for what is none."""
    return (
        int(text)
        if text and text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
        else None
    )


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the address asks to see: the day, the rows, the chosen request, the opened journey."""

    day: date | None = None
    by: str = "car"
    kind: str = ""
    opened: tuple[str, ...] = ()
    trip_id: int | None = None
    car_id: int | None = None
    driver_id: int | None = None
    peek_id: int | None = None
    suggests: bool = False

    @classmethod
    def read(cls, given: QueryDict) -> "Look":
        """Read an address; what makes no sense is as if it were not there."""
        try:
            day = date.fromisoformat(given.get("day", ""))
        except ValueError:
            day = None
        return cls(
            day=day,
            by="driver" if given.get("by") == "driver" else "car",
            kind=next((k for k, _, _ in lanes.KINDS if k == given.get("kind")), ""),
            opened=tuple(sorted(set(given.get("open", "").split(",")) - {""}))[:OPENED_MAX],
            trip_id=number(given.get("trip")),
            car_id=number(given.get("car")),
            driver_id=number(given.get("driver")),
            peek_id=number(given.get("peek")),
            suggests=given.get("suggest") == "1",
        )

    @property
    def query(self) -> str:
        """The address without the path; only what differs from the plain board."""
        given = QueryDict(mutable=True)
        values = {
            "day": self.day.isoformat() if self.day else "",
            "by": "" if self.by == "car" else self.by,
            "kind": self.kind,
            "open": ",".join(self.opened),
            "trip": self.trip_id,
            "car": self.car_id,
            "driver": self.driver_id,
            "peek": self.peek_id,
            "suggest": "1" if self.suggests else "",
        }
        for name, value in values.items():
            if value:
                given[name] = str(value)
        return given.urlencode()

    def url(self, **changes: Any) -> str:
        """The address of the board with some things changed."""
        query = replace(self, **changes).query
        return f"{reverse('fleet:board')}?{query}".rstrip("?")

    @property
    def carried(self) -> str:
        """The address as a parameter of another one."""
        return "?" + urlencode({"look": self.query})

    def begun(self, name: str, **changes: Any) -> str:
        """The address with ``name=`` at its end, for templates to add an id."""
        url = self.url(**changes)
        return f"{url}{'&' if '?' in url else '?'}{name}="

    @property
    def calm(self) -> "Look":
        """The same board with nothing chosen or opened."""
        return replace(self, trip_id=None, car_id=None, driver_id=None, peek_id=None)
