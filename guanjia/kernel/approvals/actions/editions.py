"""Editions of a route: kept, edited, tried on last year's cases, switched on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from guanjia.kernel.approvals import routes, seating
from guanjia.kernel.approvals.models import Case, CaseStep, Edition
from guanjia.kernel.approvals.routes import Holder, Route, Step
from guanjia.kernel.approvals.terms import CaseState, EditionState, Mode
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.locks.advisory import advisory
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.kernel.values.actor import Actor

EDIT = "approvals.route.edit"
REPLAY_DAYS = 365
REPLAY_MAX = 5000
SHOWN_MAX = 200
SHIPPED = "系统"


def in_force(route: Route, *, at: datetime) -> Edition:
    """The edition that takes new cases; the shipped default where none was kept yet."""
    found: Edition | None = Edition.objects.filter(
        route=route.key, state=EditionState.IN_FORCE
    ).first()
    if found is not None:
        return found
    kept: Edition
    kept, _ = Edition.objects.get_or_create(
        route=route.key,
        number=1,
        defaults={
            "title": route.title,
            "steps": routes.steps_as_data(route.steps),
            "state": EditionState.IN_FORCE,
            "note": "随系统提供",
            "made_at": at,
            "made_by_name": SHIPPED,
            "replayed_at": at,
            "in_force_at": at,
        },
    )
    return kept


@transaction.atomic
def ship(*, at: datetime) -> int:
    """Bring the shipped defaults up to date where the bureau never edited; how many changed.

    A default that a new release changed becomes a new edition of the system's own, as long as the
    edition in force is the system's own too.
    """
    changed = 0
    for route in routes.all_routes():
        advisory(f"approvals.route.{route.key}")
        kept = in_force(route, at=at)
        data = routes.steps_as_data(route.steps)
        if kept.made_by_name != SHIPPED or kept.made_by_id is not None or kept.steps == data:
            continue
        kept.state = EditionState.RETIRED
        kept.save(update_fields=["state"])
        fresh = Edition.objects.create(
            route=route.key, number=_next(route), title=route.title, steps=data,
            state=EditionState.IN_FORCE, note="随系统升级", made_at=at, made_by_name=SHIPPED,
            replayed_at=at, in_force_at=at,
        )  # fmt: skip
        audit.record(
            actor=Actor.system(SHIPPED), verb="approvals.route.switched_on", on=fresh, at=at,
            before={"steps": kept.steps}, after={"steps": data},
        )  # fmt: skip
        changed += 1
    return changed


def _next(route: Route) -> int:
    top = Edition.objects.filter(route=route.key).aggregate(top=Max("number"))["top"]
    return int(top or 0) + 1


def _route(key: str) -> Route:
    route = routes.get(key)
    if route is None:
        raise Edition.DoesNotExist
    return route


def must_edit(actor: Actor) -> None:
    """Refuse whoever may not edit routes: they bind every unit, so the duty must reach them all."""
    actor.must(EDIT)
    if not actor.scope(EDIT).everything:
        refuse(
            "not_everywhere", "您的数据范围不是全市，不能改流程。",
            "流程管各个单位，请数据范围是全市的流程管理员来改。",
        ).enforce()  # fmt: skip


@transaction.atomic
def draft(
    *,
    actor: Actor,
    route_key: str,
    steps: Sequence[Step],
    note: str = "",
    seen: int | None = None,
    at: datetime,
) -> Edition:
    """Keep an edited route as a new edition, a draft; an earlier draft is put aside.

    Needs ``approvals.route.edit``. Refuses with every fault; the field of a finding is
    ``<position>.<field>``. ``seen``: the number of the edition the editor had before them; when
    somebody has kept or switched on another since, it is refused (``stale``).
    """
    must_edit(actor)
    route = _route(route_key)
    found = routes.faults(route, steps)
    if found:
        raise Refused(
            Finding(
                code="fault",
                headline=f"第 {fault.position + 1} 步：" if fault.field else "没有保存。",
                sentence=fault.sentence,
                field=f"{fault.position}.{fault.field}" if fault.field else "",
            )
            for fault in found
        )
    advisory(f"approvals.route.{route.key}")
    data = routes.steps_as_data(steps)
    kept = Edition.objects.filter(route=route.key, state=EditionState.DRAFT).first()
    base = kept or in_force(route, at=at)
    if seen is not None and base.number != seen:
        _stale(base)
    if base.steps == data:
        return base
    if kept is not None:
        kept.state = EditionState.DROPPED
        kept.save(update_fields=["state"])
    made: Edition = Edition.objects.create(
        route=route.key, number=_next(route), title=route.title, steps=data,
        state=EditionState.DRAFT, note=note.strip()[:200], made_at=at,
        made_by_id=actor.person_id, made_by_name=actor.name,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="approvals.route.drafted", on=made, at=at, note=note,
        before={"steps": base.steps}, after={"steps": data},
    )  # fmt: skip
    return made


def _stale(base: Edition) -> None:
    now = "草稿" if base.state == EditionState.DRAFT else "现行版本"
    local = timezone.localtime(base.in_force_at or base.made_at)
    when = f"{local.month}月{local.day}日 {local.hour}:{local.minute:02d}"
    refuse(
        "stale",
        f"没有保存：{base.made_by_name}已于 {when} 改成第 {base.number} 版{now}。",
        "您写的还在本页，先看那一版改了什么。",
    ).enforce()


def _locked_draft(actor: Actor, edition_id: int) -> Edition:
    must_edit(actor)
    key = Edition.objects.values_list("route", flat=True).get(pk=edition_id)
    advisory(f"approvals.route.{key}")
    edition: Edition = Edition.objects.select_for_update().get(pk=edition_id)
    if edition.state != EditionState.DRAFT:
        refuse(
            "not_draft", f"第 {edition.number} 版{EditionState(edition.state).label}，不是草稿。",
            "打开流程看现在的草稿。",
        ).enforce()  # fmt: skip
    return edition


@transaction.atomic
def drop(*, actor: Actor, edition_id: int, at: datetime) -> Edition:
    """Put a draft aside; it stays to be read."""
    edition = _locked_draft(actor, edition_id)
    edition.state = EditionState.DROPPED
    edition.save(update_fields=["state"])
    audit.record(actor=actor, verb="approvals.route.dropped", on=edition, at=at)
    return edition


@transaction.atomic
def switch_on(*, actor: Actor, edition_id: int, at: datetime) -> Edition:
    """启用: the draft takes new cases from now on; cases under way end on their own edition.

    Refuses a draft that was not tried on last year's cases.
    """
    edition = _locked_draft(actor, edition_id)
    if edition.replayed_at is None:
        refuse(
            "not_replayed", "还没有试算，不能启用。", "先用过去一年的件试算，看看谁会多办、少办。"
        ).enforce()
    _must_fit(edition)
    before = Edition.objects.filter(route=edition.route, state=EditionState.IN_FORCE).first()
    if before is not None:
        before.state = EditionState.RETIRED
        before.save(update_fields=["state"])
    edition.state, edition.in_force_at = EditionState.IN_FORCE, at
    edition.save(update_fields=["state", "in_force_at"])
    audit.record(
        actor=actor, verb="approvals.route.switched_on", on=edition, at=at,
        before={"number": before.number} if before else None, after={"number": edition.number},
    )  # fmt: skip
    return edition


def _must_fit(edition: Edition) -> None:
    """A release may have taken a fact or a verb away since the draft was kept."""
    found = routes.faults(_route(edition.route), routes.steps_from_data(edition.steps))
    if found:
        sentence = f"第 {found[0].position + 1} 步：{found[0].sentence}"
        refuse("not_fitting", "草稿已不合用，不能启用。", f"{sentence}改好后再存一版。").enforce()


# ── trying a draft on what was ───────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Differing:
    """A case that would have gone another way: its steps then and now, by their titles.

    A step of the same title that other people would decide, or in another manner, says so.
    """

    case: Case
    was: tuple[str, ...]
    would: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Vacancy:
    """A step for which a unit has nobody today, and how many of the cases it concerns."""

    title: str
    unit: Unit
    cases: int


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What a draft would have done with the cases of a year.

    ``untold``: cases whose facts nobody kept, left out. ``differing`` shows the newest of
    ``other``; ``capped`` says that more cases than were tried had been opened.
    """

    cases: int
    same: int
    other: int
    untold: int
    differing: tuple[Differing, ...]
    vacancies: tuple[Vacancy, ...]
    capped: bool = False


