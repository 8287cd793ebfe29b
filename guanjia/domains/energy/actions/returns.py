"""Monthly returns: what was consumed comes in by sheet, page, API or meter through one verb."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.energy.actions import doubting
from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import Consumption, Institution, MonthReturn
from guanjia.domains.energy.queries import returns as queries
from guanjia.domains.energy.queries import sites
from guanjia.domains.energy.rules import returns as rules
from guanjia.domains.energy.rules import sites as site_rules
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.returns import Origin
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.values.actor import Actor

ENTER, FILL = "energy.return.enter", "energy.return.fill"
Key = queries.Key


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month as somebody tells it: sources that are left out say nothing."""

    institution: Institution
    month: date
    lines: Mapping[Energy, Used]

    @property
    def key(self) -> tuple[int, date]:
        """What makes it one return."""
        return self.institution.pk, self.month


@transaction.atomic
def enter_returns(
    *, actor: Actor, months: Sequence[Month], origin: Origin, at: datetime
) -> tuple[int, int, int]:
    """Take in monthly returns; a source that is told replaces what was told before, one that is
    left out stays. What is odd about them is doubted (``doubting``).

    Needs ``energy.return.enter`` or ``energy.return.fill`` for all institutions named. Refused
    where it would change a month that is locked, or whose filing lies with a reviewer. Returns
    created, changed, unchanged.
    """
    must_see(actor, {each.institution.pk for each in months})
    wanted = {each.key: each for each in months}
    _must_be_open(wanted)
    known = {(row.institution_id, row.month): row for row in _locked_rows(wanted)}
    new = [each for key, each in wanted.items() if key not in known]
    made = [
        MonthReturn(institution=each.institution, month=each.month, origin=origin, told_at=at)
        for each in new
    ]
    MonthReturn.objects.bulk_create(made, batch_size=1000)
    fresh = {(row.institution_id, row.month): row for row in made}
    changes = _write_lines({**known, **fresh}, wanted)
    if origin is not Origin.SITE:
        _keep_off_sites(known, changes)
    touched = [known[key] for key in changes if key in known]
    for row in touched:
        row.told_at, row.origin = at, origin
    MonthReturn.objects.bulk_update(touched, ["told_at", "origin"], batch_size=1000)
    audit.record_many(
        audit.entry(
            actor=actor, verb="energy.return.entered", on=row, at=at,
            before=changes[key][0] if key in known else None, after=changes[key][1],
        )
        for key, row in {**known, **fresh}.items()
        if key in changes
    )  # fmt: skip
    doubting.recheck([{**known, **fresh}[key].pk for key in changes], at=at)
    return len(made), len(touched), len(wanted) - len(made) - len(touched)


def must_see(actor: Actor, institution_ids: set[int]) -> None:
    """Raise ``NotAllowed`` unless the actor may tell returns of all of them."""
    verb = ENTER if actor.can(ENTER) else FILL
    must_hold(actor, verb, institution_ids)


def hold(keys: Collection[Key]) -> None:
    """Nobody else tells these months until the transaction ends, also where they are not there yet.
    Everybody locks in one order: filings, institutions, months."""
    queries.standing(keys, lock=True)
    _locked_rows(keys)


def _locked_rows(keys: Collection[Key]) -> Iterable[MonthReturn]:
    """The returns that are there, locked in one order. Their institutions are locked first: a
    month that is not there yet cannot be."""
    ids = {institution for institution, _ in keys}
    whose = Institution.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    list(whose.order_by("pk").values_list("pk", flat=True))
    rows = MonthReturn.objects.select_for_update(of=("self",)).select_related("institution__area")
    return list(
        rows.filter(institution__in=ids, month__in={month for _, month in keys}).order_by("pk")
    )


def _must_be_open(wanted: Mapping[tuple[int, date], Month]) -> None:
    """Refuse to change what was reported. Filings are locked before months, as ``filings.lock``
    does; an unchanged sheet may come again over anything."""
    standing = queries.standing(wanted, lock=True)
    if not standing:
        return
    differing = queries.differing({key: wanted[key].lines for key in standing})
    rules.may_write(
        [(f"{wanted[key].institution} {key[1]:%Y-%m}", standing[key]) for key in sorted(differing)]
    ).enforce()


Told = tuple[dict[str, Any], dict[str, Any]]


def _keep_off_sites(
    known: Mapping[tuple[int, date], MonthReturn], changes: Mapping[tuple[int, date], Told]
) -> None:
    """Raise ``Refused`` where a line changed that a shared building was divided into."""
    rows = {known[key].pk: known[key] for key in changes if key in known}
    given = sites.from_sites(rows)
    changed = {
        (known[key].pk, Energy(energy))
        for key, (before, _) in changes.items()
        if key in known
        for energy in before
    }
    names = [f"{rows[pk]} {energy.label}" for pk, energy in sorted(given & changed)]
    site_rules.not_from_site(names).enforce()


def _write_lines(
    rows: Mapping[tuple[int, date], MonthReturn], wanted: Mapping[tuple[int, date], Month]
) -> dict[tuple[int, date], Told]:
    """Write what differs; what it was and is, by return."""
    there = {
        (line.month_return_id, Energy(line.energy)): line
        for line in Consumption.objects.filter(
            month_return__in=[row.pk for key, row in rows.items() if key in wanted]
        )
    }
    new: list[Consumption] = []
    changed: list[Consumption] = []
    told: dict[tuple[int, date], Told] = {}
    for key, each in wanted.items():
        row = rows[key]
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for energy, used in each.lines.items():
            line = there.get((row.pk, energy))
            if line is None:
                new.append(
                    Consumption(
                        month_return=row, energy=energy, amount=used.amount, cost_fen=used.cost_fen
                    )
                )
            elif (line.amount, line.cost_fen) != (used.amount, used.cost_fen):
                before[energy] = [line.amount, line.cost_fen]
                line.amount, line.cost_fen = used.amount, used.cost_fen
                changed.append(line)
            else:
                continue
            after[energy] = [used.amount, used.cost_fen]
        if after:
            told[key] = (before, after)
    Consumption.objects.bulk_create(new, batch_size=2000)
    Consumption.objects.bulk_update(changed, ["amount", "cost_fen"], batch_size=2000)
    return told
