"""Entering fines and accidents, paying the ones, closing the others."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import sightings, upkeep
from guanjia.domains.fleet.events import FinesEntered
from guanjia.domains.fleet.models import Accident, Fine
from guanjia.domains.fleet.queries import places
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.queries.upkeep import ACCIDENTS, ENTER_FINE, FINES
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.domains.fleet.terms.upkeep import (
    FILES,
    AccidentState,
    Blame,
    FineState,
    LossFacts,
    PaidBy,
)
from guanjia.kernel.acts.changing import Files, attach, change, locked
from guanjia.kernel.audit import entering
from guanjia.kernel.events import bus
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkKind, RemarkState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, Verdict, merge, refuse
from guanjia.kernel.values.actor import Actor

WITH_ORDER = Citation(title="出车须有派车单，违法时刻应能找到对应的单", own=True)

_HANDLED = ("handled_on", "paid_by", "payer")
_CLOSED = ("blame", "loss_fen", "insurer_fen", "self_fen", "closed_on")

Rows = Sequence[Mapping[str, Any]]


def _day(at: datetime) -> date:
    return at.astimezone(times.ZONE).date()


def _not_undone(
    model: type[Fine | Accident], rows: Rows, *, end: str, settled: Sequence[str]
) -> list[dict[str, Any]]:
    """An older ledger neither opens again what is settled nor forgets who drove.

    ``end``: the day that says it is settled; ``settled``: what was written down with it.
    """
    known = {
        each.number: each
        for each in model.objects.filter(number__in=[row["number"] for row in rows])
    }
    found = []
    for row in rows:
        was, facts = known.get(row["number"]), dict(row)
        if was is not None and getattr(was, end) is not None and facts.get(end) is None:
            facts |= {name: getattr(was, name) for name in settled}
        if was is not None and facts["driver"] is None:
            facts["driver"] = was.driver
        found.append(facts)
    return found


def _entered(
    actor: Actor, model: Any, row: Mapping[str, Any], files: Sequence[int], at: datetime
) -> Any:
    """The row that was entered just now by its form, with its papers on it."""
    named = {"number": row["number"]} if row["number"] else {}
    made = (
        model.objects.select_related("car__unit", "driver")
        .filter(car=row["car"], at=row["at"], **named)
        .latest("pk")
    )
    attach(made, _files(made, files), actor=actor, at=at)
    return made


def _files(row: Accident | Fine, files: Sequence[int]) -> Files:
    return Files(ids=files, bounds=FILES, unit=row.car.unit)


@transaction.atomic
def attach_to_fine(*, actor: Actor, fine_id: int, files: Sequence[int], at: datetime) -> Fine:
    """Hang files on a fine (补交附件), also on one that is paid. Needs ``fleet.fine.enter``."""
    fine: Fine = locked(FINES, actor=actor, verb=ENTER_FINE, pk=fine_id)
    attach(fine, _files(fine, files), actor=actor, at=at)
    return fine


@transaction.atomic
def attach_to_accident(
    *, actor: Actor, accident_id: int, files: Sequence[int], at: datetime
) -> Accident:
    """Hang files on an accident (补交附件), also on one that is closed. Needs
    ``fleet.fine.enter``."""
    accident: Accident = locked(ACCIDENTS, actor=actor, verb=ENTER_FINE, pk=accident_id)
    attach(accident, _files(accident, files), actor=actor, at=at)
    return accident


# ── fines ────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_fines(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter traffic offences (违法) as the police state them.

    Each row: ``number`` (the decision's, ``""``: one of ours), ``car``, ``at``, ``place``,
    ``what``, ``points``, ``amount_fen``, and where it is known ``driver``, ``handled_on``,
    ``paid_by``, ``payer``, ``note``. The journey that ran then names the driver; without one a
    doubt stands on the row. Each tells where the car was (a sighting). Refused where public money
    is to pay. Needs ``fleet.fine.enter``; publishes ``FinesEntered``.
    """
    actor.must(ENTER_FINE)
    law = law_at(at)
    merge(
        rules.fine_is_paid_by(paid_by=PaidBy(row["paid_by"]), law=law)
        for row in rows
        if row.get("paid_by")
    ).enforce()
    if any(bool(row.get("handled_on")) != bool(row.get("paid_by")) for row in rows):
        refuse(
            "payer_missing",
            "处理日期和缴款人要一起填。",
            "没有处理的，两项都不填。",
            field="paid_by",
        ).enforce()
    given = [{**row, "year_of": _day(row["at"])} for row in rows]
    given = upkeep.numbered(rows=given, series="fleet.fine", prefix="WF", day="year_of")
    upkeep.keep_within(actor=actor, verb=ENTER_FINE, model=Fine, rows=given)
    ran = queries.trips_at((row["car"].pk, row["at"]) for row in given)
    facts = []
    for row in given:
        trip = ran.get((row["car"].pk, row["at"]))
        driver = row.get("driver") or (trip.driver if trip else None)
        kept = {name: value for name, value in row.items() if name != "year_of"}
        facts.append({**kept, "trip": trip, "driver": driver})
    facts = _not_undone(Fine, facts, end="handled_on", settled=_HANDLED)
    entered = entering.enter(
        actor=actor, model=Fine, key="number", rows=facts, verb="fleet.fine.entered", at=at
    )
    changed = [*entered.created, *(fine for fine, _ in entered.updated)]
    _tell_seen(actor, entered.created, at)
    _doubt(changed, at)
    if changed:
        bus.publish(FinesEntered(fine_ids=tuple(fine.pk for fine in changed)))
    return entered.counts()