@dataclass
class _Trial:
    steps: tuple[Step, ...]
    at: datetime
    same: int = 0
    other: int = 0
    untold: int = 0
    differing: list[Differing] = field(default_factory=list)
    found: dict[tuple[Any, ...], set[int]] = field(default_factory=dict)
    vacant: dict[tuple[str, int], int] = field(default_factory=dict)
    units: dict[int, Unit] = field(default_factory=dict)


@transaction.atomic
def replay(*, actor: Actor, edition_id: int, at: datetime) -> Replay:
    """试算: send the cases of the past year over a draft: which steps, and is there anybody?

    Judged by the facts the cases were opened with and by who holds which duty today.
    """
    edition = _locked_draft(actor, edition_id)
    since = at - timedelta(days=REPLAY_DAYS)
    rows = Case.objects.filter(route=edition.route, opened_at__gte=since, opened_at__lt=at)
    total = rows.count()
    cases = list(
        rows.select_related("unit__parent", "applicant").order_by("-opened_at")[:REPLAY_MAX]
    )
    walked = _walked([case.pk for case in cases])
    trial = _Trial(steps=routes.steps_from_data(edition.steps), at=at)
    for case in cases:
        _try(trial, case, walked.get(case.pk, ()))
    edition.replayed_at = at
    edition.save(update_fields=["replayed_at"])
    audit.record(
        actor=actor, verb="approvals.route.replayed", on=edition, at=at,
        after={"cases": len(cases), "same": trial.same, "other": trial.other},
    )  # fmt: skip
    return Replay(
        cases=len(cases), same=trial.same, other=trial.other, untold=trial.untold,
        differing=tuple(trial.differing),
        vacancies=tuple(
            Vacancy(title=title, unit=trial.units[unit_id], cases=count)
            for (title, unit_id), count in trial.vacant.items()
        ),
        capped=total > len(cases),
    )  # fmt: skip


