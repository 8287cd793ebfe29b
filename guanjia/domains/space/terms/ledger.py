"""The nouns of the ledger (台账): compounds, buildings, floors, rooms. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.kernel.values.term import Term


class BuildingKind(Term):
    """How high a building is (建筑类别): the share of usable space depends on it."""

    LOW = "LOW", "低层"
    MULTI = "MULTI", "多层"
    HIGH = "HIGH", "高层"


class BuildingState(Term):
    """Where a building stands in its life."""

    BUILDING = "BUILDING", "在建"
    DELIVERED = "DELIVERED", "已交付"
    CLOSED = "CLOSED", "停用"
    DISPOSED = "DISPOSED", "已处置"


class Structure(Term):
    """What holds a building up (建筑结构)."""

    BRICK = "BRICK", "砖混"
    FRAME = "FRAME", "框架"
    FRAME_SHEAR = "FRAME_SHEAR", "框剪"
    SHEAR = "SHEAR", "剪力墙"
    STEEL = "STEEL", "钢结构"
    OTHER = "OTHER", "其他"


class TitleState(Term):
    """How the title to a building is kept (权属)."""

    REGISTERED = "REGISTERED", "已登记"
    FILED = "FILED", "权属备案"
    PENDING = "PENDING", "办理中"
    NONE = "NONE", "未登记"


class SafetyGrade(Term):
    """What the appraisal of a building's safety found (安全鉴定)."""

    A = "A", "A级"
    B = "B", "B级"
    C = "C", "C级"
    D = "D", "D级"


# What is known of a compound and of a building, and changes. What one paper tells changes as one:
# of a title, or of an appraisal, no word is mixed with those of another.
COMPOUND_FACTS = ("address", "land_m2", "land_title_no")
TITLE_FACTS = ("title_state", "title_no", "title_owner", "titled_on", "title_m2")
APPRAISAL_FACTS = ("safety", "appraised_on")
BUILDING_FACTS = (
    "gross_m2", "floors_above", "kind", "built_year", "structure", *TITLE_FACTS, "delivered_on",
    "state", *APPRAISAL_FACTS,
)  # fmt: skip
AS_ONE = (TITLE_FACTS, APPRAISAL_FACTS)


class RoomKind(Term):
    """The class of a room (房间类别)."""

    OFFICE = "OFFICE", "办公室"
    SERVICE = "SERVICE", "服务用房"
    EQUIPMENT = "EQUIPMENT", "设备用房"
    ANCILLARY = "ANCILLARY", "附属用房"
    TECHNICAL = "TECHNICAL", "技术业务用房"
    QUARTERS = "QUARTERS", "周转房"


class RoomState(Term):
    """In what state a room is (状态), as the ledger tells; who holds it is told apart."""

    IN_USE = "IN_USE", "在用"
    VACANT = "VACANT", "空置"
    CLEARING = "CLEARING", "腾退中"
    REPAIR = "REPAIR", "维修"
    LENT = "LENT", "借出"
    CLOSED = "CLOSED", "停用"


class Basis(Term):
    """By what right a unit holds a room."""

    LEDGER = "LEDGER", "台账登记"
    ALLOTTED = "ALLOTTED", "调配"
    LOAN = "LOAN", "借用"
    REUSE = "REUSE", "公益利用"
    LEASE = "LEASE", "出租处置"


# Held for offices of one's own; the rest the bureau holds on paper for a public use or a tenant.
AS_OFFICES = (Basis.LEDGER, Basis.ALLOTTED, Basis.LOAN)


@dataclass(frozen=True, kw_only=True)
class RoomFacts:
    """A room as it was on a day; areas in ㎡, usable and gross.

    ``people`` are the ids of who sits there; ``holder_id`` the unit that holds it, if any.
    """

    id: int
    name: str
    kind: RoomKind
    state: RoomState
    usable_m2: Decimal
    gross_m2: Decimal | None = None
    holder_id: int | None = None
    basis: Basis | None = None
    people: tuple[int, ...] = ()
    since: date | None = None
