"""What the list page of a register shows, worked out from a query and a page of rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.paginator import Paginator
from django.utils.safestring import SafeString

from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.registers import listing, narrowing, views_saved
from guanjia.kernel.registers.declaration import Column, Filter, Register
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats
from guanjia.ui.registers import addresses, cells


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a select."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Field:
    """One filter in the bar."""

    name: str
    title: str
    kind: str
    settled: bool
    label: str = ""
    value: str = ""
    first: str = ""
    last: str = ""
    options: list[Option] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A view at the head of the list."""

    title: str
    url: str
    current: bool
    count: int | None = None
    drop_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a column; ``sort_url`` is empty where it cannot be sorted."""

    title: str
    unit: str
    css: str
    sort_url: str
    aria_sort: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row ready for the page; ``html`` is its cells, joined here because a page has hundreds."""

    pk: Any
    label: str
    html: SafeString


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link of the pager."""

    number: int
    url: str


# ── tabs and filters ─────────────────────────────────────────────────────────────────────


def tabs(*, query: listing.Query, page: listing.Page, actor: Actor) -> list[Tab]:
    """The declared views with their counts, then the person's own."""
    register = query.register
    base = addresses.url(register, "list")
    shown = [
        Tab(
            title=view.title,
            url=f"{base}?{urlencode({'view': view.key})}",
            current=query.view is not None and view.key == query.view.key,
            count=page.view_counts.get(view.key),
        )
        for view in listing.views(register)
    ]
    here = query.address(page=1)
    own = views_saved.of(account_id=actor.account_id, register=register.key)
    exact = any(view.query == here for view in own)
    if exact:
        # An own view that says exactly what is shown is the nearer name for it.
        shown = [Tab(title=t.title, url=t.url, current=False, count=t.count) for t in shown]
    return shown + [
        Tab(
            title=view.title,
            url=f"{base}?{view.query}",
            current=view.query == here,
            drop_url=addresses.url(register, "drop_view", view_id=view.pk),
        )
        for view in own
    ]


def fields(*, query: listing.Query, scope: Scope) -> tuple[list[Field], list[Field]]:
    """The filters of the bar, and those under 更多条件."""
    shown = [(each, _field(each, query, scope)) for each in query.register.filters]
    return [f for each, f in shown if not each.more], [f for each, f in shown if each.more]


def _field(each: Filter, query: listing.Query, scope: Scope) -> Field:
    value, dated = query.value(each.name), each.kind == "dates"
    return Field(
        name=each.name,
        title=each.title,
        kind=each.kind,
        settled=query.settled(each.name),
        label=narrowing.label(each, query.given, scope)
        if dated and query.settled(each.name)
        else "",
        value=value,
        first=query.value(f"{each.name}_from"),
        last=query.value(f"{each.name}_to"),
        options=_options(each, value, scope, query),
    )


def _options(each: Filter, value: str, scope: Scope, query: listing.Query) -> list[Option]:
    if each.kind == "choice" and each.choices is not None:
        pairs = [(str(term.value), term.label) for term in each.choices]
    elif each.kind == "pick" and each.options is not None:
        pairs = [(str(number), label) for number, label in each.options(scope)]
    elif each.kind == "unit":
        units = Unit.objects.within(scope).open().exclude(nature=Nature.SECTION)
        pairs = [
            (code, short or name)
            for code, short, name in units.order_by("position", "code").values_list(
                "code", "short_name", "name"
            )
        ]
    else:
        return []
    if value and value not in {code for code, _ in pairs}:
        # Several choices from a link, or a unit that no longer exists: still say what is set.
        pairs.insert(0, (value, narrowing.label(each, query.given, scope)))
    return [Option(value=code, label=label, chosen=code == value) for code, label in pairs]


def hidden_pairs(query: listing.Query) -> list[tuple[str, str]]:
    """What the filter form carries along besides its visible fields."""
    pairs = [("view", query.view.key)] if query.view else []
    return pairs + [p for p in parse_qsl(query.address()) if p[0] == "sort"]


# ── table ────────────────────────────────────────────────────────────────────────────────


def folds(query: listing.Query) -> bool:
    """Whether columns of less use may fold away; chosen columns stay."""
    return query.columns == listing.default_columns(query.register)


def heads(query: listing.Query) -> list[Head]:
    """The heads of the shown columns."""
    return [_head(column, query) for column in query.shown]


def _head(column: Column, query: listing.Query) -> Head:
    here = column.name == query.sort
    sortable = bool(column.sort) or (here and column.name == query.register.order_name)
    turned = f"-{column.name}" if here and not query.down else column.name
    if not column.sort:
        sortable = False
    aria = ("descending" if query.down else "ascending") if here else ""
    return Head(
        title=column.heading or column.title,
        unit=column.unit,
        css=cells.css_of(column, folds=folds(query)),
        sort_url=f"?{query.address(page=1, sort=turned)}" if sortable else "",
        aria_sort=aria,
        icon={"descending": "arrow-down", "ascending": "arrow-up"}.get(aria, ""),
    )


