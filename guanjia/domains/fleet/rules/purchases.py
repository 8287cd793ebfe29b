"""What may be bought, at what price, and when a car may be renewed. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from guanjia.domains.fleet.terms.cars import Body, Energy, Use
from guanjia.domains.fleet.terms.purchases import EarlyReason, OldCarFacts, PurchaseFacts, YearSoFar
from guanjia.kernel.regulations.lawbook import LawInForce, Provision
from guanjia.kernel.regulations.verdict import (
    ALLOWED,
    Citation,
    Finding,
    Verdict,
    passed,
    refuse,
    warn,
)

_CEILING, _VOLUME = "fleet.price_ceiling", "fleet.displacement_ceiling"
_YEARS = "fleet.renewal.service_years"
_SHARE = "fleet.purchase.new_energy_share"
_NO_ENGINE = (Energy.ELECTRIC, Energy.FUEL_CELL)
_LARGER = (Body.MEDIUM, Body.LARGE)
_WITHOUT_FIGURE = (Body.TRUCK, Body.WORK)
_FEN, _WAN_FEN = 100, 1_000_000


# ── price and displacement ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """What a car may cost and how big its engine may be; ``None`` where no figure is set.

    ``whose`` says in Chinese which line of the standard it is. Money in 分, displacement in litres.
    """

    whose: str
    price_fen: int | None
    price_cite: Citation
    volume_l: Decimal | None = None
    volume_cite: Citation | None = None

    def holds(self, car: PurchaseFacts) -> bool:
        """Whether a car keeps within it, as far as its figures are known."""
        return not (self.over_price(car) or self.over_volume(car))

    def over_price(self, car: PurchaseFacts) -> int:
        """By how many 分 a car is dearer; 0 where it is not, or nothing is set or told."""
        if self.price_fen is None or car.price_fen is None:
            return 0
        return max(car.price_fen - self.price_fen, 0)

    def over_volume(self, car: PurchaseFacts) -> Decimal:
        """By how many litres the engine of a car is bigger."""
        if self.volume_l is None or car.displacement_l is None:
            return Decimal(0)
        return max(car.displacement_l - self.volume_l, Decimal(0))


def is_new_energy(energy: Energy | None, *, law: LawInForce) -> bool:
    """Whether a car counts as a new-energy car (新能源汽车)."""
    return energy is not None and energy.value in law["fleet.purchase.new_energy_kinds"].value


def ordinary(car: PurchaseFacts, *, law: LawInForce) -> Ceiling | None:
    """The ceiling of a car of its class and energy without any reason; ``None`` for a bus.

    Without a body, as ledgers tell of cars, a new-energy car is taken for a sedan.
    """
    green = is_new_energy(car.energy, law=law)
    if green and car.body in (None, Body.SEDAN):
        price = law[f"{_CEILING}.new_energy_sedan"]
        return Ceiling(whose="新能源轿车", price_fen=_fen(price.value), price_cite=price.cite)
    if car.body in _LARGER:
        return None
    key = ".law_enforcement_needed" if _needs_more(car) else ""
    price, volume = law[_CEILING + key], law[_VOLUME + key]
    name = None if key else car.use.value
    whose = car.use.label + ("（工作需要）" if key else "")
    return _ceiling(whose, price, volume, name, engine=car.energy not in _NO_ENGINE)


def special(car: PurchaseFacts, *, law: LawInForce) -> Ceiling | None:
    """The ceiling of a car in a special case (特殊情形); ``None`` where there is none.

    Only other small cars and buses, and only in the classes that have special cases.
    """
    if car.body not in (Body.SMALL, *_LARGER):
        return None
    if car.use.value not in law["fleet.purchase.kind_of_special_case"].value:
        return None
    size = "LARGE" if car.body is Body.LARGE else "SMALL_OR_MEDIUM"
    return _ceiling(
        f"特殊情形的{car.body.label}",
        law[f"{_CEILING}.special_case"],
        law[f"{_VOLUME}.special_case"],
        size,
        engine=car.energy not in _NO_ENGINE,
    )


def _ceiling(
    whose: str, price: Provision, volume: Provision, name: str | None, *, engine: bool
) -> Ceiling:
    most, litres = price.value, volume.value
    if name is not None:
        most, litres = most.get(name), litres.get(name)
    return Ceiling(
        whose=whose,
        price_fen=_fen(most),
        price_cite=price.cite,
        volume_l=Decimal(litres) if engine and litres is not None else None,
        volume_cite=volume.cite,
    )


def _fen(yuan: Any) -> int | None:
    return None if yuan is None else int(yuan) * _FEN


def _needs_more(car: PurchaseFacts) -> bool:
    return car.use is Use.LAW_ENFORCEMENT and car.needed_for_law_enforcement


def within_ceiling(*, car: PurchaseFacts, law: LawInForce) -> Verdict:
    """A car to be bought keeps within the standard of its class (配备标准), or has its reason."""
    if _CEILING not in law:
        return ALLOWED
    if car.use is Use.SPECIAL or car.body in _WITHOUT_FIGURE:
        return _no_figure(car, law)
    return _engine_told(car) + _judged(car, law)


def _judged(car: PurchaseFacts, law: LawInForce) -> Verdict:
    usual, exception = ordinary(car, law=law), special(car, law=law)
    if usual is not None and usual.holds(car):
        return _kept(usual)
    if exception is None:
        return _beyond(usual, car) if usual else _no_buses(car, law)
    if not exception.holds(car):
        return _beyond(exception, car)
    if not car.special_reason.strip():
        return _reason_missing(usual, exception)
    return warn(
        "special_case", f"按{exception.whose}配备。",
        f"理由随审批公示：{car.special_reason.strip().rstrip('。')}。", exception.price_cite,
        field="special_reason",
    )  # fmt: skip


def _no_figure(car: PurchaseFacts, law: LawInForce) -> Verdict:
    provision = law["fleet.purchase.special_technical"]
    if car.use is Use.SPECIAL:
        return warn(
            "no_figure", "特种专业技术用车没有统一的价格和排气量上限。",
            "配备标准由有关部门会同财政部门定，附上其文件。", provision.cite, field="price_wan",
        )  # fmt: skip
    body = car.body.label if car.body else ""
    return warn(
        "no_figure", f"配备标准没有列{body}。", "附上同意配备的文件。", law[_CEILING].cite,
        field="body",
    )  # fmt: skip


def _engine_told(car: PurchaseFacts) -> Verdict:
    if car.energy not in (None, *_NO_ENGINE) and car.displacement_l is None:
        return refuse(
            "displacement_missing", f"{car.energy.label}车没有填排气量。",
            "按车型参数填写，单位升。", Citation(title="按排气量核对配备标准", own=True),
            field="displacement_l",
        )  # fmt: skip
    return ALLOWED


def _kept(ceiling: Ceiling) -> Verdict:
    limits = _limits(ceiling)
    return passed(
        "within_ceiling", f"在{ceiling.whose}配备标准之内。", f"上限 {limits}。", ceiling.price_cite
    )


def _limits(ceiling: Ceiling) -> str:
    parts = []
    if ceiling.price_fen is not None:
        parts.append(f"{Decimal(ceiling.price_fen) / _WAN_FEN:g} 万元")
    if ceiling.volume_l is not None:
        parts.append(f"{ceiling.volume_l} 升")
    return "、".join(parts)


def _beyond(ceiling: Ceiling, car: PurchaseFacts) -> Verdict:
    """What is over, by how much, and what can be done."""
    verdict = ALLOWED
    if dearer := ceiling.over_price(car):
        verdict += refuse(
            "over_price", f"价格 {_wan(car.price_fen)} 万元，高于{ceiling.whose}上限"
            f" {_wan(ceiling.price_fen)} 万元。",
            f"高出 {_wan(dearer)} 万元，换配置或车型。", ceiling.price_cite, field="price_wan",
        )  # fmt: skip
    if ceiling.over_volume(car):
        verdict += refuse(
            "over_displacement",
            f"排气量 {car.displacement_l:g} 升，高于{ceiling.whose}上限 {ceiling.volume_l} 升。",
            "换排气量小的车型，或选新能源轿车。", ceiling.volume_cite, field="displacement_l",
        )  # fmt: skip
    return verdict


def _wan(fen: int | None) -> str:
    return f"{Decimal(fen or 0) / _WAN_FEN:.4f}".rstrip("0").rstrip(".")


def _no_buses(car: PurchaseFacts, law: LawInForce) -> Verdict:
    body = car.body.label if car.body else "客车"
    return refuse(
        "no_special_case", f"{car.use.label}不配{body}。", "改选轿车或其他小型客车。",
        law[_CEILING].cite, field="body",
    )  # fmt: skip


def _reason_missing(usual: Ceiling | None, exception: Ceiling) -> Verdict:
    over = f"超过{usual.whose}上限 {_limits(usual)}" if usual else f"{exception.whose}"
    return refuse(
        "special_reason_missing", f"{over}，须写明特殊情形的理由。",
        f"写明理由后按特殊情形配备，上限 {_limits(exception)}；没有理由的换车型。",
        exception.price_cite, field="special_reason",
    )  # fmt: skip


# ── new energy, home-made ──────────────────────────────────────────────────────────────────


def new_energy(*, car: PurchaseFacts, so_far: YearSoFar, law: LawInForce) -> Verdict:
    """The share of new-energy cars over the year's purchases with this one; only warns (原则上)."""
    green = is_new_energy(car.energy, law=law)
    key = "fleet.purchase.new_energy_on_city_routes"
    verdict = ALLOWED
    if key in law and car.fixed_city_route and not green:
        verdict += warn(
            "city_route", "路线固定、主要在城区的车原则上全部选新能源汽车。",
            "仍要买燃油车的，审批时说明理由。", law[key].cite, field="energy",
        )  # fmt: skip
    if _SHARE not in law:
        return verdict
    bought, of_them = so_far.bought + 1, so_far.new_energy + int(green)
    least = int(law[_SHARE].value)
    told = f"本年购置连本次 {bought} 辆，新能源 {of_them} 辆，占 {of_them * 100 // bought}%"
    if of_them * 100 >= least * bought:
        return verdict + passed(
            "new_energy_share", "新能源占比达到要求。", f"{told}。", law[_SHARE].cite
        )
    if green:
        return verdict + passed("new_energy", "本次购置新能源汽车。", f"{told}。", law[_SHARE].cite)
    return verdict + warn(
        "new_energy_share", f"{told}，低于 {least}%。", "原则上改选新能源汽车。", law[_SHARE].cite,
        field="energy",
    )  # fmt: skip


