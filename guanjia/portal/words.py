"""The trail in Chinese: what each recorded verb, object and field is called on the screen.

A department that records a new verb adds its words here; a test of the house looks for gaps.
"""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from guanjia.kernel.access import duties
from guanjia.kernel.approvals import routes
from guanjia.kernel.values.actor import Reach
from guanjia.kernel.vouchers import kinds

VERBS = {
    "access.account.opened": "开设账号",
    "access.account.reopened": "恢复账号",
    "access.account.suspended": "停用账号",
    "access.duty.granted": "授予职责",
    "access.duty.revoked": "收回职责",
    "access.password.changed": "改密码",
    "access.password.reset": "重设密码",
    "access.signed_in": "登录",
    "access.signed_out": "退出",
    "approvals.delegated": "委托审批",
    "approvals.delegation_ended": "收回委托",
    "approvals.route.drafted": "编辑审批流程",
    "approvals.route.dropped": "放弃流程草稿",
    "approvals.route.replayed": "试算审批流程",
    "approvals.route.switched_on": "启用审批流程",
    "attachments.file.claimed": "附上文件",
    "attachments.file.expired": "附件到期清除",
    "attachments.file.removed": "移除附件",
    "fleet.car.amended": "修改车辆档案",
    "fleet.car.entered": "登记车辆",
    "fleet.car.state_set": "变更车辆状态",
    "fleet.cost.recorded": "登记费用",
    "fleet.driver.amended": "修改驾驶员档案",
    "fleet.driver.entered": "登记驾驶员",
    "fleet.driver.state_set": "变更驾驶员状态",
    "fleet.sighting.recorded": "登记行车线索",
    "fleet.trip.approved": "同意用车",
    "fleet.trip.cancelled": "取消用车",
    "fleet.trip.changed": "修改申请",
    "fleet.trip.corrected": "更正里程",
    "fleet.trip.departed": "出车",
    "fleet.trip.dispatched": "派车",
    "fleet.trip.redispatched": "改派",
    "fleet.trip.finished": "收车",
    "fleet.trip.handed_over": "转办",
    "fleet.trip.papered": "补单",
    "fleet.trip.rated": "评价",
    "fleet.trip.recalled": "收回派车",
    "fleet.trip.recorded": "补录派车单",
    "fleet.trip.replanned": "改出车时间",
    "fleet.trip.requested": "申请用车",
    "fleet.trip.returned": "退回申请",
    "fleet.trip.shared": "并车合乘",
    "fleet.trip.urgent": "应急先派",
    "fleet.trip.withdrawn": "撤回申请",
    "notices.channel.set": "设置通知渠道",
    "notices.channel.tried": "试发通知",
    "notices.delivery.retried": "重发通知",
    "notices.preference.set": "改通知设置",
    "org.person.entered": "登记人员",
    "org.post.held": "任兼职",
    "org.post.left": "免兼职",
    "org.unit.closed": "撤销单位",
    "org.unit.entered": "登记单位",
    "org.unit.merged": "并入单位",
    "org.unit.renamed": "单位更名",
    "org.unit.split": "分出单位",
    "registers.explain": "说明疑点",
    "registers.import": "导入台账",
    "voucher.filed": "生成凭证 PDF",
    "voucher.issued": "签发凭证",
    "voucher.voided": "作废凭证",
    "workdays.day.cleared": "恢复公布的日历",
    "workdays.day.set": "调整工作日历",
}