@transaction.atomic
def enter_fine(
    *, actor: Actor, row: Mapping[str, Any], files: Sequence[int] = (), at: datetime
) -> Fine:
    """Enter one fine by its form, with its papers; a row as ``enter_fines`` takes it."""
    enter_fines(actor=actor, rows=[row], at=at)
    made: Fine = _entered(actor, Fine, row, files, at)
    return made


def _tell_seen(actor: Actor, fines: Sequence[Fine], at: datetime) -> None:
    known = places.gazetteer()
    sightings.record_sightings(
        actor=actor,
        rows=[
            {
                "car": fine.car,
                "at": fine.at,
                "place": fine.place,
                "area": known.area(fine.place),
                "source": SightingSource.FINE,
                "ref": fine.number,
                "note": fine.what,
            }
            for fine in fines
        ],
        at=at,
    )


def _doubt(fines: Sequence[Fine], at: datetime) -> None:
    """A fine without a journey is a doubt: somebody drove without an order, or the ledger errs."""
    remarks.raise_remarks(
        register="fleet.fines",
        remarks=[
            remarks.Raised(
                object_id=fine.pk,
                code="fine_without_trip",
                kind=RemarkKind.DOUBT,
                headline=f"{fine.car.plate}违法时没有对应的派车单。",
                sentence=f"{times.moment(fine.at)} 在{fine.place}，{fine.what}；"
                "查明谁在用车，补齐派车单或说明情况。",
                cite=WITH_ORDER,
                field="at",
            )
            for fine in fines
            if fine.trip_id is None
        ],
        at=at,
    )
    found = [fine.pk for fine in fines if fine.trip_id is not None]
    Remark.objects.filter(
        register="fleet.fines", object_id__in=found, code="fine_without_trip",
        state=RemarkState.OPEN,
    ).update(state=RemarkState.CLOSED)  # fmt: skip


@transaction.atomic
def match_waiting(*, at: datetime) -> int:
    """Find the journeys of fines and accidents that were recorded later (补录); safe to repeat.

    The journey names the driver where nobody did, and the doubt is settled. Returns how many
    found theirs.
    """
    fines = _matched(Fine, "fleet.fine.matched", at)
    _doubt(fines, at)
    return len(fines) + len(_matched(Accident, "fleet.accident.matched", at))


def _matched(model: type[Fine | Accident], verb: str, at: datetime) -> list[Any]:
    manager: Any = model.objects
    waiting = manager.select_for_update(of=("self",)).filter(trip=None).order_by("pk")
    rows: list[Any] = list(waiting.select_related("car__unit"))
    ran = queries.trips_at((row.car_id, row.at) for row in rows)
    found = []
    for row in rows:
        trip = ran.get((row.car_id, row.at))
        if trip is None:
            continue
        told = {"trip_id": trip.pk, "driver_id": row.driver_id or trip.driver_id}
        change(row, told, actor=Actor.system("补录对单"), verb=verb, at=at)
        found.append(row)
    return found


