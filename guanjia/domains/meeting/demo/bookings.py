"""Meeting rooms of the demo: what the ledger named gets seats; meetings in every state."""

from datetime import datetime, time, timedelta
from typing import Any

from guanjia.domains.meeting import actions
from guanjia.domains.meeting.models import MeetingRoom
from guanjia.domains.meeting.terms import Asked
from guanjia.kernel.access import queries as access
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

_DAY = timedelta(days=1)
KEEPER = "huiyi"
_ROOMS = (
    ("市民中心报告厅", 320, "投影、音响、同声传译", "ASKED"),
    ("发展中心一会议室", 180, "投影、音响、视频会议", "ASKED"),
    ("发展中心二会议室", 180, "投影、音响", "FREE"),
    ("政府楼三楼会议室", 150, "视频会议", "FREE"),
    ("常委楼会议室", 200, "投影、音响、视频会议", "ASKED"),
)
# Who, in which room, days from today, from, hours, people, what for, what became of it.
_MEETINGS = (
    ("moxing", "政府楼三楼会议室", -1, time(14, 30), 2.5, 60, "城市更新项目调度会", "held"),
    ("moxing", "发展中心二会议室", 0, time(9), 2, 85, "老旧小区改造推进会", ""),
    ("suxiao", "政府楼三楼会议室", 0, time(14, 30), 2, 40, "无偿献血工作会", ""),
    (KEEPER, "发展中心二会议室", 0, time(15), 1.5, 30, "会议服务保障例会", ""),
    ("moxing", "市民中心报告厅", 1, time(9), 2.5, 260, "全市住房城乡建设工作会", "asked"),
    ("suxiao", "发展中心一会议室", 1, time(14, 30), 2, 120, "红十字志愿服务表彰会", "asked"),
    ("suxiao", "市民中心报告厅", 2, time(14, 30), 2, 180, "应急救护培训班开班式", "agreed"),
    ("moxing", "常委楼会议室", 2, time(9), 2, 90, "房屋安全隐患排查部署会", "turned_down"),
    ("moxing", "政府楼三楼会议室", 3, time(9), 1.5, 35, "物业管理条例座谈会", "called_off"),
)


def live(*, at: datetime) -> None:
    """Let everything happen that a visitor should find, by calling actions; ``at``: the moment."""
    keeper = _who(KEEPER, at)
    for name, seats, equipment, asking in _ROOMS:
        actions.amend_room(
            actor=keeper, meetingroom_id=MeetingRoom.objects.get(name=name).pk, at=at - 20 * _DAY,
            facts={
                "name": name, "seats": seats, "equipment": equipment, "asking": asking,
                "standing": "OPEN",
            },
        )  # fmt: skip
    for who, room, days, since, hours, people, title, turn in _MEETINGS:
        starts_at = datetime.combine(at.astimezone(SHANGHAI).date() + days * _DAY, since, SHANGHAI)
        asked = Asked(
            title=title, room_id=MeetingRoom.objects.get(name=room).pk, starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours), people=people, services="茶水、音响、桌签",
        )  # fmt: skip
        booking = actions.request(actor=_who(who, at), asked=asked, at=at - 3 * _DAY)
        told: Any = {"booking_id": booking.pk, "at": at - _DAY / 24}
        if turn == "agreed":
            actions.agree(actor=keeper, **told)
        elif turn == "turned_down":
            actions.turn_down(actor=keeper, reason="当天检修音响，可改订发展中心一会议室", **told)
        elif turn == "called_off":
            actions.call_off(actor=_who(who, at), reason="改为书面征求意见", **told)
        elif turn == "held":
            actions.hold(actor=_who(who, at), people=people - 4, **told)


def _who(username: str, at: datetime) -> Actor:
    return access.actor_named(username=username, on=at.astimezone(SHANGHAI).date())
