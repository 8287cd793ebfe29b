"""From the rows of a sheet to values and a complete list of faults: every cell, every row."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from guanjia.kernel.registers import cells, unfolding
from guanjia.kernel.registers.cells import Raw
from guanjia.kernel.registers.declaration import Column, Fault, ImportRow, Kind, Register
from guanjia.kernel.registers.sheets import Progress, Sheet, SheetRow
from guanjia.kernel.values.actor import Actor

_TELL_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """A row as it stands in the file: Excel's row number, and what each cell shows by name."""

    number: int
    texts: Mapping[str, str]


@dataclass(kw_only=True)
class Preview:
    """A whole file, read and judged; nothing is written.

    ``columns``: the register columns that stand in the file, in the file's order. ``rows``: every
    row that was read. ``ready``: the rows without any fault, as ``write_rows`` takes them.
    ``sheet`` is empty when the file could not be read at all; then ``errors`` holds one fault with
    row 0. Faults of the whole header have the header's row number.
    """

    register: Register
    sheet: str = ""
    header_row: int = 0
    columns: list[Column] = field(default_factory=list)
    rows: list[PreviewRow] = field(default_factory=list)
    errors: list[Fault] = field(default_factory=list)
    doubts: list[Fault] = field(default_factory=list)
    ready: list[ImportRow] = field(default_factory=list)
    digest: str = ""

    @property
    def faulty_numbers(self) -> set[int]:
        """Excel's numbers of the rows that have at least one error."""
        return {fault.row for fault in self.errors} & {row.number for row in self.rows}

    @property
    def by_reason(self) -> list[tuple[str, int]]:
        """Error code and how often, the most frequent first."""
        return Counter(fault.code for fault in self.errors).most_common()


def judge(
    *, register: Register, sheet: Sheet, actor: Actor, progress: Progress | None = None
) -> Preview:
    """Read every cell, resolve codes, find doubles, and ask the department about the rest.

    Reads the database (references, ``check_rows``), writes nothing, raises nothing for bad data.
    """
    columns = [c for c in register.importable() if c.name in sheet.positions]
    columns.sort(key=lambda column: sheet.positions[column.name])
    preview = Preview(
        register=register,
        sheet=sheet.name,
        header_row=sheet.header_row,
        columns=columns,
        errors=list(sheet.errors),
        doubts=list(sheet.doubts),
    )
    if sheet.blocked:
        return preview
    table = _Table(register, sheet)
    for done, row in enumerate(sheet.rows, start=1):
        table.take(row)
        if progress is not None and done % _TELL_EVERY == 0:
            progress(done, len(sheet.rows), "核对")
    table.resolve_references()
    table.find_doubles()
    preview.ready = table.sound_rows()
    _ask_department(preview, table, actor)
    preview.errors += table.errors
    preview.doubts += table.doubts
    preview.rows = table.rows
    if sheet.origins:
        _tell_there(preview, sheet)
    _settle(preview)
    if progress is not None:
        progress(len(sheet.rows), len(sheet.rows), "核对")
    return preview


def _ask_department(preview: Preview, table: "_Table", actor: Actor) -> None:
    if preview.register.check_rows is None or not preview.ready:
        return
    checked = preview.register.check_rows(preview.ready, actor)
    for fault in checked.errors:
        table.errors.append(table.completed(fault))
        table.faulty.add(fault.row)
    table.doubts += [table.completed(fault) for fault in checked.doubts]
    preview.ready = [row for row in preview.ready if row.number not in table.faulty]


def _tell_there(preview: Preview, sheet: Sheet) -> None:
    """Rows and faults of a table laid out otherwise, by the places people see."""
    names = {column.title: column.name for column in preview.register.columns}
    preview.errors = [unfolding.told_there(fault, sheet.origins, names) for fault in preview.errors]
    preview.doubts = [unfolding.told_there(fault, sheet.origins, names) for fault in preview.doubts]
    preview.rows = [replace(row, number=row.number % unfolding.STRIDE) for row in preview.rows]


def _settle(preview: Preview) -> None:
    """In the file's order; one error per cell, the first that was found."""
    places = {column.title: place for place, column in enumerate(preview.columns)}

    def order(fault: Fault) -> tuple[int, int]:
        return fault.row, places.get(fault.column, -1)

    first: dict[tuple[str, int, str], Fault] = {}
    for fault in preview.errors:
        first.setdefault((fault.sheet, fault.row, fault.column), fault)
    preview.errors = sorted(first.values(), key=order)
    preview.doubts.sort(key=order)


