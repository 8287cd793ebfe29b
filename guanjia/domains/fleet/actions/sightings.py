"""Recording where cars were seen; toll gates, fuel stations, inspectors and tracks tell it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.models import Car, Place, Sighting
from guanjia.domains.fleet.queries import places
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit import entering
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.regulations.verdict import Citation, refuse
from guanjia.kernel.values.actor import Actor

RECORDED = "fleet.sighting.recorded"
ENTERED = "fleet.sighting.entered"
SERIES = "fleet.sighting"
WHOLE = Citation(title="行车线索要写明时间和地点", own=True)


@transaction.atomic
def record_sightings(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> list[Sighting]:
    """Record sightings: fields of ``Sighting`` by name, ``car`` as an object.

    Called by acts that have judged their rows and asked for their own duty. One whose source and
    ``ref`` are known already is left out; one without a ``ref`` gets a number of ours. Returns the
    new ones; one record each.
    """
    refs = {row["ref"] for row in rows if row.get("ref")}
    known = set(Sighting.objects.filter(ref__in=refs).values_list("source", "ref"))
    made = [
        Sighting(
            recorded_at=at,
            told_by_id=actor.person_id,
            **{**row, "ref": row.get("ref") or _number(row["at"])},
        )
        for row in rows
        if (row["source"], row.get("ref", "")) not in known
    ]
    Sighting.objects.bulk_create(made, batch_size=500)
    audit.record_many(
        audit.entry(
            actor=actor, verb=RECORDED, on=each, at=at, before=None, after=audit.facts_of(each)
        )
        for each in made
    )
    return made


def _number(seen_at: datetime) -> str:
    year = seen_at.astimezone(times.ZONE).year
    return f"XS{year}{numbering.next_number(series=SERIES, year=year):06d}"


@transaction.atomic
def tell_sighting(
    *,
    actor: Actor,
    car_id: int,
    seen_at: datetime,
    place: str,
    source: SightingSource,
    area: str = "",
    note: str = "",
    at: datetime,
) -> Sighting:
    """Write down where a car was seen (登记线索): an inspector on the road, a citizen's call.

    Needs ``fleet.oversight.find`` for the unit of the car. The area comes from the list of places
    where it is not told. The same words again (a doubled click) are the clue that is there.
    """
    actor.must("fleet.oversight.find")
    car = (
        Car.objects.within(actor.scope("fleet.oversight.find"))
        .select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=car_id)
    )
    if not place.strip():
        refuse("place_missing", "没有写地点。", "写明在哪里看到。", WHOLE, field="place").enforce()
    if seen_at > at:
        refuse(
            "in_the_future", "时间还没有到。", "填看到这辆车的时间。", WHOLE, field="seen_at"
        ).enforce()
    if seen_at.astimezone(times.ZONE).date() < car.registered_on:
        refuse(
            "before_the_car",
            "那时还没有这辆车。",
            f"{car} {car.registered_on:%Y-%m-%d} 登记，核对时间和号牌。",
            WHOLE,
            field="seen_at",
        ).enforce()
    row = {
        "car": car, "at": seen_at, "place": place.strip()[:100], "source": source,
        "area": area.strip()[:40] or places.area_of(place), "note": note.strip()[:200],
    }  # fmt: skip
    same = {name: row[name] for name in ("car", "at", "place", "source", "note")}
    known: Sighting | None = Sighting.objects.filter(**same).first()
    return known or record_sightings(actor=actor, rows=[row], at=at)[0]


@transaction.atomic
def enter_sightings(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> tuple[int, int, int]:
    """Enter sightings as a list states them: fields by name, ``car`` as an object, by ``ref``.

    Needs ``fleet.oversight.find``. Returns how many were created, changed and left as they were.
    """
    actor.must("fleet.oversight.find")
    gazetteer = places.gazetteer()
    known = dict(
        Sighting.objects.filter(ref__in=[row["ref"] for row in rows]).values_list("ref", "area")
    )
    filled = [
        {**row, "area": row["area"] or known.get(row["ref"], gazetteer.area(row["place"]))}
        for row in rows
    ]

    def complete(sighting: Sighting) -> None:
        sighting.recorded_at = sighting.recorded_at or at
        sighting.told_by_id = sighting.told_by_id or actor.person_id

    entered = entering.enter(
        actor=actor, model=Sighting, key="ref", rows=filled, verb=ENTERED, at=at,
        complete=complete,
    )  # fmt: skip
    return entered.counts()


@transaction.atomic
def enter_places(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> tuple[int, int, int]:
    """Enter the bureau's list of places (地点名录): name, aliases, area, areas on the way.

    Needs ``fleet.oversight.find``. Sightings told before keep what they say; those without an area
    are read anew at the next review.
    """
    actor.must("fleet.oversight.find")
    entered = entering.enter(
        actor=actor, model=Place, key="name", rows=rows, verb="fleet.place.entered", at=at
    )
    return entered.counts()
