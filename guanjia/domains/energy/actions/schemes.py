"""Schemes of indicators: taken from a table, opened for their institutions, published."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from guanjia.domains.energy.actions import assessing
from guanjia.domains.energy.events import SchemeJoined, SchemePublished
from guanjia.domains.energy.models import Assessment, Indicator, Institution, Scheme
from guanjia.domains.energy.queries import assessing as queries
from guanjia.domains.energy.rules import schemes as rules
from guanjia.domains.energy.rules import scoring
from guanjia.domains.energy.terms.assessment import Desk, How, SchemeKind, SchemeState
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor, Scope

PLAN, SCHEMES = queries.PLAN, queries.SCHEMES
HOUSE_TABLES = Path(__file__).resolve().parent.parent / "tables"


def tables() -> Mapping[str, Mapping[str, Any]]:
    """The tables of indicators by name: those of the house, and the bureau's own (the folder
    ``settings.SCHEME_TABLES``), which replace ours of the same name. One that cannot be read is
    listed with its ``fault``, and refused where it is chosen."""
    own = {path.stem: _own_table(path) for path in sorted(settings.SCHEME_TABLES.glob("*.yaml"))}
    return {**_of_house(), **own}


@cache
def _of_house() -> Mapping[str, Mapping[str, Any]]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(HOUSE_TABLES.glob("*.yaml"))
    }


def _own_table(path: Path) -> Mapping[str, Any]:
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as fault:
        return {"title": path.stem, "fault": str(fault)}
    if not isinstance(table, Mapping) or not str(table.get("title") or "").strip():
        return {"title": path.stem, "fault": "没有 title（名称）"}
    return table


@transaction.atomic
def plan_scheme(
    *, actor: Actor, table: Mapping[str, Any], year: int, title: str = "", at: datetime
) -> Scheme:
    """A scheme for a year out of a table (see ``tables``), to be looked through and opened.

    Refused where the table cannot be read, or its points do not add up. Needs
    ``energy.scheme.plan``.
    """
    actor.must(PLAN)
    named = title.strip() or str(table.get("title", ""))
    same = Scheme.objects.filter(year=year, kind=str(table.get("kind")), title=named)
    rules.may_plan(known=same.exists(), title=named).enforce()
    scheme = Scheme(title=named, year=year, state=SchemeState.DRAFT)
    if "fault" in table:
        _unreadable(str(table["fault"]))
    try:
        with transaction.atomic():
            _take(scheme, table)
    except _FAULTS as fault:
        _unreadable(_words_of(fault))
    scoring.sound(queries.leaves(scheme), full=scheme.full).enforce()
    made(scheme, "title", "kind", "year", "full", actor=actor, verb="energy.scheme.planned", at=at)
    return scheme


# Whatever may be wrong with a table that somebody wrote by hand.
_FAULTS = (
    AttributeError, KeyError, TypeError, ValueError, InvalidOperation, ValidationError,
    DatabaseError,
)  # fmt: skip


_SHOWN = 20


def _unreadable(words: str) -> None:
    refuse("table_unreadable", "没有编制：", f"指标表读不出：{words}。").enforce()


def _words_of(fault: Exception) -> str:
    """What is wrong with a table, for whoever wrote it."""
    if isinstance(fault, ValidationError):
        return "；".join(each.rstrip("。") for each in fault.messages)
    if isinstance(fault, KeyError):
        return f"缺 {fault.args[0]}"
    if isinstance(fault, InvalidOperation):
        return "有的分值或分数线不是数"
    if isinstance(fault, DatabaseError):
        return "有的指标存不下，看编号是否重复、有分值的是否都写了评分方式、分值是否都大于 0"
    value, invalid, _ = str(fault).partition(" is not a valid")
    if isinstance(fault, ValueError):
        return f"不认得 {value}" if invalid else "有的值写法不对，等次写成 [等次, 分数]"
    return "结构不对，indicators 是一列指标，grades 是一列 [等次, 分数]"


def _take(scheme: Scheme, table: Mapping[str, Any]) -> None:
    """A scheme and its indicators as a table has them, stored."""
    scheme.kind, scheme.source = SchemeKind(table["kind"]), str(table.get("source", ""))
    scheme.full = Decimal(str(table["full"]))
    scheme.grades = [list(each) for each in table["grades"]]
    least = table.get("least")
    scheme.least = None if least is None else Decimal(str(least))
    queries.grades(scheme)
    _store(scheme)
    _enter(scheme, table["indicators"], None, 0)


def _store(row: Any) -> None:
    """Save what fits its columns; raises ``ValidationError`` with the words of what does not."""
    fields = {field.name: field for field in row._meta.fields}
    empty: tuple[Any, ...] = (None, "", [], {})
    left = [name for name, field in fields.items() if getattr(row, field.attname) in empty]
    try:
        row.full_clean(exclude=left, validate_unique=False, validate_constraints=False)
    except ValidationError as fault:
        name, (words, *_) = next(iter(fault.message_dict.items()))
        raise ValidationError(
            f"“{str(row)[:_SHOWN]}”的{fields[name].verbose_name}，{words}"
        ) from fault
    row.save()


def _enter(
    scheme: Scheme, lines: Sequence[Mapping[str, Any]], parent: Indicator | None, place: int
) -> int:
    """The lines of a table with what is below them; returns the next place."""
    for line in lines:
        measure = line.get("measure")
        if measure is not None:
            scoring.Measure.of(measure)
        made = Indicator(
            scheme=scheme, parent=parent, number=str(line["number"]), title=str(line["title"]),
            points=None if "points" not in line else Decimal(str(line["points"])),
            how=How(line["how"]) if "how" in line else "", measure=measure,
            must=bool(line.get("must")), star=bool(line.get("star")), veto=bool(line.get("veto")),
            extra=bool(line.get("extra")), note=str(line.get("note", "")), position=place,
        )  # fmt: skip
        _store(made)
        place = _enter(scheme, line.get("parts", ()), made, place + 1)
    return place


@transaction.atomic
def open_scheme(
    *,
    actor: Actor,
    scheme_id: int,
    institution_ids: Collection[int] = (),
    self_until: date,
    appeal_until: date,
    at: datetime,
) -> int:
    """Let institutions begin to score themselves; returns how many take part.

    Without ``institution_ids`` these are all in the online assessment (在线考核). What data says is
    reckoned at once. Needs ``energy.scheme.plan``.
    """
    scheme: Scheme = locked(
        SCHEMES, actor=actor, verb=PLAN, pk=scheme_id, act="启用", to=SchemeState.OPEN
    )
    verdict = rules.may_open(self_until=self_until, appeal_until=appeal_until).enforce()
    if institution_ids:
        members = _registered(scheme, institution_ids, "没有启用：")
    else:
        listed: Any = Institution.objects.on(date(scheme.year, 12, 31))
        members = list(listed.filter(now__assessed=True).order_by("pk"))
    verdict += rules.some(members=len(members))
    change(
        scheme,
        {
            "state": SchemeState.OPEN, "opened_at": at, "self_until": self_until,
            "appeal_until": appeal_until,
        },
        actor=actor, verb="energy.scheme.opened", at=at, verdict=verdict,
        beside={"members": (None, len(members))},
    )  # fmt: skip
    _take_in(scheme, members, at)
    return len(members)


@transaction.atomic
def join(*, actor: Actor, scheme_id: int, institution_ids: Collection[int], at: datetime) -> int:
    """More institutions take part in an open scheme; returns how many are new.

    Needs ``energy.scheme.plan``.
    """
    scheme: Scheme = locked(
        SCHEMES, actor=actor, verb=PLAN, pk=scheme_id, act="增加机构", when=(SchemeState.OPEN,)
    )
    there = Assessment.objects.filter(scheme=scheme, institution__in=institution_ids)
    new = set(institution_ids) - set(there.values_list("institution", flat=True))
    rules.may_join(new=len(new)).enforce()
    members = _registered(scheme, new, "没有增加：")
    _take_in(scheme, members, at)
    change(
        scheme, {}, actor=actor, verb="energy.scheme.joined", at=at,
        also={"members": [str(one) for one in members]},
    )  # fmt: skip
    return len(members)


def _registered(
    scheme: Scheme, institution_ids: Collection[int], headline: str
) -> list[Institution]:
    """Those named; raises ``Refused`` where one is not in the register at the year's end."""
    rows = Institution.objects.filter(pk__in=institution_ids).order_by("pk")
    found = list(rows.on(date(scheme.year, 12, 31)))
    there = {one.pk for one in found}
    absent = [str(one) for one in rows if one.pk not in there]
    rules.registered(absent=absent, year=scheme.year, headline=headline).enforce()
    return found


