"""The pages of the department in the menu, and what people start there."""

from guanjia.ui.menu import Item, Section
from guanjia.ui.services import Service

SECTIONS = (
    Section(
        title="会议", group="services", place=10,
        items=(
            Item(title="会议室日程", url_name="meeting:day", verb="meeting.booking.see",
                 also=("meeting:week", "meeting:room")),
            Item(title="会议服务登记", url_name="meeting:bookings_list",
                 verb="meeting.booking.see", also=("meeting:booking",)),
            Item(title="会议室", url_name="meeting:rooms_list", verb="meeting.booking.see"),
        ),
    ),
)  # fmt: skip

SERVICES = (
    Service(
        title="预订会议室", icon="calendar-event", url_name="meeting:bookings_new",
        verb="meeting.booking.request", says="选会议室和时间，写明参会人数和要的服务",
        group="services",
    ),
)  # fmt: skip
