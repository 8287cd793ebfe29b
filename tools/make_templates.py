"""Build the Word templates of the vouchers again, so that a change of layout can be reviewed.

    python tools/make_templates.py            # writes the .docx files below guanjia/
    python tools/make_templates.py --check    # compares only

The results are committed; a bureau edits a copy of them in Word. Two runs give the same bytes.
Sizes of official texts are those of GB/T 9704-2012, see docs/kernel/vouchers.md.
"""

import argparse
import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

HOUSE = Path(__file__).resolve().parent.parent / "guanjia"
FANG, BIAO, HEI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"
RED = RGBColor(0xFF, 0, 0)
CENTRE, RIGHT, LEFT = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.LEFT,
)
PITCH_TWIPS = 579  # 28.95 pt: 22 lines are 636.9 pt, the type area is 637.8 pt high
TYPE_TWIPS = 8845  # 156 mm
BODY = Pt(16)  # 3 号
# 16 pt letters stand 15.79 pt apart, so that 28 fill a line of 156 mm. Set as spacing of
# the letters: LibreOffice gives a letter wider than its cell of the grid two cells.
TIGHT_TWENTIETHS = -5
GRID_4096THS = -841
WHEN = (2020, 1, 1, 0, 0, 0)
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


# ── official texts (GB/T 9704-2012) ──────────────────────────────────────────────────────


def official() -> Document:
    """The page of an official text, with its page numbers; no text yet."""
    made = fresh(size=BODY, twips=PITCH_TWIPS, tight=TIGHT_TWENTIETHS)
    # The dash of the page number stands 7 mm below the type area, so 28 mm above the edge.
    section = sheet(made, margins_mm=(37, 26, 35, 28), footer=Mm(25.4))
    put(section._sectPr, "w:docGrid", type="lines", linePitch=PITCH_TWIPS, charSpace=GRID_4096THS)
    made.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        footer.paragraphs[0].style = made.styles["Normal"]
        _page_number(footer.paragraphs[0], side)
    return made


def _page_number(line: Paragraph, side: str) -> None:
    line.alignment = RIGHT if side == "right" else LEFT
    lead(line, 280)
    put(line._p.get_or_add_pPr(), "w:ind", **{side: 280})  # one letter of 14 pt
    write(line, "— ", SONG, Pt(14))
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("text", "1"), ("end", "")):
        run = face(line.add_run(text if kind == "text" else ""), SONG, Pt(14))
        if kind in ("begin", "separate", "end"):
            run._element.append(parse_xml(f'<w:fldChar {nsdecls("w")} w:fldCharType="{kind}"/>'))
        elif not kind:
            run._element.append(parse_xml(f"<w:instrText {nsdecls('w')}>{text}</w:instrText>"))
    write(line, " —", SONG, Pt(14))


def _head(made: Document) -> None:
    """发文机关标志, 发文字号 and the red line; then the title."""
    mark = write(made.add_paragraph(), "{{ issuer }}", BIAO, Pt(32), RED)
    mark.alignment = CENTRE
    lead(mark, 800, before=MARK_BEFORE)
    number = made.add_paragraph()
    for _ in range(2):
        number.alignment = CENTRE
        number = made.add_paragraph()
    write(number, "{{ number }}").alignment = CENTRE
    properties = number._p.get_or_add_pPr()
    edges = put(properties, "w:pBdr")
    border(edges, "bottom", size=12, colour="FF0000", space=11)  # 4 mm below the number
    for _ in range(2):
        made.add_paragraph()
    title = write(made.add_paragraph(), "{{ title }}", BIAO, Pt(22))
    title.alignment = CENTRE
    lead(title, 680)
    made.add_paragraph()


MARK_BEFORE = 83.3  # so that the upper edge of the letters is 35 mm below that of the type area


def _indented(line: Paragraph) -> Paragraph:
    put(line._p.get_or_add_pPr(), "w:ind", firstLine=640, firstLineChars=200)
    return line


def allocation() -> Document:
    """办公用房调配使用凭证: an official text with a table of facts, seal, code and 版记."""
    made = official()
    _head(made)
    write(made.add_paragraph(), "{{ unit }}：")
    made.add_paragraph("{%p for sentence in sentences %}")
    # A short last sentence goes along with the signature: no page bears a signature without text.
    made.add_paragraph("{%p if loop.last and not loop.first and sentence|length < 100 %}")
    last = _indented(write(made.add_paragraph(), "{{ sentence }}"))
    made.add_paragraph("{%p else %}")
    _indented(write(made.add_paragraph(), "{{ sentence }}"))
    made.add_paragraph("{%p endif %}")
    made.add_paragraph("{%p endfor %}")
    for line in (last, made.add_paragraph()):
        put(line._p.get_or_add_pPr(), "w:keepNext")
    _signature(made)
    _imprint(made)
    return made


