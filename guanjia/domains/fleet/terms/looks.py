"""The nouns of looks from outside (监督浏览). Pure."""

from guanjia.kernel.values.term import Term


class Field(Term):
    """In which field somebody looks in from outside (监督领域): the duty they do it under."""

    DISCIPLINE = "fleet.supervisor", "纪检监察"
    FINANCE = "fleet.finance_supervisor", "财政"
    AUDIT = "fleet.audit_supervisor", "审计"
    POLICE = "fleet.police_supervisor", "公安"


class Manner(Term):
    """What came of a look (方式)."""

    SEEN = "SEEN", "查看"
    TAKEN = "TAKEN", "取走"
    REFUSED = "REFUSED", "未准"
