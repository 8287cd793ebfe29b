"""Reports as Word files: their parts, their charts with the numbers behind, and back from JSON."""

import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import docx
import openpyxl
import pypdfium2
import pytest

from guanjia.engines.wordreports.document import docx_of
from guanjia.engines.wordreports.paper import (
    Figure,
    Head,
    Paper,
    Section,
    Series,
    Table,
    paper_from_json,
    written,
)

AT = datetime(2020, 8, 20, 9, 0, tzinfo=UTC)
MONTHS = tuple(f"{number}月" for number in range(1, 13))
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def figure(key: str, kind: str, *, series: int = 1) -> Figure:
    return Figure(
        key=key, title=f"逐月用电{key}", unit="kWh", noun="月份", kind=kind, categories=MONTHS,
        series=tuple(
            Series(
                name=f"{2018 + one}年",
                values=tuple(None if n == 3 else str(1000 * one + n) for n in range(12)),
            )
            for one in range(series)
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def paper() -> Paper:
    table = Table(
        title="表 1　逐年",
        heads=(Head(title="年度"), Head(title="电", unit="kWh", places=1)),
        rows=(("=2018", "1234567.8"), ("2019", None)),
        note="缺的月份不补",
    )
    figures = (figure("一", "line", series=2), figure("二", "bar"), figure("三", "bar"))
    section = Section(
        key="trend", title="总量和趋势", sentences=("用电下降 <3%> & 用水持平。",),
        tables=(table,), figures=figures,
    )  # fmt: skip
    return Paper(
        title="能源资源消费状况分析", facts=(("信用代码", "12360200MB"),), sections=(section,),
        notes=("由系统按填报数据生成。",),
    )  # fmt: skip


@pytest.fixture(scope="module")
def content(paper: Paper) -> bytes:
    return docx_of(paper, at=AT, byline="市机关事务管理局")


def test_a_report_comes_back_from_json_as_it_was(paper: Paper) -> None:
    assert paper_from_json(json.loads(json.dumps(paper.as_json()))) == paper
    assert paper.section("trend").title == "总量和趋势"


def test_word_reads_the_sentences_and_tables(content: bytes) -> None:
    made = docx.Document(io.BytesIO(content))
    text = "\n".join(line.text for line in made.paragraphs)
    for words in ("能源资源消费状况分析", "一、总量和趋势", "用电下降 <3%> & 用水持平。", "图 3"):
        assert words in text
    (facts, table) = made.tables
    assert facts.cell(0, 1).text == "12360200MB"
    assert [cell.text for cell in table.rows[1].cells] == ["=2018", "1,234,567.8"]
    assert table.cell(2, 1).text == "—", "what is not known is not nothing"
    assert made.core_properties.created.replace(tzinfo=UTC) == AT


def test_every_chart_has_its_part_its_workbook_and_its_numbers(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        types = package.read("[Content_Types].xml").decode()
        body = package.read("word/document.xml").decode()
        links = package.read("word/_rels/document.xml.rels").decode()
        for number in (1, 2, 3):
            chart = f"word/charts/chart{number}.xml"
            book = f"word/embeddings/Microsoft_Excel_Sheet{number}.xlsx"
            assert {chart, book} <= set(names)
            assert f'PartName="/{chart}"' in types
            assert f"charts/chart{number}.xml" in links
            assert (
                f"Sheet{number}.xlsx"
                in package.read(f"{chart[:12]}_rels/{chart[12:]}.rels").decode()
            )
        assert body.count("<c:chart ") == 3
        drawn = ElementTree.fromstring(package.read("word/charts/chart1.xml"))
        sheet = openpyxl.load_workbook(
            io.BytesIO(package.read("word/embeddings/Microsoft_Excel_Sheet1.xlsx"))
        ).active
    values = [point.find(f"{C}v").text for point in drawn.iter(f"{C}pt")]
    assert "2019年" in values
    assert "1011" in values
    (first, *_) = drawn.iter(f"{C}numCache")
    assert [point.get("idx") for point in first.iter(f"{C}pt")] == [
        str(n) for n in range(12) if n != 3
    ], "a month that is missing leaves a gap"
    order = [child.tag.removeprefix(C) for child in drawn]
    assert order.index("chart") < order.index("txPr") < order.index("externalData")
    assert [cell.value for cell in sheet[1]] == ["月份", "2018年", "2019年"]
    assert [cell.value for cell in sheet[5]] == ["4月", None, None]
    assert sheet["C13"].value == 1011


def test_a_chart_of_other_categories_is_none() -> None:
    with pytest.raises(ValueError, match="other categories"):
        replace(figure("一", "bar"), categories=("1月",))
    with pytest.raises(ValueError, match="make a chart"):
        figure("一", "bar", series=5)


def test_numbers_are_kept_as_they_are_rounded() -> None:
    assert written(1234.567, 1) == "1234.6"
    assert written(0.125, 2) == written(Decimal("0.125"), 2) == "0.13", "half up, as in texts"
    assert written(Decimal("2.5"), 0) == "3"
    assert written(None, 1) is None


def test_what_no_file_holds_is_left_out(paper: Paper) -> None:
    section = paper.section("trend")
    dirty = replace(
        paper,
        title="分析\x0b",
        facts=(("单位\x00", "甲\ud800乙"),),
        sections=(replace(section, sentences=("说明\x1f一行\r\n二行。",)),),
    )
    made = docx.Document(io.BytesIO(docx_of(dirty, at=AT, byline="局\x01")))
    text = "\n".join(line.text for line in made.paragraphs)
    assert "说明一行\n二行。" in text
    assert made.core_properties.title == "分析"
    assert [cell.text for cell in made.tables[0].rows[0].cells][:2] == ["单位", "甲乙"]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_the_letters_of_a_chart_stand_in_the_pdf(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.docx").write_bytes(content)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "report.docx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    pdf = pypdfium2.PdfDocument(tmp_path / "report.pdf")
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    for words in ("12 月", "1,200", "2019 年"):
        assert words.replace(" ", "") in text.replace(" ", ""), words
