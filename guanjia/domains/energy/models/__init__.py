"""The rows of the department. Django reads only this module, so it names what the folder holds."""

from guanjia.domains.energy.models.analyses import Analysis, EnergyPublication, EnergyPublications
from guanjia.domains.energy.models.assessment import (
    Appeal,
    Assessment,
    Assessments,
    Indicator,
    Scheme,
    Score,
    WorkRecord,
)
from guanjia.domains.energy.models.auditing import (
    AuditedContent,
    AuditFinding,
    AuditMeasure,
    MeasureClaim,
)
from guanjia.domains.energy.models.institutions import (
    Institution,
    InstitutionChange,
    InstitutionChangePart,
    InstitutionClerk,
    Institutions,
    InstitutionSpell,
)
from guanjia.domains.energy.models.meters import (
    Meter,
    MeterAlarm,
    MeterAside,
    MeterChange,
    MeterDay,
    MeterDue,
    MeterMonth,
    MeterNote,
    OfMeters,
)
from guanjia.domains.energy.models.quotas import QuotaCase
from guanjia.domains.energy.models.reckoning import YearFactors
from guanjia.domains.energy.models.returns import (
    Consumption,
    Doubt,
    Doubts,
    Filing,
    Filings,
    MonthReturn,
    MonthReturns,
)
from guanjia.domains.energy.models.sampling import Sample, SampleCheck, SampleChecks, SampleProof
from guanjia.domains.energy.models.sites import (
    Site,
    SiteLine,
    SitePart,
    SiteReturn,
    Sites,
    SiteShare,
)
from guanjia.domains.energy.models.targets import Baseline, Baselines, YearTarget
from guanjia.domains.energy.models.waste import WastePoint, WasteRemoval
from guanjia.domains.energy.models.weather import DegreeDays
from guanjia.domains.energy.models.works import CityScore, Demonstration, EnergyAudit

__all__ = [
    "Analysis",
    "Appeal",
    "Assessment",
    "Assessments",
    "AuditFinding",
    "AuditMeasure",
    "AuditedContent",
    "Baseline",
    "Baselines",
    "CityScore",
    "Consumption",
    "DegreeDays",
    "Demonstration",
    "Doubt",
    "Doubts",
    "EnergyAudit",
    "EnergyPublication",
    "EnergyPublications",
    "Filing",
    "Filings",
    "Indicator",
    "Institution",
    "InstitutionChange",
    "InstitutionChangePart",
    "InstitutionClerk",
    "InstitutionSpell",
    "Institutions",
    "MeasureClaim",
    "Meter",
    "MeterAlarm",
    "MeterAside",
    "MeterChange",
    "MeterDay",
    "MeterDue",
    "MeterMonth",
    "MeterNote",
    "MonthReturn",
    "MonthReturns",
    "OfMeters",
    "QuotaCase",
    "Sample",
    "SampleCheck",
    "SampleChecks",
    "SampleProof",
    "Scheme",
    "Score",
    "Site",
    "SiteLine",
    "SitePart",
    "SiteReturn",
    "SiteShare",
    "Sites",
    "WastePoint",
    "WasteRemoval",
    "WorkRecord",
    "YearFactors",
    "YearTarget",
]
