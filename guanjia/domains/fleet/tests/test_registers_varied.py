"""Ledgers made by chance: sums are right, faults are named, nobody else is blamed."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from guanjia.domains.fleet import figures
from guanjia.domains.fleet.actions import entering
from guanjia.domains.fleet.models import Disposal, Purchase
from guanjia.domains.fleet.registers.disposals import DISPOSALS
from guanjia.domains.fleet.registers.renewals import RENEWALS
from guanjia.domains.fleet.tests import books, builders
from guanjia.domains.fleet.tests.books import FIRST_ROW
from guanjia.domains.fleet.tests.builders import AT, City
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.registers import importing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

FIGURES = (figures.auctioned, figures.auction_proceeds, figures.scrapped)

CARS = 60
HALF = Period.parse("2020-H1")
Row = dict[str, Any]
Fault = tuple[int, str]


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def plates(city: City) -> list[str]:
    """Old cars enough for a ledger."""
    names = [f"赣H7{number:04d}" for number in range(CARS)]
    unit = city.units["farming"]
    rows = [
        builders.car_row(name, unit, registered_on=date(2009, 3, 1), keeping="UNIT")
        for name in names
    ]
    entering.enter_cars(actor=SYSTEM, rows=rows, at=AT)
    return names


def take(register: Register, rows: list[Row]) -> ImportReport:
    return importing.import_file(
        register=register, path_or_file=books.book(register, rows), actor=SYSTEM, at=AT
    )


def some_day(rng: random.Random) -> date:
    return date(2019, 11, 1) + timedelta(days=rng.randrange(190))


def written_day(rng: random.Random, day: date) -> Any:
    return rng.choice(
        [
            day,
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.year}.{day.month}.{day.day}",
            f"{day:%Y/%m/%d} 08:30",
            f"{day:%Y-%m-%d} ",
        ]
    )


def written_plate(rng: random.Random, plate: str) -> str:
    return rng.choice([plate, f"{plate[:2]}·{plate[2:]}", f" {plate.lower()} "])


def blank(rng: random.Random) -> Any:
    return rng.choice([None, "", " ", "—", "/", "无"])


def disposal_row(rng: random.Random, plate: str, number: int) -> tuple[Row, str, date | None, int]:
    """A clean row, with its method, day and fen as they were before they were written."""
    method = rng.choice(["拍卖", "报废", "厂家回收"])
    on = some_day(rng) if rng.random() < 0.8 else None
    fen = rng.randrange(80_000, 3_000_000) if method != "报废" else rng.randrange(200_000)
    approved = (on or date(2020, 5, 1)) - timedelta(days=rng.randrange(40))
    money = rng.choice([fen / 100, f"{fen / 100:,.2f}", f"￥{fen / 100:.2f}元"])
    row = {
        "car": written_plate(rng, plate),
        "method": rng.choice([method, f"{method} "]),
        "document": f"景机管处〔2020〕{number // 3 + 1}号",
        "approved_on": written_day(rng, approved),
        "disposed_on": written_day(rng, on) if on else blank(rng),
        "proceeds_fen": money if on else blank(rng),
        "receipt": f"JK{number // 4:05d}" if on and fen else blank(rng),
    }
    return row, method, on, fen


@pytest.mark.parametrize("seed", range(3))
def test_disposals_add_up_to_what_was_written(plates: list[str], seed: int) -> None:
    rng = random.Random(seed)
    made = [disposal_row(rng, plate, number) for number, plate in enumerate(plates)]
    rows = [row for row, *_ in made]
    report = take(DISPOSALS, rows)
    assert (report.errors, report.doubts, report.created) == ((), (), CARS)
    again = take(DISPOSALS, rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, CARS)
    for period in (HALF, Period.parse("2019"), Period.parse("2020-02")):
        inside = [
            (method, fen)
            for _, method, on, fen in made
            if on is not None and period.start <= on < period.end
        ]
        auctions = [fen for method, fen in inside if method == "拍卖"]
        told = {each.key: each.value(scope=Scope.all(), period=period) for each in FIGURES}
        assert told == {
            "fleet.auctioned": len(auctions),
            "fleet.auction_proceeds": Decimal(sum(auctions)) / 100,
            "fleet.scrapped": sum(method == "报废" for method, _ in inside),
        }


DISPOSAL_ERRORS: Mapping[str, tuple[str, Callable[[random.Random], Any]]] = {
    "car": ("号牌号码", lambda rng: f"赣Q{rng.randrange(10_000, 99_999)}"),
    "method": ("处置方式", lambda rng: rng.choice(["赠送", "拍卖/报废", "其他"])),
    "disposed_on": (
        "处置日期",
        lambda rng: rng.choice(["2020年2月30日", "2020-13-01", "去年", "2020.5.40", "2021-01-01"]),
    ),
    "approved_on": ("批准日期", lambda rng: rng.choice(["2020-00-10", "2月", "2020年5月21日"])),
    "proceeds_fen": ("处置收入(元)", lambda rng: rng.choice([-1, "-26,000", "二万", "1.2.3"])),
}
DISPOSAL_DOUBTS = {
    "document": ("批准文号", None),
    "receipt": ("缴库凭证号", None),
    "approved_on": ("批准日期", None),
}


@pytest.mark.parametrize("seed", range(3, 6))
def test_faults_of_disposals_are_named_and_nobody_else_is_blamed(
    plates: list[str], seed: int
) -> None:
    rng = random.Random(seed)
    rows = [disposal_row(rng, plate, number)[0] for number, plate in enumerate(plates)]
    places = rng.sample(range(CARS), 16)
    errors: set[Fault] = set()
    for place in places[:10]:
        name = rng.choice(list(DISPOSAL_ERRORS))
        title, wrong = DISPOSAL_ERRORS[name]
        rows[place][name] = wrong(rng)
        errors.add((FIRST_ROW + place, title))
    doubts: set[Fault] = set()
    for place in places[10:]:
        rows[place] |= {"disposed_on": "2020-05-06", "approved_on": "2020-05-02", "receipt": "J1"}
        rows[place] |= {"proceeds_fen": "5,000", "document": "处1号"}
        name = rng.choice(list(DISPOSAL_DOUBTS))
        title, nothing = DISPOSAL_DOUBTS[name]
        rows[place][name] = nothing
        doubts.add((FIRST_ROW + place, title))
    twin = dict(rows[places[-1]])
    rows.append(twin)
    errors.add((FIRST_ROW + CARS, "号牌号码"))
    report = take(DISPOSALS, rows)
    assert {(each.row, each.column) for each in report.errors} == errors
    assert {(each.row, each.column) for each in report.doubts} == doubts
    assert not Disposal.objects.exists()


def renewal_row(rng: random.Random, plate: str, number: int) -> tuple[Row, date | None]:
    """A clean row and the day of its approval."""
    chosen, on = rng.random() < 0.8, some_day(rng) if rng.random() < 0.85 else None
    electric = rng.random() < 0.6
    price = rng.randrange(90_000, 119_000)
    row = {
        "old_car": written_plate(rng, plate),
        "make": rng.choice(["比亚迪秦EV", "大众朗逸"]) if chosen else blank(rng),
        "use": rng.choice(["其他公务用车", "应急保障", "执法执勤用车"]),
        "energy": (rng.choice(["纯电动", "电动"]) if electric else "汽油")
        if chosen
        else blank(rng),
        "displacement_l": (rng.choice([None, 0, "0"]) if electric else rng.choice(["1.5", "1.5L"]))
        if chosen
        else blank(rng),
        "price_wan": rng.choice([price / 10_000, f"{price / 10_000}万元", f"{price:,}元"])
        if chosen
        else blank(rng),
        "approved_on": written_day(rng, on) if on else blank(rng),
        "document": f"景机管车〔2020〕{number // 5 + 1}号" if on else blank(rng),
    }
    return row, on


@pytest.mark.parametrize("seed", range(3))
def test_renewals_add_up_to_what_was_written(plates: list[str], seed: int) -> None:
    rng = random.Random(seed)
    made = [renewal_row(rng, plate, number) for number, plate in enumerate(plates)]
    rows = [row for row, _ in made]
    report = take(RENEWALS, rows)
    assert (report.errors, report.doubts, report.created) == ((), (), CARS)
    again = take(RENEWALS, rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, CARS)
    for period in (HALF, Period.parse("2019"), Period.parse("2020-02")):
        inside = [on for _, on in made if on is not None and period.start <= on < period.end]
        assert figures.renewed(scope=Scope.all(), period=period) == len(inside)


RENEWAL_FAULTS: Mapping[str, tuple[str, Callable[[random.Random], Any]]] = {
    "old_car": ("旧车号牌号码", lambda rng: f"赣Q{rng.randrange(10_000, 99_999)}"),
    "use": ("新车车辆类别", lambda rng: rng.choice(["专车", "领导用车"])),
    "energy": ("新车能源类型", lambda rng: rng.choice(["煤油", "新能源"])),
    "price_wan": ("新车价格(万元)", lambda rng: rng.choice([-3, "-14.98", "0", "十万"])),
    "approved_on": (
        "批准日期",
        lambda rng: rng.choice(["2020-05-32", "2021-01-01", "2008-01-01", "五月"]),
    ),
    "displacement_l": ("新车排气量(L)", lambda rng: rng.choice([-1, "很大", 1498])),
}


@pytest.mark.parametrize("seed", range(3, 6))
def test_faults_of_renewals_are_named_and_nobody_else_is_blamed(
    plates: list[str], seed: int
) -> None:
    rng = random.Random(seed)
    rows = [renewal_row(rng, plate, number)[0] for number, plate in enumerate(plates)]
    places = rng.sample(range(CARS), 14)
    errors: set[Fault] = set()
    for place in places[:12]:
        name = rng.choice(list(RENEWAL_FAULTS))
        title, wrong = RENEWAL_FAULTS[name]
        rows[place][name] = wrong(rng)
        errors.add((FIRST_ROW + place, title))
    whole = {
        "make": "大众朗逸", "use": "其他公务用车", "energy": "汽油", "displacement_l": "1.6",
        "price_wan": 12, "approved_on": "2020-03-01", "document": "车1号",
    }  # fmt: skip
    rows[places[12]] |= {**whole, "price_wan": "25.5"}
    rows[places[13]] |= {**whole, "document": None}
    doubts = {
        (FIRST_ROW + places[12], "新车价格(万元)"),
        (FIRST_ROW + places[13], "批准文号"),
    }
    report = take(RENEWALS, rows)
    assert {(each.row, each.column) for each in report.errors} == errors
    assert {(each.row, each.column) for each in report.doubts} == doubts
    assert not Purchase.objects.exists()
