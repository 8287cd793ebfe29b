"""Shared buildings: who shares them when, what was told of them, and where it went."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, Sum

from guanjia.domains.energy.models import (
    Consumption,
    Institution,
    InstitutionSpell,
    Site,
    SiteLine,
    SitePart,
    SiteReturn,
    SiteShare,
)
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.sites import Basis
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

SEE, KEEP, TELL = "energy.site.see", "energy.site.keep", "energy.site.tell"
Where = tuple[int, date, Energy]  # an institution's id, the first day of a month, a source


def listed(scope: Scope) -> Any:
    """The sites of a scope with how many share them now."""
    return (
        Site.objects.within(scope)
        .select_related("area")
        .annotate(sharers=Count("shares", filter=Q(shares__during__upper_inf=True)))
    )


def shares(scope: Scope) -> Any:
    """The shares of a scope's sites, and those of its institutions."""
    rows = SiteShare.objects.all()
    if not scope.everything:
        mine = Institution.objects.within(scope).values("pk")
        rows = rows.filter(in_units(scope, "site__area") | Q(institution__in=mine))
    return rows.select_related("site__area", "institution__area")


def shares_on(site_id: int, day: date) -> list[SiteShare]:
    """Who shares a site on a day, in the order of the register."""
    rows = SiteShare.objects.filter(site=site_id, during__contains=day)
    return list(rows.select_related("institution__area").order_by("institution__position", "pk"))


def of_institution(institution_id: int, day: date) -> list[SiteShare]:
    """The shares an institution has on a day."""
    rows = SiteShare.objects.filter(institution=institution_id, during__contains=day)
    return list(rows.select_related("site").order_by("site__name", "pk"))


def of_month(site_id: int, month: date) -> list[SiteShare]:
    """The shares by which a month is divided: those of its last day."""
    return shares_on(site_id, last_day(month))


def left(one: Institution, day: date) -> bool:
    """Whether an institution had left the register by a day."""
    return one.left_on is not None and one.left_on <= day


def last_day(month: date) -> date:
    """The last day of a month."""
    found = Period.month_named(f"{month:%Y-%m}")
    return found.last if found else month


def weights(ids: Collection[int], basis: Basis, day: date) -> Mapping[int, Decimal | None]:
    """Floor space or people of institutions on a day; ``None`` where it is not known."""
    rows = InstitutionSpell.objects.filter(institution__in=ids, during__contains=day)
    name = "floor_m2" if basis is Basis.FLOOR else "people"
    found = dict(rows.values_list("institution", name))
    return {pk: None if found.get(pk) is None else Decimal(found[pk]) for pk in ids}


def sums_elsewhere(ids: Collection[int], month: date, *, site_id: int) -> Mapping[Where, Used]:
    """What other sites gave to a month of institutions, by source."""
    rows = SitePart.objects.filter(
        month_return__institution__in=ids, month_return__month=month
    ).exclude(line__site_return__site=site_id)
    found = (
        rows.order_by()
        .values_list("month_return__institution", "line__energy")
        .annotate(amount=Sum("amount"), cost=Sum("cost_fen"))
    )
    return {
        (pk, month, Energy(energy)): Used(amount=amount, cost_fen=cost)
        for pk, energy, amount, cost in found
    }


def parts_of(ids: Collection[int], month: date, *, site_id: int) -> Mapping[Where, SitePart]:
    """What a site gave to a month of institutions before, by source."""
    rows = SitePart.objects.filter(
        month_return__institution__in=ids, month_return__month=month,
        line__site_return__site=site_id,
    ).select_related("line", "month_return__institution")  # fmt: skip
    return {
        (row.month_return.institution_id, month, Energy(row.line.energy)): row
        for row in rows.order_by("pk")
    }


def lines_of(ids: Collection[int], month: date) -> Mapping[Where, Used]:
    """What the months of institutions say now, by source."""
    rows = Consumption.objects.filter(month_return__institution__in=ids, month_return__month=month)
    return {
        (pk, month, Energy(energy)): Used(amount=amount, cost_fen=cost)
        for pk, energy, amount, cost in rows.values_list(
            "month_return__institution", "energy", "amount", "cost_fen"
        )
    }


def from_sites(return_ids: Collection[int]) -> set[tuple[int, Energy]]:
    """The lines of returns that came from sites, by return and source."""
    rows = SitePart.objects.filter(month_return__in=return_ids).order_by()
    return {(pk, Energy(e)) for pk, e in rows.values_list("month_return", "line__energy")}


def divided(keys: Collection[tuple[int, date]]) -> Mapping[Where, Used]:
    """The lines of some months that came from sites, by institution, month and source."""
    rows = SitePart.objects.filter(
        month_return__institution__in={pk for pk, _ in keys},
        month_return__month__in={month for _, month in keys},
    ).order_by()
    found = set(rows.values_list("month_return", "line__energy"))
    lines = Consumption.objects.filter(month_return__in={pk for pk, _ in found})
    return {
        (institution, month, Energy(energy)): Used(amount=amount, cost_fen=cost)
        for pk, institution, month, energy, amount, cost in lines.values_list(
            "month_return", "month_return__institution", "month_return__month", "energy",
            "amount", "cost_fen",
        )
        if (pk, energy) in found
    }  # fmt: skip


def of_return(return_id: int) -> Mapping[Energy, list[SitePart]]:
    """Where the lines of a return came from."""
    rows = SitePart.objects.filter(month_return=return_id).select_related("line__site_return__site")
    found: dict[Energy, list[SitePart]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[Energy(row.line.energy)].append(row)
    return found


def months(site: Site, scope: Scope | None = None) -> Any:
    """The months of a site that a scope may see (all without one), newest first, with their lines
    and where they went."""
    parts = SitePart.objects.select_related("month_return__institution").order_by(
        "month_return__institution__position", "pk"
    )
    lines = SiteLine.objects.prefetch_related(Prefetch("parts", queryset=parts, to_attr="given"))
    rows = SiteReturn.objects.all() if scope is None else SiteReturn.objects.within(scope)
    return (
        rows.filter(site=site)
        .prefetch_related(Prefetch("lines", queryset=lines, to_attr="told"))
        .order_by("-month")
    )


def sees_site(actor: Actor, site_id: int) -> bool:
    """Whether somebody may open a site."""
    scope = actor.scope(SEE)
    found = not scope.nothing and Site.objects.within(scope).filter(pk=site_id)
    return bool(found and found.exists())


SITES = Subject(
    model="energy.site", title="合署办公点", page="energy:site", key="site_id", path="sites",
    stem="site", sees=sees_site, rows=Site.objects.of_areas, name="name",
    listed=("合署办公点", "energy:sites_list"),
)  # fmt: skip


def sees_site_return(actor: Actor, return_id: int) -> bool:
    """Whether somebody may open a month of a site."""
    scope = actor.scope(SEE)
    if scope.nothing:
        return False
    return bool(SiteReturn.objects.within(scope).filter(pk=return_id).exists())
