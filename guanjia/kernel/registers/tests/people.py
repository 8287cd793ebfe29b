"""A register over the people of the tree, for the tests of lists, pages and uploads."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Employment, Level, Nature, Rank
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Entry,
    Fault,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.values.actor import Actor, Scope

AT = datetime(2020, 5, 20, 3, 55, tzinfo=UTC)  # 11:55 in Shanghai


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    return Checked(
        doubts=[
            Fault(row=row.number, column="职务", value="", code="title_odd", message="职务少见")
            for row in rows
            if row.values["title"] == "船长"
        ]
    )


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    known = {p.number for p in Person.objects.filter(number__in=[r.values["number"] for r in rows])}
    fresh = [row for row in rows if row.values["number"] not in known]
    Person.objects.bulk_create(
        Person(
            number=row.values["number"],
            name=row.values["name"],
            unit=row.values["unit"],
            rank=row.values["rank"],
            title=row.values["title"] or "",
            mobile=row.values["mobile"] or "",
            employment=Employment.ESTABLISHED,
            hired_on=row.values["hired_on"],
        )
        for row in fresh
    )
    return Written(created=len(fresh), unchanged=len(rows) - len(fresh))


def _codes(scope: Scope) -> Sequence[str]:
    return [unit.code for unit in Unit.objects.order_by("code")] if scope.everything else []


def _upper(texts: Mapping[str, str], _: Scope) -> Mapping[str, str]:
    return {**texts, "number": texts["number"].upper()}


def _heads(_: datetime) -> Q:
    return Q(rank=Rank.BUREAU_HEAD)


def _named_zhang(rows: QuerySet[Any], _: datetime) -> QuerySet[Any]:
    return rows.filter(name__startswith="张")


PEOPLE = Register(
    key="tests.people",
    title="人员名录",
    noun="人",
    key_column="number",
    columns=[
        Column(name="number", title="工号", required=True, unique=True, sort="number"),
        Column(name="name", title="姓名", required=True, sort="name"),
        Column(name="rank", title="职级", kind=Kind.CHOICE, choices=Rank, required=True),
        Column(
            name="unit",
            title="单位编码",
            heading="单位",
            kind=Kind.REFERENCE,
            reference=org.units_by_code,
            path="unit.code",
            required=True,
            sort="unit__position",
        ),
        Column(name="title", title="职务", fold=1),
        Column(name="mobile", title="手机号", sensitive=True),
        Column(name="hired_on", title="入职日期", kind=Kind.DATE, sort="hired_on"),
        Column(
            name="length",
            title="姓名长度",
            kind=Kind.INTEGER,
            value=lambda row: len(row.name),
            total="people",
            imported=False,
        ),
        Column(name="spare", title="拼音首字母", path="initials", imported=False, fold=2),
    ],
    rows=org.people,
    see="tests.see",
    take="tests.take",
    reveal="tests.reveal",
    filters=[
        Filter(name="rank", title="职级", kind="choice", choices=Rank),
        Filter(name="hired", title="入职日期", kind="dates", path="hired_on"),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="words", title="姓名或工号", kind="text", path="name, number", more=True),
    ],
    views=[
        View(key="heads", title="正处级", condition=_heads),
        View(key="clerks", title="科级以下", query={"rank": "BELOW_SECTION"}),
        View(key="zhang", title="姓张的", apply=_named_zhang),
    ],
    order=("number",),
    order_name="number",
    totals={"people": Count("pk")},
    check_rows=_check,
    write_rows=_write,
    url="tests:people_list",
    entry=Entry(
        label="登记人员", suggest={"unit": _codes}, complete=_upper, behind=("mobile",),
        today=("hired_on",),
    ),
)  # fmt: skip


def tree() -> dict[str, Unit]:
    """A city with two bureaus, one of which has a section."""
    found: dict[str, Unit] = {}
    for position, (code, name, above, nature) in enumerate(
        [
            ("C", "某市", "", Nature.AREA),
            ("C1", "市统计局", "C", Nature.PARTY_OR_STATE),
            ("C11", "综合科", "C1", Nature.SECTION),
            ("C2", "市林业局", "C", Nature.PARTY_OR_STATE),
        ]
    ):
        parent = found.get(above)
        found[code] = Unit.objects.create(
            code=code,
            name=name,
            short_name=name,
            parent=parent,
            path=f"{parent.path if parent else '/'}{code}/",
            nature=nature,
            level=Level.PREFECTURE,
            position=position,
        )
    return found


def person(number: str, name: str, unit: Unit, **facts: Any) -> Person:
    """Somebody of a unit; a clerk hired on 5 March 2020 unless said otherwise."""
    given: dict[str, Any] = {
        "rank": Rank.BELOW_SECTION,
        "employment": Employment.ESTABLISHED,
        "hired_on": date(2020, 3, 5),
        "mobile": "15812342391",
    }
    return Person.objects.create(number=number, name=name, unit=unit, **given | facts)
