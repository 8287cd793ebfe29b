"""Shared buildings: entered, shared out from a day on, told month by month and divided."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from guanjia.domains.energy.actions import returns
from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import (
    Institution,
    MonthReturn,
    Site,
    SiteLine,
    SitePart,
    SiteReturn,
    SiteShare,
)
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import institutions as directory
from guanjia.domains.energy.queries import sites as queries
from guanjia.domains.energy.rules import institutions as institution_rules
from guanjia.domains.energy.rules import sites as rules
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.returns import Origin
from guanjia.domains.energy.terms.sites import Basis
from guanjia.kernel.acts import stretches
from guanjia.kernel.acts.changing import change
from guanjia.kernel.audit import entering
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

KEEP, TELL = queries.KEEP, queries.TELL
Rows = Sequence[Mapping[str, Any]]
NOTHING = Used(amount=None, cost_fen=None)


@transaction.atomic
def enter_sites(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Shared buildings: ``area``, ``name``, ``address``, ``floor_m2``; area and name make one.

    Needs ``energy.site.keep`` for the areas. Returns created, changed, unchanged.
    """
    actor.must(KEEP)
    left_out = areas.outside(actor.scope(KEEP), [row["area"] for row in rows])
    institution_rules.may_enter(outside=len(left_out)).enforce()
    entered = entering.enter(
        actor=actor, model=Site, key=("area", "name"), rows=rows, verb="energy.site.entered", at=at,
    )  # fmt: skip
    return entered.counts()


@transaction.atomic
def enter_site(
    *, actor: Actor, name: str, area: int, address: str, floor_m2: Decimal | None, at: datetime
) -> Site:
    """One shared building of an area, by its id; see ``enter_sites``."""
    where = next(each for each in areas.all_areas() if each.pk == area)
    row = {"name": name, "area": where, "address": address, "floor_m2": floor_m2}
    enter_sites(actor=actor, rows=[row], at=at)
    found: Site = Site.objects.get(area=where, name=name)
    return found


@transaction.atomic
def share_out_named(
    *,
    actor: Actor,
    site_id: int,
    since: date,
    basis: Basis,
    named: Sequence[tuple[str, str, Decimal | None]],
    at: datetime,
) -> Site:
    """As ``share_out``, with institutions by code and name (may be empty)."""
    actor.must(KEEP)
    known = directory.Directory([code for code, _, _ in named])
    parts: dict[int, Decimal | None] = {}
    for number, (code, name, percent) in enumerate(named, start=1):
        one = known.find(code, name)
        if one is None:
            sentence = f"第 {number} 家 {code} {name}：名录库中没有，核对代码和名称。"
            refuse("institution_unknown", "没有保存：", sentence, field="parts").enforce()
        elif one.pk in parts:
            refuse("twice", "没有保存：", f"{one}写了两次。", field="parts").enforce()
        else:
            parts[one.pk] = percent
    share_out(actor=actor, site_id=site_id, since=since, basis=basis, parts=parts, at=at)
    found: Site = Site.objects.get(pk=site_id)
    return found


@transaction.atomic
def share_out(
    *,
    actor: Actor,
    site_id: int,
    since: date,
    basis: Basis,
    parts: Mapping[int, Decimal | None],
    at: datetime,
) -> bool:
    """Who shares a site from a day on, instead of whoever did; ``parts``: percents by institution
    for ``TOLD``, else what is given is read from the register. None at all ends the sharing.

    Needs ``energy.site.keep`` for the site and the institutions. Whether anything changed.
    """
    site = _site(actor, KEEP, site_id)
    must_hold(actor, KEEP, set(parts))
    held = SiteShare.objects.select_for_update(of=("self",)).select_related("institution")
    known = list(held.filter(site=site).order_by("pk"))
    weights = parts if basis is Basis.TOLD else queries.weights(parts, basis, since)
    rows = Institution.objects.filter(pk__in=parts).order_by("position", "pk")
    names = {one.pk: one for one in rows}
    rules.still_there([str(one) for one in rows if queries.left(one, since)]).enforce()
    rules.may_share(
        basis=basis, weights={pk: weights[pk] for pk in names}, names=_names(rows), since=since,
        latest=max((day for row in known for day in (row.during.lower, row.during.upper) if day),
                   default=None),
        today=timezone.localdate(at),
    ).enforce()  # fmt: skip
    wanted = rules.percents({pk: weights[pk] or Decimal(0) for pk in names}) if names else {}
    there = [row for row in known if row.during.upper is None]
    if {row.institution_id: row.share for row in there} == wanted and {
        row.basis for row in there
    } <= {basis}:
        return False
    _replace(site, there, since, basis, wanted, at)
    was = _shares(
        [row.institution for row in there], {row.institution_id: row.share for row in there}
    )
    change(
        site, {}, actor=actor, verb="energy.site.shared", at=at,
        beside={"shares": (was, _shares(rows, wanted))}, also={"since": since, "basis": basis},
    )  # fmt: skip
    return True


def _names(rows: Iterable[Institution]) -> dict[int, str]:
    """What institutions are called; two of one name by their codes too."""
    times = Counter(one.name for one in rows)
    return {
        one.pk: one.name if times[one.name] == 1 else f"{one.name}（{one.code}）" for one in rows
    }


def _shares(rows: Iterable[Institution], shares: Mapping[int, Decimal]) -> dict[str, Decimal]:
    names = _names(rows)
    return {names[pk]: share for pk, share in shares.items()}


