"""Cars in the demo: three living days, and the year around them."""

from guanjia.demo.declaration import Demo, Setting
from guanjia.domains.fleet.demo import (
    accounts,
    archives,
    costs,
    day,
    disposal,
    network,
    oversight,
    quota,
    settlement,
    staff,
    upkeep,
    window,
)


def prepare(setting: Setting) -> None:
    """Archives as they stand on the day; drivers are people before their accounts are opened."""
    archives.renew_archives(
        actor=setting.actor, rng=setting.rng, at=setting.settled, today=setting.at.date()
    )


def live(setting: Setting) -> None:
    """Let everything happen that a visitor should find, by calling actions, in its order."""
    at, rng, settled = setting.at, setting.rng, setting.settled
    who = staff.open_staff(actor=setting.actor, at=settled, since=settled.date())
    plans = day.live(at=at, staff=who, rng=rng)
    setting.say(f"  用车申请和派车单：{plans} 件")
    live_the_year(setting)


def live_the_year(setting: Setting) -> None:
    """Quota, purchases, costs, bills and findings around the day."""
    at, rng = setting.at, setting.rng
    quota.live(at=at, rng=rng)
    disposal.live(at=at, rng=rng)
    window.live(at=at, rng=rng)
    costs.live(at=at, rng=rng)
    upkeep.live(at=at, rng=rng)
    # After everything that drives: it takes cars that nobody else took.
    settlement.live(at=at, rng=rng)
    costs.live_last_month(at=at, rng=rng)
    network.live(at=at, rng=rng)
    # Last: it looks over everything that happened.
    oversight.live(at=at, rng=rng)


DEMO = Demo(
    place=10,
    ledgers=(
        "fleet.cars", "fleet.drivers", "fleet.renewals", "fleet.trips", "fleet.disposals",
    ),
    accounts=accounts.ACCOUNTS,
    grants=accounts.GRANTS,
    says="安排用车，补上编制、购置、费用、结算和督车",
    prepare=prepare,
    live=live,
)  # fmt: skip