# Facts that are no column of a model, or need another word than their column has.
FIELDS = {
    "before": "先办",
    "car_id": "车辆号",
    "driver_id": "驾驶员号",
    "id": "号",
    "rider_id": "用车人号",
    "row": "登记摘要",
    "shares": "合乘的单",
    "why": "类别",
    "wished_car_id": "指定车辆号",
    "code": "编码",
    "renewed": "更换的密钥",
    "server": "服务器",
    "host": "服务器地址",
    "port": "端口",
    "security": "加密",
    "sender": "发件地址",
    "sender_name": "发件人名称",
    "signature": "签名",
    "style": "内容格式",
    "template": "内容模板",
    "success": "受理标志",
    "duty": "职责",
    "into": "并入",
    "part": "分出",
    "people": "人员",
    "person_id": "人员号",
    "post": "职务",
    "reach": "数据范围",
    "to": "转给",
    "unit": "单位",
    "unit_id": "单位号",
    "username": "用户名",
    "rows": "行数",
    "cases": "试算件数",
    "same": "走法不变",
    "other": "走法会变",
    "since": "起",
    "until": "止",
    "created": "新增",
    "updated": "修改",
    "unchanged": "不变",
    "file": "文件",
    "files": "附件",
    "register": "台账",
    "explanation": "说明",
    "sheet": "工作表",
    "doubts": "存疑",
    "sha256": "文件摘要",
    "digest": "文件摘要",
    "pages": "页数",
}


# What the approvals of the kernel write on whatever they are about: ``<its model>.approved``.
APPROVAL_VERBS = {
    "approved": "同意",
    "copied": "抄送",
    "cosigner_removed": "减签",
    "cosigners_added": "加签",
    "handed_over": "转办",
    "objected": "不同意",
    "overdue": "审批超时",
    "reminded": "提醒时限",
    "reseated": "更换审批人",
    "returned": "退回",
    "stopped": "终止审批",
    "urged": "催办",
    "withdrawn": "撤回",
}


def verb_title(verb: str) -> str:
    """What a recorded verb is called; the verb itself where nobody gave it a name."""
    model, _, done = verb.rpartition(".")
    if verb not in VERBS and any(route.subject == model for route in routes.all_routes()):
        return APPROVAL_VERBS.get(done) or duties.title_of(verb)
    return VERBS.get(verb) or duties.title_of(verb)


def type_title(on_type: str) -> str:
    """What kind of row a record is about: ``派车单``."""
    try:
        return str(apps.get_model(on_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return ""


def _field(on_type: str, name: str) -> Any:
    try:
        model = apps.get_model(on_type)
    except (LookupError, ValueError):
        return None
    for known in (name, name.removesuffix("_id")):
        try:
            found = model._meta.get_field(known)
        except FieldDoesNotExist:
            continue
        if found.concrete:  # what other rows say of this one is no fact of its own
            return found
    return None


def field_title(on_type: str, name: str) -> str:
    """What a fact of a record is called: its column's title, or a word of ours."""
    field = _field(on_type, name)
    title = str(getattr(field, "verbose_name", "")) if field is not None else ""
    return title if title and not title.isascii() else FIELDS.get(name, name)


def _duty(key: str) -> str:
    duty = duties.get(key)
    return duty.title if duty else key


def _reach(value: str) -> str:
    return Reach(value).label if value in set(Reach) else value


_SPECIAL = {"duty": _duty, "reach": _reach, "vouchers.voucher.kind": kinds.title_of}


def shown(on_type: str, name: str, value: Any) -> str:
    """A stored value in words: the label of a choice, 是 and 否, — for nothing."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    special = _SPECIAL.get(name) or _SPECIAL.get(f"{on_type}.{name}")
    if special is not None:
        return special(str(value))
    if isinstance(value, dict):
        return str(value.get("label") or value.get("title") or value)
    if isinstance(value, list):
        return "、".join(shown(on_type, "", one) for one in value[:10])
    field = _field(on_type, name)
    choices = dict(field.flatchoices) if field is not None and field.choices else {}
    return _moment(str(choices.get(value, value)))


_ISO_MINUTE = 16


def _moment(text: str) -> str:
    """An ISO moment as people write it; every other text as it is."""
    if len(text) > _ISO_MINUTE and text[4:5] == "-" and text[10:11] == "T":
        return text[:_ISO_MINUTE].replace("T", " ")
    return text


def changes(
    *, on_type: str, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> list[tuple[str, str, str]]:
    """Title, before and after of every fact that differs, in the order it was recorded."""
    old, new = before or {}, after or {}
    names = [*new, *(name for name in old if name not in new)]
    return [
        (field_title(on_type, name), shown(on_type, name, old.get(name)),
         shown(on_type, name, new.get(name)))
        for name in names
        if old.get(name) != new.get(name)
    ]  # fmt: skip