def _plain_table(made: Document | _Cell, rows: int, widths: Iterable[int]) -> Table:
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


def _signature(made: Document) -> None:
    """The code at the left; at the right issuer and date, whose end is four letters from the edge.

    Both stand in the middle of a cell that ends at the edge, so that a long name stays above its
    date; a date of ten signs is 101 pt wide.
    """
    table = _plain_table(made, 1, (4255, 4590))
    put(table.rows[0]._tr.get_or_add_trPr(), "w:cantSplit")
    code, seal = table.rows[0].cells
    check_code(code, LEFT)
    put(seal._tc.get_or_add_tcPr(), "w:vAlign", val="bottom")
    lines = [seal.paragraphs[0], seal.add_paragraph()]
    for line, text in zip(lines, ("{{ issuer }}", "{{ issued_on }}"), strict=True):
        write(line, text).alignment = CENTRE
    for line in (*code.paragraphs, *lines):
        put(line._p.get_or_add_pPr(), "w:keepNext")


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


def _imprint(made: Document) -> None:
    """版记 at the foot of the last page: a frame of its own, with lines of 0.35 mm."""
    line = made.add_paragraph()
    properties = line._p.get_or_add_pPr()
    put(
        properties, "w:framePr", w=TYPE_TWIPS, hSpace=0, wrap="notBeside", hAnchor="margin",
        vAnchor="margin", xAlign="left", yAlign="bottom",
    )  # fmt: skip
    border(put(properties, "w:pBdr"), "top bottom", size=8, space=3)
    stops = put(properties, "w:tabs")
    put(stops, "w:tab", val="right", pos=TYPE_TWIPS - 280)
    lead(line, 360)
    put(properties, "w:ind", left=280, right=280)
    write(line, "{{ issuer }}\t{{ issued_on }}印发", FANG, Pt(14)).alignment = LEFT
    lead(made.add_paragraph(), 20)  # the text that the frame hangs on


# ── the sheet of a car ───────────────────────────────────────────────────────────────────

LINE_TWIPS = 340


def trip_sheet() -> Document:
    """公务用车派车单: one A4 page to be carried in the car, the odometer filled in by hand."""
    made = fresh(size=Pt(12), twips=LINE_TWIPS)
    sheet(made, margins_mm=(22, 20, 16, 20), footer=Mm(8))
    _sheet_head(made)
    widths = (1350, 3468, 1350, 3468)
    rows: tuple[tuple[str, ...], ...] = (
        ("用车单位", "{{ unit }}"),
        ("用车人", "{{ rider }}", "乘车人数", "{{ passengers }}"),
        ("用途", "{{ purpose }}"),
        ("事由", "{{ reason }}"),
        ("行程", "{{ route }}"),
        ("计划出车", "{{ planned_from }}", "计划返回", "{{ planned_to }}"),
        ("号牌号码", "{{ plate }}", "品牌型号", "{{ make }}"),
        ("驾驶员", "{{ driver }}", "准驾车型", "{{ licence }}"),
        ("审批", "{{ approval }}"),
        ("备注", "{{ remark }}"),
    )
    _grid(made, rows, widths)
    _gap(made, "出车收车（由驾驶员填写）")
    by_hand = (
        ("出车时间", "　　月　　日　　时　　分", "出车里程", "公里"),
        ("收车时间", "　　月　　日　　时　　分", "收车里程", "公里"),
        ("途经地点", ""),
        ("过路停车", "元", "加油", "升　　　　　　　　元"),
    )
    _grid(made, by_hand, widths, hand=True)
    _gap(made, "签字")
    _signs(made, ("调度员", "驾驶员", "用车人"))
    _sheet_foot(made)
    return made


def _sheet_head(made: Document) -> None:
    issuer = write(made.add_paragraph(), "{{ issuer }}", BIAO, Pt(16))
    issuer.alignment = CENTRE
    lead(issuer, 440)
    title = write(made.add_paragraph(), "公务用车派车单", BIAO, Pt(22))
    title.alignment = CENTRE
    lead(title, 600, after=6)
    table = _plain_table(made, 1, (4818, 4818))
    for cell, text, side in zip(
        table.rows[0].cells, ("{{ number }}", "派车单号　{{ trip }}"), (LEFT, RIGHT), strict=True
    ):
        line = write(cell.paragraphs[0], text, FANG, Pt(12))
        line.alignment = side
        lead(line, 400)
    lead(made.add_paragraph(), 20)  # else the two tables would become one


