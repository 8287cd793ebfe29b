"""The sheet of a bill: 公务用车结算单."""

from docx.document import Document
from docx.shared import Pt

from word import sheets
from word.page import CENTRE, FANG, HEI, LEFT, RIGHT, lead, plain_table, put, write

_COLUMNS: tuple[tuple[str, str, int], ...] = (
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
    made = sheets.blank("公务用车结算单")
    head = (
        ("{{ number }}", "账单号　{{ bill }}"),
        ("用车单位　{{ unit }}", "账期　{{ month }}"),
    )
    sheets.pairs(made, head, (5818, 3818))
    _table(made)
    note = write(
        made.add_paragraph(),
        "入账凭据号　{{ paid_no }}　　金额单位：元，按出车之日的价格计算，用车单位逐单同意。",
        FANG,
        Pt(11),
    )
    lead(note, sheets.LINE_TWIPS, before=6)
    sheets.gap(made, "签字")
    sheets.signs(made, ("制单", "用车单位", "财务"))
    sheets.foot(made, ("以核验结果为准；结清后发现的差错记入下一期账单，本单不改。",))
    return made


def _table(made: Document) -> None:
    table = plain_table(made, 5, [width for _, _, width in _COLUMNS])
    sheets.lines(table, tight=True)
    last = len(_COLUMNS) - 1
    for place, (heading, name, _) in enumerate(_COLUMNS):
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
