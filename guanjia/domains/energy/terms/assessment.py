"""Words of assessments (考核、创建评价): schemes, indicators, how they are scored, desks. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class SchemeKind(Term):
    """What a scheme of indicators is for."""

    ASSESSMENT = "ASSESSMENT", "在线考核"
    DEMONSTRATION = "DEMONSTRATION", "示范单位"
    SAVING_ORGAN = "SAVING_ORGAN", "节约型机关"
    WATER_SAVING = "WATER_SAVING", "节水型单位"
    WATER_LEADER = "WATER_LEADER", "水效领跑者"


class SchemeState(Term):
    """How far a scheme has come: being written, under way, over with its ranks published."""

    DRAFT = "DRAFT", "编制中"
    OPEN = "OPEN", "进行中"
    PUBLISHED = "PUBLISHED", "已公布"


SCHEME_LIFE = Life(
    states={
        SchemeState.DRAFT: Stage(tone="idle", icon="pencil", to=(SchemeState.OPEN,)),
        SchemeState.OPEN: Stage(tone="move", icon="hourglass", to=(SchemeState.PUBLISHED,)),
        SchemeState.PUBLISHED: Stage(tone="done", icon="circle-check"),
    },
    rule="考核方案编制后启用，都评完再公布名次",
)


class How(Term):
    """How an indicator gets its points."""

    DATA = "DATA", "按数据计算"
    EVIDENCE = "EVIDENCE", "自评附材料"
    REVIEW = "REVIEW", "评审打分"


class Scale(Term):
    """How a fact becomes points."""

    SHARE = "SHARE", "按比例"
    STEPS = "STEPS", "分档"
    EACH = "EACH", "逐次累计"
    REACHES = "REACHES", "达到即得"


class Fact(Term):
    """What the rows say of an institution in a year."""

    MONTHS = "MONTHS", "月报填报率"
    IN_TIME = "IN_TIME", "按时报送率"
    SETTLED = "SETTLED", "疑点办结率"
    PER_PERSON_FELL = "PER_PERSON_FELL", "人均综合能耗下降率"
    PER_M2_FELL = "PER_M2_FELL", "单位面积能耗下降率"
    WATER_FELL = "WATER_FELL", "人均用水下降率"
    WATER_TO_PEERS = "WATER_TO_PEERS", "人均用水与同类均值之比"
    AUDITS = "AUDITS", "完成能源审计"
    TRAINING = "TRAINING", "节能培训"
    PUBLICITY = "PUBLICITY", "宣传活动"
    INSPECTION = "INSPECTION", "节能检查"
    SORTING = "SORTING", "垃圾分类活动"
    WASTE_MONTHS = "WASTE_MONTHS", "垃圾清运台账填报率"
    WASTE_SORTED = "WASTE_SORTED", "可回收物和厨余垃圾占清运量"
    TARGET_MET = "TARGET_MET", "完成本单位年度目标"


class Desk(Term):
    """Where an assessment lies."""

    SELF = "SELF", "自评中"
    COUNTY = "COUNTY", "县级评审"
    CITY = "CITY", "市级评审"
    APPEAL = "APPEAL", "公示申诉"
    DONE = "DONE", "已定"


_D = Desk
# Institutions of the city itself skip the county; either reviewer gives back.
ASSESSMENT_LIFE = Life(
    field="desk",
    states={
        _D.SELF: Stage(tone="idle", icon="pencil", to=(_D.COUNTY, _D.CITY)),
        _D.COUNTY: Stage(tone="wait", icon="hourglass", to=(_D.CITY, _D.SELF)),
        _D.CITY: Stage(tone="wait", icon="hourglass", to=(_D.SELF, _D.APPEAL)),
        _D.APPEAL: Stage(tone="wait", icon="hourglass", to=(_D.DONE,)),
        _D.DONE: Stage(tone="done", icon="circle-check"),
    },
    rule="考核先由机构自评，县级评审，再由市级评定，公示申诉后定",
)


class AppealState(Term):
    """What came of an appeal."""

    OPEN = "OPEN", "待复核"
    UPHELD = "UPHELD", "采纳"
    REJECTED = "REJECTED", "维持"


class WorkKind(Term):
    """Everyday work that counts as it is done (日常工作)."""

    TRAINING = "TRAINING", "节能培训"
    PUBLICITY = "PUBLICITY", "宣传活动"
    INSPECTION = "INSPECTION", "节能检查"
    SORTING = "SORTING", "垃圾分类活动"


class Outcome(Term):
    """What an assessment ends in, before its grade."""

    PASSED = "PASSED", "达标"
    UNFINISHED = "UNFINISHED", "未完成"
    FAILED = "FAILED", "不达标"
    VETOED = "VETOED", "一票否决"


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """An indicator that gets points: how many at most, and what hangs on it.

    ``must``: it has to be met in full (必须完成); ``star``: nothing on it fails the whole (★);
    ``veto``: any point lost on it fails the whole; ``extra``: its points come on top.
    """

    number: str
    title: str
    points: Decimal
    must: bool = False
    star: bool = False
    veto: bool = False
    extra: bool = False


@dataclass(frozen=True, kw_only=True)
class Grade:
    """A grade and the points it takes."""

    title: str
    least: Decimal


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the points come to, and the indicators that decided against it, by number and title."""

    total: Decimal
    outcome: Outcome
    grade: str
    reasons: tuple[str, ...] = ()
