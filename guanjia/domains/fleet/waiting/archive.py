"""到期提醒 of the archives: inspections and insurance of cars, licences of drivers."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.waiting.plates import plate
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, days_left

DUE_DAYS = 30  # how far ahead 到期提醒 looks


def _cars_ending(actor: Actor, at: datetime) -> Any:
    # Who keeps the archive, else whoever enters insurance and inspections of their unit's cars.
    verbs = ("fleet.car.enter", "fleet.upkeep.enter")
    verb = next((verb for verb in verbs if actor.can(verb)), None)
    if verb is None:
        return None
    until = timezone.localdate(at) + timedelta(days=DUE_DAYS)
    return archive.cars_ending(scope=actor.scope(verb), until=until)


def _show_car_ending(car: Any, actor: Actor, at: datetime) -> Todo:
    ends = {"年检": car.inspected_until, "保险": car.insured_until}
    what, on = min(
        ((what, on) for what, on in ends.items() if on is not None), key=lambda end: end[1]
    )
    left = (on - timezone.localdate(at)).days
    said = "已过期" if left < 0 else "到期"
    return Todo(
        kind="到期提醒",
        tone="stop" if left < 0 else "wait",
        icon="calendar-due",
        **plate(car),
        title=f"{what} {formats.day(on, today=timezone.localdate(at))}{said}",
        detail=formats.joined(car.unit, car.get_use_display(), car.make),
        due=days_left(left, "到期"),
        due_tone="stop" if left < 0 else "",
        url=addresses.maybe("fleet:car", car.pk),
        act_url=_form_for(car, what) if actor.can("fleet.upkeep.enter") else "",
        verb="登记年检" if what == "年检" else "登记续保",
        rank=Rank.ENDING,
        due_at=noon(on),
    )


def _form_for(car: Any, what: str) -> str:
    name = "fleet:inspection_new" if what == "年检" else "fleet:policy_new"
    return addresses.maybe(name, query=f"car={car.plate}")


def _licences_ending(actor: Actor, at: datetime) -> Any:
    if not actor.can("fleet.driver.enter"):
        return None
    until = timezone.localdate(at) + timedelta(days=DUE_DAYS)
    return archive.licences_ending(scope=actor.scope("fleet.driver.enter"), until=until)


def _show_licence(driver: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    left = (driver.licence_until - today).days
    said = "已过期" if left < 0 else "到期"
    return Todo(
        kind="到期提醒",
        tone="stop" if left < 0 else "wait",
        icon="calendar-due",
        title=f"{driver.name} 驾驶证 {formats.day(driver.licence_until, today=today)}{said}",
        detail=formats.joined(
            driver.unit, f"准驾 {driver.licence}", driver.number, "过期即不能派车"
        ),
        due=days_left(left, "到期"),
        due_tone="stop" if left < 0 else "",
        url=addresses.maybe("fleet:driver", driver.pk)
        or addresses.maybe("fleet:drivers_list", query=f"words={driver.number}"),
        verb="登记换证",
        rank=Rank.ENDING,
        due_at=noon(driver.licence_until),
    )


SOURCES = (
    Source(key="due", kind="到期提醒", place=130, rows=_cars_ending, show=_show_car_ending),
    Source(key="due", kind="到期提醒", place=140, rows=_licences_ending, show=_show_licence),
)
