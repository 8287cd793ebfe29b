"""A sample is drawn once; each institution drawn is checked, and corrects what differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.events import SampleDiffers, SampleDrawn
from guanjia.domains.energy.models import Sample, SampleCheck, SampleProof
from guanjia.domains.energy.queries import sampling as queries
from guanjia.domains.energy.rules import filings as filing_rules
from guanjia.domains.energy.rules import sampling as rules
from guanjia.domains.energy.rules.sampling import Proof
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.sampling import CHECKABLE, CheckState, Method
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.events import bus
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

DRAW, CHECK = queries.DRAW, queries.CHECK
FILES = Bounds(count_max=12)


@transaction.atomic
def draw(*, actor: Actor, year: int, quarter: int, seed: str, at: datetime) -> Sample:
    """Draw the institutions to check for a period, of each area at least one, together at least
    the percent in force; once for each period. Needs ``energy.sample.draw``."""
    actor.must(DRAW)
    advisory.advisory(DRAW)  # a period is drawn from once, also by two at once
    today, seed = timezone.localdate(at), seed.strip()
    kind, first = rules.period(year, quarter)
    last = filing_rules.last_day(kind, first)
    keys, ids = queries.population(actor.scope(DRAW), min(last, today))
    rules.may_draw(
        seed=seed, total=len(ids), over=last < today,
        drawn=Sample.objects.filter(year=year, quarter=quarter).exists(),
    ).enforce()  # fmt: skip
    provision = law_at(today)[rules.PERCENT]
    chosen = rules.draw(keys, percent=int(provision.value), seed=seed)
    sample: Sample = Sample.objects.create(
        year=year, quarter=quarter, seed=seed, percent=int(provision.value),
        article=provision.cite.line(), checked=not provision.cite.unchecked, population=keys,
        ids=ids, total=len(ids), size=len(chosen), drawn_at=at,
    )  # fmt: skip
    rows = SampleCheck.objects.bulk_create(
        SampleCheck(
            sample=sample, institution_id=ids[key], place=place, state=CheckState.DRAWN
        )
        for place, key in enumerate(chosen, start=1)
    )  # fmt: skip
    made(
        sample, "seed", "percent", "total", actor=actor, verb="energy.sample.drawn", at=at,
        beside={"drawn": chosen},
    )  # fmt: skip
    bus.publish(SampleDrawn(check_ids=tuple(row.pk for row in rows), at=at))
    return sample


@dataclass(frozen=True, kw_only=True)
class Found:
    """What somebody found at an institution: amounts proven by source, in the source's unit."""

    method: Method
    checker: str
    on: date
    proven: Mapping[Energy, Decimal]
    conclusion: str
    files: Sequence[int] = ()


@transaction.atomic
def record_check(*, actor: Actor, sample_check_id: int, found: Found, at: datetime) -> SampleCheck:
    """Write down a check beside what is told now; what differs by more than the bureau allows
    has to be corrected, and is checked again then. Needs ``energy.sample.check``."""
    check: SampleCheck = locked(
        queries.CHECKS, actor=actor, verb=CHECK, pk=sample_check_id, act="登记核查",
        when=CHECKABLE,
    )  # fmt: skip
    today = timezone.localdate(at)
    told = queries.told(check.institution_id, queries.months_of(check.sample))
    proofs = [
        Proof(energy=energy, told=told.get(energy), proven=proven)
        for energy, proven in found.proven.items()
    ]
    differed = _differed(check)
    rules.may_record(
        proofs=proofs,
        differed=differed,
        checker=found.checker,
        conclusion=found.conclusion,
        on=found.on,
        today=today,
        drawn_on=timezone.localdate(check.sample.drawn_at),
    ).enforce()
    limit = Decimal(law_at(today)[rules.DIFFERENCE].value)
    state = rules.state_of(proofs, limit=limit, differed=differed)
    before = _lines(check)
    _prove(check, proofs)
    if found.files:
        attachments.claim(actor=actor, ids=found.files, subject=check, bounds=FILES, at=at)
    differs = state is CheckState.DIFFERS
    change(
        check,
        {
            "state": state, "method": found.method, "checker": found.checker, "on": found.on,
            "conclusion": found.conclusion, "limit": limit, "recorded_at": at,
        },
        actor=actor, verb="energy.sample.checked", at=at,
        beside={"proofs": (before, _lines(check))},
        news=[SampleDiffers(check_id=check.pk, at=at)] if differs else (),
    )  # fmt: skip
    return check


def _differed(check: SampleCheck) -> dict[Energy, Decimal | None]:
    """What was told of the sources that did not agree when they were last looked at."""
    if check.limit is None:
        return {}
    then = [
        Proof(energy=Energy(row.energy), told=row.told, proven=row.proven)
        for row in check.proofs.order_by("pk")
    ]
    return {proof.energy: proof.told for proof in then if not proof.agrees(check.limit)}


def _prove(check: SampleCheck, proofs: Sequence[Proof]) -> None:
    check.proofs.all().delete()
    SampleProof.objects.bulk_create(
        SampleProof(
            check_of=check, energy=proof.energy, told=proof.told, proven=proof.proven,
            percent=proof.percent,
        )
        for proof in proofs
    )  # fmt: skip


def _lines(check: SampleCheck) -> dict[str, list[Decimal | None]]:
    return {row.energy: [row.told, row.proven] for row in check.proofs.order_by("pk")}
