"""The papers of an allocation: what they say, and that their code opens the truth."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import docx
import pypdfium2
import pytest
import time_machine
import zxingcpp
from django.test import Client
from PIL import Image

from guanjia.domains.space import vouchers
from guanjia.domains.space.actions import allocations, granting
from guanjia.domains.space.models import Allocation, AllocationRoom
from guanjia.domains.space.tests import allotting
from guanjia.domains.space.tests.allotting import loan_wish
from guanjia.domains.space.tests.builders import AT, City
from guanjia.kernel.attachments import store
from guanjia.kernel.values.actor import Actor, Held, Reach, Scope
from guanjia.kernel.vouchers import office, queries
from guanjia.kernel.vouchers.models import Voucher
from guanjia.kernel.vouchers.terms import Form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    settings.ALLOWED_HOSTS = ["testserver", "guanjia.example.gov.cn"]
    with time_machine.travel(AT, tick=False):
        yield


def paper_of(allocation: Allocation, kind: str) -> Voucher:
    return next(each for each in queries.of(allocation) if each.kind == kind)


def word_file(voucher: Voucher) -> bytes:
    (file,) = voucher.files.filter(form=Form.DOCX)
    return store.read(file.digest)


def words_of(voucher: Voucher) -> str:
    document = docx.Document(io.BytesIO(word_file(voucher)))
    lines = [line.text for line in document.paragraphs]
    lines += [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join(lines)


def address_on(voucher: Voucher) -> str:
    """What the camera of a phone reads from the picture in the Word file."""
    document = docx.Document(io.BytesIO(word_file(voucher)))
    pictures = [
        part.blob for part in document.part.package.iter_parts()
        if part.content_type == "image/png"
    ]  # fmt: skip
    read = [
        code.text
        for blob in pictures
        for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(blob)))
    ]
    (address,) = read
    return str(address)


def scanned(voucher: Voucher) -> str:
    """The page that opens for somebody who scans the paper and is not signed in."""
    path = urlsplit(address_on(voucher)).path
    assert path.startswith("/v/")
    answer = Client().get(path)
    return str(answer.content.decode())


def test_a_voucher_says_to_whom_what_and_by_which_article(city: City) -> None:
    made = allotting.granted(city, "202")
    said = words_of(paper_of(made, "space.allocation"))
    for each in (
        "景调配〔2020〕001号",
        "市农业农村局：",
        "根据《党政机关办公用房管理办法》第十八条，经审核批准",
        "市发展中心北苑常委楼202室共1间办公用房调配给你单位使用",
        "使用面积合计18平方米",
        "不得出租、出借",
    ):
        assert each in said, each
    assert "{{" not in said
    agreement = words_of(paper_of(made, "space.agreement"))
    for each in ("乙方（使用单位）：市农业农村局", "2020年5月20日起", made.number, "景用房协"):
        assert each in agreement, each


def test_a_loan_voucher_says_until_when(city: City) -> None:
    made = allotting.granted(city, "202", what=loan_wish())
    loan = paper_of(made, "space.loan")
    assert "借用期限为2020年5月20日至2020年8月31日" in words_of(loan)
    assert "借用期限" in scanned(loan)


def test_the_papers_of_a_lease_say_so_and_until_when(city: City) -> None:
    made = allotting.rented(city, last_on=date(2020, 12, 31))
    said = words_of(paper_of(made, "space.allocation"))
    assert "现将租用的广场北路 12 号办公用房调配给你单位使用，建筑面积75平方米" in said
    assert "租用期限为2020年5月20日至2020年12月31日" in said
    endless = allotting.rented(city, last_on=None)
    said = words_of(paper_of(endless, "space.allocation"))
    assert "本凭证自2020年5月20日起有效" in said
    assert "租用期限" not in said


def test_a_scanned_voucher_opens_and_tells_the_truth(city: City) -> None:
    made = allotting.granted(city, "202")
    voucher = paper_of(made, "space.allocation")
    page = scanned(voucher)
    for each in ("有效", "市农业农村局", "市发展中心北苑常委楼2层 1 间", "18平方米"):
        assert each in page, each
    keeper = city.actor("keeper")
    granting.choose_again(actor=keeper, allocation_id=made.pk, reason="换朝南的", at=AT)
    again = allotting.grant(city, made, "201")
    page = scanned(voucher)
    assert "已被替换" in page
    assert "作废，已换发 <b>景调配〔2020〕002号</b>，不要再用" in page
    assert "18平方米" not in page, "of a void paper nothing of what it said"
    allocations.call_off(actor=keeper, allocation_id=again.pk, reason="机构撤并", at=AT)
    page = scanned(paper_of(again, "space.allocation"))
    assert "已作废" in page
    assert "机构撤并" not in page, "the reason is nobody's business"


def test_a_loan_voucher_ends_with_its_last_day(city: City) -> None:
    made = allotting.granted(city, "202", what=loan_wish())
    loan = paper_of(made, "space.loan")
    with time_machine.travel(AT.replace(month=8, day=31), tick=False):
        assert "有效" in scanned(loan)
    with time_machine.travel(AT.replace(month=9, day=1), tick=False):
        assert "已过期" in scanned(loan)


@pytest.mark.skipif(not office.program(), reason="LibreOffice turns the Word file into a PDF")
@pytest.mark.parametrize(("kind", "pages"), [("space.allocation", 2), ("space.agreement", 1)])
def test_the_code_on_the_printed_paper_can_be_scanned(city: City, kind: str, pages: int) -> None:
    """An official text has its signature and code with its last sentence, on the back."""
    paper = paper_of(allotting.granted(city, "201", "202"), kind)
    pdf = pypdfium2.PdfDocument(office.to_pdf(word_file(paper)))
    try:
        assert len(pdf) == pages
        picture = pdf[pages - 1].render(scale=2).to_pil()
    finally:
        pdf.close()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [address_on(paper)]


@pytest.mark.parametrize(
    ("rooms", "told"),
    [
        (("101", "201"), "1–2层 2 间"),
        (("201", "B101"), "地下1层、2层 2 间"),
        (("B101", "101"), "地下1层、1层 2 间"),
    ],
)
def test_a_place_names_no_floor_without_a_room(
    city: City, rooms: tuple[str, ...], told: str
) -> None:
    rows = [AllocationRoom(room=city.room(number)) for number in rooms]
    assert vouchers.place_of(rows) == f"市发展中心北苑常委楼{told}"


def test_the_register_of_all_vouchers_leaves_the_papers_of_offices_out(city: City) -> None:
    paper = paper_of(allotting.granted(city), vouchers.VOUCHER.key)
    assert not queries.vouchers(Scope.all()).filter(pk=paper.pk).exists()
    held = Held(duty="x", title="", verbs=frozenset({queries.SEE}), reach=Reach.CITY)
    of_other_field = Actor(name="调度员", held=(held,))
    assert of_other_field.scope(queries.SEE).everything
    with pytest.raises(Voucher.DoesNotExist):
        queries.visible(actor=of_other_field, voucher_id=paper.pk)
    assert queries.visible(actor=city.actor("keeper"), voucher_id=paper.pk) == paper
