"""行车线索 and 地点名录: declared once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.fleet.actions import sightings as actions
from guanjia.domains.fleet.models import Place, Sighting
from guanjia.domains.fleet.queries import archive, places, sightings
from guanjia.domains.fleet.registers.cars import upper
from guanjia.domains.fleet.rules.places import COMMA, split
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Filter,
    ImportRow,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor

NAME_MIN = 2  # a name of one letter would be found in every text


def _check_sightings(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """Seen in the future; cars outside the reach; places nobody can put into a county."""
    now = timezone.now()
    gazetteer = places.gazetteer()
    known = dict(
        Sighting.objects.filter(ref__in=[row.values["ref"] for row in rows]).values_list(
            "ref", "source"
        )
    )
    reach = actor.scope("fleet.oversight.find")
    mine = set(
        archive.cars(reach)
        .filter(pk__in={row.values["car"].pk for row in rows})
        .values_list("pk", flat=True)
    )
    errors, doubts = [], []
    for row in rows:
        seen = row.values
        if seen["at"] > now:
            errors.append(SIGHTINGS.fault(row, "at", "in_the_future", "时间还没有到"))
        if seen["car"].pk not in mine:
            sentence = "这辆车不在您的范围内"
            errors.append(SIGHTINGS.fault(row, "car", "car_outside", sentence))
        if known.get(seen["ref"], seen["source"]) != seen["source"]:
            sentence = f"这个编号已是{SightingSource(known[seen['ref']]).label}的线索"
            errors.append(SIGHTINGS.fault(row, "ref", "ref_taken", sentence))
        if not (seen["area"] or gazetteer.area(seen["place"])):
            sentence = "地点不在地点名录，不知道在哪个区县，不核对地点"
            doubts.append(SIGHTINGS.fault(row, "place", "place_unknown", sentence))
    return Checked(errors=errors, doubts=doubts)


def _write_sightings(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [
        {**row.values, "area": row.values["area"] or "", "note": row.values["note"] or ""}
        for row in rows
    ]
    return Written.of(actions.enter_sightings(actor=actor, rows=facts, at=at))


SIGHTINGS = Register(
    key="fleet.sightings",
    title="行车线索",
    noun="条",
    key_column="ref",
    columns=[
        of(
            Sighting.ref,
            title="线索编号",
            required=True,
            unique=True,
            link="fleet:sighting",
            duplicate_code="ref_duplicate",
            example="DC-0520-01",
        ),
        of(
            Sighting.car,
            title="号牌号码",
            path="car.plate",
            reference=archive.cars_by_plate,
            clean=upper,
            missing="车辆台账中没有 {value}",
            missing_code="car_unknown",
            sort="car__plate",
            widget="fleet/cells/seen_plate.html",
        ),
        of(Sighting.at),
        of(Sighting.place, sort=""),
        of(Sighting.area, widget="fleet/cells/seen_area.html"),
        of(Sighting.source),
        of(Sighting.note, fold=1, sort=""),
        Column(
            name="unit_name",
            title="使用单位",
            path="car.unit.shown",
            imported=False,
            sort="car__unit__position",
        ),
    ],
    rows=sightings.sightings,
    see="fleet.oversight.see",
    take="fleet.oversight.find",
    filters=[
        Filter(name="source", title="来源", kind="choice", choices=SightingSource),
        Filter(name="unit", title="使用单位", kind="unit", path="car__unit"),
        Filter(name="words", title="号牌、地点", kind="text", path="car__plate,place,ref"),
        Filter(name="at", title="时间", kind="dates", path="at"),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="unknown", title="不知区县", condition=lambda _: Q(area="")),
    ],
    totals={"sightings": Count("pk")},
    order=("-at", "-pk"),
    order_name="at",
    order_down=True,
    check_rows=_check_sightings,
    write_rows=_write_sightings,
    place=345,
    url="fleet:sightings_list",
    create_url="fleet:tell_sighting",
    create_label="登记线索",
    create_verb="fleet.oversight.find",
)


def _listed(text: str) -> str:
    """A list as it is stored: parted by 、."""
    return COMMA.join(split(text))


def _check_places(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """Names are long enough to mean one place."""
    errors = []
    for row in rows:
        names = {"name": (row.values["name"],), "aliases": split(row.values["aliases"] or "")}
        for column, given in names.items():
            short = [name for name in given if len(name) < NAME_MIN]
            if short:
                sentence = f"“{short[0]}”只有一个字，会认错，写全"
                errors.append(PLACES.fault(row, column, "name_short", sentence))
    return Checked(errors=errors)


def _write_places(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts: list[dict[str, Any]] = [
        {name: value or "" for name, value in row.values.items()} for row in rows
    ]
    return Written.of(actions.enter_places(actor=actor, rows=facts, at=at))


PLACES = Register(
    key="fleet.places",
    title="地点名录",
    noun="处",
    key_column="name",
    columns=[
        of(Place.name, example="浮梁县"),
        of(Place.area, example="浮梁县"),
        of(Place.aliases, clean=_listed, example="浮梁、浮梁县城", sort=""),
        of(Place.on_the_way, clean=_listed, fold=1, example="昌江区", sort=""),
    ],
    rows=places.places,
    see="fleet.oversight.see",
    take="fleet.oversight.find",
    filters=[
        Filter(name="words", title="地点、别名、区县", kind="text", path="name,aliases,area"),
    ],
    views=[View(key="all", title="全部")],
    totals={"places": Count("pk")},
    order=("area", "name"),
    order_name="area",
    check_rows=_check_places,
    write_rows=_write_places,
    place=305,
    url="fleet:places_list",
)
