"""The figure (指标) of the department."""

from collections.abc import Mapping

from guanjia.domains.meeting import queries
from guanjia.domains.meeting.terms import BookingState
from guanjia.kernel.figures.declaration import figure
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period


def _held(period: Period) -> Mapping[str, str]:
    """The filters of the register that show just the rows behind the figure."""
    return {
        "view": "all",
        "state": BookingState.HELD.value,
        "starts_from": f"{period.start:%Y-%m-%d}",
        "starts_to": f"{period.last:%Y-%m-%d}",
    }


@figure(
    "meeting.held",
    title="服务各类会议",
    unit="场",
    meaning="开始时间在时段内、状态为已召开的会议",
    rows=queries.held,
    register="meeting.bookings",
    opens=_held,
)
def meetings_held(*, scope: Scope, period: Period) -> int:
    """How many meetings were held."""
    return int(queries.held(scope=scope, period=period).count())


ALL = (meetings_held,)