def _replace(  # noqa: PLR0917 — what was, from when, and what is instead
    site: Site,
    there: Sequence[SiteShare],
    since: date,
    basis: Basis,
    wanted: Mapping[int, Decimal],
    at: datetime,
) -> None:
    for row in there:
        stretches.end(row, since)
    SiteShare.objects.bulk_create(
        SiteShare(
            site=site, institution_id=pk, during=DateRange(since, None), basis=basis, share=share,
            told_at=at,
        )
        for pk, share in wanted.items()
    )  # fmt: skip


@transaction.atomic
def tell_month(
    *, actor: Actor, site_id: int, month: date, lines: Mapping[Energy, Used], at: datetime
) -> SiteReturn:
    """A month of a site: divided by the shares of its last day onto the institutions' months, where
    the parts add up exactly. Telling it again divides anew; a source left out stays.

    Needs ``energy.site.tell`` for the site, and to tell the returns of all who share it. Refused
    for months that are locked, and where an institution told the same source of its own.
    """
    site = _site(actor, TELL, site_id)
    shared = queries.of_month(site.pk, month)
    rules.may_tell(
        month=month, today=timezone.localdate(at), shared=bool(shared), told=bool(lines)
    ).enforce()
    last = queries.last_day(month)
    gone = [str(row.institution) for row in shared if queries.left(row.institution, last)]
    rules.still_there(gone).enforce()
    shares = {row.institution_id: row.share for row in shared}
    found: SiteReturn
    found, new = SiteReturn.objects.select_for_update().get_or_create(
        site=site, month=month, defaults={"told_at": at}
    )
    before = {} if new else _told(found)
    given = {energy: rules.split(used, shares) for energy, used in lines.items()}
    _enter(actor, site, month, given, at)
    _keep(found, lines, given, shares)
    after = _told(found)
    change(
        found, {"told_at": at}, actor=actor, verb="energy.site.told", at=at,
        beside={name: (before.get(name), after.get(name)) for name in {**before, **after}},
    )  # fmt: skip
    return found


Given = Mapping[Energy, Mapping[int, Used]]


def _enter(actor: Actor, site: Site, month: date, given: Given, at: datetime) -> None:
    """Write the months of all who share it now, or did when it was told before."""
    sharers = {pk for parts in given.values() for pk in parts}
    sharers |= set(
        SitePart.objects.filter(
            line__site_return__site=site, line__site_return__month=month, line__energy__in=given
        ).values_list("month_return__institution", flat=True)
    )
    rows = {one.pk: one for one in Institution.objects.filter(pk__in=sharers).order_by("pk")}
    # Held before they are read: nobody may tell a source of their own in between.
    returns.hold({(pk, month) for pk in sharers})
    before = queries.parts_of(sharers, month, site_id=site.pk)
    elsewhere = queries.sums_elsewhere(sharers, month, site_id=site.pk)
    now = queries.lines_of(sharers, month)
    told: dict[int, dict[Energy, Used]] = {pk: {} for pk in rows}
    own: list[str] = []
    for energy, parts in given.items():
        for pk, one in rows.items():
            where = (pk, month, energy)
            old, other = before.get(where), elsewhere.get(where, NOTHING)
            if where not in now and pk not in parts:
                continue
            known = _sum(Used(amount=old.amount, cost_fen=old.cost_fen) if old else NOTHING, other)
            if _more(now.get(where, NOTHING), known):
                own.append(f"{one}{month.month}月的{energy.label}")
            told[pk][energy] = _sum(parts.get(pk, Used(amount=Decimal(0), cost_fen=0)), other)
    rules.not_told_otherwise(own).enforce()
    returns.enter_returns(
        actor=actor,
        months=[
            returns.Month(institution=rows[pk], month=month, lines=each)
            for pk, each in told.items()
            if each
        ],
        origin=Origin.SITE,
        at=at,
    )


def _sum(one: Used, other: Used) -> Used:
    """Two parts together; what neither told stays untold."""
    amounts = [each.amount for each in (one, other) if each.amount is not None]
    costs = [each.cost_fen for each in (one, other) if each.cost_fen is not None]
    return Used(
        amount=sum(amounts, Decimal(0)) if amounts else None, cost_fen=sum(costs) if costs else None
    )


def _more(now: Used, known: Used) -> bool:
    """Whether a line says something that did not come from sites."""
    return (now.amount or 0) != (known.amount or 0) or (now.cost_fen or 0) != (known.cost_fen or 0)


def _keep(
    found: SiteReturn, lines: Mapping[Energy, Used], given: Given, shares: Mapping[int, Decimal]
) -> None:
    """Keep what was told of the site, and which part went where."""
    months = {
        row.institution_id: row
        for row in MonthReturn.objects.filter(institution__in=shares, month=found.month)
    }
    for energy, used in lines.items():
        line, _ = SiteLine.objects.update_or_create(
            site_return=found, energy=energy,
            defaults={"amount": used.amount, "cost_fen": used.cost_fen},
        )  # fmt: skip
        line.parts.all().delete()
        SitePart.objects.bulk_create(
            SitePart(
                line=line, month_return=months[pk], share=shares[pk], amount=part.amount,
                cost_fen=part.cost_fen,
            )
            for pk, part in given[energy].items()
        )  # fmt: skip


def _told(found: SiteReturn) -> dict[str, Any]:
    rows = found.lines.order_by("energy")
    return {line.energy: [line.amount, line.cost_fen] for line in rows}


def _site(actor: Actor, verb: str, site_id: int) -> Site:
    actor.must(verb)
    site: Site = (
        Site.objects.of_areas(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("area")
        .get(pk=site_id)
    )
    return site