def home_made(*, car: PurchaseFacts, law: LawInForce) -> Verdict:
    """Official cars are home-made (国产汽车); an imported one is warned of."""
    key = "fleet.purchase.domestic"
    if car.domestic or key not in law:
        return ALLOWED
    return warn(
        "imported", "不是国产汽车。", "公务用车应当配备国产汽车，改选国产车型。", law[key].cite,
        field="domestic",
    )  # fmt: skip


# ── renewal ────────────────────────────────────────────────────────────────────────────────


def renewal_from(*, registered_on: date, law: LawInForce) -> date:
    """The first day on which a car has served longer than the years asked for.

    「超过八年」: on the anniversary itself it has served just these years, the day after more.
    """
    year = registered_on.year + int(law[_YEARS].value)
    try:
        full = registered_on.replace(year=year)
    except ValueError:  # 29 February
        full = date(year, 2, 28)
    return full + timedelta(days=1)


def due_for_renewal(*, registered_on: date, on: date, law: LawInForce) -> bool:
    """Whether a car has served longer than the years after which it may be renewed."""
    return _YEARS in law and on >= renewal_from(registered_on=registered_on, law=law)


def old_enough(*, old: OldCarFacts, on: date, law: LawInForce) -> Verdict:
    """A renewal agreed to before the service years are over is a finding of a ledger."""
    if _YEARS not in law or due_for_renewal(registered_on=old.registered_on, on=on, law=law):
        return ALLOWED
    first = renewal_from(registered_on=old.registered_on, law=law)
    return warn(
        "too_young", f"{old.plate}批准更新时使用未超过 {law[_YEARS].value} 年。",
        f"{_day(old.registered_on)}登记，{_day(first)}起可以更新。", law[_YEARS].cite,
        field="approved_on",
    )  # fmt: skip


