"""公共机构能耗月报: what each institution consumed in each month, declared once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from guanjia.domains.energy.actions import returns as actions
from guanjia.domains.energy.actions.returns import Month
from guanjia.domains.energy.models import Doubt, Institution, MonthReturn
from guanjia.domains.energy.queries import areas, checking, sites
from guanjia.domains.energy.queries import institutions as directory
from guanjia.domains.energy.queries import returns as queries
from guanjia.domains.energy.registers import layouts
from guanjia.domains.energy.registers.works import WORDS
from guanjia.domains.energy.rules import returns as rules
from guanjia.domains.energy.rules.checks import Oddity
from guanjia.domains.energy.terms.energies import SOURCES, USUAL, Energy, Measure, Used
from guanjia.domains.energy.terms.institutions import InstitutionKind, YesNo
from guanjia.domains.energy.terms.returns import DoubtState, Origin, Severity
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.codes import credit_code_fault

AMOUNT_MAX, COST_MAX_YUAN = 10_000_000_000, 1_000_000_000
_FEN = 100


def column_of(energy: Energy, measure: Measure) -> str:
    """The register's column of one side of a source: ``gas``, ``gas_cost``."""
    name = energy.lower()
    return name if measure is Measure.AMOUNT else f"{name}_cost"


# ── a sheet comes in ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Read:
    """A row of the file with whose month it is."""

    row: ImportRow
    told: Month


def _lines(values: Mapping[str, Any]) -> dict[Energy, Used]:
    """What a row says, by source; sources of which it says nothing are left out."""
    found = {}
    for energy in Energy:
        amount: Decimal | None = values.get(column_of(energy, Measure.AMOUNT))
        cost: Decimal | None = values.get(column_of(energy, Measure.COST))
        if amount is not None or cost is not None:
            fen = None if cost is None else int((cost * _FEN).to_integral_value())
            found[energy] = Used(amount=amount, cost_fen=fen)
    return found


def _read(rows: Sequence[ImportRow]) -> tuple[list[_Read], list[Fault]]:
    """The months a file tells of, and the rows whose institution nobody knows."""
    known = directory.Directory([row.values["code"] for row in rows])
    read: list[_Read] = []
    errors: list[Fault] = []
    for row in rows:
        code, name = row.values["code"], row.values["name"]
        institution = known.find(code, name)
        if institution is None:
            errors.append(_unknown(row, known.known(code)))
            continue
        told = Month(institution=institution, month=row.values["month"], lines=_lines(row.values))
        read.append(_Read(row, told))
    return read, errors


def _unknown(row: ImportRow, there: Sequence[Institution]) -> Fault:
    if not there:
        return RETURNS.fault(row, "code", "institution_unknown", "名录库中没有这个代码，先入库")
    names = "、".join(one.name for one in there)
    return RETURNS.fault(
        row, "name", "name_differs", f"名录库中这个代码是“{names}”，核对代码和名称"
    )


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """Institutions nobody knows, months that cannot be, and everything that is odd."""
    read, errors = _read(rows)
    errors += _outside(read, actor)
    blamed = {fault.row for fault in errors}
    sound = [each for each in read if each.row.number not in blamed]
    errors += _impossible(sound)
    errors += _from_sites(sound)
    blamed = {fault.row for fault in errors}
    odd = _odd([each for each in sound if each.row.number not in blamed])
    errors += [fault for fault, severity in odd if severity is Severity.ERROR]
    doubts = [fault for fault, severity in odd if severity is Severity.DOUBT]
    return Checked(errors=errors, doubts=doubts)


def _outside(read: Sequence[_Read], actor: Actor) -> list[Fault]:
    verb = actions.ENTER if actor.can(actions.ENTER) else actions.FILL
    ids = {each.told.institution.pk for each in read}
    left_out = directory.outside(actor.scope(verb), ids)
    return [
        RETURNS.fault(each.row, "code", "outside", "这家机构不在您的填报范围内")
        for each in read
        if each.told.institution.pk in left_out
    ]


def _impossible(read: Sequence[_Read]) -> Iterator[Fault]:
    """A month told twice, one that has not begun, one that was reported and would be changed."""
    this_month = timezone.localdate().replace(day=1)
    standing = queries.standing([each.told.key for each in read])
    told_now = {each.told.key: each.told.lines for each in read if each.told.key in standing}
    differing = queries.differing(told_now) if told_now else set()
    first: dict[tuple[int, date], int] = {}
    for each in read:
        row, told = each.row, each.told
        if first.setdefault(told.key, row.number) != row.number:
            sentence = f"与第 {first[told.key]} 行是同一机构同一月份"
            yield RETURNS.fault(row, "month", "month_duplicate", sentence)
        elif told.month > this_month:
            yield RETURNS.fault(row, "month", "in_the_future", "这个月还没有到")
        elif told.key in differing:
            code, sentence = rules.standing_still(standing[told.key])
            yield RETURNS.fault(row, "month", code, sentence)


def _from_sites(read: Sequence[_Read]) -> Iterator[Fault]:
    """Sources that shared buildings were divided into, told otherwise than they were."""
    there = sites.divided([each.told.key for each in read]) if read else {}
    if not there:
        return
    for each in read:
        for energy, used in each.told.lines.items():
            kept = there.get((*each.told.key, energy))
            if kept is not None and kept != used:
                sentence = "由合署办公点分摊，在办公点的月份里更正"
                column = column_of(energy, Measure.AMOUNT)
                yield RETURNS.fault(each.row, column, "from_site", sentence)


