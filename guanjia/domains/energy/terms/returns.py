"""Words of the returns (能源资源消费报表), of their checks, and of their way up. Pure."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class Origin(Term):
    """How a monthly return came in."""

    SHEET = "SHEET", "导入"
    PAGE = "PAGE", "填报"
    API = "API", "接口"
    METER = "METER", "表计"
    SITE = "SITE", "合署分摊"


class Check(Term):
    """What a check of returns looks for; thresholds and severities are provisions."""

    PRICE = "PRICE", "单价异常"
    TEN = "TEN", "疑似多一位或少一位"
    THOUSAND = "THOUSAND", "疑似单位错误"
    ZERO_WITH_COST = "ZERO_WITH_COST", "有费用无用量"
    AMOUNT_WITHOUT_COST = "AMOUNT_WITHOUT_COST", "有用量无费用"
    HALF_TOLD = "HALF_TOLD", "用量费用只填一项"
    MISSING = "MISSING", "缺少必填品种"
    LEAP = "LEAP", "与往月相差过大"
    PEERS = "PEERS", "与同类相差过大"
    MONTH_ON_MONTH = "MONTH_ON_MONTH", "环比变动过大"
    YEAR_ON_YEAR = "YEAR_ON_YEAR", "同比变动过大"


class Severity(Term):
    """What a check that strikes means."""

    ERROR = "ERROR", "错误"
    DOUBT = "DOUBT", "疑点"
    OFF = "OFF", "不查"


class DoubtState(Term):
    """Where a doubt stands: it waits, was explained, or the figures no longer give rise to it."""

    OPEN = "OPEN", "待说明"
    EXPLAINED = "EXPLAINED", "已说明"
    CORRECTED = "CORRECTED", "已更正"


_D = DoubtState
DOUBT_LIFE = Life(
    states={
        _D.OPEN: Stage(tone="wait", icon="alert-circle", to=(_D.EXPLAINED, _D.CORRECTED)),
        _D.EXPLAINED: Stage(tone="done", icon="message"),
        _D.CORRECTED: Stage(tone="idle", icon="circle-check"),
    },
    rule="月报疑点说明原因，写错的更正月报",
)


class FilingKind(Term):
    """For how long a filing speaks."""

    QUARTER = "QUARTER", "季报"
    YEAR = "YEAR", "年报"


class FilingState(Term):
    """Where a filing lies: with its institution, the county, the city, or locked."""

    DRAFT = "DRAFT", "填报中"
    COUNTY = "COUNTY", "待县级审核"
    CITY = "CITY", "待市级审核"
    SENT_BACK = "SENT_BACK", "已退回"
    LOCKED = "LOCKED", "已锁定"


# Where the institution may still change what it wrote.
WRITABLE = (FilingState.DRAFT, FilingState.SENT_BACK)
_S = FilingState
# Unit → county → city; institutions of the city itself skip the county. Any desk gives back.
FILING_LIFE = Life(
    states={
        _S.DRAFT: Stage(tone="idle", icon="pencil", to=(_S.COUNTY, _S.CITY)),
        _S.SENT_BACK: Stage(tone="stop", icon="arrow-back-up", to=(_S.COUNTY, _S.CITY)),
        _S.COUNTY: Stage(tone="wait", icon="hourglass", to=(_S.CITY, _S.SENT_BACK)),
        _S.CITY: Stage(tone="wait", icon="hourglass", to=(_S.SENT_BACK, _S.LOCKED)),
        _S.LOCKED: Stage(tone="done", icon="lock", to=(_S.SENT_BACK,)),
    },
    rule="能耗报表由机构报送，县级审核，再由市级审定锁定",
)