def _take_in(scheme: Scheme, members: Sequence[Institution], at: datetime) -> None:
    rows = Assessment.objects.bulk_create(
        [Assessment(scheme=scheme, institution=one, desk=Desk.SELF) for one in members],
        batch_size=1000,
    )
    ids = [one.pk for one in rows]
    assessing.reckon(scheme_id=scheme.pk, assessment_ids=ids, at=at)
    bus.publish(SchemeJoined(assessment_ids=tuple(ids), at=at))


@transaction.atomic
def reckon_again(*, actor: Actor, scheme_id: int, at: datetime) -> int:
    """Read anew what data says of an open scheme; returns for how many.

    Needs ``energy.scheme.plan``.
    """
    # Published ranks stand.
    scheme: Scheme = locked(
        SCHEMES, actor=actor, verb=PLAN, pk=scheme_id, act="重新取数", when=(SchemeState.OPEN,)
    )
    count = assessing.reckon(scheme_id=scheme.pk, at=at)
    change(scheme, {}, actor=actor, verb="energy.scheme.reckoned", at=at, also={"members": count})
    return count


@transaction.atomic
def publish(*, actor: Actor, scheme_id: int, at: datetime) -> Scheme:
    """Publish the ranks: every assessment is through, every appeal answered."""
    scheme: Scheme = locked(
        SCHEMES, actor=actor, verb=PLAN, pk=scheme_id, act="公布名次", to=SchemeState.PUBLISHED
    )
    rows = Assessment.objects.filter(scheme=scheme)
    rules.may_publish(
        waiting=rows.exclude(desk__in=[Desk.APPEAL, Desk.DONE]).count(),
        appeals=queries.open_appeals(scheme, Scope.all()).count(),
        appeal_until=scheme.appeal_until,
        today=timezone.localdate(at),
    ).enforce()
    rows.filter(desk=Desk.APPEAL).update(desk=Desk.DONE)
    change(
        scheme, {"state": SchemeState.PUBLISHED, "published_at": at}, actor=actor,
        verb="energy.scheme.published", at=at, beside={"members": (None, rows.count())},
        news=[SchemePublished(scheme_id=scheme.pk, at=at)],
    )  # fmt: skip
    return scheme
