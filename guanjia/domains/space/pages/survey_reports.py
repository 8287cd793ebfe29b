"""统计报表: the tables of a survey as a page and as a workbook; each number opens its rows."""

import io
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from guanjia.domains.space.models import Survey
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import survey_reports as reports
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.surveys import APPROVED_KINDS, ReturnState
from guanjia.ui import excel, formats, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers.pages import excel as excel_response

SEE = queries.SEE
KINDS = tuple(RoomKind)
Cells = Sequence[Any]


def whole(request: PageRequest, survey_id: int) -> Survey:
    """The survey for whoever sees all units: its report tells of all of them."""
    found = queries.survey(scope=request.scope, survey_id=survey_id)
    if not request.scope.everything:
        raise Survey.DoesNotExist
    return found


@needs(SEE)
def survey_report(request: PageRequest, survey_id: int) -> HttpResponse:
    """The report: frozen once published, else as it would be now."""
    found = reports.report(whole(request, survey_id))
    context = {
        "survey": found.survey,
        "report": found,
        "chip": found.survey.chip,
        "kinds": KINDS,
        "basic": APPROVED_KINDS,
        **_opens(found),
        "missing": sum(
            line.filing.state not in (ReturnState.ACCEPTED, ReturnState.EXCUSED)
            for line in found.units
        ),
        "on_time": timezone.now(),
    }
    return pages.render(request, "space/survey_report.html", context)


def _opens(found: reports.Report) -> dict[str, str]:
    """Where the figures lead, to be gone on with ``&…``: to the registers of what was published,
    of a draft to what it counts now."""
    pk = found.survey.pk
    if found.draft:
        return {
            "base": reverse("space:survey_draft_rooms", args=[pk]) + "?of=now",
            "buildings_url": reverse("space:survey_draft_buildings", args=[pk]) + "?of=now",
        }
    return {
        "base": link("space:survey_facts_list", survey=pk),
        "buildings_url": link("space:survey_buildings_list", survey=pk),
    }


# ── the workbook ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Table:
    """A table of the workbook: its title, its head row, its rows, its totals."""

    title: str
    heads: Sequence[str]
    rows: Iterable[Cells]
    totals: Cells = ()


@needs(SEE)
def survey_report_export(request: PageRequest, survey_id: int) -> HttpResponse:
    """The report as a workbook, a sheet for each table."""
    found = reports.report(whole(request, survey_id))
    day = formats.day(found.survey.as_of, style="full")
    notes = [f"统计截至 {day}　使用面积，单位 ㎡" + ("　未发布，仅供核对" if found.draft else "")]
    content = _book([*_tables(found)], notes)
    return excel_response(content, f"{found.survey.title}.xlsx")


def _book(tables: Sequence[Table], notes: Sequence[str]) -> bytes:
    """One workbook of several tables, each made as every plain table is."""
    whole = Workbook()
    whole.remove(whole.worksheets[0])
    for table in tables:
        made = excel.book(
            title=table.title, notes=notes, heads=table.heads, rows=table.rows, totals=table.totals
        )
        _copy(load_workbook(io.BytesIO(made)).worksheets[0], whole)
    buffer = io.BytesIO()
    whole.save(buffer)
    return buffer.getvalue()


def _copy(sheet: Any, into: Workbook) -> None:
    target: Any = into.create_sheet(sheet.title)
    for row in sheet.iter_rows():
        for cell in row:
            new = target.cell(cell.row, cell.column, cell.value)
            if isinstance(cell.value, str):
                new.data_type = "s"
            new.font, new.border = copy(cell.font), copy(cell.border)
            new.alignment, new.number_format = copy(cell.alignment), cell.number_format
    for letter, size in sheet.column_dimensions.items():
        target.column_dimensions[letter].width = size.width
    for merged in sheet.merged_cells.ranges:
        target.merge_cells(str(merged))
    target.freeze_panes = sheet.freeze_panes
    target.page_setup.orientation, target.page_setup.paperSize = "landscape", 9
    target.page_setup.fitToWidth, target.page_setup.fitToHeight = 1, 0
    target.sheet_properties.pageSetUpPr = copy(sheet.sheet_properties.pageSetUpPr)


def _tables(found: reports.Report) -> Iterator[Table]:
    yield _by_unit(found)
    total = found.total
    yield Table(
        "分类别统计",
        ("类别", "房间", "使用面积", "其中空置房间", "空置面积"),
        [
            (line.kind.label, line.sum.rooms, line.sum.m2, line.sum.vacant, line.sum.vacant_m2)
            for line in found.kinds
        ],
        ("合计", total.rooms, total.m2, total.vacant, total.vacant_m2),
    )
    yield Table(
        "分楼栋统计",
        ("院落", "楼栋", "建筑面积", "房间", "使用面积", "使用单位", "空置面积", "权属状态",
         "证号"),
        [
            (
                line.building.compound, line.building.name, line.building.gross_m2, line.sum.rooms,
                line.sum.m2, line.units, line.sum.vacant_m2,
                line.building.get_title_state_display(), line.building.title_no,
            )
            for line in found.buildings
        ],
        ("合计", "", found.gross_m2, total.rooms, total.m2, "", total.vacant_m2, "", ""),
    )  # fmt: skip
    yield _over(found)
    yield Table(
        "闲置用房",
        ("院落", "楼栋", "空置房间", "空置面积"),
        [
            (line.building.compound, line.building.name, line.sum.vacant, line.sum.vacant_m2)
            for line in found.idle
        ],
        ("合计", "", total.vacant, total.vacant_m2),
    )
    yield Table(
        "权属登记",
        ("权属状态", "楼栋", "建筑面积"),
        [(line.state.label, line.count, line.gross_m2) for line in found.titles],
        ("合计", len(found.buildings), found.gross_m2),
    )


def _by_unit(found: reports.Report) -> Table:
    heads = ("单位", "编制人数", "实有人数", "房间", *(kind.label for kind in KINDS),
             "使用面积合计", "办公室人均", "租用面积", "填报")  # fmt: skip
    rows: list[Cells] = [
        (
            line.filing.unit.name, line.filing.established, line.filing.present, line.sum.rooms,
            *_areas(line.sum), line.sum.m2, _rounded(line.office_each), line.filing.leased_m2,
            line.filing.get_state_display(),
        )
        for line in found.units
    ]  # fmt: skip
    for title, part in (("没有参加填报的单位", found.others), ("没有使用单位的房间", found.unheld)):
        if part.rooms:
            rows.append((title, None, None, part.rooms, *_areas(part), part.m2, None, None, "台账"))
    established, present = found.people
    totals = ("合计", established, present, found.total.rooms, *_areas(found.total), found.total.m2,
              None, found.leased_m2, "")  # fmt: skip
    return Table("分单位统计", heads, rows, totals)


def _areas(part: reports.Sum) -> list[Decimal]:
    return [m2 for _, m2 in part.by_kind]


def _over(found: reports.Report) -> Table:
    heads = ["单位"]
    for kind in APPROVED_KINDS:
        heads += [f"{kind.label}核定", f"{kind.label}实有"]
    rows = [
        (
            line.filing.unit.name, *(m2 for pair in line.pairs for m2 in pair), line.approved_m2,
            line.basic_m2, line.over_m2,
        )
        for line in found.judged
    ]  # fmt: skip
    return Table("核定面积对照", [*heads, "核定合计", "实有合计", "超出（负为未用足）"], rows)


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 2)
