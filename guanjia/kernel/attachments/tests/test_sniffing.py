"""What a file is, told by its bytes; names as they are kept. Without a database."""

import io
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.kernel.attachments import naming, sniffing
from guanjia.kernel.attachments.sniffing import Unfit
from guanjia.kernel.attachments.terms import ANY, PICTURES, Bounds, Media, size
from guanjia.kernel.attachments.tests import samples

KNOWN = [
    ("a.jpg", samples.jpeg(), Media.JPEG),
    ("a.png", samples.png(), Media.PNG),
    ("a.webp", samples.webp(), Media.WEBP),
    ("a.pdf", samples.pdf(), Media.PDF),
    ("a.docx", samples.office("docx"), Media.DOCX),
    ("a.xlsx", samples.office("xlsx"), Media.XLSX),
    ("a.pptx", samples.office("pptx"), Media.PPTX),
    ("a.ofd", samples.package(**{"OFD.xml": "<ofd:OFD/>"}), Media.OFD),
    ("a.doc", samples.old_office("WordDocument"), Media.DOC),
    ("a.wps", samples.old_office("WordDocument"), Media.DOC),
    ("a.xls", samples.old_office("Workbook"), Media.XLS),
    ("a.ppt", samples.old_office("PowerPoint Document"), Media.PPT),
    ("a.txt", "防汛值守安排\n第一行".encode(), Media.TEXT),
    ("a.txt", "防汛值守安排".encode("gb18030"), Media.TEXT),
    ("a.txt", "BMW 和 MZ 开头的也是文字".encode(), Media.TEXT),
    ("a.csv", "姓名,单位\n莫兴,市直".encode("utf-8-sig"), Media.CSV),
]
REFUSED = [
    ("a.exe", b"MZ\x90\x00" + bytes(60), "file_kind", "可执行程序"),
    ("a.jpg", b"MZ\x90\x00" + bytes(60), "file_kind", "可执行程序"),
    ("a", b"\x7fELF" + bytes(60), "file_kind", "可执行程序"),
    ("a.txt", b"#!/bin/sh\nrm -rf /", "file_kind", "脚本"),
    ("a.txt", b"<!DOCTYPE html><script>1</script>", "file_kind", "网页"),
    ("a.jpg", b"\n <HTML><body onload=x>", "file_kind", "网页"),
    ("a.svg", b"<svg xmlns='x'><script/></svg>", "file_kind", "网页或 SVG"),
    ("a.svg", b"<?xml version='1.0'?><svg/>", "file_kind", "网页或 SVG"),
    ("a.txt", b"<!-- hi --><svg onload=x>", "file_kind", "网页或 SVG"),
    ("a.zip", samples.package(**{"a.txt": "x"}), "file_kind", "压缩包"),
    ("a.jar", samples.package(**{"META-INF/MANIFEST.MF": "x"}), "file_kind", "压缩包"),
    ("a.rtf", b"{\\rtf1 x}", "file_kind", "RTF"),
    ("a.rar", b"Rar!\x1a\x07" + bytes(20), "file_kind", "RAR"),
    ("a.gif", b"GIF89a" + bytes(20), "file_kind", "GIF"),
    ("a.tif", b"II*\x00" + bytes(20), "file_kind", "TIFF"),
    ("a.heic", b"\x00\x00\x00\x18ftypheic" + bytes(20), "file_heic", "兼容性最佳"),
    ("a.docm", samples.office("docm"), "file_macro", "宏"),
    ("a.docx", samples.office("docx", **{"word/vbaProject.bin": b"x"}), "file_macro", "宏"),
    ("a.doc", samples.old_office("WordDocument", "_VBA_PROJECT"), "file_macro", "宏"),
    ("a.docx", samples.old_office("EncryptedPackage"), "file_locked", "密码"),
    ("a.msi", samples.old_office("Property"), "file_kind", "认不出"),
    ("a.docx", samples.office("docx")[:60], "file_broken", "损坏"),
    ("a.bin", bytes(range(256)), "file_kind", "认不出"),
    ("a.txt", b"abc\x00def", "file_kind", "认不出"),
    ("a.txt", "防汛".encode("utf-16"), "file_kind", "认不出"),
]


@pytest.mark.parametrize(("name", "content", "media"), KNOWN, ids=lambda each: str(each)[:12])
def test_a_known_kind_is_told_by_its_bytes_whatever_it_is_called(
    name: str, content: bytes, media: Media
) -> None:
    assert sniffing.sniff(content=content, name=name) is media
    assert sniffing.agreed_name(name=name, media=media) == name
    if media is not Media.CSV:
        assert sniffing.sniff(content=content, name="x.exe") is media


@pytest.mark.parametrize(
    ("name", "content", "code", "said"), REFUSED, ids=lambda each: str(each)[:12]
)
def test_what_is_on_no_list_is_refused_and_named(
    name: str, content: bytes, code: str, said: str
) -> None:
    with pytest.raises(Unfit) as unfit:
        sniffing.sniff(content=content, name=name)
    assert unfit.value.code == code
    assert said in unfit.value.why


def test_a_package_that_claims_to_unpack_to_gigabytes_is_refused() -> None:
    bomb = samples.office("xlsx", **{f"x{n}.xml": bytes(40_000_000) for n in range(8)})
    assert len(bomb) < 1_000_000
    with pytest.raises(Unfit, match="展开后过大"):
        sniffing.sniff(content=bomb, name="a.xlsx")


