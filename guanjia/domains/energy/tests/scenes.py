"""Rows of energy for the furnished house: an institution with a quarter that waits, and a doubt."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from guanjia.domains.energy.actions import (
    alarms,
    assessing,
    filings,
    institutions,
    metering,
    metering_rolls,
    meters,
    returns,
    schemes,
    waste,
    work,
    works,
)
from guanjia.domains.energy.models import (
    Appeal,
    Assessment,
    Doubt,
    Filing,
    Indicator,
    Institution,
    InstitutionClerk,
    Meter,
    MeterAlarm,
    MeterNote,
    MonthReturn,
    Score,
)
from guanjia.domains.energy.terms.assessment import WorkKind
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.meters import Line, MeterRole
from guanjia.domains.energy.terms.returns import FilingKind, Origin
from guanjia.domains.energy.terms.waste import WasteKind
from guanjia.domains.energy.terms.works import AuditState, DemoLevel, DemoStage
from guanjia.domains.energy.tests import aims, analysis_scenes, builders
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.org.models import Person, Unit

NAME = "农业技术推广站"
FIRST = date(2020, 1, 1)


def furnish(area: Unit, *, at: datetime) -> None:
    """A quarter told, one month of it with an amount that is missing, and the filing of it; an
    audit, a step to a demonstration unit, a ranking, work that was done."""
    row = builders.row(NAME, 900, kind=InstitutionKind.OTHER, area=area, floor_m2=Decimal(900))
    institutions.enter_institutions(actor=SYSTEM, rows=[row], at=at)
    one = Institution.objects.get(name=NAME)
    months = [
        returns.Month(
            institution=one, month=date(2020, month, 1),
            lines=builders.lines({"ELECTRICITY": (power, 620), "WATER": (50, "142.5")}),
        )
        for month, power in ((1, 1000), (2, 0), (3, 1010))
    ]  # fmt: skip
    returns.enter_returns(actor=SYSTEM, months=months, origin=Origin.SHEET, at=at)
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=FIRST, at=at)
    institutions.assign_clerk(
        actor=SYSTEM, institution_id=one.pk, person_id=Person.objects.earliest("pk").pk,
        since=at.date(), at=at,
    )  # fmt: skip
    _assessed(one, at)
    _works(one, at)
    _sorted(one, at)
    _metered(one, at)
    analysis_scenes.furnish(one, at=at)
    aims.furnish(one, at)


def _metered(one: Institution, at: datetime) -> None:
    """A meter that was read off and has sent nothing for long."""
    begun = at - timedelta(days=20)
    meters.enter_meters(
        actor=SYSTEM, at=at,
        rows=[{
            "institution": one, "number": "NJ-1", "energy": Energy.WATER, "role": MeterRole.MAIN,
            "place": "水泵房", "multiplier": Decimal(1), "digits": None, "most_per_hour": None,
            "installed_at": begun, "installed_reading": Decimal(0), "until": None,
        }],
    )  # fmt: skip
    sent = [Line(number="NJ-1", at=begun + timedelta(hours=n), value=Decimal(n)) for n in range(48)]
    metering.take_in(sent, at=at)
    found = Meter.objects.get()
    row = {"meter": found, "at": at - timedelta(days=1), "value": Decimal(90)}
    meters.note_readings(actor=SYSTEM, rows=[row], at=at)
    metering_rolls.roll_all(today=at.date())
    alarms.look_over(actor=SYSTEM, day=at.date() - timedelta(days=1), at=at)


def _works(one: Institution, at: datetime) -> None:
    """A row of each of the smaller ledgers."""
    day = at.date()
    works.enter_audits(
        actor=SYSTEM, at=at,
        rows=[{"institution": one, "auditor": "节能技术服务机构", "begun_on": day, "done_on": None,
               "state": AuditState.RUNNING}],
    )  # fmt: skip
    works.enter_demonstrations(
        actor=SYSTEM, at=at,
        rows=[{"institution": one, "level": DemoLevel.CITY, "batch": "2020年",
               "stage": DemoStage.RECOMMENDED, "on": day}],
    )  # fmt: skip
    works.enter_city_scores(
        actor=SYSTEM,
        at=at,
        rows=[{"year": 2019, "city": "景德镇市", "score": Decimal("91.63"), "small": True}],
    )
    work.enter_work(
        actor=SYSTEM, at=at,
        rows=[{"institution": one, "kind": WorkKind.TRAINING, "on": day, "title": "节能培训",
               "people": 30}],
    )  # fmt: skip


def _sorted(one: Institution, at: datetime) -> None:
    """A place where waste is thrown, and some that was carried away."""
    day = at.date()
    waste.enter_points(
        actor=SYSTEM, at=at,
        rows=[{"institution": one, "place": "院内车棚旁", "kinds": list(WasteKind),
               "since": day, "until": None}],
    )  # fmt: skip
    waste.enter_removals(
        actor=SYSTEM, at=at,
        rows=[{"institution": one, "on": day, "kind": WasteKind.KITCHEN,
               "weight_kg": Decimal("86.5"), "carrier": "市环卫处"}],
    )  # fmt: skip


def _assessed(one: Institution, at: datetime) -> None:
    """An assessment that is decided, with an appeal against one of its points."""
    made = schemes.plan_scheme(actor=SYSTEM, table=schemes.tables()["online"], year=2020, at=at)
    day = at.date()
    schemes.open_scheme(
        actor=SYSTEM, scheme_id=made.pk, institution_ids=[one.pk], self_until=day,
        appeal_until=day, at=at,
    )  # fmt: skip
    row = Assessment.objects.get(scheme=made)
    for leaf in made.indicators.filter(how="EVIDENCE"):
        assessing.score_self(
            actor=SYSTEM, assessment_id=row.pk, indicator_id=leaf.pk, points=Decimal(1), at=at
        )
    assessing.send(actor=SYSTEM, assessment_id=row.pk, at=at)
    judge(row, at)
    assessing.decide(actor=SYSTEM, assessment_id=row.pk, at=at)
    assessing.appeal(actor=SYSTEM, score_id=score().pk, words="材料已补", at=at)


def judge(row: Assessment, at: datetime) -> None:
    """Every indicator that only a reviewer judges gets all its points."""
    for leaf in Indicator.objects.filter(scheme=row.scheme_id, how="REVIEW"):
        assessing.review(
            actor=SYSTEM, assessment_id=row.pk, indicator_id=leaf.pk, at=at,
            points=Decimal(leaf.points or 0),
        )  # fmt: skip


def assessment() -> Assessment:
    """Its assessment."""
    found: Assessment = Assessment.objects.get(institution=institution())
    return found


def score() -> Score:
    """What it got for its organisation."""
    found: Score = Score.objects.get(assessment=assessment(), indicator__number="4.1")
    return found


def appeal() -> Appeal:
    """What it holds against that."""
    found: Appeal = Appeal.objects.get(score=score())
    return found


def institution() -> Institution:
    """The institution."""
    found: Institution = Institution.objects.get(name=NAME)
    return found


def clerk() -> InstitutionClerk:
    """Who fills in for it."""
    found: InstitutionClerk = InstitutionClerk.objects.get(institution=institution())
    return found


def filing() -> Filing:
    """Its quarter."""
    found: Filing = Filing.objects.get(institution=institution())
    return found


def month_return() -> MonthReturn:
    """Its February."""
    found: MonthReturn = MonthReturn.objects.get(institution=institution(), month=date(2020, 2, 1))
    return found


def doubt() -> Doubt:
    """What is odd about it."""
    found: Doubt = Doubt.objects.get(month_return=month_return())
    return found


def meter() -> Meter:
    """Its meter."""
    found: Meter = Meter.objects.get(institution=institution())
    return found


def meter_note() -> MeterNote:
    """What was read off it."""
    found: MeterNote = MeterNote.objects.get(meter=meter())
    return found


def meter_alarm() -> MeterAlarm:
    """That it sends nothing."""
    found: MeterAlarm = MeterAlarm.objects.get(meter=meter(), kind="SILENT")
    return found
