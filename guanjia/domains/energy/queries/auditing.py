"""Audits with their measures and what these saved; who has to be audited and was not."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Prefetch

from guanjia.domains.energy.models import (
    AuditFinding,
    AuditMeasure,
    Consumption,
    EnergyAudit,
    InstitutionSpell,
)
from guanjia.domains.energy.queries import totals, weather, works
from guanjia.domains.energy.queries.totals import Body
from guanjia.domains.energy.rules import auditing as rules
from guanjia.domains.energy.rules import savings
from guanjia.domains.energy.rules.auditing import Due
from guanjia.domains.energy.rules.savings import Measured
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.works import AUDIT_LIFE, AuditState
from guanjia.engines.baselines.fitting import Reading
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Scope

SEE, KEEP = works.AUDITS, "energy.audit.enter"


def findings(scope: Scope) -> Any:
    """What the audits of a scope found."""
    rows = AuditFinding.objects.filter(audit__in=EnergyAudit.objects.within(scope))
    return rows.select_related("audit__institution__area")


def measures(scope: Scope) -> Any:
    """What is done about it."""
    rows = AuditMeasure.objects.filter(finding__audit__in=EnergyAudit.objects.within(scope))
    return rows.select_related("finding__audit__institution__area")


_LISTED = ("能源审计登记", "energy:audits_list")
AUDITS = Subject(
    model="energy.energyaudit", title="能源审计", page="energy:audit", key="audit_id",
    path="audits", stem="audit", see=SEE, rows=works.audits, life=AUDIT_LIFE,
    beside=("institution__area",), name="name", listed=_LISTED,
    now=lambda audit: f"{audit.name}，{audit.begun_on:%Y-%m-%d} 启动，{audit.get_state_display()}",
)  # fmt: skip
FINDINGS = Subject(
    model="energy.auditfinding", title="审计发现", page="energy:audit", key="audit_finding_id",
    path="audits/findings", stem="audit_finding", rows=findings, name="words", listed=_LISTED,
    home=lambda finding: finding.audit_id, now=lambda finding: f"{finding.audit.name}：{finding}",
)  # fmt: skip
MEASURES = Subject(
    model="energy.auditmeasure", title="整改措施", page="energy:audit", key="measure_id",
    path="audits/measures", stem="audit_measure", rows=measures, name="title", listed=_LISTED,
    home=lambda measure: measure.finding.audit_id,
    now=lambda measure: f"{measure}，计划 {measure.due_on:%Y-%m-%d} 完成",
)  # fmt: skip


def may_remove_file(audit_id: int) -> Verdict:
    """Whether a file may be taken off an audit."""
    state = EnergyAudit.objects.values_list("state", flat=True).get(pk=audit_id)
    return rules.may_remove_file(state=AuditState(state))


def findings_of(audit_id: int) -> list[AuditFinding]:
    """What an audit found, with measures and claims."""
    measures = Prefetch("measures", AuditMeasure.objects.prefetch_related("claims"))
    return list(AuditFinding.objects.filter(audit=audit_id).prefetch_related(measures))


def late(scope: Scope, today: date) -> Any:
    """The measures of a scope that should have been done before today, the oldest first."""
    rows = measures(scope).filter(done_on=None, due_on__lt=today)
    return rows.exclude(finding__audit__state=AuditState.CALLED_OFF).order_by("due_on", "pk")


# ── months ───────────────────────────────────────────────────────────────────────────────


def readings_of(
    institution_id: int, energies: Collection[Energy], *, until: date | None = None
) -> dict[Energy, list[Reading]]:
    """The months of some sources that an institution told, with the weather where it is known;
    ``until``: the last month."""
    rows = Consumption.objects.filter(
        month_return__institution=institution_id, energy__in=energies, amount__isnull=False
    ).order_by("month_return__month")
    if until is not None:
        rows = rows.filter(month_return__month__lte=until)
    told = list(rows.values_list("energy", "month_return__month", "amount"))
    degrees = weather.of_months({month for _, month, _ in told})
    found: dict[Energy, list[Reading]] = defaultdict(list)
    for energy, month, amount in told:
        heating, cooling = degrees.get(month, (None, None))
        found[Energy(energy)].append(
            Reading(month=month, amount=float(amount), heating=heating, cooling=cooling)
        )
    return dict(found)


def savings_of(
    measures: Collection[AuditMeasure], institution_id: int
) -> dict[int, list[Measured]]:
    """What measures that are done saved, by measure and claimed source."""
    done = [(row, row.done_on) for row in measures if row.done_on is not None]
    energies = {Energy(claim.energy) for row, _ in done for claim in row.claims.all()}
    readings = readings_of(institution_id, energies) if energies else {}
    return {
        row.pk: [
            savings.measure(
                energy=Energy(claim.energy), claimed_year=claim.amount, done_on=done_on,
                readings=readings.get(Energy(claim.energy), []),
            )
            for claim in row.claims.all()
        ]
        for row, done_on in done
    }  # fmt: skip


def disturbed(measure: AuditMeasure, institution_id: int) -> list[str]:
    """What else happened in the months that are compared: other measures, another size."""
    if measure.done_on is None:
        return []
    first, last = savings.window(measure.done_on)
    others = AuditMeasure.objects.filter(
        finding__audit__institution=institution_id, done_on__gte=first, done_on__lt=last
    ).exclude(pk=measure.pk)
    found = [f"同期完成的“{row.title}”" for row in others]
    sizes = resized(institution_id, first, last)
    return found + [f"{on:%Y-%m-%d} 起{what}有变动" for on, what in sizes]


def resized(institution_id: int, first: date, last: date) -> list[tuple[date, str]]:
    """The days from the first to before the last from which floor space or people of an institution
    were told otherwise than before, and which of them."""
    spells = InstitutionSpell.objects.filter(
        institution=institution_id, during__startswith__lt=last
    ).order_by("during")
    found = []
    for before, after in pairwise(spells):
        what = "、".join(
            noun
            for name, noun in (("floor_m2", "面积"), ("people", "人数"))
            if getattr(before, name) != getattr(after, name)
        )
        if what and after.during.lower >= first:
            found.append((after.during.lower, what))
    return found


# ── who has to be audited ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Obliged:
    """An institution that has to be audited: why, and its last audit where there was one."""

    body: Body
    due: Due
    last: date | None
    recent: bool
    under_way: bool


def obliged(*, scope: Scope, year: int, today: date, law: LawInForce) -> list[Obliged]:
    """The institutions whose year reaches a threshold, those without a recent audit first."""
    found = totals.year_of(scope, year)
    since = rules.since_when(today=today, law=law)
    last: dict[int, date] = {}
    under_way: set[int] = set()
    for pk, state, done in EnergyAudit.objects.within(scope).values_list(
        "institution", "state", "done_on"
    ):
        if state == AuditState.DONE and done is not None:
            last[pk] = max(done, last.get(pk, done))
        elif state in (AuditState.PLANNED, AuditState.RUNNING):
            under_way.add(pk)
    rows = []
    for body in found.bodies:
        due = rules.reached(
            coal_kgce=found.coal_of(body), floor_m2=body.floor_m2, law=law,
            kwh=body.amounts.get(Energy.ELECTRICITY, Decimal(0)),
        )  # fmt: skip
        if due is not None:
            done_on = last.get(body.id)
            rows.append(
                Obliged(
                    body=body, due=due, last=done_on, under_way=body.id in under_way,
                    recent=done_on is not None and done_on >= since,
                )
            )  # fmt: skip
    return sorted(rows, key=lambda row: (row.recent, -found.coal_of(row.body)))
