"""Yearly targets are filed by institutions, base years told by the bureau."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import Baseline, Institution, YearTarget
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import institutions as directory
from guanjia.domains.energy.queries import targets as queries
from guanjia.domains.energy.rules import institutions as institution_rules
from guanjia.domains.energy.rules import targets as rules
from guanjia.domains.energy.terms.targets import Aim
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.audit import entering
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

FILE, TELL = queries.FILE, queries.TELL
FILES = Bounds(count_max=6)
Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def file_targets(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Yearly targets as institutions file them: ``institution``, ``year``, ``against``, a percent
    or ``None`` for each indicator, ``document``, ``filed_on``; an institution and a year make one.

    Needs ``energy.target.file`` for the institutions, and ``energy.baseline.enter`` for years that
    are over. Returns created, changed, unchanged.
    """
    must_hold(actor, FILE, {row["institution"].pk for row in rows})
    today = timezone.localdate(at)
    cite = law_at(today)[rules.FILING].cite
    for row in rows:
        percents = {aim: row[aim.lower()] for aim in Aim}
        rules.may_file(
            percents=percents, year=row["year"], filed_on=row["filed_on"], today=today,
            keeps=actor.can(TELL), cite=cite,
        ).enforce()  # fmt: skip
    entered = entering.enter(
        actor=actor, model=YearTarget, key=("institution", "year"), rows=rows,
        verb="energy.target.filed", at=at, complete=entering.told(at),
    )  # fmt: skip
    return entered.counts()


@transaction.atomic
def file_target(
    *,
    actor: Actor,
    institution_id: int,
    facts: Mapping[str, Any],
    files: Sequence[int] = (),
    at: datetime,
) -> YearTarget:
    """One yearly target with its plan as files; see ``file_targets``."""
    institution = Institution.objects.get(pk=institution_id)
    file_targets(actor=actor, rows=[{"institution": institution, **facts}], at=at)
    row: YearTarget = YearTarget.objects.get(institution=institution, year=facts["year"])
    if files:
        attachments.claim(actor=actor, ids=files, subject=row, bounds=FILES, at=at)
    return row


@transaction.atomic
def tell_baseline(
    *, actor: Actor, area: int | None, code: str, name: str, facts: Mapping[str, Any], at: datetime
) -> Baseline:
    """A base year of an area (by its id), or else of an institution; see ``tell_baselines``."""
    actor.must(TELL)
    who: dict[str, Any] = {"area": None, "institution": None}
    if area:
        who["area"] = next(each for each in areas.all_areas() if each.pk == area)
    else:
        who["institution"] = directory.Directory([code]).find(code, name)
        if who["institution"] is None:
            sentence = "名录库中没有这个代码和名称，核对后再填。"
            refuse("institution_unknown", "没有保存：", sentence, field="code").enforce()
    tell_baselines(actor=actor, rows=[who | dict(facts)], at=at)
    found: Baseline = Baseline.objects.get(**who, year=facts["year"])
    return found


@transaction.atomic
def tell_baselines(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Base years as documents tell them: ``institution`` or ``area`` (the other ``None``),
    ``year``, a figure or ``None`` for each indicator, ``source``.

    Needs ``energy.baseline.enter`` for the institutions and areas. Returns created, changed,
    unchanged.
    """
    must_hold(actor, TELL, {row["institution"].pk for row in rows if row["institution"]})
    wanted = [row["area"] for row in rows if row["area"]]
    left_out = areas.outside(actor.scope(TELL), wanted)
    institution_rules.may_enter(outside=len(left_out)).enforce()
    today = timezone.localdate(at)
    for row in rows:
        values = {aim: row[aim.lower()] for aim in Aim}
        rules.may_tell_base(values=values, year=row["year"], today=today).enforce()
    done = (0, 0, 0)
    for name in ("institution", "area"):
        entered = entering.enter(
            actor=actor, model=Baseline, key=(name, "year"), verb="energy.baseline.told", at=at,
            rows=[row for row in rows if row[name]], complete=entering.told(at),
        )  # fmt: skip
        done = tuple(a + b for a, b in zip(done, entered.counts(), strict=True))  # type: ignore[assignment]  # three numbers stay three
    return done
