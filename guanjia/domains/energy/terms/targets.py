"""Words of targets (节能目标): what is to fall, against what, and whether it did. Pure."""

from guanjia.kernel.values.term import Term


class Aim(Term):
    """An indicator that a plan wants to fall."""

    PER_PERSON = "PER_PERSON", "人均综合能耗"
    PER_M2 = "PER_M2", "单位面积能耗"
    WATER_PER_PERSON = "WATER_PER_PERSON", "人均用水量"
    CO2_PER_M2 = "CO2_PER_M2", "单位面积碳排放"


UNITS = {
    Aim.PER_PERSON: "kgce/人",
    Aim.PER_M2: "kgce/㎡",
    Aim.WATER_PER_PERSON: "m³/人",
    Aim.CO2_PER_M2: "kgCO₂/㎡",
}


class Against(Term):
    """What a yearly target of an institution is measured against."""

    BASE = "BASE", "规划基期"
    BEFORE = "BEFORE", "上一年"


class AimState(Term):
    """Whether a target is met, as far as the figures say."""

    MET = "MET", "完成"
    UNMET = "UNMET", "未完成"
    UNKNOWN = "UNKNOWN", "无法判断"