def may_renew(*, car: PurchaseFacts, on: date, law: LawInForce) -> Verdict:
    """A car is renewed after its service years; earlier only for safety, never for a promotion."""
    old = car.old_car
    if old is None:
        return refuse(
            "old_car_missing", "没有选要更新的旧车。", "填旧车的号牌号码。",
            Citation(title="更新须对应一辆旧车", own=True), field="old_car",
        )  # fmt: skip
    verdict = ALLOWED
    if old.unit_id != car.unit_id:
        verdict += refuse(
            "old_car_elsewhere", f"{old.plate}不是本单位的车。", "只能更新本单位在用的车辆。",
            Citation(title="更新须对应本单位的旧车", own=True), field="old_car",
        )  # fmt: skip
    if due_for_renewal(registered_on=old.registered_on, on=on, law=law):
        return verdict + _years_served(old, law) + _sound(car, law)
    return verdict + _early(car, old, law)


def _years_served(old: OldCarFacts, law: LawInForce) -> Verdict:
    return passed(
        "years_served", f"{old.plate}使用已超过 {law[_YEARS].value} 年。",
        f"{_day(old.registered_on)}登记。", law[_YEARS].cite,
    )  # fmt: skip


def _sound(car: PurchaseFacts, law: LawInForce) -> Verdict:
    key = "fleet.renewal.still_usable"
    if not car.sound or key not in law:
        return ALLOWED
    return warn(
        "still_usable", "旧车仍能使用。", "达到更新年限仍能继续使用的，应当继续使用。",
        law[key].cite, field="old_car_sound",
    )  # fmt: skip


