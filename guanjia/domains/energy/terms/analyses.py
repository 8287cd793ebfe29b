"""Words of analyses of key users and of what is published. Pure."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class AnalysisState(Term):
    """Where the analysis of an institution's year stands."""

    NONE = "NONE", "未出具"
    ISSUED = "ISSUED", "已出具"
    PUBLISHED = "PUBLISHED", "已公示"
    WITHDRAWN = "WITHDRAWN", "公示已撤下"


class PublicationKind(Term):
    """What a publication is about."""

    YEAR = "YEAR", "年度能耗指标"
    ANALYSIS = "ANALYSIS", "重点用能单位分析"
    RANKS = "RANKS", "考核评价结果"


class PublicationState(Term):
    """Where a publication stands (公示状态)."""

    DRAFT = "DRAFT", "公示稿"
    PUBLISHED = "PUBLISHED", "公示中"
    WITHDRAWN = "WITHDRAWN", "已撤下"


_S = PublicationState
NOTICE_LIFE = Life(
    states={
        _S.DRAFT: Stage(tone="idle", icon="pencil", to=(_S.PUBLISHED,)),
        _S.PUBLISHED: Stage(tone="done", icon="circle-check", to=(_S.WITHDRAWN,)),
        _S.WITHDRAWN: Stage(tone="stop", icon="ban"),
    },
    rule="公示以后不改，更正另出一版，撤下的不能恢复",
)