@transaction.atomic
def handle_fine(
    *,
    actor: Actor,
    fine_id: int,
    on: date,
    paid_by: PaidBy,
    payer: str = "",
    note: str = "",
    at: datetime,
) -> Fine:
    """Write down that a fine was paid (处理): on which day and by whom, never by public money.

    Needs ``fleet.fine.enter``.
    """
    fine: Fine = locked(
        FINES, actor=actor, verb=ENTER_FINE, pk=fine_id, act="登记处理", to=FineState.HANDLED
    )
    verdict = rules.fine_is_paid_by(paid_by=paid_by, law=law_at(at)).enforce()
    verdict += _handled_on(fine, on, at)
    name = payer.strip() or (fine.driver.name if fine.driver else "")
    if not name:
        refuse("payer_missing", "没有写缴款人姓名。", "写明是谁缴的。", field="payer").enforce()
    told = {
        "handled_on": on, "paid_by": paid_by, "payer": name[:60],
        "note": note.strip()[:200] or fine.note,
    }  # fmt: skip
    change(fine, told, actor=actor, verb="fleet.fine.handled", at=at, verdict=verdict)
    return fine


def _handled_on(fine: Fine, on: date, at: datetime) -> Verdict:
    if _day(fine.at) <= on <= _day(at):
        return Verdict()
    return refuse(
        "day_odd", "处理日期不对。", f"应在 {_day(fine.at):%Y-%m-%d} 之后、今天之前。", field="on"
    ).enforce()


# ── accidents ────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_accidents(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter accidents (事故): ``number`` (``""``: one of ours), ``car``, ``at``, ``place``,
    ``what``, ``blame``, ``loss_fen``, ``insurer_fen``, ``self_fen``, and where they are known
    ``driver``, ``closed_on``, ``note``.

    The journey that ran then names the driver. One that is closed must add up to the 分. Needs
    ``fleet.fine.enter``.
    """
    actor.must(ENTER_FINE)
    merge(
        rules.may_close(
            loss=LossFacts(
                blame=Blame(row["blame"]), loss_fen=row["loss_fen"],
                insurer_fen=row["insurer_fen"], self_fen=row["self_fen"],
            )
        )
        for row in rows
        if row.get("closed_on")
    ).enforce()  # fmt: skip
    given = [{**row, "year_of": _day(row["at"])} for row in rows]
    given = upkeep.numbered(rows=given, series="fleet.accident", prefix="SG", day="year_of")
    upkeep.keep_within(actor=actor, verb=ENTER_FINE, model=Accident, rows=given)
    ran = queries.trips_at((row["car"].pk, row["at"]) for row in given)
    facts = []
    for row in given:
        trip = ran.get((row["car"].pk, row["at"]))
        driver = row.get("driver") or (trip.driver if trip else None)
        kept = {name: value for name, value in row.items() if name != "year_of"}
        facts.append({**kept, "trip": trip, "driver": driver})
    facts = _not_undone(Accident, facts, end="closed_on", settled=_CLOSED)
    entered = entering.enter(
        actor=actor, model=Accident, key="number", rows=facts, verb="fleet.accident.entered",
        at=at,
    )  # fmt: skip
    return entered.counts()


@transaction.atomic
def enter_accident(
    *, actor: Actor, row: Mapping[str, Any], files: Sequence[int] = (), at: datetime
) -> Accident:
    """Enter one accident by its form, with its papers; a row as ``enter_accidents`` takes it."""
    enter_accidents(actor=actor, rows=[row], at=at)
    made: Accident = _entered(actor, Accident, row, files, at)
    return made


@transaction.atomic
def close_accident(
    *,
    actor: Actor,
    accident_id: int,
    blame: Blame,
    loss_fen: int,
    insurer_fen: int,
    self_fen: int,
    on: date,
    at: datetime,
) -> Accident:
    """Close an accident (结案): the blame is settled and what was paid is what was lost.

    Needs ``fleet.fine.enter``.
    """
    accident: Accident = locked(
        ACCIDENTS, actor=actor, verb=ENTER_FINE, pk=accident_id, act="结案",
        to=AccidentState.CLOSED,
    )  # fmt: skip
    loss = LossFacts(blame=blame, loss_fen=loss_fen, insurer_fen=insurer_fen, self_fen=self_fen)
    verdict = rules.may_close(loss=loss).enforce()
    if not _day(accident.at) <= on <= _day(at):
        refuse(
            "day_odd", "结案日期不对。", f"应在 {_day(accident.at):%Y-%m-%d} 之后、今天之前。",
            field="on",
        ).enforce()  # fmt: skip
    told = {
        "blame": blame, "loss_fen": loss_fen, "insurer_fen": insurer_fen, "self_fen": self_fen,
        "closed_on": on,
    }  # fmt: skip
    change(accident, told, actor=actor, verb="fleet.accident.closed", at=at, verdict=verdict)
    return accident
