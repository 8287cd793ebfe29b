"""What a car may cost and how big its engine may be. Pure."""

from decimal import Decimal
from typing import Any

from guanjia.domains.fleet.terms.cars import Energy, Use
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, warn


def within_ceiling(
    *,
    use: Use,
    seats: int,
    price_fen: int | None,
    displacement_l: Decimal | None,
    energy: str,
    law: LawInForce,
) -> Verdict:
    """A car dearer or bigger than the standard of its kind (配备标准) is a finding.

    Only warns: ledgers are facts. Special technical cars have no figure here. Money in 分.
    """
    if "fleet.price_ceiling" not in law:
        return ALLOWED
    types = law["fleet.bus.seats_max"].value
    if seats > int(types["SMALL"]):
        size = "SMALL_OR_MEDIUM" if seats <= int(types["MEDIUM"]) else "LARGE"
        price, volume, name = law["fleet.price_ceiling.special_case"], None, size
    elif energy == Energy.ELECTRIC:
        price, volume, name = law["fleet.price_ceiling.new_energy_sedan"], None, None
    else:
        key = "fleet.price_ceiling"
        price, volume, name = law[key], law["fleet.displacement_ceiling"], use.value
    verdict = ALLOWED
    most = _entry(price.value, name)
    if price_fen is not None and most is not None and price_fen > int(most) * 100:
        verdict += warn(
            "over_price",
            f"购置价格 {price_fen / 1_000_000:.2f} 万元。",
            f"高于{use.label}上限 {int(most) / 10_000:g} 万元。",
            price.cite,
            field="price_wan",
        )
    if volume is not None and displacement_l is not None:
        limit = _entry(volume.value, name)
        if limit is not None and displacement_l > Decimal(limit):
            verdict += warn(
                "over_displacement",
                f"排气量 {displacement_l:g} 升。",
                f"高于{use.label}上限 {limit} 升。",
                volume.cite,
                field="displacement_l",
            )
    return verdict


def _entry(value: Any, name: str | None) -> Any:
    return value if name is None else value.get(name)
