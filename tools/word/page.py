"""The hand that writes: letters, lines, tables and the page, as Word wants them in its XML."""

from collections.abc import Iterable
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

FANG, BIAO, HEI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"
RED = RGBColor(0xFF, 0, 0)
CENTRE, RIGHT, LEFT = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.LEFT,
)
BODY = Pt(16)  # 3 号
_ORDER = {  # the places that Word insists on
    "w:pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl pBdr tabs "
    "overflowPunct autoSpaceDE autoSpaceDN snapToGrid spacing ind jc rPr",
    "w:rPr": "rStyle rFonts b i color spacing w kern position sz szCs u lang",
    "w:sectPr": "footerReference pgSz pgMar titlePg docGrid",
    "w:tcPr": "tcW gridSpan vMerge tcBorders shd noWrap tcMar vAlign",
    "w:tblPr": "tblStyle tblpPr tblOverlap tblW jc tblBorders tblLayout tblCellMar tblLook",
    "w:trPr": "cantSplit trHeight tblHeader",
}


def put(parent: Any, tag: str, **attributes: Any) -> Any:
    """Set a child of a properties element, in the order that the schema wants."""
    for old in parent.findall(qn(tag)):
        parent.remove(old)
    made = parse_xml(f"<{tag} {nsdecls('w')}/>")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    order = [
        f"w:{name}" for name in _ORDER.get(parent.tag.replace(qn("w:x")[:-1], "w:"), "").split()
    ]
    if tag in order:
        later = {qn(name) for name in order[order.index(tag) + 1 :]}
        for place, child in enumerate(parent):
            if child.tag in later:
                parent.insert(place, made)
                return made
    parent.append(made)
    return made


def face(run: Any, font: str, size: Length, *, colour: RGBColor | None = None) -> Any:
    """Set the same face for Chinese and Latin letters of a run or style."""
    run.font.name, run.font.size = font, size
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    for part in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(part), font)
    if colour is not None:
        run.font.color.rgb = colour
    return run


def lead(line: Paragraph, twips: int, *, before: float = 0, after: float = 0) -> None:
    """An exact distance from line to line; spaces before and after in points."""
    put(
        line._p.get_or_add_pPr(), "w:spacing",
        before=round(before * 20), after=round(after * 20), line=twips, lineRule="exact",
    )  # fmt: skip


def write(
    line: Paragraph,
    text: str,
    font: str = FANG,
    size: Length = BODY,
    colour: RGBColor | None = None,
) -> Paragraph:
    """Add text in a face."""
    face(line.add_run(text), font, size, colour=colour)
    return line


def fresh(*, size: Length, twips: int, tight: int = 0) -> Document:
    """An empty document whose plain text is 仿宋 of a size on exact lines, nothing else."""
    made = docx.Document()
    body = made.element.body
    for left in list(body)[:-1]:
        body.remove(left)
    plain = made.styles["Normal"]
    face(plain, FANG, size)
    if tight:
        put(plain.element.get_or_add_rPr(), "w:spacing", val=tight)
    properties = plain.element.get_or_add_pPr()
    put(properties, "w:widowControl", val="0")
    put(properties, "w:overflowPunct", val="0")  # no comma outside the type area
    for between in ("w:autoSpaceDE", "w:autoSpaceDN"):
        put(properties, between, val="0")  # 2026年, not 2026 年
    put(properties, "w:spacing", before="0", after="0", line=twips, lineRule="exact")
    put(properties, "w:jc", val="both")
    default = made.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    put(default, "w:lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA")
    made.core_properties.author = "管家"
    made.core_properties.title = ""
    return made


def sheet(made: Document, *, margins_mm: tuple[float, float, float, float], footer: Length) -> Any:
    """A4 with margins above, right, below, left."""
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    top, right, bottom, left = margins_mm
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.footer_distance, section.header_distance = footer, Mm(15)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    return section


def border(parent: Any, edges: str, *, size: int, colour: str = "000000", space: int = 0) -> None:
    """Lines of ``size`` eighths of a point on some edges of a paragraph, cell or table."""
    for edge in edges.split():
        put(parent, f"w:{edge}", val="single", sz=size, space=space, color=colour)


def plain_table(made: Document | _Cell, rows: int, widths: Iterable[int]) -> Table:
    """A table without lines whose columns have fixed widths in twips."""
    widths = list(widths)
    table = made.add_table(rows, len(widths))
    properties = table._tbl.tblPr
    put(properties, "w:tblW", w=sum(widths), type="dxa")
    put(properties, "w:jc", val="center")
    put(properties, "w:tblLayout", type="fixed")
    margins = put(properties, "w:tblCellMar")
    for edge in ("left", "right"):
        put(margins, f"w:{edge}", w=0, type="dxa")
    for column, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(width))
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            put(cell._tc.get_or_add_tcPr(), "w:tcW", w=width, type="dxa")
    return table


def check_code(cell: _Cell, side: WD_ALIGN_PARAGRAPH) -> None:
    """The picture of the address, the code under it, and where to type it."""
    picture = cell.paragraphs[0]
    picture.alignment = side
    put(picture._p.get_or_add_pPr(), "w:spacing", before=0, after=40, line=240, lineRule="auto")
    put(picture._p.get_or_add_pPr(), "w:snapToGrid", val="0")
    write(picture, "{{ qr }}", FANG, Pt(9))
    for text, font in (
        ("核验码 {{ code }}", HEI),
        ("扫码核验，或打开", FANG),
        ("{{ place }}", FANG),
    ):
        line = write(cell.add_paragraph(), text, font, Pt(9))
        line.alignment = side
        put(line._p.get_or_add_pPr(), "w:snapToGrid", val="0")
        lead(line, 260)
