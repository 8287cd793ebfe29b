"""An official text as LibreOffice lays it out: what GB/T 9704-2012 says, measured on the PDF.

Needs LibreOffice, which ``make test`` installs (tools/office.sh).
"""

import io
import itertools
import re
import zipfile
from functools import cache
from typing import Any

import pytest

from guanjia.kernel.vouchers import office, rendering
from guanjia.kernel.vouchers.tests.letters import MM, Sheet, sheets
from guanjia.kernel.vouchers.tests.papers import ALLOCATION

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not office.program(),
        reason="LibreOffice is missing, so the LAYOUT OF VOUCHERS IS NOT TESTED: tools/office.sh",
    ),
]

WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, RIGHT, TOP, BOTTOM = 28 * MM, (210 - 26) * MM, (297 - 37) * MM, 35 * MM
PER_LINE, PER_PAGE = 28, 22
RUNNING = "机关事务管理工作应当遵循保障公务降低成本提高效能建设节约型机关的要求"
LONG_UNIT = "景德镇市人民政府驻深圳办事处（景德镇市人民政府驻粤港澳大湾区招商引资联络服务中心）"


def filled(**changes: Any) -> bytes:
    """The sample as Word file."""
    facts: dict[str, Any] = {
        "issuer": "景德镇市机关事务管理局",
        "number": "景调配〔2020〕015号",
        "title": "办公用房调配使用凭证",
        "unit": "景德镇市农业农村局",
        "sentences": [
            "根据《党政机关办公用房管理办法》，经批准，现将市行政中心3号楼501至506室共6间调配给你单位使用，使用面积合计158.4平方米。",
            "本凭证自2020年6月1日起使用。",
        ],
        "issued_on": "2020年5月20日",
        "issued_by": "熊燕欣",
        "code": "K7Q2-9F4M-XT3C",
        "place": "guanjia.example/v",
        **changes,
    }
    return rendering.render(
        kind=ALLOCATION, facts=facts, address="https://guanjia.example/v/K7Q29F4MXT3C/"
    )


@cache
def long_text() -> list[Sheet]:
    """Three pages of running text without a comma; the second is full."""
    return sheets(office.to_pdf(filled(sentences=[RUNNING * 40])))


@cache
def short_text() -> list[Sheet]:
    """The sample as it is issued."""
    return sheets(office.to_pdf(filled()))


def text_of(sheet: Sheet) -> str:
    return "".join(letter.sign for line in sheet.lines() for letter in line)


def test_the_word_file_asks_for_the_page_of_the_standard() -> None:
    with zipfile.ZipFile(io.BytesIO(filled())) as package:
        document = package.read("word/document.xml").decode()
        styles = package.read("word/styles.xml").decode()
    margins = dict(re.findall(r'w:(\w+)="(\d+)"', re.search(r"<w:pgMar[^>]*>", document)[0]))  # type: ignore[index]
    assert {name: round(int(margins[name]) / 20 / MM) for name in ("top", "left", "right")} == {
        "top": 37,
        "left": 28,
        "right": 26,
    }
    assert '<w:pgSz w:w="11906" w:h="16838"/>' in document
    grid = re.search(r"<w:docGrid[^>]*>", document)
    assert grid
    assert 'w:linePitch="579"' in grid[0]
    assert 'w:line="579" w:lineRule="exact"' in styles
    assert "仿宋_GB2312" in styles


def test_a_page_is_a4_with_its_text_inside_the_type_area() -> None:
    for sheet in (*long_text(), *short_text()):
        assert sheet.width == pytest.approx(WIDTH, abs=1)
        assert sheet.height == pytest.approx(HEIGHT, abs=1)
        inside = [letter for line in sheet.lines(above=BOTTOM - 1) for letter in line]
        assert min(letter.box[0] for letter in inside) >= LEFT - MM
        assert max(letter.box[2] for letter in inside) <= RIGHT + MM
        assert max(letter.box[3] for letter in inside) <= TOP + MM
        assert min(letter.box[1] for letter in inside) >= BOTTOM - MM


def test_a_full_page_has_22_lines_of_28_letters() -> None:
    full = long_text()[1]
    lines = full.lines(above=BOTTOM)
    assert [len(line) for line in lines] == [PER_LINE] * PER_PAGE
    assert lines[0][0].x == pytest.approx(LEFT, abs=MM)
    steps = [b.x - a.x for line in lines for a, b in itertools.pairwise(line)]
    assert min(steps) == pytest.approx(15.79, abs=0.2)
    assert max(steps) == pytest.approx(15.79, abs=0.2)


def test_lines_stand_28_95_points_apart() -> None:
    feet = [line[0].y for line in long_text()[1].lines(above=BOTTOM)]
    steps = [above - below for above, below in itertools.pairwise(feet)]
    assert all(28.65 <= step <= 29.3 for step in steps)
    assert sum(steps) / len(steps) == pytest.approx(28.95, abs=0.05)


