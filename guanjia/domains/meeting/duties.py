"""Who may what: the duties (职责) of the department, and its verbs in Chinese. Pure."""

from guanjia.kernel.access.duties import Duty

VERBS = {
    "meeting.booking.see": "查看会议",
    "meeting.booking.request": "预订会议室",
    "meeting.booking.decide": "审批会议室预订",
    "meeting.booking.enter": "登记会议台账",
    "meeting.room.keep": "管理会议室",
}
_READS = frozenset({"meeting.booking.see"})

DUTIES = (
    Duty(
        key="meeting.clerk", title="单位会议联系人", reads=_READS,
        verbs=frozenset({"meeting.booking.request"}),
    ),
    Duty(
        key="meeting.keeper", title="会议室管理员", reads=_READS,
        verbs=frozenset(VERBS) - _READS,
    ),
    Duty(key="meeting.leader", title="分管领导（会议服务）", reads=_READS),
)  # fmt: skip
