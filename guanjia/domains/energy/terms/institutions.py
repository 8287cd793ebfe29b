"""Words of the register of public institutions (公共机构名录库). Pure."""

from guanjia.kernel.values.term import Term


class InstitutionKind(Term):
    """The nature of an institution (单位性质), as the national statistics distinguish it."""

    STATE = "STATE", "国家机关"
    EDUCATION = "EDUCATION", "事业单位-教育"
    SCIENCE = "SCIENCE", "事业单位-科技"
    CULTURE = "CULTURE", "事业单位-文化"
    HEALTH = "HEALTH", "事业单位-卫生"
    SPORT = "SPORT", "事业单位-体育"
    OTHER = "OTHER", "事业单位-其他"
    MASS = "MASS", "团体组织"


# Codes of 单位性质 in the national statistics (an early edition; the one in force is 待核).
KIND_CODES = {
    InstitutionKind.STATE: "01",
    InstitutionKind.EDUCATION: "021",
    InstitutionKind.SCIENCE: "022",
    InstitutionKind.CULTURE: "023",
    InstitutionKind.HEALTH: "024",
    InstitutionKind.SPORT: "025",
    InstitutionKind.OTHER: "026",
    InstitutionKind.MASS: "03",
}


class YesNo(Term):
    """A plain answer in a ledger."""

    YES = "YES", "是"
    NO = "NO", "否"


class Change(Term):
    """What happened to an institution as a body."""

    ENTERED = "ENTERED", "入库"
    RENAMED = "RENAMED", "更名"
    MERGED = "MERGED", "合并"
    SPLIT = "SPLIT", "分立"
    CLOSED = "CLOSED", "撤销"
    REOPENED = "REOPENED", "恢复"
