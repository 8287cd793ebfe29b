"""What may be done about cars and drivers (车辆、驾驶员), and what a car burns (油耗)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from guanjia.domains.fleet.actions import entering, levels, secrecy
from guanjia.domains.fleet.forms import archive as forms
from guanjia.domains.fleet.forms.costs import Level
from guanjia.domains.fleet.queries.archive import CARS, DRIVERS, FUEL
from guanjia.domains.fleet.terms.cars import KEPT
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import as_it_stands

ENTER, ENTER_DRIVER = entering.ENTER_CAR, entering.ENTER_DRIVER


def _now(row: Any, *_: Any) -> Mapping[str, Any]:
    return {"now": row.state}


def _stands(form: Any) -> Callable[[Any, date], Mapping[str, Any]]:
    return lambda row, _: as_it_stands(row, form.base_fields)


AMEND = Act(
    key="amend", title="登记档案", button="登记", on=CARS, verb=ENTER, form=forms.Amend,
    first=_stands(forms.Amend), do=entering.amend_car, said="已登记 {plate} 的档案",
    lead="按行驶证、保险单和说明书填写。检验过期的车不能派出；油箱或电池改了，以前的加油充电重新核对",
    icon="pencil", main=False,
)  # fmt: skip
STATE = Act(
    key="state", title="改状态", on=CARS, verb=ENTER, when=KEPT, form=forms.CarChange, fit=_now,
    do=entering.set_car_state, keep="不改", lead="停用、维修的车不能派出", icon="tool", main=False,
    said=lambda car: f"{car.plate} 现在{car.get_state_display()}",
)  # fmt: skip
SECRET = Act(
    key="secret", title="标为涉密", on=CARS, verb=ENTER, form=forms.Secret,
    offered=lambda car, _: not car.secret, do=secrecy.mark_secret, keep="不标", icon="lock",
    main=False, said="{plate} 已标为涉密，监督共享中不再出现",
    lead="车和它的派车、费用、督车事项不再出现在监督共享中；本单位和调度照常看到",
)  # fmt: skip
NOT_SECRET = Act(
    key="not_secret", title="取消涉密", on=CARS, verb=ENTER, form=forms.NotSecret,
    offered=lambda car, _: car.secret, do=secrecy.mark_secret, keep="不改", icon="lock",
    main=False, said="{plate} 已取消涉密标记",
    lead="车和它的派车、费用、督车事项重新出现在监督共享中",
)  # fmt: skip
TANK = Act(
    key="tank", title="登记油箱", on=FUEL, verb=ENTER, form=forms.Tank, first=_stands(forms.Tank),
    do=entering.amend_car, lead="按说明书填写。登记后，以前的加油和充电重新核对",
    icon="gas-station", main=False, said="已登记 {plate} 的油箱和电池，加油充电重新核对",
)  # fmt: skip
LEVEL = Act(
    key="level", title="登记油量", on=FUEL, verb=levels.ENTER, form=Level,
    fit=lambda _, __, today: {"today": today}, first=lambda _, today: {"on": today},
    do=levels.enter_level, adds="fleet.FuelLevel", icon="gauge", main=False,
    lead="看油表折算成升。降了算用油，升了算加油", said="已登记 {car.plate} 油量 {litres:f} 升",
)  # fmt: skip
LICENCE = Act(
    key="licence", title="登记换证", on=DRIVERS, verb=ENTER_DRIVER, form=forms.Renewal,
    first=_stands(forms.Renewal), do=entering.renew_licence, icon="calendar-due", main=False,
    lead="按新驾驶证填写。有效期不到行程结束的，不能派",
    said="已登记 {name} 的驾驶证，有效期至 {licence_until:%Y-%m-%d}",
)  # fmt: skip
DUTY = Act(
    key="state", title="改在岗状态", on=DRIVERS, verb=ENTER_DRIVER, form=forms.DriverChange,
    fit=_now, do=entering.set_driver_state, keep="不改", lead="不在岗的驾驶员不会派到车",
    icon="calendar-x", main=False,
    said=lambda driver: f"{driver.name} 现在{driver.get_state_display()}",
)  # fmt: skip

# In the order of the buttons on their pages.
ON_CARS = (AMEND, STATE, SECRET, NOT_SECRET)
ON_FUEL = (TANK, LEVEL)
ON_DRIVERS = (LICENCE, DUTY)
ACTS = (*ON_CARS, *ON_FUEL, *ON_DRIVERS)
