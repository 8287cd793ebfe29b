"""The sheet of a car: 公务用车派车单."""

from docx.document import Document

from word import sheets


def trip_sheet() -> Document:
    """公务用车派车单: one A4 page to be carried in the car, the odometer filled in by hand."""
    made = sheets.blank("公务用车派车单")
    sheets.pairs(made, (("{{ number }}", "派车单号　{{ trip }}"),), (4818, 4818))
    rows: tuple[tuple[str, ...], ...] = (
        ("用车单位", "{{ unit }}"),
        ("用车人", "{{ rider }}", "乘车人数", "{{ passengers }}"),
        ("用途", "{{ purpose }}"),
        ("事由", "{{ reason }}"),
        ("行程", "{{ route }}"),
        ("计划出车", "{{ planned_from }}", "计划返回", "{{ planned_to }}"),
        ("号牌号码", "{{ plate }}", "品牌型号", "{{ make }}"),
        ("驾驶员", "{{ driver }}", "准驾车型", "{{ licence }}"),
        ("审批", "{{ approval }}"),
        ("备注", "{{ remark }}"),
    )
    sheets.grid(made, rows)
    sheets.gap(made, "出车收车（由驾驶员填写）")
    by_hand = (
        ("出车时间", "　　月　　日　　时　　分", "出车里程", "公里"),
        ("收车时间", "　　月　　日　　时　　分", "收车里程", "公里"),
        ("途经地点", ""),
        ("过路停车", "元", "加油", "升　　　　　　　　元"),
    )
    sheets.grid(made, by_hand, hand=True)
    sheets.gap(made, "签字")
    sheets.signs(made, ("调度员", "驾驶员", "用车人"))
    notes = (
        "有效期　{{ valid }}",
        "本单随车携带，收车后交调度员存档。改派、改时间或取消后本单作废，以核验结果为准。",
    )
    sheets.foot(made, notes)
    return made
