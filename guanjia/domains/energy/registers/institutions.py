"""公共机构名录库: the institutions as they stand on a day, declared once."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from guanjia.domains.energy.actions import institutions as actions
from guanjia.domains.energy.models import Institution, MonthReturn
from guanjia.domains.energy.queries import areas, totals
from guanjia.domains.energy.queries import institutions as queries
from guanjia.domains.energy.rules import institutions as rules
from guanjia.domains.energy.terms.institutions import InstitutionKind, YesNo
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
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.codes import credit_code_fault

FLOOR_MAX_M2, PEOPLE_MAX = 10_000_000, 1_000_000


def _rows(scope: Scope) -> Any:
    return queries.listed(scope, timezone.localdate())


def _facts(row: ImportRow) -> dict[str, Any]:
    told = row.values
    return {
        **told,
        "assessed": told["assessed"] is YesNo.YES,
        "key_user": told["key_user"] is YesNo.YES,
    }


def _outside(
    rows: Sequence[ImportRow], actor: Actor, directory: queries.Directory
) -> Iterator[Fault]:
    """Institutions of others, and of areas of others."""
    scope = actor.scope(actions.ENTER)
    places = areas.outside(scope, [row.values["area"] for row in rows])
    known = [directory.find(row.values["code"], row.values["name"]) for row in rows]
    others = queries.outside(scope, {one.pk for one in known if one is not None})
    for row, one in zip(rows, known, strict=True):
        if row.values["area"].pk in places or (one is not None and one.pk in others):
            sentence = "这家机构不在您的管理范围内，删去这一行"
            yield INSTITUTIONS.fault(row, "area", "outside", sentence)


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """Days that have not come; codes that several institutions carry, and what is odd of size."""
    today = timezone.localdate()
    directory = queries.Directory([row.values["code"] for row in rows])
    first: dict[str, ImportRow] = {}
    errors = [*_outside(rows, actor, directory), *_twice(rows, directory)]
    blamed = {fault.row for fault in errors}
    errors += _moved([row for row in rows if row.number not in blamed], directory)
    doubts: list[Fault] = []
    for row in rows:
        if row.values["entered_on"] > today:
            sentence = "入库日期还没有到"
            errors.append(INSTITUTIONS.fault(row, "entered_on", "in_the_future", sentence))
        twin = first.setdefault(row.values["code"], row)
        if row.number not in blamed:  # of others' institutions nothing is told
            doubts += _shared(row, twin, directory)
            doubts += _named_before(row, directory, today)
        doubts += _size(row)
    return Checked(errors=errors, doubts=doubts)


def _twice(rows: Sequence[ImportRow], directory: queries.Directory) -> Iterator[Fault]:
    """One institution by its former and by its present name."""
    first: dict[int, ImportRow] = {}
    for row in rows:
        one = directory.find(row.values["code"], row.values["name"])
        there = first.setdefault(one.pk, row) if one is not None else row
        if there is not row:
            sentence = f"与第 {there.number} 行是同一家机构（更名前后），留一行"
            yield INSTITUTIONS.fault(row, "name", "institution_twice", sentence)


def _named_before(row: ImportRow, directory: queries.Directory, today: date) -> Iterator[Fault]:
    """A name it no longer has; one that left the register, which a row does not bring back."""
    one = directory.find(row.values["code"], row.values["name"])
    if one is None:
        return
    if one.name != row.values["name"]:
        sentence = f"曾用名，现在叫“{one.name}”，名称不改"
        yield INSTITUTIONS.fault(row, "name", "name_former", sentence)
    if one.left_on is not None and one.left_on <= today:
        sentence = f"{one.left_on:%Y-%m-%d} 已退出名录库，这一行不写入；恢复的在机构页登记变动"
        yield INSTITUTIONS.fault(row, "name", "left", sentence)


def _moved(rows: Sequence[ImportRow], directory: queries.Directory) -> Iterator[Fault]:
    """Who grew or shrank by much since the last time, and does not say why."""
    today = timezone.localdate()
    percent = Decimal(law_at(today)[rules.MOVED].value)
    known = [directory.find(row.values["code"], row.values["name"]) for row in rows]
    sizes = queries.sizes([one.pk for one in known if one is not None], today)
    for row, one in zip(rows, known, strict=True):
        if one is None or one.pk not in sizes or row.values.get("why"):
            continue
        told = rules.Size(**{name: row.values[name] for name in ("floor_m2", "people", "staff")})
        for name, words in rules.moved(sizes[one.pk], told, percent=percent).items():
            sentence = f"{words}，在“变动原因”一列写明原因"
            yield INSTITUTIONS.fault(row, name, "reason_missing", sentence)


def _shared(row: ImportRow, twin: ImportRow, directory: queries.Directory) -> Iterator[Fault]:
    name = row.values["name"]
    if twin is not row:
        sentence = f"与第 {twin.number} 行“{twin.values['name']}”同一个代码，按两家机构记入"
        yield INSTITUTIONS.fault(row, "code", "code_shared", sentence)
        return
    there = directory.known(row.values["code"])
    if there and directory.find(row.values["code"], name) is None:
        sentence = f"名录库中这个代码是“{there[0].name}”；改了名称的，在机构页办理更名"
        yield INSTITUTIONS.fault(row, "name", "name_differs", sentence)


def _size(row: ImportRow) -> Iterator[Fault]:
    told = row.values
    for name, title in (("floor_m2", "建筑面积"), ("people", "用能人数")):
        if told[name] is None:
            sentence = f"没有{title}，算不出强度指标"
            yield INSTITUTIONS.fault(row, name, "size_missing", sentence)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [_facts(row) for row in rows]
    return Written.of(actions.enter_institutions(actor=actor, rows=facts, at=at))


def _yes(name: str) -> Any:
    return lambda row: YesNo.YES if getattr(row.now, name) else YesNo.NO


def _area(row: Any) -> str:
    return areas.title(row.now.area)


def _of_kind(rows: Any, value: str) -> Any:
    return rows.filter(now__kind__in=value.split(","))


def _of_area(rows: Any, value: int) -> Any:
    return rows.filter(now__area=value)


def _years(scope: Scope) -> Sequence[tuple[int, str]]:
    return [(year, f"{year} 年") for year in totals.years(scope)]


def _silent(rows: Any, value: str) -> Any:
    """Those of which no month of a year was told."""
    told = MonthReturn.objects.filter(institution=OuterRef("pk"), month__year=int(value[:4]))
    return rows.filter(~Exists(told))


def _assessed(_: datetime) -> Q:
    return Q(now__assessed=True)


def _key(_: datetime) -> Q:
    return Q(now__key_user=True)


def _shared_code(_: datetime) -> Q:
    return queries.shared_codes()


def on_day(scope: Scope, day: date) -> Any:
    """The institutions of a scope as on a day."""
    return queries.listed(scope, day)


INSTITUTIONS = Register(
    key="energy.institutions",
    title="公共机构名录库",
    noun="家",
    key_column="code",
    key_with=("name",),
    columns=[
        of(
            Institution.code,
            heading="信用代码",
            unique=True,
            check=credit_code_fault,
            check_code="code_invalid",
            fold=1,
            duplicate_code="institution_duplicate",
            example="12360200MB8463675X",
        ),
        Column(
            name="name",
            title="机构名称",
            widget="energy/cells/name.html",
            required=True,
            max_length=100,
            path="now.name",
            sort="now__name",
            link="energy:institution",
            example="市图书馆",
        ),
        Column(
            name="kind",
            title="机构类型",
            kind=Kind.CHOICE,
            choices=InstitutionKind,
            required=True,
            path="now.kind",
            sort="now__kind",
        ),
        Column(
            name="area",
            title="所属区域",
            kind=Kind.REFERENCE,
            reference=areas.areas_by_name,
            missing="单位名录中没有行政区“{value}”，市级机构写市本级",
            missing_code="area_unknown",
            required=True,
            value=_area,
            sort="now__area__position",
            example="昌江区",
        ),
        Column(
            name="floor_m2",
            title="建筑面积(㎡)",
            heading="建筑面积",
            unit="㎡",
            kind=Kind.DECIMAL,
            above=0,
            maximum=FLOOR_MAX_M2,
            shown=1,
            path="now.floor_m2",
            sort="now__floor_m2",
            total="floor_m2",
            example="1489.5",
        ),
        Column(
            name="people",
            title="用能人数",
            unit="人",
            kind=Kind.INTEGER,
            minimum=0,
            maximum=PEOPLE_MAX,
            path="now.people",
            sort="now__people",
            total="people",
            example="52",
        ),
        Column(
            name="staff",
            title="编制人数",
            unit="人",
            kind=Kind.INTEGER,
            minimum=0,
            maximum=PEOPLE_MAX,
            path="now.staff",
            sort="now__staff",
            fold=1,
            example="37",
        ),
        of(Institution.entered_on),
        Column(
            name="assessed",
            title="在线考核",
            kind=Kind.CHOICE,
            choices=YesNo,
            required=True,
            value=_yes("assessed"),
            sort="now__assessed",
        ),
        Column(
            name="key_user",
            title="重点用能单位",
            heading="重点用能",
            kind=Kind.CHOICE,
            choices=YesNo,
            required=True,
            value=_yes("key_user"),
            sort="now__key_user",
        ),
        Column(
            name="why",
            title="变动原因",
            optional=True,
            max_length=200,
            path="now.why",
            fold=2,
            example="新校区投入使用",
        ),
    ],
    rows=_rows,
    rows_on=on_day,
    see=queries.SEE,
    take=actions.ENTER,
    filters=[
        Filter(
            name="area",
            title="所属区域",
            kind="pick",
            options=areas.choices,
            apply=_of_area,
        ),
        Filter(
            name="kind",
            title="机构类型",
            kind="choice",
            choices=InstitutionKind,
            apply=_of_kind,
        ),
        Filter(name="words", title="名称、代码", kind="text", path="now__name,code"),
        Filter(name="on", title="截至", kind="day"),
        Filter(name="entered", title="入库日期", kind="dates", path="entered_on", more=True),
        Filter(
            name="silent",
            title="全年没有月报",
            kind="pick",
            options=_years,
            apply=_silent,
            more=True,
        ),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="assessed", title="在线考核", condition=_assessed),
        View(key="key", title="重点用能单位", condition=_key),
        View(key="shared", title="代码重复", condition=_shared_code),
    ],
    totals={
        "floor_m2": Sum("now__floor_m2"),
        "people": Sum("now__people"),
        "institutions": Count("pk"),
    },
    order=("position", "pk"),
    order_name="entered_on",
    check_rows=_check,
    write_rows=_write,
    place=600,
    url="energy:institutions_list",
    entry=Entry(label="机构入库", suggest={"area": areas.names}, today=("entered_on",)),
)