def rows(*, query: listing.Query, found: Any, today: date, reveal: bool) -> list[Row]:
    """The rows as cells of HTML."""
    columns = query.shown
    places = cells.phone_places(columns, query.register.order_name)
    looks = [
        (column, _opening(cells.css_of(column, folds=folds(query)), places.get(column.name, "")))
        for column in columns
    ]
    key = query.register.column(query.register.key_column)
    return [
        Row(
            pk=row.pk,
            label=str(listing.value_of(key, row) or row.pk),
            html=SafeString(
                "".join(
                    f"{opening}{cells.html_of(column, row, today=today, reveal=reveal)}</td>"
                    for column, opening in looks
                )
            ),
        )
        for row in found
    ]


def _opening(css: str, place: str) -> str:
    """The tag that opens a cell; both parts are names of ours."""
    classes = f' class="{css}"' if css else ""
    phone = f' data-phone="{place}"' if place else ""
    return f"<td{classes}{phone}>"


def totals(page: listing.Page) -> list[cells.Shown]:
    """The cells of the totals row, one for each shown column so that folding keeps them apart."""
    query, shown = page.query, []
    for number, column in enumerate(query.shown):
        css = cells.css_of(column, folds=folds(query))
        if column.total:
            value = page.totals.get(column.total)
            text = formats.NONE if value is None else _total(column, value)
        elif number == 0:
            text = f"全部 {formats.num(page.count)} {query.register.noun}合计"
        else:
            text = ""
        place = "total" if column.total else ("key" if number == 0 else "")
        named = column.total and not column.total_words
        title = (column.heading or column.title) if named else ""
        shown.append(cells.Shown(SafeString(text), css, place, title))
    return shown


def _total(column: Column, value: Any) -> str:
    whole = isinstance(value, int) or column.kind not in cells.NUMERIC
    text = formats.num(value, places=None if whole else column.places_shown)
    return column.total_words.format(value=text) if column.total_words else text


def pager(page: listing.Page) -> dict[str, Any]:
    """Links around the current page; gaps are ``None``."""
    query = page.query
    paginator = Paginator(range(page.count), query.per_page)
    numbers = paginator.get_elided_page_range(query.page, on_each_side=2, on_ends=1)
    url = {n: f"?{query.address(page=n)}" for n in (query.page - 1, query.page + 1)}
    return {
        "links": [
            Link(number=n, url=f"?{query.address(page=n)}") if isinstance(n, int) else None
            for n in numbers
        ],
        "before": url[query.page - 1] if query.page > 1 else "",
        "after": url[query.page + 1] if query.page < page.pages else "",
    }


# ── acts ─────────────────────────────────────────────────────────────────────────────────


def acts(*, register: Register, actor: Actor, query: listing.Query) -> dict[str, str]:
    """Where the acts of the head lead; an act the person may not use is empty."""
    here = query.address(page=1)
    base = addresses.url(register, "list")
    may_take = register.write_rows is not None and actor.can(register.take)
    create = register.create_url or (
        addresses.url_name(register, "new") if register.entry is not None else ""
    )
    may_create = create and actor.can(register.create_verb or register.take)
    label = register.entry.label if register.entry is not None else ""
    return {
        "print": f"{base}?{here}{'&' if here else ''}print=1",
        "import": addresses.url(register, "import") if may_take else "",
        "export": f"{addresses.url(register, 'export')}?{here}".rstrip("?"),
        "create": addresses.maybe(create) if may_create else "",
        "create_label": register.create_label or label,
    }


def batch(*, register: Register, actor: Actor) -> list[tuple[str, str]]:
    """Label and address of the acts allowed on ticked rows."""
    return [
        (label, url)
        for label, name, verb in register.batch_acts
        if actor.can(verb) and (url := addresses.maybe(name))
    ]


def clear_url(query: listing.Query) -> str:
    """The list without any condition but the view's own."""
    base = addresses.url(query.register, "list")
    return f"{base}?{urlencode({'view': query.view.key if query.view else listing.ALL})}"


@dataclass(frozen=True, kw_only=True)
class ColumnChoice:
    """One line of the column chooser."""

    name: str
    title: str
    chosen: bool


def column_choices(query: listing.Query) -> list[ColumnChoice]:
    """Every column, and whether it is shown."""
    return [
        ColumnChoice(name=c.name, title=c.heading or c.title, chosen=c.name in query.columns)
        for c in query.register.columns
    ]


def pairs(text: str) -> list[tuple[str, str]]:
    """A query string as pairs, bounded; what cannot be read is left out."""
    return parse_qsl(text[: views_saved.QUERY_MAX], keep_blank_values=True)[:50]


def printline(*, page: listing.Page, actor: Actor, at: datetime, verb: str = "打印") -> str:
    """``日期 2020-05-01 至 05-20，共 247 单。熊燕欣 2020-05-20 11:55 打印``."""
    condition = page.query.condition_line(actor.scope(page.query.register.see))
    count = f"共 {formats.num(page.count)} {page.query.register.noun}"
    when = formats.daytime(at, style="iso")
    return f"{condition}{'，' if condition else ''}{count}。{actor.name} {when} {verb}"


def too_many(page: listing.Page) -> str:
    """Why an export was not made."""
    noun, limit = page.query.register.noun, formats.num(listing.EXPORT_MAX)
    count = formats.num(page.count)
    return f"没有导出：共 {count} {noun}，一次最多 {limit} {noun}，收窄条件再导出。"