def test_the_fonts_are_embedded_and_stand_in_for_those_asked_for() -> None:
    letters = [letter for sheet in short_text() for letter in sheet.letters]
    assert all(letter.embedded for letter in letters)
    fonts = {letter.font for letter in letters}
    assert {name.partition("-")[0] for name in fonts} == {
        "FandolFang",  # 仿宋
        "NotoSerifCJKjp",  # 小标宋 in bold, 宋体; all languages of Noto share one name
        "NotoSansCJKjp",  # 黑体
    }
    first = short_text()[0].lines()
    assert "Bold" in first[0][0].font
    assert (round(first[0][0].size), round(first[1][0].size)) == (32, 16)


def test_issuer_number_and_title_stand_where_the_standard_wants_them() -> None:
    mark, number, title, unit = short_text()[0].lines()[:4]
    assert max(letter.box[3] for letter in mark) == pytest.approx(TOP - 35 * MM, abs=MM)
    assert round(title[0].size) == 22
    for line in (mark, number, title):
        middle = (line[0].box[0] + line[-1].box[2]) / 2
        assert middle == pytest.approx((LEFT + RIGHT) / 2, abs=3)
    # two lines free below the mark, two below the red line
    assert number[0].y < mark[0].y - 3 * 28.95 + 8
    assert title[0].y < number[0].y - 3 * 28.95
    assert "".join(letter.sign for letter in unit) == "景德镇市农业农村局："


def test_the_date_ends_four_letters_before_the_edge() -> None:
    last = short_text()[-1]
    (date,) = [
        line
        for line in last.lines(above=BOTTOM + 40)
        if "".join(letter.sign for letter in line) == "2020年5月20日"
    ]
    assert date[-1].x + 15.75 == pytest.approx(RIGHT - 4 * 16, abs=6)


def test_the_imprint_stands_at_the_foot_of_the_last_page_only() -> None:
    for text in (short_text(), long_text()):
        *others, last = text
        assert not any("印发" in text_of(sheet) for sheet in others)
        (line,) = [line for line in last.lines() if line[-1].sign == "发"]
        assert BOTTOM < line[0].y < BOTTOM + 20
        assert round(line[0].size) == 14


def test_page_numbers_are_outside_and_seven_millimetres_below() -> None:
    for place, sheet in enumerate(long_text(), start=1):
        line = sheet.lines()[-1]
        assert "".join(letter.sign for letter in line) == f"—{place}—"
        dash = line[0].box
        assert BOTTOM - (dash[1] + dash[3]) / 2 == pytest.approx(7 * MM, abs=MM)
        if place % 2:
            assert line[-1].box[2] == pytest.approx(RIGHT - 14, abs=4)
        else:
            assert line[0].box[0] == pytest.approx(LEFT + 14, abs=4)


def test_figures_stand_close_and_no_comma_begins_a_line() -> None:
    sentence = "经批准，现将3号楼501室、502室、503室调配给你单位使用，面积158.4平方米；" * 12
    text = sheets(office.to_pdf(filled(sentences=[sentence], unit=LONG_UNIT)))
    for sheet in text:
        for line in sheet.lines(above=BOTTOM + 25):
            assert line[0].sign not in "，、；。：）》”〕"
            assert line[-1].sign not in "（《“〔"
            assert line[-1].box[2] <= RIGHT + MM
    line = next(line for line in text[0].lines() if "3号楼501" in "".join(c.sign for c in line))
    before = next(place for place, letter in enumerate(line) if letter.sign == "3")
    assert line[before].x - line[before - 1].x < 17.5, "no gap before a figure"


@pytest.mark.parametrize("sentences", [[RUNNING], [RUNNING * 5], [RUNNING * 9], [RUNNING * 40]])
def test_text_of_any_length_keeps_clear_of_the_imprint(sentences: list[str]) -> None:
    for sheet in sheets(office.to_pdf(filled(sentences=sentences))):
        feet = [line[0].y for line in sheet.lines(above=BOTTOM) if line[0].size > 9.5]
        assert all(above - below > 14 for above, below in itertools.pairwise(feet))


@pytest.mark.parametrize("rows", range(6, 10))
def test_no_page_bears_a_signature_without_text(rows: int) -> None:
    sentences = [RUNNING[:26] + RUNNING[: 28 * (rows - 1)], "本凭证自2020年6月1日起使用。"]
    last = sheets(office.to_pdf(filled(sentences=sentences)))[-1]
    assert "本凭证自2020年6月1日起使用" in text_of(last)


def test_libreoffice_shows_as_many_pages_as_the_pdf(tmp_path: Any) -> None:
    (tmp_path / "voucher.docx").write_bytes(filled())
    (tmp_path / "fonts.conf").write_text(office.fonts_conf(cache=tmp_path / "cache"), "utf-8")
    office._convert(office.program(), tmp_path, "voucher.docx", "pdf")
    straight = (tmp_path / "voucher.pdf").read_bytes()
    assert office.pages_of(straight) == len(short_text())
