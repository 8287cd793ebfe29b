"""Quotas, purchases and renewals of the demo: some done, some on their way, by calling actions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from guanjia.demo.accounts import HOUSING, RED_CROSS
from guanjia.domains.fleet.actions import carding, purchases, quotas
from guanjia.domains.fleet.demo import accounts
from guanjia.domains.fleet.models import Car, CarStay, Purchase
from guanjia.domains.fleet.terms.cars import Body, CarState, Energy, Keeping, PlateColour, Use
from guanjia.domains.fleet.terms.disposals import DisposalMethod
from guanjia.domains.fleet.terms.purchases import EarlyReason, PurchaseKind
from guanjia.domains.fleet.terms.trips import BOOKED_STATES
from guanjia.kernel.access import actions as access_acts
from guanjia.kernel.access import queries as access
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor, Reach
from guanjia.kernel.values.period import SHANGHAI

DAY = timedelta(days=1)
FIRST, CUT = date(2018, 6, 28), date(2021, 3, 1)
_KEEPER = "hejiali"
_BODIES = {
    "比亚迪秦PLUS": (Energy.PLUG_IN, Decimal("1.5"), 12_980_000),
    "广汽埃安S": (Energy.ELECTRIC, None, 14_680_000),
    "红旗E-QM5": (Energy.ELECTRIC, None, 15_980_000),
    "大众朗逸": (Energy.PETROL, Decimal("1.5"), 11_880_000),
}


def live(*, at: datetime, rng: Random) -> None:
    """Every unit has its quotas; a dozen purchases stand at every stage."""
    _grant_quotas(rng, at)
    desk = _Desk(at)
    sick = [code for code in accounts.OTHER_UNITS if desk.old_cars(code)]
    housing, red_cross = HOUSING, RED_CROSS
    _room(housing, at)
    desk.ask(housing, "广汽埃安S", days=12, until="done", plate="赣HD88012")
    desk.ask(housing, "红旗E-QM5", days=9, until="agreed")
    desk.ask(red_cross, "比亚迪秦PLUS", days=2, until="asked")
    for code, told in zip(
        sick,
        (
            {"make": "广汽埃安S", "days": 16, "until": "done", "plate": "赣HD88033"},
            {"make": "大众朗逸", "days": 6, "until": "reviewed"},
            {"make": "比亚迪秦PLUS", "days": 5, "until": "returned"},
            {"make": "红旗E-QM5", "days": 8, "until": "agreed", "by_province": True},
            {"make": "广汽埃安S", "days": 4, "until": "unit", "early": True},
        ),
        strict=False,
    ):
        desk.ask(code, **told)  # type: ignore[arg-type]  # a table of what is asked
    desk.ask_for_quota(red_cross, days=3)


# ── quotas ─────────────────────────────────────────────────────────────────────────────────


def _grant_quotas(rng: Random, at: datetime) -> None:
    """What was granted in 2018, and what was left of it in 2021; two units have too many cars."""
    system = Actor.system("演示数据")
    then, now = _on_books(FIRST), _on_books(at.astimezone(SHANGHAI).date())
    keys = sorted(set(then) | set(now))
    units = Unit.objects.in_bulk({unit for unit, _ in keys})
    tight = set(rng.sample([key for key in keys if now[key] > 1], k=2))
    first, second = [], []
    for place, (unit, use) in enumerate(keys, start=1):
        granted = max(then[unit, use], now[unit, use]) + rng.choice((0, 0, 1))
        left = now[unit, use] - 1 if (unit, use) in tight else now[unit, use] + (place % 4 == 0)
        row = {"unit": units[unit], "use": Use(use)}
        first.append({**row, "quota": granted, **_document(FIRST, place)})
        if left != granted:
            second.append({**row, "quota": left, **_document(CUT, place)})
    quotas.enter_quotas(actor=system, rows=first, at=at - 29 * DAY)
    quotas.enter_quotas(actor=system, rows=second, at=at - 29 * DAY)


def _document(on: date, place: int) -> dict[str, Any]:
    return {"document": f"景机管车〔{on.year}〕{place}号", "approved_on": on}


def _on_books(day: date) -> Counter[tuple[int, str]]:
    return Counter(CarStay.objects.on(day).values_list("unit", "use"))


def _room(code: str, at: datetime) -> None:
    """A unit is granted places beyond its cars, so that it may buy."""
    unit = Unit.objects.get(code=code)
    system = Actor.system("演示数据")
    today = at.astimezone(SHANGHAI).date()
    stands = CarStay.objects.on(today).filter(unit=unit, use=Use.OTHER).count()
    row = {"unit": unit, "use": Use.OTHER, "quota": stands + 3}
    told = {"document": "景编办发〔2026〕18号", "approved_on": today - 60 * DAY}
    quotas.enter_quotas(actor=system, rows=[{**row, **told}], at=at - 29 * DAY)


# ── purchases ──────────────────────────────────────────────────────────────────────────────


class _Desk:
    """Who asks, who decides, and which old cars are still to be had."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.today = at.astimezone(SHANGHAI).date()
        self._used: set[int] = set()

    def actor(self, username: str) -> Actor:
        return access.actor_named(username=username, on=self.today)

    def clerk(self, code: str) -> Actor:
        """Who asks for the unit: its clerk; an applicant becomes one where there is none."""
        if code == RED_CROSS:
            return self.actor("suxiao")
        unit = Unit.objects.get(code=code)
        grants = Grant.objects.filter(account__person__unit__path__startswith=unit.path)
        found = grants.filter(duty="fleet.clerk").first()
        if found is None:
            found = grants.filter(duty="fleet.applicant").order_by("pk")[0]
            since = self.at - 29 * DAY
            access_acts.grant(
                actor=Actor.system("演示数据"), account_id=found.account_id, duty="fleet.clerk",
                reach=Reach.BELOW, unit_id=unit.pk, since=since.date(), at=since,
            )  # fmt: skip
        return self.actor(Account.objects.get(pk=found.account_id).username)

    def old_cars(self, code: str, *, early: bool = False) -> Sequence[Car]:
        """Cars of the unit in use that may be renewed, and are promised to no trip."""
        limit = self.today.replace(year=self.today.year - 8) - 2 * DAY
        rows = Car.objects.filter(unit__code=code, state=CarState.IN_USE, secret=False)
        rows = (
            rows.filter(registered_on__gt=limit) if early else rows.filter(registered_on__lt=limit)
        )
        rows = rows.exclude(trips__state__in=BOOKED_STATES).exclude(pk__in=self._used)
        rows = rows.filter(renewals=None)
        return list(rows.exclude(keeping=Keeping.LEASED).order_by("plate")[:3])

    def ask(
        self,
        code: str,
        make: str,
        *,
        days: int,
        until: str,
        plate: str = "",
        early: bool = False,
        by_province: bool = False,
    ) -> None:
        """A purchase that was asked for some days ago and has come as far as ``until`` says."""
        at = self.at - days * DAY
        cars = self.old_cars(code, early=early) or ([] if early else self.old_cars(code))
        old = cars[0] if cars else None
        if old is None and (early or code != HOUSING):
            return
        facts = self._facts(code, make, old, by_province=by_province, early=early)
        asker = self.clerk(code)
        purchase = purchases.request_purchase(actor=asker, facts=facts, at=at)
        if old is not None:
            self._used.add(old.pk)
        stages = {"asked": 0, "returned": 0, "unit": 1, "reviewed": 2}
        if until == "returned":
            self._send_back(purchase, at + DAY)
            return
        self._agree(purchase, at, stages.get(until, 9))
        if until == "done":
            self._card(purchase, plate, at + 3 * DAY)

    def _facts(
        self, code: str, make: str, old: Car | None, *, by_province: bool, early: bool
    ) -> Mapping[str, Any]:
        energy, litres, price = _BODIES[make]
        unit = Unit.objects.get(code=code)
        return {
            "kind": PurchaseKind.RENEWAL if old else PurchaseKind.NEW,
            "unit_id": unit.pk,
            "use": Use(old.use) if old else Use.OTHER,
            "body": Body.SEDAN,
            "energy": energy,
            "make": make,
            "displacement_l": litres,
            "seats": 5,
            "price_fen": min(price, 11_980_000) if old and old.use == "CONFIDENTIAL" else price,
            "reason": f"{old.plate} 超过更新年限，故障频发"
            if old
            else "承担城市更新专项，现有车辆不足",
            "old_car_id": old.pk if old else None,
            "early_reason": EarlyReason.SAFETY if early else "",
            "by_province": by_province,
            "document": "",
        }

    def _agree(self, purchase: Purchase, at: datetime, steps: int) -> None:
        """As many people agree as are told, one each half day."""
        case = Case.objects.get(subject_type="fleet.purchase", subject_id=purchase.pk)
        for turn in range(1, steps + 1):
            seats = approvals.open_seats(case)
            if not seats:
                return
            account = Account.objects.filter(person=seats[0].person_id).first()
            if account is None:
                return
            when = min(at + turn * timedelta(hours=11), self.at)
            deciding.agree(
                actor=self.actor(account.username), case_id=case.pk, comment="同意购置。", at=when
            )
            case.refresh_from_db()

    def _send_back(self, purchase: Purchase, at: datetime) -> None:
        case = Case.objects.get(subject_type="fleet.purchase", subject_id=purchase.pk)
        seat = approvals.open_seats(case)[0]
        account = Account.objects.get(person=seat.person_id)
        deciding.send_back(
            actor=self.actor(account.username), case_id=case.pk,
            comment="请附上旧车近一年的维修记录和两家报价。", at=at,
        )  # fmt: skip

    def _card(self, purchase: Purchase, plate: str, at: datetime) -> None:
        purchase.refresh_from_db()
        if purchase.state != "AGREED":
            return
        green = purchase.energy != Energy.PETROL
        carding.card_purchase(
            actor=self.actor(_KEEPER),
            purchase_id=purchase.pk,
            car={
                "plate": plate,
                "plate_colour": PlateColour.GREEN if green else PlateColour.BLUE,
                "vin": _vin(plate),
                "registered_on": at.astimezone(SHANGHAI).date(),
                "keeping": Keeping.CENTRAL,
                "inspected_until": self.today.replace(day=1) + timedelta(days=700),
                "insured_until": self.today.replace(day=1) + timedelta(days=360),
            },
            method=DisposalMethod.SCRAP,
            document=f"景机管车〔{at.year}〕{purchase.pk % 90 + 10}号",
            at=at,
        )

    def ask_for_quota(self, code: str, *, days: int) -> None:
        """A unit asks for one more place; the keeper has it before them."""
        at = self.at - days * DAY
        change = quotas.request_change(
            actor=self.clerk(code),
            facts={
                "unit_id": Unit.objects.get(code=code).pk,
                "use": Use.EMERGENCY,
                "delta": 1,
                "takes_effect_on": self.today + timedelta(days=10),
                "reason": "承担应急救护物资转运",
                "document": "景红〔2026〕21号",
            },
            at=at,
        )
        case = Case.objects.get(subject_type="fleet.quotachange", subject_id=change.pk)
        seat = approvals.open_seats(case)[0]
        account = Account.objects.filter(person=seat.person_id).first()
        if account is not None:
            deciding.agree(
                actor=self.actor(account.username), case_id=case.pk, comment="同意上报。",
                at=at + timedelta(hours=5),
            )  # fmt: skip


_PLACES = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_SIGNS = {"L": 3, "G": 7, "X": 7}


def _vin(plate: str) -> str:
    """A vehicle identification number of its own for a plate, with its check digit."""
    body = "LGX000000" + f"{int(''.join(filter(str.isdigit, plate))):08d}"
    total = sum(
        weight * (_SIGNS[sign] if sign in _SIGNS else int(sign))
        for sign, weight in zip(body, _PLACES, strict=True)
    )
    rest = total % 11
    return body[:8] + ("X" if rest == 10 else str(rest)) + body[9:]  # noqa: PLR2004 — ISO 3779