def _grid(
    made: Document, rows: Iterable[tuple[str, ...]], widths: tuple[int, ...], *, hand: bool = False
) -> None:
    """Terms in 黑体 at the left of their values; a row of one term spans the table."""
    rows = list(rows)
    table = _plain_table(made, len(rows), widths)
    _lines(table)
    for row, texts in zip(table.rows, rows, strict=True):
        put(row._tr.get_or_add_trPr(), "w:cantSplit")
        put(row._tr.get_or_add_trPr(), "w:trHeight", val=560 if hand else 500, hRule="atLeast")
        cells = list(row.cells)
        if len(texts) == 2:  # noqa: PLR2004 — one term and its value
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


def _lines(table: Table) -> None:
    edges = put(table._tbl.tblPr, "w:tblBorders")
    border(edges, "top left bottom right", size=8)
    border(edges, "insideH insideV", size=4)
    margins = put(table._tbl.tblPr, "w:tblCellMar")
    for edge, twips in (("top", 50), ("left", 100), ("bottom", 50), ("right", 100)):
        put(margins, f"w:{edge}", w=twips, type="dxa")


def _gap(made: Document, text: str) -> None:
    line = write(made.add_paragraph(), text, HEI, Pt(11))
    lead(line, LINE_TWIPS, before=6, after=2)
    put(line._p.get_or_add_pPr(), "w:keepNext")


def _signs(made: Document, who: tuple[str, ...]) -> None:
    table = _plain_table(made, 1, (3212,) * len(who))
    _lines(table)
    row = table.rows[0]
    put(row._tr.get_or_add_trPr(), "w:cantSplit")
    put(row._tr.get_or_add_trPr(), "w:trHeight", val=1080, hRule="atLeast")
    for cell, name in zip(row.cells, who, strict=True):
        write(cell.paragraphs[0], name, HEI, Pt(11))
        day = write(cell.add_paragraph(), "年　　月　　日", FANG, Pt(11))
        day.alignment = RIGHT
        lead(day, LINE_TWIPS, before=16)


def _sheet_foot(made: Document) -> None:
    lead(made.add_paragraph(), 160)
    table = _plain_table(made, 1, (6636, 3000))
    put(table.rows[0]._tr.get_or_add_trPr(), "w:cantSplit")
    notes, code = table.rows[0].cells
    texts = (
        "签发　{{ issued_by }}　{{ issued_on }}",
        "有效期　{{ valid }}",
        "本单随车携带，收车后交调度员存档。改派、改时间或取消后本单作废，以核验结果为准。",
    )
    for place, text in enumerate(texts):
        line = notes.paragraphs[0] if place == 0 else notes.add_paragraph()
        write(line, text, FANG, Pt(11))
        put(line._p.get_or_add_pPr(), "w:ind", right=400)
    check_code(code, RIGHT)
    lead(made.add_paragraph(), 20)


# ── the sheet of a bill ──────────────────────────────────────────────────────────────────

_BILL_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("序", "place", 460),
    ("出车", "day", 820),
    ("派车单号", "trip", 1880),
    ("目的地", "destination", 1640),
    ("车型", "size", 900),
    ("公里", "km", 760),
    ("小时", "hours", 640),
    ("金额", "amount", 1146),
    ("说明", "said", 1390),
)


def bill_sheet() -> Document:
    """公务用车结算单: the lines of a settled bill, however many; the head row repeats."""
    made = fresh(size=Pt(12), twips=LINE_TWIPS)
    sheet(made, margins_mm=(22, 20, 16, 20), footer=Mm(8))
    title = write(made.add_paragraph(), "{{ issuer }}", BIAO, Pt(16))
    title.alignment = CENTRE
    lead(title, 440)
    title = write(made.add_paragraph(), "公务用车结算单", BIAO, Pt(22))
    title.alignment = CENTRE
    lead(title, 600, after=6)
    head = _plain_table(made, 2, (5818, 3818))
    texts = (("{{ number }}", "账单号　{{ bill }}"), ("用车单位　{{ unit }}", "账期　{{ month }}"))
    for row, pair in zip(head.rows, texts, strict=True):
        for cell, text, side in zip(row.cells, pair, (LEFT, RIGHT), strict=True):
            line = write(cell.paragraphs[0], text, FANG, Pt(12))
            line.alignment = side
            lead(line, 400)
    lead(made.add_paragraph(), 20)
    _bill_table(made)
    note = write(
        made.add_paragraph(),
        "入账凭据号　{{ paid_no }}　　金额单位：元，按出车之日的价格计算，用车单位逐单同意。",
        FANG,
        Pt(11),
    )
    lead(note, LINE_TWIPS, before=6)
    _gap(made, "签字")
    _signs(made, ("制单", "用车单位", "财务"))
    _bill_foot(made)
    return made


