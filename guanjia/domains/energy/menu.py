"""The pages of the department in the menu, and what people start there."""

from guanjia.ui.menu import Item, Section

# Sections and items come in the order in which they stand in the menu.
SECTIONS = (
    Section(
        title="统计报送", group="saving", place=30,
        items=(
            Item(title="能耗概览", url_name="energy:overview", verb="energy.return.see"),
            Item(title="名录库", url_name="energy:institutions_list", verb="energy.institution.see",
                 also=("energy:institution", "energy:month", "energy:month_fill")),
            Item(title="能耗月报", url_name="energy:returns_list", verb="energy.return.see"),
            Item(title="报送进度", url_name="energy:progress", verb="energy.return.see",
                 also=("energy:filings_list", "energy:filing")),
            Item(title="报表疑点", url_name="energy:doubts_list", verb="energy.doubt.see"),
            Item(title="填报接口", url_name="energy:keys", verb="energy.key.give",
                 also=("energy:key", "energy:key_give")),
        ),
    ),
    Section(
        title="能耗计量", group="saving", place=31,
        items=(
            Item(title="表计", url_name="energy:meters_list", verb="energy.meter.see",
                 also=("energy:meter",)),
            Item(title="抄表登记", url_name="energy:meter_notes_list", verb="energy.meter.see"),
            Item(title="表计报警", url_name="energy:meter_alarms_list", verb="energy.meter.see",
                 also=("energy:alarm",)),
            Item(title="未接收的读数", url_name="energy:meters_aside", verb="energy.meter.enter"),
        ),
    ),
    Section(
        title="目标定额", group="saving", place=32,
        items=(
            Item(title="目标完成", url_name="energy:targets", verb="energy.target.see",
                 also=("energy:filed_targets_list", "energy:target",
                       "energy:baselines_list")),
            Item(title="能耗定额", url_name="energy:quotas", verb="energy.quota.see",
                 also=("energy:quota_cases_list", "energy:quota_case")),
            Item(title="能耗抽查", url_name="energy:samples", verb="energy.sample.see",
                 also=("energy:sample", "energy:sample_check", "energy:sample_checks_list")),
            Item(title="合署办公点", url_name="energy:sites_list", verb="energy.site.see",
                 also=("energy:site", "energy:site_return",
                       "energy:site_tell", "energy:site_shares_list")),
        ),
    ),
    Section(
        title="审计分析", group="saving", place=33,
        items=(
            Item(title="重点用能单位", url_name="energy:key_users", verb="energy.analysis.see",
                 also=("energy:analysis", "energy:analysis_draft")),
            Item(title="能源审计", url_name="energy:audits_list", verb="energy.audit.see",
                 also=("energy:audit",)),
            Item(title="应审计单位", url_name="energy:audits_due", verb="energy.audit.see"),
            Item(title="逐月度日", url_name="energy:weather_list", verb="energy.weather.see"),
            Item(title="能耗公示", url_name="energy:notices", verb="energy.return.see",
                 for_all=True, also=("energy:notice",)),
        ),
    ),
    Section(
        title="考核创建", group="saving", place=34,
        items=(
            Item(title="考核方案", url_name="energy:schemes_list", verb="energy.assessment.see",
                 also=("energy:scheme",)),
            Item(title="考核评分", url_name="energy:assessments_list", verb="energy.assessment.see",
                 also=("energy:assessment", "energy:indicator", "energy:appeal")),
            Item(title="日常工作", url_name="energy:work_list", verb="energy.work.see"),
            Item(title="垃圾清运台账", url_name="energy:waste_list", verb="energy.work.see",
                 also=("energy:waste_new",)),
            Item(title="垃圾投放点", url_name="energy:waste_points_list", verb="energy.work.see",
                 also=("energy:waste_points_new",)),
            Item(title="示范单位创建", url_name="energy:demonstrations_list",
                 verb="energy.demonstration.see"),
            Item(title="全省考核结果", url_name="energy:city_scores_list", verb="energy.rank.see"),
        ),
    ),
)  # fmt: skip