def _early(car: PurchaseFacts, old: OldCarFacts, law: LawInForce) -> Verdict:
    if _YEARS not in law:
        return ALLOWED
    never = "fleet.renewal.not_for_promotion"
    if car.early_reason is EarlyReason.PROMOTION and never in law:
        return refuse(
            "for_promotion", "不得因领导职务晋升、调动提前更新。", "原车继续使用。",
            law[never].cite, field="early_reason",
        )  # fmt: skip
    first = renewal_from(registered_on=old.registered_on, law=law)
    if car.early_reason is EarlyReason.SAFETY:
        provision = law["fleet.renewal.early_for_safety"]
        return warn(
            "early_for_safety", f"{old.plate}未到更新年限，因安全等原因提前更新。",
            "须严格审批：附检测或维修报告，审批多一步会商。", provision.cite, field="early_reason",
        )  # fmt: skip
    return refuse(
        "too_young", f"{old.plate}使用未超过 {law[_YEARS].value} 年，不能更新。",
        f"{_day(old.registered_on)}登记，{_day(first)}起可以更新；因安全等原因提前的，选该原因并附报告。",
        law[_YEARS].cite, field="old_car",
    )  # fmt: skip


def is_early(*, car: PurchaseFacts, on: date, law: LawInForce) -> bool:
    """Whether a renewal comes before the service years are over, which wants one step more."""
    old = car.old_car
    if old is None or _YEARS not in law:
        return False
    return not due_for_renewal(registered_on=old.registered_on, on=on, law=law)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def ceiling_findings(*, car: PurchaseFacts, law: LawInForce) -> tuple[Finding, ...]:
    """What a ledger's car is over, as findings; what a ledger does not tell is not missed."""
    if _CEILING not in law or car.use is Use.SPECIAL or car.energy is None:
        return ()
    usual = ordinary(car, law=law)
    return () if usual is None or usual.holds(car) else _beyond(usual, car).refusals
