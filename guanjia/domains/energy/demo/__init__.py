"""Energy in the demo: a quarter on its way up, and a month of meters."""

from guanjia.demo.declaration import Demo, Setting
from guanjia.domains.energy.demo import accounts, meters, returns


def live(setting: Setting) -> None:
    """Let everything happen that a visitor should find, by calling actions, in its order."""
    returns.live(at=setting.settled)
    meters.live(at=setting.at)


DEMO = Demo(
    place=40,
    ledgers=(
        "energy.institutions", "energy.returns", "energy.audits", "energy.demonstrations",
        "energy.city_scores",
    ),
    accounts=accounts.ACCOUNTS,
    grants=accounts.GRANTS,
    says="安排能耗报表的报送",
    live=live,
)  # fmt: skip