def _bill_table(made: Document) -> None:
    table = _plain_table(made, 5, [width for _, _, width in _BILL_COLUMNS])
    _lines(table)
    margins = put(table._tbl.tblPr, "w:tblCellMar")
    for edge, twips in (("top", 40), ("left", 60), ("bottom", 40), ("right", 60)):
        put(margins, f"w:{edge}", w=twips, type="dxa")
    last = len(_BILL_COLUMNS) - 1
    for place, (heading, name, _) in enumerate(_BILL_COLUMNS):
        side = RIGHT if name in ("km", "hours", "amount") else LEFT
        cell = table.rows[0].cells[place]
        write(cell.paragraphs[0], heading, HEI, Pt(10)).alignment = CENTRE
        cell = table.rows[2].cells[place]
        write(cell.paragraphs[0], f"{{{{ row.{name} }}}}", FANG, Pt(10)).alignment = side
        put(cell._tc.get_or_add_tcPr(), "w:vAlign", val="center")
    put(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
    for row, text in ((1, "{%tr for row in rows %}"), (3, "{%tr endfor %}")):
        write(table.rows[row].cells[0].paragraphs[0], text, FANG, Pt(10.5))
    for row in table.rows:
        put(row._tr.get_or_add_trPr(), "w:cantSplit")
    cells = table.rows[4].cells
    spans = ((0, 4, "合计　{{ count }}", LEFT), (5, 5, "{{ km }}", RIGHT), (6, last, "", RIGHT))
    for first, end, text, side in spans:
        cell = cells[first].merge(cells[end]) if end > first else cells[first]
        line = write(cell.paragraphs[0], text or "{{ total }}", HEI, Pt(11))
        line.alignment = side


def _bill_foot(made: Document) -> None:
    lead(made.add_paragraph(), 160)
    table = _plain_table(made, 1, (6636, 3000))
    put(table.rows[0]._tr.get_or_add_trPr(), "w:cantSplit")
    notes, code = table.rows[0].cells
    texts = (
        "签发　{{ issued_by }}　{{ issued_on }}",
        "以核验结果为准；结清后发现的差错记入下一期账单，本单不改。",
    )
    for place, text in enumerate(texts):
        line = notes.paragraphs[0] if place == 0 else notes.add_paragraph()
        write(line, text, FANG, Pt(11))
        put(line._p.get_or_add_pPr(), "w:ind", right=400)
    check_code(code, RIGHT)
    lead(made.add_paragraph(), 20)


# ── writing them ─────────────────────────────────────────────────────────────────────────

TEMPLATES: dict[str, Callable[[], Document]] = {
    "demo/templates-docx/allocation.docx": allocation,
    "domains/fleet/templates-docx/trip_sheet.docx": trip_sheet,
    "domains/fleet/templates-docx/bill.docx": bill_sheet,
}


def _font_table() -> bytes:
    """The fonts that are named, each with those that may stand in for it on somebody's desk."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="default"/></w:font>'
        for name, others, family in (
            (FANG, "仿宋", "modern"),
            (BIAO, "方正小标宋_GBK", "script"),
            (HEI, "SimHei", "modern"),
            (SONG, "SimSun", "auto"),
        )
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{head}<w:fonts {nsdecls('w')}>{fonts}</w:fonts>".encode()


def packed(made: Document) -> bytes:
    """The document as bytes that do not depend on when it was made."""
    kept = made.core_properties
    kept.created = kept.modified = kept.last_printed = datetime(*WHEN, tzinfo=UTC)
    draft, final = io.BytesIO(), io.BytesIO()
    made.save(draft)
    with zipfile.ZipFile(draft) as old, zipfile.ZipFile(final, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            if "thumbnail" in name:
                continue
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            content = old.read(name)
            if name == "_rels/.rels":  # the picture of an empty page goes, and what points at it
                content = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", content)
            if name == "word/fontTable.xml":
                content = _font_table()
            new.writestr(entry, content)
    return final.getvalue()


def main() -> None:
    """Write the templates (default) or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the committed files only")
    check = parser.parse_args().check
    wrong = []
    for name, build in TEMPLATES.items():
        path, content = HOUSE / name, packed(build())
        if check:
            wrong += [name] if not path.exists() or path.read_bytes() != content else []
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if wrong:
        sys.exit("Differ from what this script builds: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