def test_a_package_of_too_many_members_is_refused() -> None:
    bomb = samples.office("docx", **{f"x{n}": b"" for n in range(5_001)})
    with pytest.raises(Unfit, match="展开后过大"):
        sniffing.sniff(content=bomb, name="a.docx")


def test_a_package_squeezed_as_no_office_does_is_refused() -> None:
    squeezed = io.BytesIO()
    with zipfile.ZipFile(squeezed, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("[Content_Types].xml", "wordprocessingml.document.main+xml" * 99)
    content = bytearray(squeezed.getvalue())
    content[120] ^= 0xFF  # its decoder raises what no other does
    for each in (squeezed.getvalue(), bytes(content)):
        with pytest.raises(Unfit, match="损坏"):
            sniffing.sniff(content=each, name="a.docx")


def test_a_million_comments_are_passed_over_at_once() -> None:
    # One pattern for all of them would try more ways than a computer can.
    assert sniffing.sniff(content=b"<!---->" * 1_000_000 + b"x", name="a.txt") is Media.TEXT
    for comments in (b"<!---->" * 40, b"\n<!-- a --> <!-- b -->\n", b"<!-->"):
        with pytest.raises(Unfit, match="网页"):
            sniffing.sniff(content=comments + b"<svg>", name="a.txt")


@given(st.binary(max_size=300))
def test_no_bytes_make_the_judge_stumble(content: bytes) -> None:
    said = ""
    try:
        said = sniffing.sniff(content=content, name="a.txt").label
    except Unfit as unfit:
        said = unfit.why
    assert said


@pytest.mark.parametrize(
    ("name", "media", "agreed"),
    [
        ("照片.JPEG", Media.JPEG, "照片.JPEG"),
        ("照片.jpg", Media.WEBP, "照片.webp"),
        ("照片.png", Media.JPEG, "照片.jpg"),
        ("照片", Media.JPEG, "照片.jpg"),
        ("扫描件", Media.PDF, "扫描件.pdf"),
    ],
)
def test_pictures_may_bear_each_others_endings_and_a_missing_one_is_added(
    name: str, media: Media, agreed: str
) -> None:
    assert sniffing.agreed_name(name=name, media=media) == agreed


@pytest.mark.parametrize(
    ("name", "media"),
    [("扫描件.jpg", Media.PDF), ("公函.pdf", Media.JPEG), ("表.xlsx", Media.XLS),
     ("跑.bat", Media.TEXT), ("跑.js", Media.TEXT), ("a.pdf.exe", Media.PDF)],
)  # fmt: skip
def test_a_name_that_says_another_thing_is_refused_naming_both(name: str, media: Media) -> None:
    with pytest.raises(Unfit) as unfit:
        sniffing.agreed_name(name=name, media=media)
    assert unfit.value.code == "file_mismatch"
    assert naming.ending_of(name) in unfit.value.why
    assert media.label in unfit.value.why
    assert media.extensions[0] in unfit.value.why


# ── names ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("公函.PDF", "公函.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\公函.doc", "公函.doc"),
        ("公函\u202efdp.exe", "公函fdp.exe"),
        ("a\x00b\r\nc.txt", "ab c.txt"),
        (".htaccess", "htaccess"),
        ("  . . ", "未命名"),
        ("", "未命名"),
        ('问?"题<1>|*.txt', "问__题_1___.txt"),
        ("e\u0301t\u00e9.txt", "\u00e9t\u00e9.txt"),
        ("字" * 300 + ".xlsx", "字" * 115 + ".xlsx"),
        ("a" * 300, "a" * 120),
        ("第 1 页 . pdf", "第 1 页 . pdf"),
    ],
)
def test_a_name_is_cleaned(name: str, clean: str) -> None:
    assert naming.cleaned(name) == clean


@given(st.text(max_size=400))
def test_no_name_comes_out_dangerous(name: str) -> None:
    clean = naming.cleaned(name)
    assert 1 <= len(clean) <= naming.NAME_MAX
    assert naming.cleaned(clean) == clean, "cleaning again changes nothing"
    assert unicodedata.normalize("NFC", clean) == clean
    assert not set(clean) & set('/\\<>:"|?*')
    assert not clean.startswith((".", " "))
    assert not {unicodedata.category(sign) for sign in clean} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(max_size=200), st.sampled_from([".pdf", ".jpeg", ".docx"]))
def test_an_ending_survives_however_long_the_name(name: str, ending: str) -> None:
    clean = naming.cleaned(f"字{name}x{ending}")
    assert naming.ending_of(clean) == ending
    assert naming.cleaned(naming.renamed(clean, ".png")).endswith(".png")


# ── bounds ──────────────────────────────────────────────────────────────────────────────


def test_bounds_say_what_a_file_field_accepts_and_in_words() -> None:
    bounds = Bounds(count_max=3, bytes_max=5 * 1024 * 1024, kinds=PICTURES)
    assert bounds.accept() == "image/jpeg,image/png,image/webp,.jpg,.jpeg,.png,.webp"
    assert bounds.words() == "图片，每个不超过 5 MB，最多 3 个"
    assert "image/*" not in ANY.accept()
    assert ANY.narrowed(bounds).bytes_max == bounds.bytes_max
    assert ANY.narrowed(bounds).kinds == PICTURES


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 字节"), (900, "900 字节"), (1024, "1 KB"), (830_000, "811 KB"),
     (1_258_291, "1.2 MB"), (20 * 1024 * 1024, "20 MB")],
)  # fmt: skip
def test_sizes_are_written_as_people_read_them(count: int, said: str) -> None:
    assert size(count) == said
