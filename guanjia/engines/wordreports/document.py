"""A report as a Word file: title, facts, sections with sentences, tables and charts.

Letters and margins are those of official texts (GB/T 9704-2012); tables are in smaller letters.
"""

import io
from datetime import datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from guanjia.engines.printing import printable
from guanjia.engines.wordreports.charts import add_chart
from guanjia.engines.wordreports.paper import (
    Figure,
    Paper,
    Section,
    Table,
    paper_from_json,
    shown,
)

FANG, BIAO, HEI, KAI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"
TITLE, BODY, SMALL = Pt(22), Pt(16), Pt(10.5)
_LINE, _TITLE_LINE = Pt(28), Pt(34)
_WIDTH = Mm(156)
_MIDDLE = WD_ALIGN_PARAGRAPH.CENTER
# Widths of columns in half letters: of heads, of cells, at least, and beside.
_HEAD, _LONGEST, _NARROWEST, _MARGINS = 12, 44, 4, 2
_BESIDE = 60  # twips at each side of a cell
_GREY = RGBColor(0x56, 0x60, 0x72)
# What Word wants behind these properties of a paragraph.
_AFTER_SPACES = (
    "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing",
    "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment",
    "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr",
    "w:pPrChange",
)  # fmt: skip
_NUMBERS = "一二三四五六七八九十"


def docx_of(paper: Paper, *, at: datetime, byline: str = "") -> bytes:
    """The report as a Word file; ``byline`` stands under the title, ``at`` is when it was made.
    Characters that Word cannot hold are left out."""
    paper = paper_from_json(printable(paper.as_json()))
    made = _fresh(paper.title, at)
    for line in paper.lines or (paper.title,):
        _line(made, line, font=BIAO, size=TITLE, align=WD_ALIGN_PARAGRAPH.CENTER, lead=_TITLE_LINE)
    if byline:
        _line(
            made,
            printable(byline),
            font=KAI,
            size=Pt(14),
            align=WD_ALIGN_PARAGRAPH.CENTER,
            after=12,
        )
    if paper.facts:
        _facts(made, paper)
    tables, charts = 0, 0
    for number, section in enumerate(paper.sections):
        _section(made, section, _NUMBERS[number], tables=tables, charts=charts)
        tables, charts = tables + len(section.tables), charts + len(section.figures)
    for note in paper.notes:
        _line(made, note, font=FANG, size=Pt(12), colour=_GREY, lead=Pt(20))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _fresh(title: str, at: datetime) -> Document:
    made = docx.Document()
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.footer_distance = Mm(28)
    plain = made.styles["Normal"]
    _face(plain, FANG, BODY)
    plain.paragraph_format.space_after = plain.paragraph_format.space_before = Pt(0)
    for between in ("w:overflowPunct", "w:autoSpaceDE", "w:autoSpaceDN"):
        mark = OxmlElement(between)
        mark.set(qn("w:val"), "0")  # no gap between Chinese and Latin letters, no comma outside
        plain.element.get_or_add_pPr().insert_element_before(mark, *_AFTER_SPACES)
    kept = made.core_properties
    kept.author, kept.title, kept.comments = "管家", title, ""
    kept.created = kept.modified = at.replace(tzinfo=None)
    _page_number(page.footer.paragraphs[0])
    return made


def _face(styled: Any, font: str, size: Length) -> None:
    """The same face for Chinese and Latin letters."""
    styled.font.name, styled.font.size = font, size
    fonts = styled._element.get_or_add_rPr().get_or_add_rFonts()
    for part in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(part), font)


def _line(  # noqa: PLR0913 — one keyword for each thing that a line may have
    made: Any,
    text: str,
    *,
    font: str = FANG,
    size: Length = BODY,
    align: Any = None,
    colour: RGBColor | None = None,
    lead: Length = _LINE,
    indent: bool = False,
    keep: bool = False,
    after: float = 0,
) -> Any:
    """A paragraph in one face; ``indent`` by two letters, ``keep`` on the page of the next."""
    line = made.add_paragraph()
    run = line.add_run(text)
    _face(run, font, size)
    if colour is not None:
        run.font.color.rgb = colour
    form = line.paragraph_format
    form.line_spacing, form.space_after = lead, Pt(after)
    if align is not None:
        line.alignment = align
    if indent:
        form.first_line_indent = size * 2
    form.keep_with_next = keep
    return line