def _odd(read: Sequence[_Read]) -> list[tuple[Fault, Severity]]:
    past = checking.Past.of({each.told.institution.pk for each in read})
    for each in read:
        past.put(each.told.key, each.told.lines)
    months = {each.told.key: each.told.lines for each in read}
    found = checking.judge(months, past=past, day=timezone.localdate())
    return [
        (_doubt(each.row, odd), odd.severity)
        for each in read
        for odd in found.get(each.told.key, ())
    ]


def _doubt(row: ImportRow, odd: Oddity) -> Fault:
    energy, measure = odd.energy or Energy.ELECTRICITY, odd.measure or Measure.AMOUNT
    return RETURNS.fault(row, column_of(energy, measure), odd.check.lower(), odd.sentence)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    months = [each.told for each in _read(rows)[0]]
    return Written.of(actions.enter_returns(actor=actor, months=months, origin=Origin.SHEET, at=at))


# ── the list ─────────────────────────────────────────────────────────────────────────────


def _amount(energy: Energy) -> Any:
    def value(row: Any) -> Decimal | None:
        told = queries.used(row, energy)
        return told.amount if told else None

    return value


def _cost(energy: Energy) -> Any:
    def value(row: Any) -> Decimal | None:
        told = queries.used(row, energy)
        return Decimal(told.cost_fen) / _FEN if told and told.cost_fen is not None else None

    return value


def _columns() -> list[Column]:
    """The two columns of every source; those that are not usual a sheet may leave out."""
    found = []
    for energy, source in SOURCES.items():
        rare = energy not in USUAL
        found += [
            Column(
                name=column_of(energy, Measure.AMOUNT),
                title=source.amount_title,
                heading=energy.label,
                unit=source.unit,
                kind=Kind.DECIMAL,
                places=4,
                shown=1,
                minimum=0,
                maximum=AMOUNT_MAX,
                optional=rare,
                value=_amount(energy),
                fold=2 if rare or energy is Energy.COAL else 0,
                example="4016.5",
                total=column_of(energy, Measure.AMOUNT),
            ),
            Column(
                name=column_of(energy, Measure.COST),
                title=source.cost_title,
                heading=source.cost,
                unit="元",
                kind=Kind.DECIMAL,
                places=2,
                minimum=0,
                maximum=COST_MAX_YUAN,
                optional=rare,
                value=_cost(energy),
                fold=2,
                example="2490.23",
                total=column_of(energy, Measure.COST),
            ),
        ]
    return found


def _sums(rows: Any) -> dict[str, Any]:
    """The sums of every source: they lie in lines of their own."""
    found = queries.sums(rows)
    told: dict[str, Any] = {}
    for energy in Energy:
        amount, cost_fen = found.get(energy, (Decimal(0), 0))
        told[column_of(energy, Measure.AMOUNT)] = amount
        told[column_of(energy, Measure.COST)] = Decimal(cost_fen) / _FEN
    return told


_OPEN_DOUBT = Exists(Doubt.objects.filter(month_return=OuterRef("pk"), state=DoubtState.OPEN))


def _doubted(_: datetime) -> Q:
    return Q(_OPEN_DOUBT)


def _sealed(_: datetime) -> Q:
    return queries.accepted()


def _of_area(rows: Any, value: int) -> Any:
    return queries.at_year_end(rows, area=value)


def _of_kind(rows: Any, value: str) -> Any:
    return queries.at_year_end(rows, kind__in=value.split(","))


def _standing(rows: Any, value: str) -> Any:
    there = queries.at_year_end(rows)
    return there if value == YesNo.YES else rows.exclude(pk__in=there.order_by().values("pk"))


RETURNS = Register(
    key="energy.returns",
    title="公共机构能耗月报",
    noun="份",
    key_column="month",
    key_with=("code", "name"),
    columns=[
        of(
            Institution.code,
            heading="信用代码",
            path="institution.code",
            check=credit_code_fault,
            check_code="code_invalid",
            fold=2,
            example="12360200MB8463675X",
            sort="",
        ),
        of(
            Institution.name,
            path="institution.name",
            widget="energy/cells/name.html",
            sort="institution__name",
            link="energy:month_return",
            example="市图书馆",
            required=False,
        ),
        of(
            MonthReturn.month,
            kind=Kind.MONTH,
            unique=True,
            duplicate_code="month_duplicate",
            example="2020-05",
        ),
        *_columns(),
    ],
    rows=queries.listed,
    see=queries.SEE,
    take=actions.FILL,
    filters=[
        Filter(name="month", title="月份", kind="dates", path="month"),
        Filter(name="area", title="所属区域", kind="pick", options=areas.choices, apply=_of_area),
        WORDS,
        Filter(
            name="kind",
            title="机构类型",
            kind="choice",
            choices=InstitutionKind,
            apply=_of_kind,
            more=True,
        ),
        Filter(
            name="standing",
            title="年末在库",
            kind="choice",
            choices=YesNo,
            apply=_standing,
            more=True,
        ),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="doubted", title="有疑点", condition=_doubted),
        View(key="locked", title="已锁定", condition=_sealed, count=False),
    ],
    totals={"institutions": Count("institution", distinct=True)},
    totals_of=_sums,
    order=("-month", "institution__position"),
    order_name="month",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    unfold=layouts.unfold,
    place=610,
    url="energy:returns_list",
)
