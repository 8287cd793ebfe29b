"""Who may what: the duties (职责) of the department, and its verbs in Chinese. Pure."""

from guanjia.kernel.access.duties import Duty

# What an institution sees of itself.
_OWN = frozenset(
    {
        "energy.institution.see",
        "energy.return.see",
        "energy.doubt.see",
        "energy.assessment.see",
        "energy.work.see",
        "energy.meter.see",
        "energy.analysis.see",
    }
)
# Targets, quotas, samples, buildings that several share.
_OWN |= {"energy.target.see", "energy.quota.see", "energy.sample.see", "energy.site.see"}
_ALL = _OWN | {
    "energy.audit.see",
    "energy.demonstration.see",
    "energy.rank.see",
    "energy.weather.see",
}
_CLERK_AIMS = frozenset({"energy.target.file", "energy.quota.explain"})
_COUNTY_AIMS = _CLERK_AIMS | {"energy.quota.decide", "energy.sample.check", "energy.site.tell"}
_KEEPER_AIMS = _COUNTY_AIMS | {
    "energy.baseline.enter",
    "energy.quota.judge",
    "energy.sample.draw",
    "energy.site.keep",
    "energy.key.give",
}

DUTIES = (
    Duty(
        key="energy.clerk",
        title="公共机构统计员",
        verbs=frozenset(
            {
                "energy.return.fill",
                "energy.doubt.explain",
                "energy.assessment.fill",
                "energy.work.tell",
                "energy.meter.read",
                "energy.alarm.settle",
            }
        )
        | _CLERK_AIMS,
        reads=_OWN,
    ),
    Duty(
        key="energy.county",
        title="县级节能管理员",
        verbs=frozenset(
            {
                "energy.institution.clerk",
                "energy.return.fill",
                "energy.doubt.explain",
                "energy.filing.review",
                "energy.assessment.review",
                "energy.work.tell",
                "energy.meter.enter",
                "energy.meter.read",
                "energy.alarm.settle",
            }
        )
        | _COUNTY_AIMS,
        reads=_ALL,
    ),
    Duty(
        key="energy.keeper",
        title="公共机构节能管理员",
        verbs=frozenset(
            {
                "energy.institution.enter",
                "energy.institution.clerk",
                "energy.return.enter",
                "energy.return.fill",
                "energy.doubt.explain",
                "energy.filing.open",
                "energy.year.issue",
                "energy.filing.review",
                "energy.filing.accept",
                "energy.scheme.plan",
                "energy.assessment.fill",
                "energy.assessment.review",
                "energy.assessment.decide",
                "energy.work.tell",
                "energy.audit.enter",
                "energy.demonstration.enter",
                "energy.rank.enter",
                "energy.meter.enter",
                "energy.meter.read",
                "energy.alarm.settle",
                "energy.weather.enter",
                "energy.analysis.issue",
                "energy.notice.make",
            }
        )
        | _KEEPER_AIMS,
        reads=_ALL | {"energy.notice.see"},
    ),
    Duty(key="energy.leader", title="分管领导（公共机构节能）", reads=_ALL | {"energy.notice.see"}),
    Duty(
        key="energy.supervisor",
        title="监督员（公共机构节能）",
        reads=_ALL | {"audit.see", "energy.notice.see"},
        watched=True,
    ),
)

VERBS = {
    "energy.institution.see": "查看公共机构名录库",
    "energy.institution.enter": "维护公共机构名录库",
    "energy.institution.clerk": "指定统计员",
    "energy.return.see": "查看能耗报表",
    "energy.return.fill": "填报能耗报表",
    "energy.return.enter": "登记能耗报表台账",
    "energy.filing.open": "布置能耗报表",
    "energy.year.issue": "年度能耗定稿",
    "energy.filing.review": "县级审核能耗报表",
    "energy.filing.accept": "市级审定能耗报表",
    "energy.doubt.see": "查看报表疑点",
    "energy.doubt.explain": "说明报表疑点",
    "energy.scheme.plan": "编制考核方案",
    "energy.assessment.see": "查看考核评分",
    "energy.assessment.fill": "自评",
    "energy.assessment.review": "县级评审",
    "energy.assessment.decide": "市级评审",
    "energy.work.see": "查看日常工作",
    "energy.work.tell": "登记日常工作",
    "energy.audit.see": "查看能源审计",
    "energy.audit.enter": "登记能源审计",
    "energy.demonstration.see": "查看示范单位创建",
    "energy.demonstration.enter": "登记示范单位创建",
    "energy.rank.see": "查看全省考核结果",
    "energy.rank.enter": "登记全省考核结果",
    "energy.meter.see": "查看表计",
    "energy.meter.enter": "登记表计",
    "energy.meter.read": "抄表、登记换表",
    "energy.alarm.settle": "处理表计报警",
    "energy.weather.see": "查看逐月度日",
    "energy.weather.enter": "登记逐月度日",
    "energy.analysis.see": "查看重点用能单位分析",
    "energy.analysis.issue": "出具重点用能单位分析",
    "energy.notice.see": "查看能耗公示稿",
    "energy.notice.make": "编发能耗公示",
    "energy.target.see": "查看节能目标",
    "energy.target.file": "报备年度目标",
    "energy.baseline.enter": "登记基期数据",
    "energy.sample.see": "查看能耗抽查",
    "energy.sample.draw": "抽取抽查名单",
    "energy.sample.check": "登记抽查核查",
    "energy.site.see": "查看合署办公点",
    "energy.site.keep": "维护合署办公点和比例",
    "energy.site.tell": "填报合署办公点月份",
    "energy.key.give": "发放填报密钥",
    "energy.quota.see": "查看能耗定额",
    "energy.quota.judge": "判定超定额",
    "energy.quota.explain": "说明超定额",
    "energy.quota.decide": "核超定额说明",
}
