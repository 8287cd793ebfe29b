"""A sheet to be filled in and signed: what 派车单 and 结算单 have in common."""

from collections.abc import Iterable

from docx.document import Document
from docx.shared import Mm, Pt
from docx.table import Table

from word.page import (
    BIAO,
    CENTRE,
    FANG,
    HEI,
    LEFT,
    RIGHT,
    border,
    check_code,
    fresh,
    lead,
    plain_table,
    put,
    sheet,
    write,
)

LINE_TWIPS = 340
WIDTHS = (1350, 3468, 1350, 3468)
_PAIR = 2  # one term and its value


def blank(title: str) -> Document:
    """An A4 sheet with its issuer and title."""
    made = fresh(size=Pt(12), twips=LINE_TWIPS)
    sheet(made, margins_mm=(22, 20, 16, 20), footer=Mm(8))
    issuer = write(made.add_paragraph(), "{{ issuer }}", BIAO, Pt(16))
    issuer.alignment = CENTRE
    lead(issuer, 440)
    heading = write(made.add_paragraph(), title, BIAO, Pt(22))
    heading.alignment = CENTRE
    lead(heading, 600, after=6)
    return made


def pairs(made: Document, rows: tuple[tuple[str, str], ...], widths: tuple[int, int]) -> None:
    """Rows of two facts, one at each edge, above what the sheet is about."""
    table = plain_table(made, len(rows), widths)
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text, side in zip(row.cells, texts, (LEFT, RIGHT), strict=True):
            line = write(cell.paragraphs[0], text, FANG, Pt(12))
            line.alignment = side
            lead(line, 400)
    lead(made.add_paragraph(), 20)  # else the two tables would become one


def grid(made: Document, rows: Iterable[tuple[str, ...]], *, hand: bool = False) -> None:
    """Terms in 黑体 at the left of their values; a row of one term spans the table."""
    rows = list(rows)
    table = plain_table(made, len(rows), WIDTHS)
    lines(table)
    for row, texts in zip(table.rows, rows, strict=True):
        put(row._tr.get_or_add_trPr(), "w:cantSplit")
        put(row._tr.get_or_add_trPr(), "w:trHeight", val=560 if hand else 500, hRule="atLeast")
        cells = list(row.cells)
        if len(texts) == _PAIR:
            cells = [cells[0], cells[1].merge(cells[3])]
        for place, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            term = place % 2 == 0
            line = write(
                cell.paragraphs[0], text, HEI if term else FANG, Pt(11) if term else Pt(12)
            )
            line.alignment = (
                CENTRE if term else (RIGHT if hand and text.endswith(("里", "元")) else LEFT)
            )
            put(cell._tc.get_or_add_tcPr(), "w:vAlign", val="center")
            if hand:  # what is filled in by hand stays on one page with the signatures
                put(line._p.get_or_add_pPr(), "w:keepNext")


def lines(table: Table, *, tight: bool = False) -> None:
    """The lines of a table, and how far what it says stands from them."""
    edges = put(table._tbl.tblPr, "w:tblBorders")
    border(edges, "top left bottom right", size=8)
    border(edges, "insideH insideV", size=4)
    margins = put(table._tbl.tblPr, "w:tblCellMar")
    high, wide = (40, 60) if tight else (50, 100)
    for edge, twips in (("top", high), ("left", wide), ("bottom", high), ("right", wide)):
        put(margins, f"w:{edge}", w=twips, type="dxa")


def gap(made: Document, text: str) -> None:
    """A heading between two tables."""
    line = write(made.add_paragraph(), text, HEI, Pt(11))
    lead(line, LINE_TWIPS, before=6, after=2)
    put(line._p.get_or_add_pPr(), "w:keepNext")


def signs(made: Document, who: tuple[str, ...]) -> None:
    """A box for each who signs."""
    table = plain_table(made, 1, (3212,) * len(who))
    lines(table)
    row = table.rows[0]
    put(row._tr.get_or_add_trPr(), "w:cantSplit")
    put(row._tr.get_or_add_trPr(), "w:trHeight", val=1080, hRule="atLeast")
    for cell, name in zip(row.cells, who, strict=True):
        write(cell.paragraphs[0], name, HEI, Pt(11))
        day = write(cell.add_paragraph(), "年　　月　　日", FANG, Pt(11))
        day.alignment = RIGHT
        lead(day, LINE_TWIPS, before=16)


def foot(made: Document, notes: tuple[str, ...]) -> None:
    """Who issued it and what holds, and at the right the code."""
    lead(made.add_paragraph(), 160)
    table = plain_table(made, 1, (6636, 3000))
    put(table.rows[0]._tr.get_or_add_trPr(), "w:cantSplit")
    left, code = table.rows[0].cells
    for place, text in enumerate(("签发　{{ issued_by }}　{{ issued_on }}", *notes)):
        line = left.paragraphs[0] if place == 0 else left.add_paragraph()
        write(line, text, FANG, Pt(11))
        put(line._p.get_or_add_pPr(), "w:ind", right=400)
    check_code(code, RIGHT)
    lead(made.add_paragraph(), 20)
