"""Meetings in the demo."""

from guanjia.demo.declaration import Demo, Setting
from guanjia.domains.meeting.demo import accounts, bookings


def live(setting: Setting) -> None:
    """Meetings in every state around the day."""
    bookings.live(at=setting.at)


DEMO = Demo(
    place=30,
    ledgers=("meeting.bookings",),
    accounts=accounts.ACCOUNTS,
    grants=accounts.GRANTS,
    says="安排会议",
    live=live,
)
