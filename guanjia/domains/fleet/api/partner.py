"""What partner systems may read, each with a key for it: rows in the order of their last change.

Ask without a place first; keep ``next`` and ask with ``cursor`` from then on: only what changed
since then comes. Secret cars (保密车辆) and what belongs to them, and phone numbers, never come.
Money is in 分; decimals are text; times carry their zone.
"""

import re
from datetime import datetime
from typing import Annotated, Any

from django.utils.dateparse import parse_datetime
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime, create_model

from guanjia.domains.fleet.exchange import catalogue
from guanjia.domains.fleet.exchange.fields import Entity, Shape
from guanjia.kernel.exchange import queries
from guanjia.kernel.exchange.queries import Cursor, CursorUnreadable
from guanjia.kernel.exchange.scopes import ApiScope
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.ui.partners import PartnerKey, PartnerRequest, given, needs_key

LIMIT, LIMIT_MAX = 200, 1000
_DIGITS = re.compile(r"[0-9]{1,9}\Z")

router = Router(tags=["合作系统"], auth=PartnerKey())

_TYPES: dict[Shape, Any] = {
    Shape.NUMBER: int | str | None,
    Shape.MONEY: int | None,
    Shape.FLAG: bool | None,
}


def _pascal(kind: str) -> str:
    return "".join(part.capitalize() for part in kind.split("."))


def _row(entity: Entity) -> type[Schema]:
    """The shape of a row, from the same table as what is sent to the province."""
    fields: dict[str, Any] = {
        "id": (int, Field(description="标识，不变")),
        "changed_at": (AwareDatetime, Field(description="最近变动时间")),
    }
    for field in entity.fields:
        words = f"：{'、'.join(f'{t.value} {t.label}' for t in field.terms)}" if field.terms else ""
        kind = _TYPES.get(field.shape, str | None)
        if field.name not in fields:
            fields[field.name] = (kind, Field(None, description=field.title + words))
    return create_model(f"Partner{_pascal(entity.kind)}", __base__=Schema, **fields)


def _page(entity: Entity) -> type[Schema]:
    row = _row(entity)
    return create_model(
        f"Partner{_pascal(entity.kind)}Page",
        __base__=Schema,
        rows=(list[row], Field(description="按最近变动时间，先变的在前")),  # type: ignore[valid-type]  # made here
        next=(str, Field(description="下次用作 cursor")),
        more=(bool, Field(description="后面还有没有")),
    )


After = Annotated[str, Query(description="只要这个时间以后变动的，写成 2020-05-08T08:30:00+08:00")]
Place = Annotated[str, Query(description="上次答复中的 next；有它就不看 changed_after")]
Limit = Annotated[str, Query(description=f"一次最多几条，1 至 {LIMIT_MAX}，不写是 {LIMIT}")]


def _operation(scope: ApiScope, entity: Entity) -> Any:
    """One read; its parameters are read by hand, so that every call can be written down."""

    def read(
        request: PartnerRequest, changed_after: After = "", cursor: Place = "", limit: Limit = ""
    ) -> dict[str, Any]:
        page = queries.changed(
            kind=scope.wire,
            limit=_limit(limit),
            after=_cursor(cursor),
            changed_after=_moment(changed_after),
        )
        given(request, rows=len(page.rows))
        return {"rows": page.rows, "next": page.cursor, "more": page.more}

    read.__name__ = f"partner_{scope.key.replace('.', '_')}"
    read.__doc__ = f"{entity.title}，按最近变动时间。"
    return needs_key(scope.key)(read)


def _limit(text: str) -> int:
    if not text:
        return LIMIT
    if not _DIGITS.match(text) or not 1 <= int(text) <= LIMIT_MAX:
        refuse("limit", "limit 不对。", f"写 1 至 {LIMIT_MAX} 的整数。", field="limit").enforce()
    return int(text)


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.of(text) if text else None
    except CursorUnreadable:
        no = refuse("cursor", "cursor 不对。", "用上次答复中的 next。", field="cursor")
        raise Refused(no.refusals) from None


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text.replace(" ", "+"))  # a plus sign that was not written as %2B
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        refuse(
            "changed_after",
            "changed_after 不对。",
            "写成 2020-05-08T08:30:00+08:00 这样带时区的时间。",
            field="changed_after",
        ).enforce()
    return found


for _scope in catalogue.SCOPES:
    _entity = catalogue.entity(_scope.wire)
    if _entity is None:
        raise LookupError(f"{_scope.key} opens {_scope.wire}, which is not sent")
    router.get(
        f"/{_scope.key.split('.')[1]}",
        response=_page(_entity),
        summary=f"增量读取{_scope.title}",
    )(_operation(_scope, _entity))
