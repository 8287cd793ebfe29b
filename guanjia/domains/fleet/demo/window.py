"""What supervisors looked at in the demo, and a secret car: written by calling actions."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from guanjia.demo import departments
from guanjia.domains.fleet.actions import secrecy
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.kernel.access import looks
from guanjia.kernel.access import queries as access
from guanjia.kernel.values.actor import Actor, Scope

_DAYS, _LOOKS = 30, 60
_ADDRESSES = ("10.36.4.21", "10.36.4.35", "10.36.9.12", "10.36.11.8")
# What each field opens: page, title, kind of row (or register), address.
_PAGES = (
    ("fleet:car", "车辆台账", "fleet.car", ""),
    ("fleet:cars_list", "公务用车台账", "", "fleet.cars"),
    ("fleet:cars_export", "公务用车台账", "", "fleet.cars"),
    ("fleet:window", "监督窗口", "", ""),
)
_OF_USE = (
    ("fleet:trip", "派车登记", "fleet.trip", ""),
    ("fleet:trips_list", "公务用车派车登记", "", "fleet.trips"),
)
_OF_DRIVERS = (("fleet:driver", "驾驶员名册", "fleet.driver", ""),)
_SEES = {
    "jiwei": (*_PAGES, *_OF_USE, *_OF_USE),
    "caizheng": _PAGES,
    "shenji": (*_PAGES, *_OF_USE),
    "gongan": (*_PAGES, *_OF_DRIVERS),
}
_QUERIES = {
    "fleet.cars": ("view=all", "view=in_use", "use=LAW_ENFORCEMENT"),
    "fleet.trips": ("view=all&state=FINISHED", "purpose=MEETING&view=all", "view=far"),
}
_PATHS = {"fleet.car": "cars", "fleet.trip": "trips", "fleet.driver": "drivers"}


def live(*, at: datetime, rng: Random) -> None:
    """One car is marked secret, and the supervisors looked around in the last weeks."""
    keeper = access.actor_named(username="hejiali", on=at.date())
    _mark(keeper, at)
    shared = Scope.outside()
    ids = {
        "fleet.car": _ids(Car.objects.within(shared).order_by("plate"), 40),
        "fleet.trip": _ids(_past(Trip.objects.within(shared), at), 80),
        "fleet.driver": _ids(Driver.objects.order_by("number"), 20),
    }
    actors = {name: access.actor_named(username=name, on=at.date()) for name in _SEES}
    named = {each.username: each for each in departments.accounts()}
    duty = {username: named[username].grants[0].duty for username in _SEES}
    moments = sorted(
        (at - timedelta(days=rng.randrange(_DAYS))).replace(
            hour=rng.randint(9, 16), minute=rng.randrange(60), second=rng.randrange(60)
        )
        for _ in range(_LOOKS)
    )
    for moment in moments:
        name = rng.choice(list(_SEES))
        _look(actors[name], duty[name], rng.choice(_SEES[name]), ids, min(moment, at), rng)


def _ids(rows: Any, most: int) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:most])


def _past(rows: Any, at: datetime) -> Any:
    """Journeys that were over before anybody looked."""
    done = rows.filter(state="FINISHED", back_at__lt=at - timedelta(days=_DAYS))
    return done.order_by("-back_at", "pk")


def _mark(keeper: Actor, at: datetime) -> None:
    """A car for confidential papers that is hardly ever sent out."""
    car = Car.objects.filter(use="CONFIDENTIAL", state="IN_USE").order_by("plate").last()
    if car is not None:
        secrecy.mark_secret(
            actor=keeper, car_id=car.pk, secret=True, reason="按定密文件列为保密车辆",
            at=at - timedelta(days=20),
        )  # fmt: skip


def _look(  # noqa: PLR0917 — the parts of one look
    actor: Actor,
    duty: str,
    page: tuple[str, str, str, str],
    ids: dict[str, list[int]],
    at: datetime,
    rng: Random,
) -> None:
    name, title, model, register = page
    row_id = rng.choice(ids[model]) if model and ids[model] else None
    export = name.endswith("_export")
    noun = register.rpartition(".")[2] or "window"
    path = f"/fleet/{_PATHS[model]}/{row_id}/" if row_id else f"/fleet/{noun}/"
    looks.record_look(
        actor=Actor(name=actor.name, account_id=actor.account_id, address=rng.choice(_ADDRESSES)),
        duty=duty, page=name, title=title, path=f"{path}export/" if export else path,
        query=rng.choice(_QUERIES[register]) if register else "", register=register,
        subject=(model, row_id) if row_id else None,
        rows=1 if row_id else rng.randint(3, 240) if export else 50 if register else None,
        exported=export, at=at,
    )  # fmt: skip
