"""单位名录 and 人员名录: the registers of the tree of units, declared once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Q, Sum

from guanjia.kernel.org import actions, queries
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Employment, Level, Nature, Rank
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Filter,
    ImportRow,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values import codes
from guanjia.kernel.values.actor import Actor


def _check_units(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """A parent must stand in the file or in the register, and nobody is above themselves."""
    parents = {row.values["code"]: row.values["parent_code"] or "" for row in rows}
    known = queries.units_by_code(set(parents.values()) - set(parents))
    above = _with_known_parents(parents, [unit.path for unit in known.values()])
    owners = dict(
        Unit.objects.filter(
            credit_code__in=[r.values["credit_code"] for r in rows if r.values["credit_code"]]
        ).values_list("credit_code", "code")
    )
    errors = []
    for row in rows:
        parent = row.values["parent_code"]
        if parent and parent not in row.keys and parent not in known:
            sentence = f"单位名录和本表中没有 {parent}"
            errors.append(UNITS.fault(row, "parent_code", "unit_unknown", sentence))
        elif _closes_circle(row.values["code"], above):
            errors.append(UNITS.fault(row, "parent_code", "unit_circle", "上级绕回到自己"))
        owner = owners.get(row.values["credit_code"] or "")
        if owner is not None and owner != row.values["code"]:
            sentence = f"与单位 {owner} 的代码相同"
            errors.append(UNITS.fault(row, "credit_code", "credit_code_taken", sentence))
    return Checked(errors=errors)


def sees_unit(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may open the page of a unit."""
    return bool(queries.units(actor.scope("org.unit.see")).filter(pk=unit_id).exists())


def _with_known_parents(parents: dict[str, str], paths: Iterable[str]) -> dict[str, str]:
    """Who stands above whom, by the file where it says so and by the register elsewhere."""
    above = dict(parents)
    for path in paths:
        for upper, lower in pairwise(path.strip("/").split("/")):
            above.setdefault(lower, upper)
    return above


def _closes_circle(code: str, above: dict[str, str]) -> bool:
    """Whether this unit stands above itself by its own fault; those below a circle are not in it.

    Codes mostly go on from the parent's: a unit that keeps to that is not the one who erred.
    """
    circle, at = [code], above.get(code, "")
    while at and at not in circle:
        circle.append(at)
        at = above.get(at, "")
    if at != code:
        return False
    odd = [one for one in circle if one == above[one] or not one.startswith(above[one])]
    return code in (odd or circle)


def _write_units(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [
        {
            **row.values,
            "parent_code": row.values["parent_code"] or None,
            "credit_code": row.values["credit_code"] or None,
        }
        for row in rows
    ]
    return Written.of(actions.enter_units(actor=actor, rows=facts, at=at))


def _write_people(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [dict(row.values) for row in rows]
    return Written.of(actions.enter_people(actor=actor, rows=facts, at=at))


def _nature(*natures: Nature) -> Any:
    return lambda _: Q(nature__in=natures)


UNITS = Register(
    key="org.units",
    title="单位名录",
    noun="家",
    key_column="code",
    columns=[
        of(
            Unit.code,
            check=lambda text: "单位编码不用“/”" if "/" in text else None,
            link="portal:unit",
            duplicate_code="unit_duplicate",
            example="3602D055",
        ),
        of(Unit.name),
        of(Unit.short_name, fold=1, sort=""),
        Column(name="parent_code", title="上级单位编码", path="parent.code", max_length=40, fold=2),
        Column(name="parent_name", title="上级单位", path="parent.shown", imported=False),
        of(Unit.nature),
        of(Unit.level),
        of(
            Unit.credit_code,
            clean=str.upper,
            check=codes.credit_code_fault,
            check_code="code_invalid",
            duplicate_code="credit_code_duplicate",
            example="11360200MB0500056W",
            sort="",
        ),
        of(Unit.headcount, maximum=1_000_000, total="headcount"),
        of(Unit.position, minimum=0, maximum=1_000_000, required=True),
    ],
    rows=queries.units,
    see="org.unit.see",
    take="org.unit.enter",
    filters=[
        Filter(name="nature", title="单位性质", kind="choice", choices=Nature),
        Filter(name="level", title="层级", kind="choice", choices=Level),
        Filter(name="unit", title="上级", kind="unit", path="path"),
        Filter(name="words", title="名称、编码", kind="text", path="name,short_name,code"),
    ],
    views=[
        View(key="all", title="全部"),
        View(
            key="units",
            title="机关单位",
            condition=_nature(Nature.PARTY_OR_STATE, Nature.INSTITUTION, Nature.MASS),
        ),
        View(key="areas", title="行政区", condition=_nature(Nature.AREA)),
        View(key="sections", title="内设机构", condition=_nature(Nature.SECTION)),
    ],
    totals={"headcount": Sum("headcount")},
    order=("position", "code"),
    order_name="position",
    check_rows=_check_units,
    write_rows=_write_units,
    place=10,
    url="portal:units_list",
)

PEOPLE = Register(
    key="org.people",
    title="人员名录",
    noun="人",
    key_column="number",
    columns=[
        of(
            Person.number,
            link="portal:person",
            duplicate_code="number_duplicate",
            example="D055001",
        ),
        of(Person.name, sort="initials"),
        of(
            Person.unit,
            title="单位编码",
            path="unit.code",
            reference=queries.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            fold=2,
            sort="",
        ),
        Column(
            name="unit_name",
            title="单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
        ),
        of(Person.rank),
        of(Person.title),
        of(
            Person.mobile,
            sensitive=True,
            check=codes.mobile_fault,
            check_code="mobile_invalid",
            sort="",
        ),
        of(Person.employment),
        of(Person.hired_on),
    ],
    rows=queries.people,
    see="org.person.see",
    take="org.person.enter",
    reveal="org.person.reveal",
    filters=[
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="rank", title="职级", kind="choice", choices=Rank),
        Filter(name="employment", title="用工性质", kind="choice", choices=Employment),
        Filter(name="words", title="姓名、工号", kind="text", path="name,number,initials"),
    ],
    views=[View(key="all", title="全部")],
    order=("unit__position", "number"),
    order_name="unit_name",
    write_rows=_write_people,
    place=20,
    url="portal:people_list",
)