def _walked(case_ids: Sequence[int]) -> Mapping[int, tuple[CaseStep, ...]]:
    """The steps of each case's last round, in order."""
    rows = CaseStep.objects.filter(case__in=case_ids).order_by("case_id", "round", "position")
    last: dict[int, list[CaseStep]] = {}
    for step in rows:
        known = last.setdefault(step.case_id, [])
        if known and known[0].round != step.round:
            known.clear()
        known.append(step)
    return {case_id: tuple(steps) for case_id, steps in last.items()}


def _way(holder: Holder, mode: str, share: int, *, signature: bool) -> tuple[Any, ...]:
    """What makes one step another one for those who decide it."""
    return holder, mode, share if mode == Mode.ALL else None, signature


def _ways(walked: Sequence[CaseStep]) -> dict[str, tuple[Any, ...]]:
    return {
        step.title: _way(
            seating.holder_of(step), step.mode, step.share, signature=step.signature
        )
        for step in walked
    }  # fmt: skip


def _told(step: Step, ways: Mapping[str, tuple[Any, ...]]) -> str:
    """The title of a step of the draft, with a word where the same step was decided otherwise."""
    now = _way(step.holder, step.mode, step.share, signature=step.signature)
    altered = step.title in ways and ways[step.title] != now
    return f"{step.title}（办的人或办法有变）" if altered else step.title


def _try(trial: _Trial, case: Case, walked: Sequence[CaseStep]) -> None:
    if not case.facts and any(step.when for step in trial.steps):
        trial.untold += 1
        return
    needed, ways = routes.needed(trial.steps, case.facts), _ways(walked)
    was = tuple(step.title for step in walked)
    would = tuple(_told(step, ways) for step in needed)
    if would == was:
        trial.same += 1
    else:
        trial.other += 1
        if len(trial.differing) < SHOWN_MAX:
            trial.differing.append(Differing(case=case, was=was, would=would))
    for step in needed:
        if not _has_holder(trial, step, case):
            trial.units[case.unit_id] = case.unit
            place = (step.title, case.unit_id)
            trial.vacant[place] = trial.vacant.get(place, 0) + 1


def _has_holder(trial: _Trial, step: Step, case: Case) -> bool:
    """Whether anybody but the applicant could decide; asked once for a unit where that will do."""
    on, unit = seating.day_of(trial.at), case.unit
    everybody = (step.holder, unit.pk)
    if everybody not in trial.found:
        people = seating.candidates(step.holder, unit=unit, on=on)
        trial.found[everybody] = {person.pk for person in people}
    without = seating.barred(case)
    if trial.found[everybody] - set(without) or not trial.found[everybody]:
        return bool(trial.found[everybody])
    alone = (step.holder, unit.pk, case.applicant_id)
    if alone not in trial.found:
        people = seating.candidates(step.holder, unit=unit, on=on, without=without)
        trial.found[alone] = {person.pk for person in people}
    return bool(trial.found[alone])


def open_cases(route_key: str) -> dict[int, int]:
    """How many cases are under way on each edition of a route, by its number."""
    found: dict[int, int] = {}
    states = [CaseState.RUNNING, CaseState.RETURNED]
    for number in Case.objects.filter(route=route_key, state__in=states).values_list(
        "version", flat=True
    ):
        found[number] = found.get(number, 0) + 1
    return found
