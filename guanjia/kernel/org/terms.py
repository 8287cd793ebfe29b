"""The nouns of the tree of units and its people."""

from guanjia.kernel.values.term import Term


class Nature(Term):
    """What kind of body a unit is (单位性质)."""

    AREA = "AREA", "行政区"
    PARTY_OR_STATE = "PARTY_OR_STATE", "党政机关"
    INSTITUTION = "INSTITUTION", "事业单位"
    MASS = "MASS", "群团组织"
    SECTION = "SECTION", "内设机构"
    ENTERPRISE = "ENTERPRISE", "企业"
    OTHER = "OTHER", "其他"


class Level(Term):
    """The level of government a unit belongs to (层级)."""

    CENTRAL = "CENTRAL", "中央"
    PROVINCE = "PROVINCE", "省级"
    PREFECTURE = "PREFECTURE", "市级"
    COUNTY = "COUNTY", "县级"
    TOWNSHIP = "TOWNSHIP", "乡级"


class Rank(Term):
    """The rank a person holds (职级), as the office-space standard distinguishes them."""

    PROVINCE_HEAD = "PROVINCE_HEAD", "省级正职"
    PROVINCE_DEPUTY = "PROVINCE_DEPUTY", "省级副职"
    DEPARTMENT_HEAD = "DEPARTMENT_HEAD", "正厅(局)级"
    DEPARTMENT_DEPUTY = "DEPARTMENT_DEPUTY", "副厅(局)级"
    CITY_HEAD = "CITY_HEAD", "市级正职"
    CITY_DEPUTY = "CITY_DEPUTY", "市级副职"
    BUREAU_HEAD = "BUREAU_HEAD", "正局(处)级"
    BUREAU_DEPUTY = "BUREAU_DEPUTY", "副局(处)级"
    BELOW_BUREAU = "BELOW_BUREAU", "局(处)级以下"
    COUNTY_HEAD = "COUNTY_HEAD", "县级正职"
    COUNTY_DEPUTY = "COUNTY_DEPUTY", "县级副职"
    SECTION_HEAD = "SECTION_HEAD", "正科级"
    SECTION_DEPUTY = "SECTION_DEPUTY", "副科级"
    BELOW_SECTION = "BELOW_SECTION", "科级以下"


class Employment(Term):
    """On what footing a person works here (用工性质)."""

    ESTABLISHED = "ESTABLISHED", "在编"
    CONTRACT = "CONTRACT", "聘用"
    DISPATCHED = "DISPATCHED", "劳务派遣"
    SECONDED = "SECONDED", "借调"
    RETIRED = "RETIRED", "退休"


class Reform(Term):
    """What an institutional reform (机构改革) did to a unit."""

    RENAMED = "RENAMED", "更名"
    MOVED = "MOVED", "改变隶属"
    MERGED = "MERGED", "并入"
    SPLIT = "SPLIT", "分出"
    CLOSED = "CLOSED", "撤销"
