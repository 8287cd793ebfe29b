"""Words of quotas (能耗定额): what is measured, the three values, and where a case stands. Pure."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class QuotaMeasure(Term):
    """What a quota bounds; each of a whole year."""

    PER_M2 = "PER_M2", "单位面积能耗"
    PER_PERSON = "PER_PERSON", "人均综合能耗"
    WATER_PER_PERSON = "WATER_PER_PERSON", "人均用水量"
    POWER_PER_M2 = "POWER_PER_M2", "单位面积用电量"


MEASURE_UNITS = {
    QuotaMeasure.PER_M2: "kgce/㎡",
    QuotaMeasure.PER_PERSON: "kgce/人",
    QuotaMeasure.WATER_PER_PERSON: "m³/人",
    QuotaMeasure.POWER_PER_M2: "kWh/㎡",
}


class Step(Term):
    """The values of a quota, from the strictest wish to what must not be passed."""

    GUIDE = "GUIDE", "引导值"
    BASE = "BASE", "基准值"
    BOUND = "BOUND", "约束值"


class Place(Term):
    """Where a figure stands between the values of its quota; of a part of a year only what is over
    already can be said."""

    GUIDE = "GUIDE", "达到引导值"
    BASE = "BASE", "达到基准值"
    BOUND = "BOUND", "未超约束值"
    PART = "PART", "不满一年"
    OVER = "OVER", "超约束值"


class CaseState(Term):
    """How far an institution over its quota has come with its explanation."""

    ASKED = "ASKED", "待说明"
    TOLD = "TOLD", "已说明"
    ACCEPTED = "ACCEPTED", "采纳"
    BACK = "BACK", "退回"
    LAPSED = "LAPSED", "不再超定额"


# Where the institution has to say something.
OWED = (CaseState.ASKED, CaseState.BACK)
_C = CaseState
CASE_LIFE = Life(
    states={
        _C.ASKED: Stage(tone="wait", icon="alert-circle", to=(_C.TOLD, _C.LAPSED)),
        _C.TOLD: Stage(tone="move", icon="hourglass", to=(_C.ACCEPTED, _C.BACK, _C.LAPSED)),
        _C.ACCEPTED: Stage(tone="done", icon="circle-check"),
        _C.BACK: Stage(tone="stop", icon="arrow-back-up", to=(_C.TOLD, _C.LAPSED)),
        _C.LAPSED: Stage(tone="idle", icon="ban"),
    },
    rule="超定额的先说明，再核说明",
)
