"""The trail in Chinese: what each recorded verb, object and field is called on the screen.

A department that records a new verb adds its words here; a test of the house looks for gaps.
"""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from guanjia.kernel.access import duties
from guanjia.kernel.values.actor import Reach
from guanjia.kernel.vouchers import kinds
from guanjia.ui import trail

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
    "exchange.incoming.again": "再办省级批复",
    "exchange.incoming.applied": "办理省级批复",
    "exchange.key.made": "发放接口密钥",
    "exchange.key.stopped": "停用接口密钥",
    "exchange.message.again": "再发报文",
    "exchange.peer.paused": "暂停上报",
    "exchange.peer.resumed": "恢复上报",
    "exchange.peer.saved": "改对接设置",
    "exchange.peer.switched_off": "断开省平台",
    "exchange.peer.switched_on": "接通省平台",
    "fleet.accident.closed": "事故结案",
    "fleet.accident.entered": "登记事故",
    "fleet.accident.matched": "事故对上派车单",
    "fleet.bill.adjusted": "下一期更正结算",
    "fleet.bill.answered": "答复账单",
    "fleet.bill.closed": "结清账单",
    "fleet.bill.decided": "处理账单异议",
    "fleet.bill.drawn": "出账",
    "fleet.bill.sent": "发出账单",
    "fleet.car.amended": "修改车辆档案",
    "fleet.car.disposed": "注销车辆卡片",
    "fleet.car.entered": "登记车辆",
    "fleet.car.secret_set": "变更涉密标记",
    "fleet.car.state_set": "变更车辆状态",
    "fleet.car.tank_set": "登记油箱电池",
    "fleet.car.transferred": "划转车辆",
    "fleet.card.amended": "修改发卡单位",
    "fleet.card.given": "发加油卡",
    "fleet.card.stopped": "停用加油卡",
    "fleet.cost.amended": "补登加满、里程",
    "fleet.cost.changed": "修改费用",
    "fleet.cost.freed": "费用恢复计入",
    "fleet.cost.matched": "费用对上派车单",
    "fleet.cost.recorded": "登记费用",
    "fleet.cost.refused": "不予报销",
    "fleet.cost.replaced": "由对账单代替",
    "fleet.cost.voided": "作废费用",
    "fleet.disposal.called_off": "取消处置",
    "fleet.disposal.dealt": "登记成交",
    "fleet.disposal.entered": "登记处置",
    "fleet.disposal.finished": "办结处置",
    "fleet.disposal.opened": "申请处置",
    "fleet.disposal.paid_in": "登记缴库",
    "fleet.disposal.plate_returned": "号牌交回",
    "fleet.disposal.sent": "处置报批",
    "fleet.disposal.valued": "登记估值",
    "fleet.driver.amended": "修改驾驶员档案",
    "fleet.driver.entered": "登记驾驶员",
    "fleet.driver.state_set": "变更驾驶员状态",
    "fleet.finding.changed": "督车情形有变",
    "fleet.finding.closed": "督车办结",
    "fleet.finding.decided": "处理督车事项",
    "fleet.finding.explained": "说明督车事项",
    "fleet.finding.gone": "督车事项消除",
    "fleet.finding.moved": "督车事项随单更正",
    "fleet.finding.raised": "列入督车",
    "fleet.finding.reminded": "督车催办",
    "fleet.finding.returned": "退回督车说明",
    "fleet.fine.entered": "登记违法",
    "fleet.fine.handled": "处理违法",
    "fleet.fine.matched": "违法对上派车单",
    "fleet.inspection.entered": "登记检验",
    "fleet.level.entered": "登记油量",
    "fleet.lot.closed": "核销批次",
    "fleet.lot.filled": "放入批次",
    "fleet.lot.opened": "新建批次",
    "fleet.lot.paid_in": "批次缴库",
    "fleet.lot.settled": "登记成交总额",
    "fleet.lot.taken_out": "移出批次",
    "fleet.monthly_list.made": "编制督车清单",
    "fleet.order.accepted": "维保验收",
    "fleet.order.cancelled": "取消维保工单",
    "fleet.order.entered": "登记维保工单",
    "fleet.order.not_accepted": "维保返修",
    "fleet.order.quoted": "维保报价",
    "fleet.order.reported": "报修",
    "fleet.order.sent_in": "送修",
    "fleet.order.settled": "维保结算",
    "fleet.place.entered": "登记地点",
    "fleet.plan.made": "新建保养计划",
    "fleet.plan.stopped": "停用保养计划",
    "fleet.policy.entered": "登记保险单",
    "fleet.publication.drafted": "统计公示稿",
    "fleet.publication.dropped": "放弃公示稿",
    "fleet.publication.published": "公示",
    "fleet.publication.withdrawn": "撤下公示",
    "fleet.purchase.answered": "登记省级批复",
    "fleet.purchase.cancelled": "取消购置",
    "fleet.purchase.carded": "登记新车",
    "fleet.purchase.changed": "修改购置",
    "fleet.purchase.documented": "登记购置文号",
    "fleet.purchase.entered": "登记更新审批",
    "fleet.purchase.requested": "申请更新购置",
    "fleet.quota.changed": "修改编制申请",
    "fleet.quota.documented": "登记编制文号",
    "fleet.quota.entered": "登记编制",
    "fleet.quota.requested": "申请编制变更",
    "fleet.sealed_car.asked": "申请封存例外",
    "fleet.sealed_car.released": "解封车辆",
    "fleet.sealed_car.sealed": "封存车辆",
    "fleet.sealing.called_off": "取消封存安排",
    "fleet.sealing.planned": "安排封存",
    "fleet.sighting.entered": "导入行车线索",
    "fleet.sighting.recorded": "登记行车线索",
    "fleet.statement.told": "登记对账单总额",
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
    "org.person.back": "撤销离职登记",
    "org.person.entered": "登记人员",
    "org.person.left": "登记离职",
    "org.post.held": "任兼职",
    "org.post.left": "免兼职",
    "org.unit.closed": "撤销单位",
    "org.unit.entered": "登记单位",
    "org.unit.merged": "并入单位",
    "org.unit.renamed": "单位更名",
    "org.unit.split": "分出单位",
    "registers.explain": "说明疑点",
    "registers.import": "导入台账",
    "energy.analysis.issued": "出具分析",
    "energy.notice.drafted": "统计公示稿",
    "energy.notice.dropped": "放弃公示稿",
    "energy.notice.published": "公示",
    "energy.notice.withdrawn": "撤下公示",
    "energy.assessment.answered": "复核申诉",
    "energy.assessment.appealed": "申诉",
    "energy.assessment.decided": "市级评定",
    "energy.assessment.handed_on": "转市级评审",
    "energy.assessment.reviewed": "评审打分",
    "energy.assessment.scored": "自评打分",
    "energy.assessment.sent": "提交自评",
    "energy.assessment.sent_back": "退回自评",
    "energy.assessment.urged": "催报自评",
    "energy.audit.begun": "启动审计",
    "energy.audit.called_off": "取消审计",
    "energy.audit.content_told": "登记审计情况",
    "energy.audit.entered": "登记能源审计",
    "energy.audit.finished": "完成审计",
    "energy.audit.found": "登记审计发现",
    "energy.audit.measure_done": "整改措施完成",
    "energy.audit.measure_set": "制定整改措施",
    "energy.audit.planned": "计划审计",
    "energy.city_score.entered": "登记全省考核结果",
    "energy.clerk.assigned": "指定统计员",
    "energy.clerk.ended": "不再担任统计员",
    "energy.demonstration.entered": "登记示范单位创建",
    "energy.doubt.explained": "说明疑点",
    "energy.filing.handed_on": "县级审核通过",
    "energy.filing.locked": "市级审定锁定",
    "energy.filing.opened": "布置报表",
    "energy.filing.sent": "报送",
    "energy.filing.sent_back": "退回",
    "energy.filing.unlocked": "解锁",
    "energy.filing.urged": "催报",
    "energy.institution.entered": "登记公共机构",
    "energy.institution.reformed": "登记机构变动",
    "energy.return.entered": "填报月报",
    "energy.scheme.joined": "增加参加机构",
    "energy.scheme.opened": "启用考核方案",
    "energy.scheme.planned": "编制考核方案",
    "energy.scheme.published": "公布考核名次",
    "energy.scheme.reckoned": "重新取数",
    "energy.waste.told": "登记垃圾清运",
    "energy.waste_point.entered": "登记垃圾分类投放点",
    "energy.weather.entered": "登记逐月度日",
    "energy.work.told": "登记日常工作",
    "energy.alarm.raised": "表计报警",
    "energy.alarm.settled": "处理表计报警",
    "energy.meter.changed": "登记换表",
    "energy.meter.entered": "登记表计",
    "energy.meter.read": "抄表",
    "energy.target.filed": "报备年度目标",
    "energy.baseline.told": "登记基期数据",
    "energy.institution.restated": "登记面积人数变动",
    "energy.site.entered": "登记合署办公点",
    "energy.site.shared": "登记分摊比例",
    "energy.site.told": "填报合署办公点",
    "energy.sample.drawn": "抽取抽查名单",
    "energy.sample.checked": "登记抽查核查",
    "energy.quota.asked": "要求说明超定额",
    "energy.quota.explained": "说明超定额",
    "energy.quota.accepted": "采纳超定额说明",
    "energy.quota.sent_back": "退回超定额说明",
    "energy.quota.lapsed": "不再超定额",
    "energy.year.issued": "年度能耗定稿",
    "space.allocation.called_off": "取消调配",
    "space.allocation.changed": "修改用房申请",
    "space.allocation.ended": "结束调配",
    "space.allocation.entered": "登记调配台账",
    "space.allocation.extended": "签发续借凭证",
    "space.allocation.extension_requested": "申请续借",
    "space.allocation.granted": "选房并签发凭证",
    "space.allocation.lessened": "部分房间腾退，换发凭证",
    "space.allocation.received": "交接房间",
    "space.allocation.requested": "申请用房",
    "space.allocation.rooms_let_go": "放开房间，重新选房",
    "space.building.amended": "更正楼栋",
    "space.building.appraised": "登记安全鉴定",
    "space.building.entered": "登记楼栋",
    "space.building.titled": "登记权属",
    "space.clearance.accepted": "接收腾退房间",
    "space.clearance.called_off": "撤销腾退",
    "space.clearance.handed_back": "移交腾退房间",
    "space.clearance.opened": "发起腾退",
    "space.clearance.sent_back": "退回腾退整改",
    "space.compound.amended": "更正院落",
    "space.compound.entered": "登记院落",
    "space.building.disposed": "登记楼栋已处置",
    "space.disposal.called_off": "取消处置利用",
    "space.disposal.carried_out": "办理处置利用",
    "space.disposal.changed": "修改处置利用",
    "space.disposal.paid_in": "登记处置收入缴库",
    "space.disposal.requested": "申请处置利用",
    "space.disposal.sent": "处置利用报批",
    "space.disposal.taken_back": "收回利用的房间",
    "space.disposal.valued": "登记评估",
    "space.establishment.entered": "登记职级编制",
    "space.finding.decided": "处理用房问题",
    "space.finding.explained": "说明用房问题",
    "space.finding.gone": "办结用房问题",
    "space.finding.raised": "列出用房问题",
    "space.plan.adopted": "采用平面图",
    "space.plan.discarded": "不采用平面图",
    "space.plan.uploaded": "上传平面图",
    "space.inspection.entered": "登记巡检记录",
    "space.inspection.recorded": "现场巡检",
    "space.rectification.accepted": "验收整改",
    "space.rectification.answered": "填报整改",
    "space.rectification.asked": "要求整改",
    "space.rectification.called_off": "撤销整改",
    "space.rectification.found_again": "再次查出",
    "space.rectification.moved": "改整改期限",
    "space.rectification.reminded": "催办整改",
    "space.rectification.returned": "退回整改",
    "space.room.added": "新建房间",
    "space.room.changed": "登记房间变动",
    "space.room.entered": "登记房间",
    "space.room.idle_told": "登记闲置情况",
    "space.room.held": "登记使用单位",
    "space.room.merged": "合并房间",
    "space.room.seated": "登记使用人",
    "space.room.split": "拆分房间",
    "space.tenancy.called_off": "取消入住",
    "space.tenancy.entered": "登记周转房台账",
    "space.tenancy.handed_back": "退房验房",
    "space.tenancy.left_told": "登记离任",
    "space.tenancy.moved_in": "登记入住",
    "space.tenancy.paid": "收取租金",
    "space.tenancy.payment_voided": "作废收款",
    "space.tenancy.renewed": "续租",
    "space.works.accepted": "登记大中修验收",
    "space.works.begun": "登记大中修开工",
    "space.works.called_off": "取消大中修",
    "space.works.entered": "登记大中修台账",
    "space.works.planned": "大中修列入计划",
    "space.works.requested": "申请大中修",
    "space.works.settled": "登记大中修决算",
    "space.works.turned_down": "大中修不列入计划",
    "space.round.begun": "开始巡检",
    "space.round.closed": "结束巡检",
    "space.round.entered": "登记巡检",
    "space.round.planned": "安排巡检",
    "space.survey.called_off": "取消统计",
    "space.survey.planned": "布置统计",
    "space.survey.prolonged": "改填报期限",
    "space.survey.published": "发布统计报表",
    "space.survey.reminded": "催报",
    "space.surveydifference.adopted": "采纳填报差异",
    "space.surveydifference.declined": "不采纳填报差异",
    "space.surveyreturn.accepted": "通过填报",
    "space.surveyreturn.approved": "同意填报",
    "space.surveyreturn.asked_again": "恢复填报",
    "space.surveyreturn.excused": "免报",
    "space.surveyreturn.explained": "说明疑点",
    "space.surveyreturn.filled": "填单位情况",
    "space.surveyreturn.recalled": "撤回填报",
    "space.surveyreturn.returned": "退回填报",
    "space.surveyreturn.rooms_filled": "填报房间",
    "space.surveyreturn.sent": "上报填报",
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
    "amount_fen": "金额",
    "cars": "车辆",
    "disposals": "处置单",
    "paid_fen": "缴库金额",
    "paid_on": "缴库日期",
    "payment_id": "批次缴库号",
    "rooms": "房间数",
    "shapes": "图形数",
    "receipt": "缴库凭证号",
    "sum_fen": "各车成交之和",
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
    return trail.act_title(verb) or duties.title_of(verb)


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
