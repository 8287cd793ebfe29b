"""Charts in a Word file as charts: an office restyles them and opens their numbers in Word or WPS.

openpyxl's chart classes write the DrawingML with the values as they are shown; the workbook behind
the chart goes into the file too. python-docx carries both as parts.
"""

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Length, Mm
from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import get_column_letter
from openpyxl.xml.functions import tostring

from guanjia.engines.wordreports.paper import Figure

COLOURS = ("1B4F9C", "B7791F", "3D8FB0", "6A8F3C")  # as many as series
FONT = "宋体"
_SIZE = 900  # hundredths of a point
_SHEET = "Sheet1"  # as Word itself calls it
_LABELLED = 12
_EMU_PER_POINT = 12_700
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_INLINE = (
    '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    f' xmlns:a="{_A}" xmlns:c="{_C}" xmlns:r="{_R}">'
    '<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
    '<wp:docPr id="{number}" name="图 {number}" descr="{title}"/><wp:cNvGraphicFramePr/>'
    f'<a:graphic><a:graphicData uri="{_C}"><c:chart r:id="{{rel}}"/></a:graphicData></a:graphic>'
    "</wp:inline></w:drawing>"
)
_LETTERS = (
    f'<c:txPr xmlns:c="{_C}" xmlns:a="{_A}"><a:bodyPr/><a:p><a:pPr><a:defRPr sz="{_SIZE}">'
    f'<a:latin typeface="{FONT}"/><a:ea typeface="{FONT}"/></a:defRPr></a:pPr>'
    '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
)
_BEHIND = (
    f'<c:externalData xmlns:c="{_C}" xmlns:r="{_R}" r:id="{{rel}}"><c:autoUpdate val="0"/>'
    "</c:externalData>"
)


def add_chart(made: Document, run: Any, figure: Figure, *, number: int, width: Length) -> None:
    """Set a chart into a run; ``number`` tells charts of a document apart, from 1 on."""
    package: Any = made.part.package
    book = Part(
        PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx"),
        CONTENT_TYPE.SML_SHEET,
        _workbook(figure),
        package,
    )
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), CONTENT_TYPE.DML_CHART, b"", package)
    behind = part.relate_to(book, RELATIONSHIP_TYPE.PACKAGE)
    part._blob = _xml(figure, behind)
    rel = made.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    height = Mm(70)
    run._r.append(
        parse_xml(
            _INLINE.format(
                width=int(width), height=int(height), number=number, rel=rel,
                title=_escaped(f"{figure.title}（{figure.unit}）"),
            )
        )
    )  # fmt: skip


def _escaped(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        text = text.replace(sign, name)
    return text


def _workbook(figure: Figure) -> bytes:
    """The numbers behind the chart: categories down, series across."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _SHEET
    rows: list[Sequence[Any]] = [(figure.noun, *(each.name for each in figure.series))]
    rows += [
        (category, *(_number(each.values[place]) for each in figure.series))
        for place, category in enumerate(figure.categories)
    ]
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(line, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _number(text: str | None) -> float | None:
    return None if text is None else float(Decimal(text))


def _xml(figure: Figure, behind: str) -> bytes:
    """The chart itself, its letters, and where its workbook is."""
    # openpyxl writes with whichever parser it found; from here on it is that of python-docx.
    tree = parse_xml(tostring(_chart(figure)._write()))
    tree.append(parse_xml(_LETTERS))  # Word wants the letters before the workbook
    tree.append(parse_xml(_BEHIND.format(rel=behind)))
    return bytes(serialize_part_xml(tree))


def _chart(figure: Figure) -> Any:
    kinds: dict[str, Any] = {"bar": BarChart, "line": LineChart}
    chart = kinds[figure.kind]()
    chart.graphical_properties = GraphicalProperties(ln=LineProperties(noFill=True))
    for place, each in enumerate(figure.series):
        chart.series.append(_series(figure, place, each.name, each.values))
    _axes(chart, figure)
    if len(figure.series) > 1:
        chart.legend.position = "t"
    else:
        chart.legend = None
    if figure.kind == "bar":
        chart.gapWidth = 60
        if len(figure.series) * len(figure.categories) <= _LABELLED:
            chart.dataLabels = _labels()
    return chart


def _axes(chart: Any, figure: Figure) -> None:
    """Axes that are shown (openpyxl hides them unless told), the amounts in thin grid lines."""
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.title = None
    chart.y_axis.number_format = "#,##0" if not figure.places else f"#,##0.{'0' * figure.places}"
    chart.y_axis.scaling.min = 0
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(
        ln=LineProperties(solidFill="D8DDE4", w=_EMU_PER_POINT // 2)
    )
    chart.y_axis.spPr = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.layout = Layout(
        manualLayout=ManualLayout(xMode="edge", yMode="edge", x=0.12, y=0.1, w=0.86, h=0.8)
    )


def _labels() -> DataLabelList:
    labels = DataLabelList()
    labels.showVal, labels.showPercent = True, False
    labels.position = "outEnd"
    labels.showCatName = labels.showSerName = labels.showLegendKey = False
    return labels


def _series(figure: Figure, place: int, name: str, values: Sequence[str | None]) -> Series:
    """A series with the values as they are now, and the cells they came from."""
    column, last = get_column_letter(place + 2), len(values) + 1
    count = len(values)
    numbers = [
        NumVal(idx=index, v=str(float(Decimal(text))))
        for index, text in enumerate(values)
        if text is not None
    ]
    form = "#,##0" if not figure.places else f"#,##0.{'0' * figure.places}"
    cells = [StrVal(idx=index, v=category) for index, category in enumerate(figure.categories)]
    made = Series(
        idx=place,
        order=place,
        tx=SeriesLabel(
            strRef=StrRef(
                f=f"{_SHEET}!${column}$1",
                strCache=StrData(ptCount=1, pt=[StrVal(idx=0, v=name)]),
            )
        ),
        cat=AxDataSource(
            strRef=StrRef(f=f"{_SHEET}!$A$2:$A${last}", strCache=StrData(ptCount=count, pt=cells))
        ),
        val=NumDataSource(
            numRef=NumRef(
                f=f"{_SHEET}!${column}$2:${column}${last}",
                numCache=NumData(formatCode=form, ptCount=count, pt=numbers),
            )
        ),
    )
    _paint(made, figure, place)
    return made


def _paint(made: Series, figure: Figure, place: int) -> None:
    colour = COLOURS[place]
    if figure.kind == "line":
        made.graphicalProperties = GraphicalProperties(
            ln=LineProperties(solidFill=colour, w=round(1.75 * _EMU_PER_POINT))
        )
        dot = GraphicalProperties(solidFill=colour)
        dot.line.solidFill = colour
        made.marker = Marker(symbol="circle", size=5, spPr=dot)
        made.smooth = False
    else:
        made.graphicalProperties = GraphicalProperties(solidFill=colour)
        made.graphicalProperties.line.noFill = True
