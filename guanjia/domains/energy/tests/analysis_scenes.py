"""Rows of audits and analyses for the furnished house."""

from datetime import date, datetime
from decimal import Decimal

from guanjia.domains.energy.actions import analyses, auditing, publications, weather
from guanjia.domains.energy.models import (
    Analysis,
    AuditFinding,
    AuditMeasure,
    EnergyAudit,
    EnergyPublication,
    Institution,
)
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import Energy
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.values.period import SHANGHAI

YEAR = 2020
LATER = datetime(YEAR + 1, 2, 1, 9, 0, tzinfo=SHANGHAI)  # what is told is of a year that is over


def furnish(one: Institution, *, at: datetime) -> None:
    """An audit under way with a finding and a measure that is not done; a month of weather."""
    audit = EnergyAudit.objects.get(institution=one)
    auditing.tell_content(
        actor=SYSTEM, audit_id=audit.pk, content=AuditContent.RUNNING, words="空调夜间不关",
        at=at,
    )  # fmt: skip
    finding = auditing.add_finding(
        actor=SYSTEM, audit_id=audit.pk, content=AuditContent.POTENTIAL, words="走廊灯具老旧",
        at=at,
    )  # fmt: skip
    auditing.set_measure(
        actor=SYSTEM, audit_finding_id=finding.pk, title="更换 LED 灯具", due_on=at.date(),
        cost_fen=8_600_000, claims={Energy.ELECTRICITY: Decimal(1200)}, at=at,
    )  # fmt: skip
    weather.enter_degree_days(
        actor=SYSTEM, at=at,
        rows=[{"month": date(2020, 1, 1), "heating": Decimal("312.5"), "cooling": Decimal(0),
               "source": "样例"}],
    )  # fmt: skip
    _published(one)


def _published(one: Institution) -> None:
    """It is a key user, whose analysis is issued and published; and its year."""
    one.spells.update(key_user=True)
    made = analyses.issue_analysis(actor=SYSTEM, institution_id=one.pk, year=YEAR, at=LATER)
    told = publications.draft_analysis(actor=SYSTEM, analysis_id=made.pk, at=LATER)
    publications.publish(actor=SYSTEM, publication_id=told.pk, at=LATER)


def analysis() -> Analysis:
    """Its analysis."""
    found: Analysis = Analysis.objects.get()
    return found


def publication() -> EnergyPublication:
    """What is published of it."""
    found: EnergyPublication = EnergyPublication.objects.get(analysis=analysis())
    return found


def audit() -> EnergyAudit:
    """The audit."""
    return finding().audit


def finding() -> AuditFinding:
    """What it found."""
    found: AuditFinding = AuditFinding.objects.get(words="走廊灯具老旧")
    return found


def measure() -> AuditMeasure:
    """What is done about it."""
    found: AuditMeasure = AuditMeasure.objects.get(finding=finding())
    return found
