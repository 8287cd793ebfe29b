"""The prefilled sheet goes out and comes back; each faulty cell is named, nothing is lost."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.registers.survey_rooms import ROOMS, SHEET
from guanjia.domains.space.terms.surveys import Entry
from guanjia.domains.space.tests import survey_scenes as scenes
from guanjia.domains.space.tests.builders import City
from guanjia.domains.space.tests.survey_scenes import Scene
from guanjia.domains.space.tests.test_survey_pages import client_of
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.registers import importing


@pytest.fixture
def scene(city: City) -> Scene:
    return scenes.survey(city)


class Sheet:
    """The prefilled sheet of a return, with its cells by room number and column title."""

    def __init__(self, client: Client, number: str) -> None:
        url = reverse("space:survey_rooms_export")
        answer = client.get(url, {"view": "all", "words": number, "cols": SHEET})
        self.book = openpyxl.load_workbook(io.BytesIO(answer.content))
        self.sheet: Any = self.book.worksheets[0]
        self.head = next(
            row[0].row for row in self.sheet.iter_rows() if row[0].value == "填报单编号"
        )
        self.columns = {cell.value: cell.column for cell in self.sheet[self.head]}

    @property
    def numbers(self) -> list[str]:
        """The room numbers of the sheet."""
        place = self.columns["房间号"]
        rows = self.sheet.iter_rows(min_row=self.head + 1)
        return [str(row[place - 1].value) for row in rows if row[place - 1].value]

    def set(self, number: str, **cells: Any) -> None:
        """Write cells of the room's row; a room that is not there becomes a copy of the first."""
        numbers = self.numbers
        if number in numbers:
            row = self.head + 1 + numbers.index(number)
        else:
            row = self.head + 1 + len(numbers)
            for column in self.columns.values():
                first = self.sheet.cell(self.head + 1, column).value
                self.sheet.cell(row, column).value = first
            self.sheet.cell(row, self.columns["房间号"]).value = number
        for title, value in cells.items():
            self.sheet.cell(row, self.columns[title]).value = value

    def bytes(self) -> bytes:
        """The file."""
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


def take(scene: Scene, sheet: Sheet, who: str = "clerk") -> Any:
    return importing.import_file(
        register=ROOMS, path_or_file=sheet.bytes(), actor=scene.city.actor(who), at=AT
    )


def test_the_sheet_comes_back_as_it_went_out(scene: Scene) -> None:
    sheet = Sheet(client_of(scene.city, "clerk"), scene.filing().number)
    assert sheet.numbers == ["101", "102", "103", "104"]
    found = take(scene, sheet)
    assert (list(found.errors), found.unchanged) == ([], 4)


def test_a_sheet_does_what_the_page_does(scene: Scene) -> None:
    sheet = Sheet(client_of(scene.city, "clerk"), scene.filing().number)
    sheet.set("101", **{"使用面积(㎡)": 23.5, "说明": "重新测量"})
    sheet.set("104", 填报="核减", 说明="已交回")
    sheet.set("199", 填报="新增", 使用人工号="", 说明="新隔出的一间", 楼层=1)
    found = take(scene, sheet)
    assert [str(fault) for fault in found.errors] == []
    assert (found.created, found.updated, found.unchanged) == (1, 2, 2)
    rows = {row.number: row for row in scene.filing().rooms.all()}
    assert (str(rows["101"].usable_m2), rows["104"].entry) == ("23.50", Entry.STRUCK)
    assert rows["199"].entry == Entry.ADDED


def test_every_faulty_cell_is_named_and_nothing_is_written(scene: Scene) -> None:
    sheet = Sheet(client_of(scene.city, "clerk"), scene.filing().number)
    sheet.set("101", **{"使用面积(㎡)": "二十四"})
    sheet.set("102", 使用人工号="D999999")
    sheet.set("103", 状态="空置")
    sheet.set("104", 填报="核减")
    found = take(scene, sheet)
    assert {(fault.column, fault.code) for fault in found.errors} >= {
        ("使用面积(㎡)", "number_unreadable"), ("使用人工号", "person_unknown"),
        ("使用人工号", "empty_seated"), ("说明", "why_missing"),
    }  # fmt: skip
    assert not scene.filing().rooms.exclude(entry=Entry.KEPT).exists()


def test_a_sheet_of_another_unit_is_refused(scene: Scene) -> None:
    sheet = Sheet(client_of(scene.city, "stranger"), scene.filing("other").number)
    found = take(scene, sheet, "clerk")
    assert {fault.code for fault in found.errors} == {"filing_outside"}


def test_a_sheet_of_a_return_that_was_sent_is_refused(scene: Scene) -> None:
    sheet = Sheet(client_of(scene.city, "clerk"), scene.filing().number)
    scene.sent()
    assert take(scene, sheet).unchanged == 4  # whole lists go out and come back
    sheet.set("101", **{"使用面积(㎡)": 30})
    found = take(scene, sheet)
    assert {fault.code for fault in found.errors} == {"filing_closed"}


def test_the_upload_pages_show_the_faults(scene: Scene) -> None:
    client = client_of(scene.city, "clerk")
    sheet = Sheet(client, scene.filing().number)
    sheet.set("104", 填报="核减")
    file = SimpleUploadedFile("填报.xlsx", sheet.bytes())
    page = client.post(reverse("space:survey_rooms_import"), {"file": file}, follow=True)
    assert "核减要写原因" in page.content.decode()
