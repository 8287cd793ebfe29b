"""An official text (GB/T 9704-2012): 办公用房调配使用凭证."""

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from word.page import (
    BIAO,
    BODY,
    CENTRE,
    FANG,
    LEFT,
    RED,
    RIGHT,
    SONG,
    border,
    check_code,
    face,
    fresh,
    lead,
    plain_table,
    put,
    sheet,
    write,
)

PITCH_TWIPS = 579  # 28.95 pt: 22 lines are 636.9 pt, the type area is 637.8 pt high
TYPE_TWIPS = 8845  # 156 mm
# 16 pt letters stand 15.79 pt apart, so that 28 fill a line of 156 mm. Set as spacing of
# the letters: LibreOffice gives a letter wider than its cell of the grid two cells.
TIGHT_TWENTIETHS = -5
GRID_4096THS = -841
MARK_BEFORE = 83.3  # so that the upper edge of the letters is 35 mm below that of the type area


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


def _signature(made: Document) -> None:
    """The code at the left; at the right issuer and date, whose end is four letters from the edge.

    Both stand in the middle of a cell that ends at the edge, so that a long name stays above its
    date; a date of ten signs is 101 pt wide.
    """
    table = plain_table(made, 1, (4255, 4590))
    put(table.rows[0]._tr.get_or_add_trPr(), "w:cantSplit")
    code, seal = table.rows[0].cells
    check_code(code, LEFT)
    put(seal._tc.get_or_add_tcPr(), "w:vAlign", val="bottom")
    lines = [seal.paragraphs[0], seal.add_paragraph()]
    for line, text in zip(lines, ("{{ issuer }}", "{{ issued_on }}"), strict=True):
        write(line, text).alignment = CENTRE
    for line in (*code.paragraphs, *lines):
        put(line._p.get_or_add_pPr(), "w:keepNext")


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
