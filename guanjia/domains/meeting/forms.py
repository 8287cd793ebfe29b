"""What people fill in about meetings; nothing is saved or decided here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.terms import Asked
from guanjia.kernel.values.period import SHANGHAI
from guanjia.ui.forms import Form, choose, field_for


def _clock(label: str) -> forms.TimeField:
    """A time of day as people write it: ``9:00``."""
    return forms.TimeField(
        label=label, input_formats=["%H:%M"],
        error_messages={"required": f"补填{label}。", "invalid": "写成 9:00 这样的时间。"},
        widget=forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off"}),
    )  # fmt: skip


class Ask(Form):
    """预订会议室."""

    title = field_for(Booking.title)
    room = forms.ChoiceField(
        label="会议室",
        error_messages={"required": "选一间会议室。", "invalid_choice": "从列出的会议室中选。"},
    )
    day = forms.DateField(
        label="日期",
        error_messages={"required": "补填日期。", "invalid": "写成 2020-05-08 这样的日期。"},
        widget=forms.DateInput(attrs={"data-date": "date", "autocomplete": "off"}),
    )
    since = _clock("开始")
    until = _clock("结束")
    people = field_for(Booking.people)
    services = field_for(Booking.services)
    looks = {
        "title": {"width": "l", "example": "如 全市复工复产调度会"},
        "room": {"width": "l"},
        "day": {"width": "m", "example": "如 2020-05-08"},
        "since": {"width": "s", "example": "9:00"},
        "until": {"width": "s", "example": "11:00"},
        "people": {"width": "s", "unit": "人"},
        "services": {"width": "l", "example": "如 茶水、音响、桌签"},
    }

    def __init__(self, *args: Any, rooms: Iterable[MeetingRoom], **rest: Any) -> None:
        super().__init__(*args, **rest)
        choose(
            self,
            "room",
            [("", "选一间"), *((str(one.pk), f"{one.name}（{one.told}）") for one in rooms)],
        )

    def given(self) -> dict[str, Any]:
        """What is asked for."""
        told = dict(self.cleaned_data)
        day, clocks = told.pop("day"), (told.pop("since"), told.pop("until"))
        starts_at, ends_at = (datetime.combine(day, one, SHANGHAI) for one in clocks)
        room_id = int(told.pop("room"))
        return {"asked": Asked(room_id=room_id, starts_at=starts_at, ends_at=ends_at, **told)}


class Agree(Form):
    """同意: nothing is to be filled in."""


class Hold(Form):
    """登记召开."""

    people = field_for(Booking.people, label="实到人数")
    looks = {"people": {"width": "s", "unit": "人"}}


class Why(Form):
    """Why a booking is turned down or called off."""

    reason = field_for(Booking.state_note, label="原因", required=True)
    looks = {"reason": {"width": "l"}}


class Room(Form):
    """What a room is."""

    name = field_for(MeetingRoom.name)
    seats = field_for(MeetingRoom.seats, required=True)
    equipment = field_for(MeetingRoom.equipment)
    asking = field_for(MeetingRoom.asking, required=True, in_sight=True)
    standing = field_for(MeetingRoom.standing, required=True, in_sight=True)
    looks = {
        "name": {"width": "l", "example": "如 发展中心一会议室"},
        "seats": {"width": "s", "unit": "座"},
        "equipment": {"width": "l", "example": "如 投影、音响、视频会议"},
    }

    def given(self) -> dict[str, Any]:
        """The facts of the room."""
        return {"facts": dict(self.cleaned_data)}
