"""Quotas and purchases for the tests of this area, made by calling actions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from guanjia.domains.fleet.actions import carding, disposals, purchases, quotas
from guanjia.domains.fleet.models import Car, Disposal, Purchase, QuotaChange
from guanjia.domains.fleet.terms.cars import Body, Energy, Keeping, PlateColour, Use
from guanjia.domains.fleet.terms.disposals import DisposalMethod
from guanjia.domains.fleet.terms.purchases import PurchaseKind
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT, TODAY, City
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.approvals.actions import deciding, opening
from guanjia.kernel.approvals.models import Case

DECIDERS = ("head", "car_keeper", "car_decider")
GRANTED_ON = date(2019, 1, 1)


def grant(city: City, number: int, *, unit: str = "farming", use: Use = Use.OTHER) -> None:
    """A quota as a ledger tells of it."""
    row = {
        "unit": city.units[unit],
        "use": use,
        "quota": number,
        "document": "景机管车〔2019〕1号",
        "approved_on": GRANTED_ON,
    }
    quotas.enter_quotas(actor=SYSTEM, rows=[row], at=AT)


def car_of(city: City, plate: str, *, unit: str = "farming", **facts: Any) -> Car:
    """A car on the unit's books since 2011."""
    facts = {"registered_on": date(2011, 3, 1), "keeping": Keeping.UNIT, **facts}
    return builders.car(plate, city.units[unit], **facts)


def wish(city: City, **changes: Any) -> dict[str, Any]:
    """An additional electric sedan of 14.98 万元 for the unit."""
    return {
        "kind": PurchaseKind.NEW,
        "unit_id": city.units["farming"].pk,
        "use": Use.OTHER,
        "body": Body.SEDAN,
        "energy": Energy.ELECTRIC,
        "make": "比亚迪秦EV",
        "displacement_l": None,
        "seats": 5,
        "price_fen": 14_980_000,
        "reason": "基层调研",
        **changes,
    }


def asked(city: City, at: datetime = AT, **changes: Any) -> Purchase:
    """A purchase that waits for its approval."""
    facts = wish(city, **changes)
    return purchases.request_purchase(actor=city.actor("clerk"), facts=facts, at=at)


def renewal(city: City, old: Car, at: datetime = AT, **changes: Any) -> Purchase:
    """A renewal of a car that waits for its approval."""
    told = {"kind": PurchaseKind.RENEWAL, "old_car_id": old.pk, **changes}
    return asked(city, at=at, **told)


def case_of(row: Any) -> Case:
    """The approval of a row."""
    return Case.objects.get(subject_type=row._meta.label_lower, subject_id=row.pk)


def agree(city: City, row: Any, *, by: tuple[str, ...] = DECIDERS, at: datetime = AT) -> None:
    """Everybody agrees, in the order of the route."""
    for username in by:
        deciding.agree(actor=city.actor(username), case_id=case_of(row).pk, at=at)
    row.refresh_from_db()


def send_back(city: City, row: Any, *, by: str = "head", at: datetime = AT) -> None:
    """The first who decides sends it back."""
    deciding.send_back(actor=city.actor(by), case_id=case_of(row).pk, comment="请补充报价", at=at)
    row.refresh_from_db()


def withdraw(city: City, row: Any, *, by: str = "clerk", at: datetime = AT) -> None:
    """The applicant takes it back."""
    opening.withdraw(actor=city.actor(by), case_id=case_of(row).pk, at=at)
    row.refresh_from_db()


def stop(city: City, row: Any, *, by: str = "head", at: datetime = AT) -> None:
    """It is ended for good."""
    deciding.stop(actor=city.actor(by), case_id=case_of(row).pk, comment="暂不购置", at=at)
    row.refresh_from_db()


def change(city: City, delta: int = 1, at: datetime = AT, **changes: Any) -> QuotaChange:
    """A change of the unit's quota that waits for its approval."""
    facts = {
        "unit_id": city.units["farming"].pk,
        "use": Use.OTHER,
        "delta": delta,
        "takes_effect_on": TODAY,
        "reason": "新设机构",
        **changes,
    }
    return quotas.request_change(actor=city.actor("clerk"), facts=facts, at=at)


def new_car(plate: str = "赣HD00001", **changes: Any) -> Mapping[str, Any]:
    """The new car as its certificate tells."""
    return {
        "plate": plate,
        "plate_colour": PlateColour.GREEN,
        "vin": builders.vin(plate),
        "registered_on": TODAY,
        "keeping": Keeping.UNIT,
        **changes,
    }


def carded(
    city: City, purchase: Purchase, plate: str = "赣HD00001", at: datetime = AT, **changes: Any
) -> Purchase:
    """The new car is entered by the keeper."""
    done = carding.card_purchase(
        actor=city.actor("car_keeper"),
        purchase_id=purchase.pk,
        car=new_car(plate, **changes),
        method=DisposalMethod.SCRAP,
        document="景机管车〔2020〕9号",
        at=at,
    )
    done.refresh_from_db()
    return done


def renewed_row(old: Car, **changes: Any) -> dict[str, Any]:
    """A renewal as a ledger tells of it."""
    return {
        "old_car": old,
        "make": "比亚迪秦EV",
        "use": Use.OTHER,
        "energy": Energy.ELECTRIC,
        "displacement_l": None,
        "price_fen": 14_980_000,
        "approved_on": date(2020, 5, 5),
        "document": "景机管车〔2020〕7号",
        **changes,
    }


def furnish(city: City) -> None:
    """For the furnished house: a quota, a change and a purchase that wait, a ledger's renewal."""
    grant(city, 3)
    old = car_of(city, "赣H40001")
    car_of(city, "赣H40002")
    carding.enter_renewals(actor=SYSTEM, rows=[renewed_row(old)], at=AT)
    change(city)
    asked(city)


def nearly_scrapped(city: City, plate: str, at: datetime = AT) -> Disposal:
    """A car on its way to the scrapyard: all is done but the last act, which cancels its card."""
    clerk, keeper = city.actor("clerk"), city.actor("car_keeper")
    car = Car.objects.get(plate=plate)
    disposal = disposals.open_disposal(
        actor=clerk, car_id=car.pk, method=DisposalMethod.SCRAP, reason="车况差，超过年限", at=at
    )
    disposals.value_disposal(
        actor=clerk, disposal_id=disposal.pk, valuation_fen=180_000, valuer="景德镇市价格认定中心",
        valued_on=at.date(), at=at,
    )  # fmt: skip
    disposals.send(actor=clerk, disposal_id=disposal.pk, at=at)
    agree(city, disposal, at=at)
    deal = {
        "disposed_on": at.date(),
        "buyer": "市报废汽车回收公司",
        "proceeds_fen": 180_000,
        "document": "景机管处〔2020〕60号",
    }
    paid = {
        "receipt": "JK20200600",
        "paid_fen": 180_000,
        "paid_on": at.date(),
        "difference_note": "",
    }
    disposals.deal(actor=keeper, disposal_id=disposal.pk, facts=deal, at=at)
    disposals.pay_in(actor=keeper, disposal_id=disposal.pk, facts=paid, at=at)
    return disposals.return_plate(actor=keeper, disposal_id=disposal.pk, on=at.date(), at=at)