def _facts(made: Document, paper: Paper) -> None:
    """Pairs in two columns of a plain table."""
    pairs = list(paper.facts)
    table = made.add_table((len(pairs) + 1) // 2, 4)
    _shape(table, (Mm(24), Mm(56), Mm(24), Mm(52)))
    for place, (name, value) in enumerate(pairs):
        row, side = divmod(place, 2)
        _cell(table.cell(row, side * 2), name, align=None, font=HEI)
        _cell(table.cell(row, side * 2 + 1), value, align=None)
    _gap(made)


def _section(made: Document, section: Section, number: str, *, tables: int, charts: int) -> None:
    """A part; ``tables`` and ``charts``: how many there were before."""
    _line(made, f"{number}、{section.title}", font=HEI, indent=True, keep=True)
    for sentence in section.sentences:
        line = _line(made, sentence, indent=True)
        line.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    for place, table in enumerate(section.tables, start=tables + 1):
        _table(made, table, place)
    for place, figure in enumerate(section.figures, start=charts + 1):
        _figure(made, figure, place)


def _figure(made: Document, figure: Figure, number: int) -> None:
    line = made.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line.paragraph_format.keep_with_next = True
    line.paragraph_format.space_before = Pt(6)
    add_chart(made, line.add_run(), figure, number=number, width=_WIDTH)
    _line(
        made, f"图 {number}　{figure.title}（{figure.unit}）", font=HEI, size=SMALL,
        align=WD_ALIGN_PARAGRAPH.CENTER, lead=Pt(20), after=8,
    )  # fmt: skip


def _table(made: Document, table: Table, number: int) -> None:
    _line(
        made, f"表 {number}　{table.title}", font=HEI, size=SMALL, align=WD_ALIGN_PARAGRAPH.CENTER,
        lead=Pt(22), keep=True,
    )  # fmt: skip
    drawn = made.add_table(len(table.rows) + 1, len(table.heads))
    needs = _needs(table)
    _shape(drawn, tuple(Length(int(_WIDTH * need / sum(needs))) for need in needs))
    # Half a letter is half its size wide; where the table is too wide for its letters, they shrink.
    size = SMALL if sum(needs) * SMALL / 2 <= _WIDTH else Length(int(2 * _WIDTH / sum(needs)))
    for column, head in enumerate(table.heads):
        _cell(drawn.cell(0, column), head.whole, align=_MIDDLE, font=HEI, size=size)
    _repeat(drawn.rows[0])
    for place, row in enumerate(table.rows, start=1):
        for column, (cell, head) in enumerate(zip(row, table.heads, strict=True)):
            align = None if head.places is None else WD_ALIGN_PARAGRAPH.RIGHT
            _cell(drawn.cell(place, column), shown(cell, head), align=align, size=size)
        _whole(drawn.rows[place])
    if table.note:
        _line(made, table.note, font=SONG, size=Pt(9), colour=_GREY, lead=Pt(16))
    _gap(made)


def _needs(table: Table) -> list[int]:
    """How wide each column must be, in half letters: cells on one line, heads on two."""
    found = []
    for column, head in enumerate(table.heads):
        widest = max((_breadth(shown(row[column], head)) for row in table.rows), default=0)
        title = max(min(_breadth(head.title), _HEAD), _breadth(f"（{head.unit}）"))
        found.append(max(min(widest, _LONGEST), title, _NARROWEST) + _MARGINS)
    return found


def _breadth(text: str) -> int:
    return sum(2 if sign > "⺀" else 1 for sign in text)


def _shape(table: Any, widths: tuple[Length, ...]) -> None:
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        edge = OxmlElement(side)
        edge.set(qn("w:w"), str(_BESIDE))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption")
    for column, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(width.twips))
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _cell(cell: Any, text: str, *, align: Any, font: str = SONG, size: Length = SMALL) -> None:
    line = cell.paragraphs[0]
    _face(line.add_run(text), font, size)
    line.paragraph_format.line_spacing = Pt(17)
    if align is not None:
        line.alignment = align


def _gap(made: Document) -> None:
    made.add_paragraph().paragraph_format.line_spacing = Pt(10)


def _repeat(row: Any) -> None:
    """A head that stands on every page of its table."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _whole(row: Any) -> None:
    """A row that is not torn between two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _page_number(line: Any) -> None:
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, kind in (("— ", ""), ("", "begin"), ("PAGE", ""), ("", "end"), (" —", "")):
        run = line.add_run()
        _face(run, SONG, Pt(14))
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif text == "PAGE":
            code = OxmlElement("w:instrText")
            code.text = text
            run._r.append(code)
        else:
            run.text = text
