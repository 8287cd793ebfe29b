"""办公用房使用协议: numbered clauses, two places to sign, the code."""

from docx.document import Document
from docx.shared import Mm, Pt
from docx.table import _Cell

from word.page import (
    BIAO,
    CENTRE,
    FANG,
    LEFT,
    check_code,
    fresh,
    lead,
    plain_table,
    put,
    sheet,
    write,
)

LINE_TWIPS = 520
TYPE_TWIPS = 9070  # 160 mm


def agreement() -> Document:
    """Title, number, the parties, the clauses, the signatures, the code."""
    made = fresh(size=Pt(14), twips=LINE_TWIPS)
    sheet(made, margins_mm=(30, 25, 25, 25), footer=Mm(12))
    title = write(made.add_paragraph(), "{{ title }}", BIAO, Pt(22))
    title.alignment = CENTRE
    lead(title, 640, after=6)
    write(made.add_paragraph(), "{{ number }}", FANG, Pt(14)).alignment = CENTRE
    made.add_paragraph()
    for words in ("甲方（管理单位）：{{ issuer }}", "乙方（使用单位）：{{ unit }}"):
        write(made.add_paragraph(), words, FANG, Pt(14)).alignment = LEFT
    made.add_paragraph("{%p for sentence in sentences %}")
    clause = write(made.add_paragraph(), "{{ sentence }}", FANG, Pt(14))
    put(clause._p.get_or_add_pPr(), "w:ind", firstLine=560, firstLineChars=200)
    made.add_paragraph("{%p endfor %}")
    _signatures(made)
    return made


def _signatures(made: Document) -> None:
    """Both parties side by side, on one page, with the code below the first."""
    put(made.add_paragraph()._p.get_or_add_pPr(), "w:keepNext")
    table = plain_table(made, 2, (TYPE_TWIPS // 2, TYPE_TWIPS - TYPE_TWIPS // 2))
    for row in table.rows:
        put(row._tr.get_or_add_trPr(), "w:cantSplit")
    for cell, party in zip(table.rows[0].cells, ("甲方", "乙方"), strict=True):
        _party(cell, party)
    check_code(table.rows[1].cells[0], LEFT)


def _party(cell: _Cell, party: str) -> None:
    lines = [cell.paragraphs[0], *(cell.add_paragraph() for _ in range(3))]
    for line, words in zip(
        lines,
        (f"{party}（签章）：", "经办人：", "　　　年　　月　　日", ""),
        strict=True,
    ):
        write(line, words, FANG, Pt(14)).alignment = LEFT
        put(line._p.get_or_add_pPr(), "w:keepNext")
