"""How a car's running is reckoned (单车核算) and compared with cars of its kind. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import median

from guanjia.domains.fleet.terms.accounts import Group, Placed, Rates
from guanjia.kernel.regulations.lawbook import LawInForce

_CENT = Decimal("0.01")
_HUNDRED = 100


def per_km(*, total_fen: int, entries: int, km: int) -> Decimal | None:
    """Cost per kilometre in 分; a car that did not drive, or without a cost, has none."""
    if km <= 0 or entries == 0:
        return None
    return (Decimal(total_fen) / km).quantize(_CENT)


def per_100km(*, litres: Decimal, km: int) -> Decimal | None:
    """Litres per 100 km; a car that did not drive, or took no fuel, has none."""
    if km <= 0 or litres <= 0:
        return None
    return (litres * _HUNDRED / km).quantize(_CENT)


def rates_of(*, rates: Sequence[Decimal], law: LawInForce) -> Rates:
    """What a group shows; too few cars have no median, for one of them would set it."""
    if len(rates) < int(law["fleet.account.group_min"].value):
        return Rates(cars=len(rates), median=None)
    return Rates(cars=len(rates), median=Decimal(median(rates)).quantize(_CENT))


def place(
    *, rates: Mapping[int, tuple[Group, Decimal | None]], law: LawInForce
) -> dict[int, Placed]:
    """Every car's rate beside the median of its group and its place in it, the dearest first.

    Cars of one rate share a place. ``rates``: key of a car → its group and its rate.
    """
    groups: dict[Group, list[Decimal]] = {}
    for group, rate in rates.values():
        groups.setdefault(group, [])
        if rate is not None:
            groups[group].append(rate)
    shown = {group: rates_of(rates=found, law=law) for group, found in groups.items()}
    first: dict[Group, dict[Decimal, int]] = {}
    for group, found in groups.items():
        ranks = first.setdefault(group, {})
        for number, rate in enumerate(sorted(found, reverse=True), start=1):
            ranks.setdefault(rate, number)
    return {
        key: Placed(
            rate=rate,
            median=shown[group].median,
            place=None if rate is None else first[group][rate],
            among=shown[group].cars,
        )
        for key, (group, rate) in rates.items()
    }
