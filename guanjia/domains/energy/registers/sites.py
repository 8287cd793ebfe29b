"""合署办公点 and 分摊比例, declared once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.energy.actions import sites as actions
from guanjia.domains.energy.models import Institution, Site, SiteShare
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import sites as queries
from guanjia.domains.energy.registers.institutions import FLOOR_MAX_M2
from guanjia.domains.energy.registers.works import WORDS, area_of, code, found, name, unfit
from guanjia.domains.energy.rules import sites as rules
from guanjia.domains.energy.terms.sites import Basis
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

# ── 合署办公点 ───────────────────────────────────────────────────────────────────────────


def _check_sites(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    left_out = areas.outside(actor.scope(actions.KEEP), [row.values["area"] for row in rows])
    sentence = "这个区域不在您的管理范围内，删去这一行"
    return Checked(
        errors=[
            SITES.fault(row, "area", "outside", sentence)
            for row in rows
            if row.values["area"].pk in left_out
        ]
    )


def _write_sites(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [{**row.values, "address": row.values["address"] or ""} for row in rows]
    return Written.of(actions.enter_sites(actor=actor, rows=facts, at=at))


def _shared(_: datetime) -> Q:
    return Q(sharers__gt=0)


SITES = Register(
    key="energy.sites",
    title="合署办公点",
    noun="处",
    key_column="name",
    key_with=("area",),
    columns=[
        of(
            Site.name,
            unique=True,
            link="energy:site",
            duplicate_code="row_duplicate",
            example="市发展中心 3 号楼",
        ),
        Column(
            name="area",
            title="所属区域",
            kind=Kind.REFERENCE,
            reference=areas.areas_by_name,
            missing="单位名录中没有行政区“{value}”，市级机构写市本级",
            missing_code="area_unknown",
            required=True,
            value=lambda row: areas.title(row.area),
            sort="area__position",
            example="市本级",
        ),
        of(Site.address, example="瓷都大道"),
        of(Site.floor_m2, unit="㎡", above=0, maximum=FLOOR_MAX_M2, shown=1, example="15210.5"),
        Column(
            name="sharers",
            title="分摊机构",
            kind=Kind.INTEGER,
            unit="家",
            sort="sharers",
            imported=False,
        ),
    ],
    rows=queries.listed,
    see=queries.SEE,
    take=queries.KEEP,
    filters=[
        area_of("area"),
        Filter(name="words", title="办公点、地址", kind="text", path="name,address"),
    ],
    views=[View(key="all", title="全部"), View(key="shared", title="有分摊", condition=_shared)],
    totals={"sites": Count("pk")},
    order=("area__position", "name"),
    order_name="name",
    check_rows=_check_sites,
    write_rows=_write_sites,
    place=670,
    url="energy:sites_list",
    create_url="energy:site_new",
    create_label="登记办公点",
    create_verb=queries.KEEP,
)


# ── 分摊比例 ─────────────────────────────────────────────────────────────────────────────

_Group = dict[tuple[int, date], list[tuple[ImportRow, Institution]]]


def _sites(rows: Sequence[ImportRow], actor: Actor) -> Mapping[int, Site]:
    """The sites that rows name, by row number: those one keeps."""
    there = Site.objects.of_areas(actor.scope(actions.KEEP)).select_related("area")
    by_name = {(site.name, site.area_id): site for site in there}
    return {
        row.number: by_name[key]
        for row in rows
        if (key := (row.values["site"], row.values["area"].pk)) in by_name
    }


def _groups(rows: Sequence[ImportRow], actor: Actor) -> _Group:
    """The rows of one site and day together: they are its shares from then on."""
    sites, (ours, _) = _sites(rows, actor), found(SITE_SHARES, rows)
    groups: _Group = defaultdict(list)
    for row in rows:
        if row.number in sites and row.number in ours:
            key = (sites[row.number].pk, row.values["since"])
            groups[key].append((row, ours[row.number]))
    return groups


def _latest(site_id: int) -> date | None:
    days = SiteShare.objects.filter(site=site_id).values_list("during", flat=True)
    return max((day for span in days for day in (span.lower, span.upper) if day), default=None)


def _same(site_id: int, since: date, parts: Sequence[tuple[ImportRow, Institution]]) -> bool:
    """Whether the rows say what is known of that day."""
    there = {row.institution_id: row.share for row in queries.shares_on(site_id, since)}
    return there == {one.pk: row.values["share"] for row, one in parts}


def _check_shares(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    errors = unfit(SITE_SHARES, rows, actor, actions.KEEP)
    sites = _sites(rows, actor)
    sentence = "没有这个区域的这处办公点，或不在您的管理范围内，先登记办公点"
    errors += [
        SITE_SHARES.fault(row, "site", "site_unknown", sentence)
        for row in rows
        if row.number not in sites
    ]
    newest: dict[int, date] = {}
    for (site_id, since), parts in sorted(_groups(rows, actor).items()):
        latest = newest.get(site_id) or _latest(site_id)
        if not _same(site_id, since, parts):
            errors += _group_faults(since, parts, latest)
        newest[site_id] = since
    return Checked(errors=errors)


def _group_faults(
    since: date, parts: Sequence[tuple[ImportRow, Institution]], latest: date | None
) -> Iterator[Fault]:
    ids = [one.pk for _, one in parts]
    for row, one in parts:
        if ids.count(one.pk) > 1:
            yield SITE_SHARES.fault(row, "code", "row_duplicate", f"{one}写了两次，删去一行")
        if queries.left(one, since):
            sentence = f"{one}那时已退出名录库，删去这一行，比例分给其他机构"
            yield SITE_SHARES.fault(row, "code", "sharer_left", sentence)
    verdict = rules.may_share(
        basis=Basis.TOLD,
        weights={one.pk: row.values["share"] for row, one in parts},
        names={one.pk: str(one) for _, one in parts},
        since=since,
        latest=latest,
        today=timezone.localdate(),
    )
    for finding in verdict.refusals:
        column = "since" if finding.field == "since" else "share"
        for row, _ in parts:
            yield SITE_SHARES.fault(row, column, finding.code, finding.sentence)


def _write_shares(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    changed = same = 0
    for (site_id, since), parts in sorted(_groups(rows, actor).items()):
        told: dict[int, Decimal | None] = {one.pk: row.values["share"] for row, one in parts}
        if not _same(site_id, since, parts) and actions.share_out(
            actor=actor, site_id=site_id, since=since, basis=Basis.TOLD, parts=told, at=at
        ):
            changed += len(parts)
        else:
            same += len(parts)
    return Written(created=changed, unchanged=same)


def _since(row: Any) -> date | None:
    day: date | None = row.during.lower
    return day


def _until(row: Any) -> date | None:
    day: date | None = row.during.upper
    return day


def _in_area(rows: Any, value: int) -> Any:
    return rows.filter(site__area=value)


def _now(_: datetime) -> Q:
    return Q(during__upper_inf=True)


SITE_SHARES = Register(
    key="energy.site_shares",
    title="合署分摊比例",
    noun="条",
    key_column="code",
    key_with=("name", "site", "area", "since"),
    columns=[
        of(
            Site.name, name="site", path="site.name", sort="site__name", example="市发展中心 3 号楼"
        ),
        Column(
            name="area",
            title="所属区域",
            kind=Kind.REFERENCE,
            reference=areas.areas_by_name,
            missing="单位名录中没有行政区“{value}”，市级机构写市本级",
            missing_code="area_unknown",
            required=True,
            value=lambda row: areas.title(row.site.area),
            sort="site__area__position",
            example="市本级",
        ),
        code(),
        name(),
        Column(
            name="since",
            title="起始日期",
            kind=Kind.DATE,
            required=True,
            value=_since,
            sort="during",
        ),
        of(
            SiteShare.share,
            title="比例(%)",
            heading="比例",
            unit="%",
            shown=2,
            above=0,
            maximum=100,
            example="62.5",
        ),
        Column(name="until", title="截止日期", kind=Kind.DATE, value=_until, imported=False),
        of(SiteShare.basis, imported=False),
    ],
    rows=queries.shares,
    see=queries.SEE,
    take=queries.KEEP,
    filters=[
        Filter(name="area", title="所属区域", kind="pick", options=areas.choices, apply=_in_area),
        WORDS,
        Filter(name="site", title="办公点", kind="text", path="site__name"),
    ],
    views=[View(key="all", title="全部"), View(key="now", title="现行", condition=_now)],
    totals={"shares": Count("pk")},
    order=("site__area__position", "site__name", "during", "institution__position"),
    order_name="site",
    check_rows=_check_shares,
    write_rows=_write_shares,
    place=675,
    url="energy:site_shares_list",
)