class _Table:
    """The rows while they are being judged."""

    def __init__(self, register: Register, sheet: Sheet) -> None:
        self.register, self.sheet = register, sheet
        # Columns that are missing in the file read as empty cells; the header's error stands.
        self.columns = [
            c for c in register.importable() if not c.optional or c.name in sheet.positions
        ]
        self.rows: list[PreviewRow] = []
        self.values: dict[int, dict[str, Any]] = {}
        self.codes: dict[str, dict[int, str]] = {
            column.name: {} for column in self.columns if column.kind is Kind.REFERENCE
        }
        self.errors: list[Fault] = []
        self.doubts: list[Fault] = []
        self.faulty: set[int] = set()
        self.bad_cells: set[tuple[int, str]] = set()

    def take(self, row: SheetRow) -> None:
        """Read the cells of one row."""
        texts: dict[str, str] = {}
        values: dict[str, Any] = {}
        for column in self.columns:
            raw = row.cells.get(self.sheet.positions.get(column.name, 0))
            texts[column.name] = cells.shown(raw)
            values[column.name] = self._read(column, raw, row.number, texts[column.name])
        self.rows.append(PreviewRow(number=row.number, texts=texts))
        self.values[row.number] = values

    def _read(self, column: Column, raw: Raw, number: int, text: str) -> Any:
        must = column.name == self.register.key_column
        reading = cells.read(column, raw, must=must, epoch_1904=self.sheet.epoch_1904)
        if reading.faulty:
            self._refuse(column, number, text, reading.code, reading.message)
        elif reading.doubt:
            self.doubts.append(
                self.sheet.fault(number, column.title, reading.code, reading.message, text)
            )
        if column.kind is Kind.REFERENCE and reading.value is not None:
            self.codes[column.name][number] = reading.value
        return reading.value

    def _refuse(self, column: Column, number: int, text: str, code: str, message: str) -> None:
        self.errors.append(self.sheet.fault(number, column.title, code, message, text))
        self.faulty.add(number)
        self.bad_cells.add((number, column.name))

    def resolve_references(self) -> None:
        """Turn codes into objects: one look-up for each column, however many rows."""
        for column in self.columns:
            codes = self.codes.get(column.name)
            if codes is None or column.reference is None:
                continue
            if column.many:
                self._resolve_many(column, column.reference, codes)
                continue
            found = column.reference(sorted(set(codes.values()))) if codes else {}
            for number, code in codes.items():
                if code in found:
                    self.values[number][column.name] = found[code]
                else:
                    message = column.missing.format(value=code)
                    self._refuse(column, number, code, column.missing_code, message)

    def _resolve_many(
        self,
        column: Column,
        reference: Callable[[Collection[str]], Mapping[str, Any]],
        codes: Mapping[int, str],
    ) -> None:
        """Every code of every cell, in one look-up; a fault names each that is unknown."""
        named = {number: cells.several(text) for number, text in codes.items()}
        wanted = sorted({code for several in named.values() for code in several})
        found = reference(wanted) if wanted else {}
        for number, values in self.values.items():
            several = named.get(number, ())
            values[column.name] = tuple(found[code] for code in several if code in found)
            if unknown := [code for code in several if code not in found]:
                message = column.missing.format(value="、".join(unknown))
                self._refuse(column, number, codes[number], column.missing_code, message)

    def find_doubles(self) -> None:
        """Name the later of two rows with the same key; unreadable keys are not compared."""
        for column in self.columns:
            if column.unique or column.name == self.register.key_column:
                self._find_doubles(column)

    def _find_doubles(self, column: Column) -> None:
        first: dict[Any, int] = {}
        codes = self.codes.get(column.name)
        for row in self.rows:
            number = row.number
            value = codes.get(number) if codes is not None else self.values[number][column.name]
            if value in (None, "") or (number, column.name) in self.bad_cells:
                continue
            if column.name == self.register.key_column and self.register.key_with:
                if any((number, name) in self.bad_cells for name in self.register.key_with):
                    continue
                # A column that the file need not have may be part of the key.
                beside = (self.values[number].get(name) for name in self.register.key_with)
                value = (value, *beside)
            if first.setdefault(value, number) != number:
                self._refuse(
                    column,
                    number,
                    row.texts[column.name],
                    column.duplicate_code,
                    f"与第 {first[value]} 行相同",
                )

    def sound_rows(self) -> list[ImportRow]:
        """The rows without a fault of their own."""
        key = self.register.key_column
        keys = frozenset(values[key] for values in self.values.values() if values[key])
        return [
            ImportRow(number=row.number, values=self.values[row.number], raw=row.texts, keys=keys)
            for row in self.rows
            if row.number not in self.faulty
        ]

    def completed(self, fault: Fault) -> Fault:
        """A department's fault with the sheet and what stands in the cell, where it left them."""
        return replace(
            fault, sheet=fault.sheet or self.sheet.name, value=fault.value or self._text(fault)
        )

    def _text(self, fault: Fault) -> str:
        raw = self._texts_by_number().get(fault.row, {})
        names = [column.name for column in self.columns if column.title == fault.column]
        return raw.get(names[0], "") if names else ""

    def _texts_by_number(self) -> Mapping[int, Mapping[str, str]]:
        if not hasattr(self, "_by_number"):
            self._by_number = {row.number: row.texts for row in self.rows}
        return self._by_number


def rows_with(
    *, rows: Sequence[ImportRow], columns: Iterable[Column], shown: Mapping[str, str]
) -> list[tuple[ImportRow, Column]]:
    """Rows in which a database column of ``shown`` stands with that very text, with the column."""
    return [
        (row, column)
        for column in columns
        for name in (column.name, f"{column.name}_id", column.path.replace(".", "__"))
        if name in shown
        for row in rows
        if row.raw.get(column.name) == shown[name]
    ]
