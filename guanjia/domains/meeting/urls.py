"""Paths of the department."""

from django.urls import URLPattern, path

from guanjia.domains.meeting import pages
from guanjia.domains.meeting.acts import ACTS, ROOM_ACTS
from guanjia.domains.meeting.registers import REGISTERS
from guanjia.ui.acts import pages as acts
from guanjia.ui.registers import urls as registers

app_name = "meeting"

urlpatterns: list[URLPattern] = [
    path("day/", pages.day, name="day"),
    path("week/", pages.week, name="week"),
    *acts.urls((*ACTS, *ROOM_ACTS)),
    path("rooms/<int:meetingroom_id>/", pages.room, name="room"),
    path("bookings/<int:booking_id>/", pages.booking, name="booking"),
    *(page for prefix, register in REGISTERS for page in registers.paths(register, prefix)),
]
