"""The context processor behind every page: ``gj``."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from guanjia.kernel.access import looks
from guanjia.kernel.values.actor import Actor
from guanjia.ui import menu, wiring

_COUNT_MAX = 99


class Furniture:
    """What the frame of a page shows; worked out only when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def actor(self) -> Actor | None:
        """Who looks, or ``None`` before sign-in."""
        return getattr(self._request, "actor", None)

    @cached_property
    def me(self) -> dict[str, str] | None:
        """Name, unit and duty of the person, and the unit with the duty in one line."""
        if self.actor is None:
            return None
        duty = self.actor.held[0].title if self.actor.held else ""
        line = " · ".join(part for part in (self.actor.unit_name, duty) if part)
        return {"name": self.actor.name, "unit": self.actor.unit_name, "duty": duty, "line": line}

    @cached_property
    def menu(self) -> list[menu.ShownGroup]:
        """The groups in which this person has something to do."""
        return menu.shown(actor=self.actor, view_name=self.view_name) if self.actor else []

    @cached_property
    def watched(self) -> bool:
        """Whether this person comes from outside, and what they look at is recorded."""
        return bool(self.actor and looks.watched(self.actor))

    @cached_property
    def view_name(self) -> str:
        """The url name of this page, ``""`` on error pages."""
        match = self._request.resolver_match
        return match.view_name if match else ""

    @cached_property
    def urls(self) -> dict[str, str]:
        """Addresses of the front hall."""
        return menu.places()

    @cached_property
    def at_home(self) -> bool:
        """Whether this is the front page."""
        return self.view_name == menu.PLACES["home"]

    @cached_property
    def tabs(self) -> list[dict[str, Any]]:
        """The bar at the bottom of a phone."""
        here = next((p for p, name in menu.PLACES.items() if name == self.view_name), "")
        return [
            {
                "title": title,
                "icon": icon,
                "url": self.urls[place],
                "current": place == here,
                "place": place,
            }
            for place, title, icon in menu.TABS
            if self.urls[place]
        ]

    @cached_property
    def todo_count(self) -> int:
        """How many things wait for this person."""
        return wiring.todo_count(self._request) if self.actor else 0

    @cached_property
    def notice_count(self) -> str:
        """How many notices this person has not read, as the bell shows it; ``""`` for none."""
        count = wiring.notice_count(self._request) if self.actor else 0
        return f"{_COUNT_MAX}+" if count > _COUNT_MAX else str(count or "")

    @cached_property
    def bureau(self) -> str:
        """The name of the bureau in the top bar."""
        return wiring.bureau()

    @property
    def idle_minutes(self) -> int:
        """After how many quiet minutes the session ends; 0 when it does not."""
        return int(getattr(settings, "SESSION_IDLE_MINUTES", 0)) if self.actor else 0

    @property
    def demo(self) -> bool:
        """Whether the mark 演示环境 stands on every page."""
        return bool(getattr(settings, "DEMO", False))


def furniture(request: HttpRequest) -> dict[str, Furniture]:
    """``gj`` for every template rendered with a request."""
    return {"gj": Furniture(request)}
