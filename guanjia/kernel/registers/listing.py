"""What a register's list shows: an address read into a query, and the query into a page of rows.

Free of HTTP: the list page, its print, the Excel export and the API all read the same mapping of
texts here, so the same address gives the same rows everywhere. What cannot be read is left out
and named in a note; nothing a person types into an address is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Model, Q, QuerySet

from guanjia.kernel.registers import narrowing
from guanjia.kernel.registers.declaration import Column, Kind, Register, View
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import SHANGHAI

PER_PAGE = 50
PER_PAGE_MAX = 200
FEW = 1_000
PRINT_MAX = 5_000
PICKED_MAX = 500
EXPORT_MAX = 100_000
PAGE_MAX = 1_000_000
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a list shows, as read from an address.

    ``given``: filter texts by parameter name (a dates filter has ``NAME_from`` and ``NAME_to``),
    view defaults included. ``picked``: primary keys of ticked rows, empty for all rows.
    ``notes``: sentences about what was left out.
    """

    register: Register
    view: View | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    down: bool = False
    columns: tuple[str, ...] = ()
    page: int = 1
    per_page: int = PER_PAGE
    picked: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> list[Column]:
        """The chosen columns in the order of their declaration."""
        return [column for column in self.register.columns if column.name in self.columns]

    def value(self, name: str) -> str:
        """The text given for a parameter, or an empty one."""
        return self.given.get(name, "")

    def address(self, *, page: int | None = None, sort: str | None = None) -> str:
        """The query as a query string: only what differs from the view, always the same order."""
        pairs: list[tuple[str, str]] = [("view", self.view.key)] if self.view else []
        defaults = self.view.query if self.view else {}
        pairs += [
            (name, self.value(name))
            for name in parameters(self.register)
            if self.value(name) != defaults.get(name, "")
        ]
        order = self._sort_text() if sort is None else sort
        if order and order != default_sort(self.register):
            pairs.append(("sort", order))
        if self.columns != default_columns(self.register):
            pairs.append(("cols", ",".join(self.columns)))
        number = self.page if page is None else page
        if number > 1:
            pairs.append(("page", str(number)))
        return urlencode(pairs)

    def _sort_text(self) -> str:
        return f"-{self.sort}" if self.down else self.sort

    @property
    def narrows(self) -> bool:
        """Whether anything leaves rows out."""
        view = self.view
        return bool(self.picked or self.given or (view and (view.apply or view.condition)))

    def settled(self, name: str) -> bool:
        """Whether the filter of this name narrows the list."""
        return any(self.value(part) for part in narrowing.parts(self.register, name))

    def condition_line(self, scope: Scope) -> str:
        """What narrows the list, as one line for the head of a print or an Excel file; names are
        those of the scope."""
        parts = [self.view.title] if self.view and self.view.key != ALL else []
        parts += [
            f"{each.title} {narrowing.label(each, self.given, scope)}"
            for each in self.register.filters
            if self.settled(each.name)
        ]
        return "，".join(parts)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list: its rows, and counts and totals over *all* rows of the query."""

    query: Query
    rows: Sequence[Any]
    count: int
    totals: Mapping[str, Any]
    view_counts: Mapping[str, int]

    @property
    def pages(self) -> int:
        """How many pages there are; 1 for an empty list."""
        return max(1, -(-self.count // self.query.per_page))

    @property
    def first(self) -> int:
        """Number of the first row on the page, from 1; 0 for an empty list."""
        return (self.query.page - 1) * self.query.per_page + 1 if self.count else 0

    @property
    def last(self) -> int:
        """Number of the last row on the page."""
        return min(self.query.page * self.query.per_page, self.count)


def parameters(register: Register) -> list[str]:
    """The parameter names of all filters, in the order of declaration."""
    return [part for each in register.filters for part in narrowing.parts(register, each.name)]


def default_columns(register: Register) -> tuple[str, ...]:
    """The columns shown until somebody chooses."""
    return tuple(column.name for column in register.columns if column.fold < 2)  # noqa: PLR2004 — fold 2 is "off until chosen" in the declaration


def default_sort(register: Register) -> str:
    """The sort parameter that means the order the register is declared with."""
    return ("-" if register.order_down else "") + register.order_name


def views(register: Register) -> list[View]:
    """The declared views, with 全部 at the end where none of them shows everything."""
    plain = any(not (v.query or v.apply or v.condition) for v in register.views)
    return (
        [*register.views] if plain else [*register.views, View(key=ALL, title="全部", count=False)]
    )


def read(*, register: Register, params: Mapping[str, str], default_view: bool = False) -> Query:
    """Read an address into a query; unknown and unreadable values are left out and noted.

    ``default_view``: whether an address that says nothing opens the first declared view.
    """
    notes: list[str] = []
    view = _view(register, params, default_view=default_view, notes=notes)
    given = dict(view.query) if view else {}
    for name in parameters(register):
        if name in params:
            given[name] = params[name].strip()
    given = narrowing.cleaned(register, given, notes)
    sort, down = _sort(register, params.get("sort", ""), notes)
    return Query(
        register=register,
        view=view,
        given=given,
        sort=sort,
        down=down,
        columns=_columns(register, params.get("cols", "")),
        page=_number(params.get("page", ""), least=1, most=PAGE_MAX, otherwise=1),
        per_page=_number(
            params.get("per_page", ""), least=1, most=PER_PAGE_MAX, otherwise=PER_PAGE
        ),
        picked=_picked(params.get("ids", "")),
        notes=tuple(notes),
    )


def _view(
    register: Register, params: Mapping[str, str], *, default_view: bool, notes: list[str]
) -> View | None:
    key = params.get("view", "")
    known = {view.key: view for view in views(register)}
    if key in known:
        return known[key]
    if key:
        notes.append(f"没有叫“{key[:20]}”的视图，显示的是全部。")
    if default_view and not any(params.values()):
        return next(iter(known.values()))
    return None


def _sort(register: Register, text: str, notes: list[str]) -> tuple[str, bool]:
    name, down = text.removeprefix("-"), text.startswith("-")
    if any(column.name == name and column.sort for column in register.columns):
        return name, down
    if name and name != register.order_name:
        notes.append(f"不能按“{name[:20]}”排序，用的是原来的次序。")
    return register.order_name, register.order_down


def _columns(register: Register, text: str) -> tuple[str, ...]:
    wanted = set(text.split(","))
    chosen = tuple(column.name for column in register.columns if column.name in wanted)
    return chosen or default_columns(register)


def _number(text: str, *, least: int, most: int, otherwise: int) -> int:
    # isdecimal() alone also accepts digits of other scripts, which int() reads as well.
    if not text.isdecimal() or len(text) > len(str(PAGE_MAX)):
        return otherwise
    return min(max(int(text), least), most)


def _picked(text: str) -> tuple[int, ...]:
    keys = [key for key in text.split(",")[:PICKED_MAX] if key.isdecimal() and len(key) < 19]  # noqa: PLR2004 — a bigint has at most 19 digits
    return tuple(int(key) for key in keys)


def printed(query: Query) -> Query:
    """The query for print: every row from the first on, as far as paper goes."""
    return replace(query, page=1, per_page=PRINT_MAX)


# ── from the query to rows ───────────────────────────────────────────────────────────────


def all_rows(*, query: Query, scope: Scope, at: datetime) -> QuerySet[Any]:
    """Every row of the query inside the scope, in its order: what export and print walk."""
    rows = _narrowed(query, _base(query, scope, at), at)
    return rows.order_by(*_order(query))


def _base(query: Query, scope: Scope, at: datetime) -> QuerySet[Any]:
    """The rows inside the scope, of a dated register as they stood on the day that is asked for."""
    register = query.register
    if register.rows_on is None:
        return register.rows(scope)
    day = narrowing.day(register, query.given) or at.astimezone(SHANGHAI).date()
    return register.rows_on(scope, day)


def look(*, query: Query, scope: Scope, at: datetime, counts: bool = True) -> Page:
    """One page of rows with counts and totals, in four queries (three without view counts).

    ``counts``: whether the views are counted too; a fragment that leaves the tabs alone need not.
    A page number past the end shows the last page.
    """
    register = query.register
    base = _base(query, scope, at)
    rows = _narrowed(query, base, at)
    wanted = {"gj_count": Count("pk")} | {
        f"gj_total_{key}": each for key, each in register.totals.items()
    }
    of_views = _view_counts(base.model, register, at) if counts else {}
    # Apart from each other: totals walk every row, views are short lists that an index finds.
    found = rows.order_by().aggregate(**wanted)
    counted = _count_views(base, of_views)
    query = replace(query, page=min(query.page, max(1, -(-found["gj_count"] // query.per_page))))
    start = (query.page - 1) * query.per_page
    return Page(
        query=query,
        rows=_rows_at(
            base,
            rows.order_by(*_order(query)),
            slice(start, start + query.per_page),
            found["gj_count"],
        ),
        count=found["gj_count"],
        totals={key: found[f"gj_total_{key}"] for key in register.totals}
        | dict(register.totals_of(rows) if register.totals_of else {}),
        view_counts=counted,
    )


def _rows_at(base: QuerySet[Any], ordered: QuerySet[Any], place: slice, count: int) -> list[Any]:
    """The rows of a page: their keys first, so that a deep page joins only them."""
    keys = ordered.values_list("pk", flat=True)
    # The first few of few rows would be looked for in their order, through all that are not meant.
    wanted = list(keys)[place] if count <= FEW else list(keys[place])
    by_key = {row.pk: row for row in base.order_by().filter(pk__in=wanted)}
    return [by_key[key] for key in wanted if key in by_key]


def _narrowed(query: Query, rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    if query.picked:
        rows = rows.filter(pk__in=query.picked)
    if query.view and query.view.condition:
        rows = rows.filter(query.view.condition(at))
    elif query.view and query.view.apply:
        rows = query.view.apply(rows, at)
    return narrowing.narrow(rows, query.register, query.given)


def _order(query: Query) -> list[Any]:
    register = query.register
    if (query.sort, query.down) == (register.order_name, register.order_down):
        return list(register.order)
    path = F(register.column(query.sort).sort)
    # Unknown values last in both directions: nobody sorts to see what is missing.
    return [path.desc(nulls_last=True) if query.down else path.asc(nulls_last=True), "pk"]


def _view_counts(model: type[Model], register: Register, at: datetime) -> dict[str, Q]:
    conditions = {}
    for view in register.views:
        if view.count and view.condition:
            conditions[view.key] = view.condition(at)
        elif view.count and view.query and not view.apply:
            condition = narrowing.condition(
                model, register, narrowing.cleaned(register, view.query, [])
            )
            if condition is not None:
                conditions[view.key] = condition
    return conditions


def _count_views(base: QuerySet[Any], conditions: Mapping[str, Q]) -> dict[str, int]:
    if not conditions:
        return {}
    # Rows of no view are left out first: views are short work lists, and an index finds them.
    anywhere = Q()
    for condition in conditions.values():
        anywhere |= condition
    found = (
        base.filter(anywhere)
        .order_by()
        .aggregate(
            **{f"gj_view_{n}": Count("pk", filter=q) for n, q in enumerate(conditions.values())}
        )
    )
    return {key: found[f"gj_view_{n}"] for n, key in enumerate(conditions)}


# ── from a row to cells ──────────────────────────────────────────────────────────────────


def value_of(column: Column, row: Any) -> Any:
    """The value of one cell; ``None`` when it, or anything on the way to it, is not known."""
    if column.value is not None:
        return column.value(row)
    value = row
    for part in (column.path or column.name).split("."):
        value = getattr(value, part)
        if value is None:
            return None
    return value


def plain(column: Column, value: Any) -> Any:
    """The value as plain data for Excel and API: terms as label, times in Asia/Shanghai."""
    if value is None or value == "":
        return None
    if column.kind is Kind.CHOICE and column.choices is not None:
        return column.choices(value).label
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI)
    if column.kind is Kind.MONTH:
        return f"{value:%Y-%m}"
    if isinstance(value, tuple):
        return "、".join(str(one) for one in value) or None
    return value


def masked(value: Any) -> str:
    """A sensitive value with its middle hidden: ``158****2391``."""
    text = str(value)
    return f"{text[:3]}****{text[-4:]}" if len(text) > 7 else "****"  # noqa: PLR2004 — shorter texts would show themselves whole


def cells(*, columns: Sequence[Column], row: Any, reveal: bool) -> Iterator[Any]:
    """The plain values of a row, sensitive ones masked unless ``reveal``."""
    for column in columns:
        value = plain(column, value_of(column, row))
        yield masked(value) if column.sensitive and not reveal and value is not None else value
