"""公务用车台账 and 驾驶员名册: declared once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.fleet.actions import entering
from guanjia.domains.fleet.models import Car, Driver
from guanjia.domains.fleet.queries import archive, disposals
from guanjia.domains.fleet.rules import plates
from guanjia.domains.fleet.terms.cars import CarState, Energy, Keeping, Use
from guanjia.domains.fleet.terms.drivers import DriverState, Licence
from guanjia.kernel.org import queries as org
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values import codes
from guanjia.kernel.values.actor import Actor

_BURNS = (Energy.PETROL, Energy.DIESEL, Energy.GAS, Energy.HYBRID, Energy.PLUG_IN)


def upper(text: str) -> str:
    """Plates and VINs as they are stored: capitals, no dot or blank."""
    return text.upper().replace("·", "").replace(" ", "")


def _check_cars(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """Plate against colour; a VIN that another car already has; what is odd about a row."""
    today = timezone.localdate()
    vins = {row.values["vin"]: row.values["plate"] for row in rows}
    owners = dict(Car.objects.filter(vin__in=vins).values_list("vin", "plate"))
    readings = dict(Car.objects.filter(plate__in=vins.values()).values_list("plate", "odometer_km"))
    gone = disposals.disposed_plates(list(vins.values()))
    terminals = Counter(row.values["terminal"] for row in rows if row.values["terminal"])
    behind = int(law_at(today)["fleet.odometer.behind_doubt"].value)
    errors, doubts = [], []
    for row in rows:
        car = row.values
        owner = owners.get(car["vin"])
        if owner is not None and owner != car["plate"]:
            errors.append(CARS.fault(row, "vin", "vin_taken", f"与{owner}的识别代号相同"))
        if car["registered_on"] > today:
            errors.append(CARS.fault(row, "registered_on", "in_the_future", "登记日期还没有到"))
        if odd := plates.colour_fault(car["plate"], car["plate_colour"]):
            doubts.append(CARS.fault(row, "plate_colour", "colour_odd", odd))
        doubts += _engine_doubts(row)
        if terminals[car["terminal"]] > 1:
            sentence = "另一辆车也用这个终端手机号"
            doubts.append(CARS.fault(row, "terminal", "terminal_shared", sentence))
        known = readings.get(car["plate"], 0)
        if known - car["odometer_km"] > behind:
            sentence = f"比已登记的 {known:,} 公里少得多，里程表不倒走，读数不改"
            doubts.append(CARS.fault(row, "odometer_km", "odometer_behind", sentence))
        if car["plate"] in gone and car["state"] != CarState.DISPOSED:
            sentence = f"{gone[car['plate']]:%Y-%m-%d} 已经处置，状态不改"
            doubts.append(CARS.fault(row, "state", "disposed_already", sentence))
    return Checked(errors=errors, doubts=doubts)


def _engine_doubts(row: ImportRow) -> list[Fault]:
    car = row.values
    if car["energy"] in _BURNS and car["displacement_l"] is None:
        sentence = f"{car['energy'].label}车应有排气量"
        return [CARS.fault(row, "displacement_l", "displacement_missing", sentence)]
    if car["energy"] == Energy.ELECTRIC and car["displacement_l"]:
        return [CARS.fault(row, "displacement_l", "displacement_odd", "纯电动车没有排气量")]
    return []


def _car_facts(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(values)
    price = facts.pop("price_wan")
    facts["price_fen"] = None if price is None else int(price * 1_000_000)
    facts["terminal"] = facts["terminal"] or ""
    for column in CARS.columns:
        # An empty cell of these says nothing; taking away is done on the car's page.
        if column.optional and facts.get(column.name) in (None, ""):
            facts.pop(column.name, None)
    return facts


def _write_cars(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [_car_facts(row.values) for row in rows]
    return Written.of(entering.enter_cars(actor=actor, rows=facts, at=at))


def _write_drivers(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [dict(row.values) for row in rows]
    return Written.of(entering.enter_drivers(actor=actor, rows=facts, at=at))


def _is(state: CarState) -> Any:
    return lambda _: Q(state=state)


CARS = Register(
    key="fleet.cars",
    title="公务用车台账",
    noun="辆",
    key_column="plate",
    columns=[
        of(
            Car.plate,
            clean=upper,
            check=plates.plate_fault,
            check_code="plate_invalid",
            duplicate_code="plate_duplicate",
            link="fleet:car",
            widget="fleet/cells/plate.html",
            example="赣H12345",
        ),
        of(Car.plate_colour, fold=2, sort=""),
        of(Car.use),
        of(Car.make),
        of(
            Car.vin,
            clean=upper,
            check=plates.vin_fault,
            check_code="vin_check_digit",
            duplicate_code="vin_duplicate",
            fold=1,
            sort="",
        ),
        of(Car.energy),
        of(Car.displacement_l, unit="L", above=0, maximum=10, fold=1, example="1.8"),
        of(Car.seats, minimum=1, maximum=80),
        of(
            Car.price_fen,
            name="price_wan",
            unit="万元",
            minimum=None,
            above=0,
            maximum=10_000,
            example="17.98",
        ),
        of(Car.registered_on),
        of(
            Car.unit,
            title="使用单位编码",
            path="unit.code",
            reference=org.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            fold=2,
            sort="",
        ),
        Column(
            name="unit_name",
            title="使用单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
        ),
        of(Car.keeping, fold=1, sort=""),
        of(Car.odometer_km, heading="里程表", unit="km", maximum=3_000_000, required=True),
        of(Car.state, widget="fleet/cells/car_state.html"),
        of(Car.terminal, fold=2, sort=""),
        # Ledgers of fifteen columns have none of these; what they leave out stays as it is.
        of(Car.body, optional=True, fold=2),
        of(
            Car.tank_l,
            unit="L",
            above=0,
            maximum=1_000,
            optional=True,
            fold=2,
            example="50",
            sort="",
        ),
        of(
            Car.battery_kwh,
            unit="kWh",
            above=0,
            maximum=1_000,
            optional=True,
            fold=2,
            example="53.6",
            sort="",
        ),
    ],
    rows=archive.cars,
    see="fleet.car.see",
    take="fleet.car.enter",
    filters=[
        Filter(name="use", title="车辆类别", kind="choice", choices=Use),
        Filter(name="state", title="车辆状态", kind="choice", choices=CarState),
        Filter(name="energy", title="能源类型", kind="choice", choices=Energy),
        Filter(name="unit", title="使用单位", kind="unit", path="unit"),
        Filter(name="words", title="号牌、型号", kind="text", path="plate,make,vin"),
        Filter(name="registered", title="登记日期", kind="dates", path="registered_on", more=True),
        Filter(name="keeping", title="管理方式", kind="choice", choices=Keeping, more=True),
        Filter(
            name="inspected", title="检验有效期止", kind="dates", path="inspected_until", more=True
        ),
        Filter(name="insured", title="保险期止", kind="dates", path="insured_until", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="in_use", title="在用", condition=_is(CarState.IN_USE)),
        View(key="repair", title="维修", condition=_is(CarState.REPAIR)),
        View(key="disposed", title="已处置", condition=_is(CarState.DISPOSED)),
    ],
    totals={"cars": Count("pk")},
    order=("seats", "plate"),
    order_name="seats",
    check_rows=_check_cars,
    write_rows=_write_cars,
    place=310,
    url="fleet:cars_list",
)

DRIVERS = Register(
    key="fleet.drivers",
    title="驾驶员名册",
    noun="人",
    key_column="number",
    columns=[
        of(Driver.number, link="fleet:driver", example="J001"),
        of(Driver.name),
        of(
            Driver.mobile,
            sensitive=True,
            check=codes.mobile_fault,
            check_code="mobile_invalid",
            sort="",
        ),
        of(Driver.licence),
        of(Driver.licence_until),
        of(
            Driver.unit,
            title="所属单位编码",
            path="unit.code",
            reference=org.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            fold=2,
            sort="",
        ),
        Column(name="unit_name", title="所属单位", path="unit.shown", imported=False),
        of(
            Driver.state,
            title="在岗",
            imported=False,
            widget="ui/register/state.html",
            sort="",
        ),
    ],
    rows=archive.drivers,
    see="fleet.driver.see",
    take="fleet.driver.enter",
    reveal="fleet.driver.reveal",
    filters=[
        Filter(name="licence", title="准驾车型", kind="choice", choices=Licence),
        Filter(name="state", title="在岗", kind="choice", choices=DriverState),
        Filter(name="unit", title="所属单位", kind="unit", path="unit"),
        Filter(name="words", title="姓名、编号", kind="text", path="name,number"),
        Filter(name="until", title="驾驶证有效期止", kind="dates", path="licence_until", more=True),
    ],
    views=[View(key="all", title="全部")],
    order=("number",),
    order_name="number",
    write_rows=_write_drivers,
    place=320,
    url="fleet:drivers_list",
)
