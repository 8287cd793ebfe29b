"""The nouns of oversight (督车): findings, what they rest on, and the facts rules judge. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime

from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=6)  # what an explanation may carry: sheets, photos, letters


class Level(Term):
    """How grave a finding is (级别)."""

    RED = "RED", "红"
    YELLOW = "YELLOW", "黄"
    GREEN = "GREEN", "绿"


GRAVEST = (Level.RED, Level.YELLOW, Level.GREEN)


class GroundCode(Term):
    """What was found (疑点)."""

    NO_ORDER = "NO_ORDER", "无派车单用车"
    NOT_DEPARTED = "NOT_DEPARTED", "未登记出车"
    OUTSIDE_PLACE = "OUTSIDE_PLACE", "超出批准地点"
    OUTSIDE_TIME = "OUTSIDE_TIME", "超出批准时间"
    NIGHT = "NIGHT", "夜间用车"
    REST_DAY = "REST_DAY", "休息日用车"
    ODOMETER_GAP = "ODOMETER_GAP", "里程缺口"
    FUEL = "FUEL", "油耗异常"
    CARD = "CARD", "油卡非本车"
    IDLE = "IDLE", "长期闲置"
    SEALED = "SEALED", "封存期间用车"
    NOT_SEALED = "NOT_SEALED", "到期未封存"
    INSPECTION = "INSPECTION", "检验过期出车"
    INSURANCE = "INSURANCE", "保险过期出车"
    PAPERS = "PAPERS", "应急手续不全"
    FINE = "FINE", "违法未处理"


class FindingState(Term):
    """Where a finding stands (状态)."""

    OPEN = "OPEN", "待说明"
    EXPLAINED = "EXPLAINED", "已说明"
    DECIDED = "DECIDED", "已处理"
    CLOSED = "CLOSED", "办结"


UNDER_WAY = (FindingState.OPEN, FindingState.EXPLAINED)
_S = FindingState
FINDING_LIFE = Life(
    states={
        _S.OPEN: Stage(tone="wait", icon="hourglass", to=(_S.EXPLAINED, _S.DECIDED, _S.CLOSED)),
        _S.EXPLAINED: Stage(tone="move", icon="message", to=(_S.OPEN, _S.DECIDED, _S.CLOSED)),
        _S.DECIDED: Stage(tone="move", icon="gavel", to=(_S.CLOSED,)),
        _S.CLOSED: Stage(tone="done", icon="circle-check"),
    },
    rule="督车事项先说明、再处理、后办结，每一步留痕",
)


class Outcome(Term):
    """What came of a finding (处理结果)."""

    TRUE = "TRUE", "属实"
    UNTRUE = "UNTRUE", "不属实"
    MEND = "MEND", "整改"
    REFER = "REFER", "移送"
    GONE = "GONE", "已消除"


DECISIONS = (Outcome.TRUE, Outcome.UNTRUE, Outcome.MEND, Outcome.REFER)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A row that proves a ground: what it is called, and the page that opens it."""

    title: str
    url_name: str
    id: int


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One reason for a finding. ``mark`` stays the same when the same facts are judged again."""

    code: GroundCode
    mark: str
    level: Level
    headline: str
    sentence: str
    cite: Citation
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DayFacts:
    """What kind of day a day is, with 调休; ``label`` says so: ``法定节假日（端午节）``."""

    works: bool
    label: str


@dataclass(frozen=True, kw_only=True)
class SeenFacts:
    """A sighting with its row; ``area`` is ``""`` where nobody knows in which one."""

    id: int
    at: datetime
    place: str
    area: str
    source: SightingSource


@dataclass(frozen=True, kw_only=True)
class ReadingFacts:
    """The last odometer reading before a journey, and the trip that told it."""

    km: int
    at: datetime
    number: str
    trip_id: int


@dataclass(frozen=True, kw_only=True)
class JourneyFacts:
    """A journey with what was approved: a window of time and the areas it leads through.

    ``planned_from`` and ``planned_to`` span the plans of all who share the car. ``areas`` is empty
    where the destination is in no list of places: then nothing can be said about the place, and
    ``unknown`` names it. ``back_at`` is ``None`` while the car is out; ``rest_reason`` is what was
    approved for a rest day; ``recorded`` says that the trip was entered from a ledger afterwards.
    """

    trip_id: int
    number: str
    planned_from: datetime
    planned_to: datetime
    went_at: datetime
    back_at: datetime | None
    destination: str
    areas: frozenset[str] = field(default=frozenset())
    unknown: str = ""
    rest_reason: str = ""
    recorded: bool = False
    papers: str = ""
    papers_due_on: date | None = None
    start_km: int | None = None
    end_km: int | None = None
    before: ReadingFacts | None = None
    inspected_until: date | None = None
    insured_until: date | None = None
    seen: tuple[SeenFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlannedFacts:
    """A trip that had a car promised and told of no departure."""

    trip_id: int
    number: str
    planned_from: datetime
    planned_to: datetime


@dataclass(frozen=True, kw_only=True)
class FineFacts:
    """A traffic offence and whether somebody has dealt with it."""

    id: int
    number: str
    at: datetime
    place: str
    what: str
    handled: bool


@dataclass(frozen=True, kw_only=True)
class DoubtFacts:
    """An open doubt about a cost, as it was raised."""

    id: int
    code: str
    headline: str
    sentence: str
    cite: Citation | None
    cost_id: int
    title: str
