"""Declarations of registers (台账): columns, filters, views, and the door for Excel rows."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.term import Term

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from guanjia.kernel.registers.unfolding import Unfold


class Kind(Term):
    """How a column's cells are read from Excel, shown and written back."""

    TEXT = "TEXT", "文字"
    INTEGER = "INTEGER", "整数"
    DECIMAL = "DECIMAL", "小数"
    DATE = "DATE", "日期"
    MONTH = "MONTH", "月份"
    DATETIME = "DATETIME", "日期时间"
    CHOICE = "CHOICE", "选项"
    REFERENCE = "REFERENCE", "编码"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong (error) or odd (doubt) with one cell; ``row`` is Excel's row number."""

    row: int
    column: str
    value: str
    code: str
    message: str
    sheet: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportRow:
    """A row whose cells could all be read: values by column name, references as objects.

    ``keys``: the keys that stand in the file, also in rows with a fault, which are not handed on:
    who names one of them is not to blame for that fault.
    """

    number: int
    values: Mapping[str, Any]
    raw: Mapping[str, str]
    keys: Collection[Any] = ()


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a department says of rows that were read: errors refuse the file, doubts do not."""

    errors: Sequence[Fault] = ()
    doubts: Sequence[Fault] = ()


@dataclass(frozen=True, kw_only=True)
class Written:
    """How many rows an import created, updated and left unchanged."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @classmethod
    def of(cls, counts: tuple[int, int, int]) -> "Written":
        """From what an action of entering returns: created, updated, unchanged."""
        return cls(created=counts[0], updated=counts[1], unchanged=counts[2])


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a register: in the list, in Excel both ways, and in the API.

    ``name``: key of the cell in rows, filters, API. ``title``: the Excel header, to the letter.
    ``path``: attribute path from a row (``a.b``), default the name; ``value`` overrides it with a
    function of the row. ``sort``: ORM path to order by. ``heading``: shorter title on screen.
    ``reference``: looks many codes up at once, code → object; ``missing`` is the sentence for an
    unknown code with ``{value}``. ``many``: a cell names several codes (``D045005、D045006``, also
    ， , ; ； / and blanks between them); its value is a tuple of objects, empty for an empty cell,
    each code once; a value that is a tuple is shown and exported joined by 、.
    ``places``: how many decimals are read and exported; ``shown``: how many are on screen, where
    those are fewer. ``check``: value → sentence or ``None`` (code ``check_code``).
    ``wide``: text that a row is read for; on screen it wraps instead of being cut.
    ``fold``: 0 always shown, 1 hidden below 1400 px, 2 when chosen. ``imported=False``: derived
    column, not in the template; a file that has it anyway is fine (an export comes back in).
    ``optional=True``: a file may leave the column out, then rows say nothing about it: their values
    lack the name.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    heading: str = ""
    path: str = ""
    value: Callable[[Any], Any] | None = None
    sort: str = ""
    unit: str = ""
    total: str = ""  # aggregate key in Register.totals that belongs under this column
    total_words: str = ""  # how the total reads on screen, with ``{value}``: 已办结 {value} 单
    link: str = ""  # url name that takes the row's pk
    link_dated: bool = False  # its page takes ``?on=``: rows ``asked`` for a day open as of it
    widget: str = ""  # template of the cell on screen; default by kind
    fold: int = 0
    wide: bool = False
    imported: bool = True
    optional: bool = False
    required: bool = False
    unique: bool = False
    choices: type[Term] | None = None
    reference: Callable[[Collection[str]], Mapping[str, Any]] | None = None
    many: bool = False
    missing: str = "名录中没有 {value}"
    missing_code: str = "reference_unknown"
    check: Callable[[Any], str | None] | None = None
    check_code: str = "value_invalid"
    clean: Callable[[str], str] | None = None  # normalise text before everything else
    minimum: Decimal | int | None = None
    above: Decimal | int | None = None  # must be greater than
    maximum: Decimal | int | None = None
    places: int = 2
    shown: int | None = None
    max_length: int = 200
    example: str = ""
    duplicate_code: str = "duplicate"
    sensitive: bool = False  # masked on screen; whole only with the register's `reveal` verb
    model_field: str = ""  # the field it shows, as ``app.model.field``; set by ``fields.of``

    @property
    def places_shown(self) -> int:
        """How many decimals a page shows."""
        return self.places if self.shown is None else self.shown


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A filter over a list: a choice, a text search, a date range, or a subtree of units.

    ``kind`` is one of ``choice``, ``text``, ``dates``, ``unit``, ``pick``, ``day``. ``path`` is the
    ORM path; a ``dates`` filter on a datetime field compares in Asia/Shanghai, both days inclusive
    on screen. ``pick``: one of the ``options`` that the database knows (number, label), compared
    as a whole number. ``day``: leaves nothing out, but shows the rows as they stood on that day
    (see ``Register.rows_on``); at most one of a register.
    """

    name: str
    title: str
    kind: str
    path: str = ""
    choices: type[Term] | None = None
    apply: "Callable[[QuerySet[Any], Any], QuerySet[Any]] | None" = None
    more: bool = False  # under 更多条件
    options: "Callable[[Scope], Sequence[tuple[int, str]]] | None" = None


@dataclass(frozen=True, kw_only=True)
class View:
    """A ready-made view (tab): a name and the filter values it sets; counted when ``count``."""

    key: str
    title: str
    query: Mapping[str, str] = field(default_factory=dict)
    apply: "Callable[[QuerySet[Any], datetime], QuerySet[Any]] | None" = None
    condition: "Callable[[datetime], Any] | None" = None  # a Q for counting all views in one query
    count: bool = True


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page on which one row is typed (登记), read and judged as a row of a file is.

    ``label``: its button. ``suggest``: column name → scope of ``take`` → what may be chosen while
    typing. ``complete``: the typed texts, that scope → the texts as they are read, for what a page
    need not ask; may raise ``Refused`` at a column. ``behind``: columns that stand last and may be
    left empty here. ``must``: columns that a page has to have. ``help``: by column, what to know.
    ``today``: columns that begin as today.
    """

    label: str
    suggest: "Mapping[str, Callable[[Scope], Sequence[str]]]" = field(default_factory=dict)
    complete: "Callable[[Mapping[str, str], Scope], Mapping[str, str]] | None" = None
    behind: Sequence[str] = ()
    must: Sequence[str] = ()
    help: Mapping[str, str] = field(default_factory=dict)
    today: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Register:
    """A register, declared once: list page, filters, totals, Excel in and out, print, API.

    ``see``/``take``: the verbs needed to look and to import. ``rows``: scope → query set.
    ``rows_on``: for a ledger that can be read as of any day: (scope, day) → query set; the day is
    that of the register's ``day`` filter, else today, which is what ``rows`` gives.
    ``totals``: aggregate expressions by key, computed over *all* filtered rows; ``totals_of`` adds
    those that lie in rows of their own, which a join would count twice: filtered rows → values.
    ``entry``: rows may also be typed one by one, on a page of its own.
    ``check_rows`` judges rows together and against the database; ``write_rows`` is the one action
    through which rows enter, also from forms, jobs and the demo. ``unfold`` understands tables that
    tell the same rows laid out otherwise (see ``unfolding``).
    """

    key: str
    title: str
    noun: str  # measure word for counts: 单, 辆, 人
    columns: Sequence[Column]
    key_column: str
    rows: "Callable[[Scope], QuerySet[Any]]"
    see: str
    take: str
    filters: Sequence[Filter] = ()
    views: Sequence[View] = ()
    order: Sequence[str] = ("pk",)
    order_name: str = ""  # name of the column by which the list is sorted at first
    order_down: bool = False
    totals: Mapping[str, Any] = field(default_factory=dict)
    totals_of: "Callable[[QuerySet[Any]], Mapping[str, Any]] | None" = None
    check_rows: "Callable[[Sequence[ImportRow], Actor], Checked] | None" = None
    write_rows: (
        "Callable[..., Written] | None"  # (*, actor, rows: Sequence[ImportRow], at) -> Written
    ) = None
    place: int = 100  # order of import: things before what happens to them
    url: str = ""  # url name of the list page
    create_url: str = ""
    create_label: str = ""
    create_verb: str = ""
    key_with: Sequence[str] = ()  # columns that make the key of a row together with the key column
    rows_on: "Callable[[Scope, date], QuerySet[Any]] | None" = None
    unfold: "Unfold | None" = None
    entry: Entry | None = None
    reveal: str = ""
    batch_acts: Sequence[tuple[str, str, str]] = ()  # (label, url name, verb)

    def column(self, name: str) -> Column:
        """The column of this name; ``KeyError`` when there is none."""
        return {column.name: column for column in self.columns}[name]

    def fault(self, row: ImportRow, column: str, code: str, message: str) -> Fault:
        """A fault of one cell of a row that was read, by the column's name."""
        return Fault(
            row=row.number,
            column=self.column(column).title,
            value=row.raw.get(column, ""),
            code=code,
            message=message,
        )

    def importable(self) -> list[Column]:
        """The columns that an Excel file has; the optional ones may be left out."""
        return [column for column in self.columns if column.imported]


def no_rows(_: Iterable[ImportRow], __: Actor) -> Checked:
    """For registers whose rows need no judging together."""
    return Checked()
