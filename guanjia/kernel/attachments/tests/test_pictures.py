"""Pictures written anew, PDF drawn in a process of its own. Without a database."""

import io
import struct

import pytest
from PIL import Image, ImageCms

from guanjia.kernel.attachments import pdfs, pictures
from guanjia.kernel.attachments.sniffing import Unfit
from guanjia.kernel.attachments.terms import Media
from guanjia.kernel.attachments.tests import samples


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_photo_comes_out_upright_and_without_place_camera_or_comment() -> None:
    before = samples.photo()
    assert opened(before).getexif().get_ifd(0x8825)[1] == "N", "the sample has a place"
    assert opened(before).info["comment"] == b"SECRET-COMMENT"
    made = pictures.rewritten(content=before, media=Media.JPEG)
    after = opened(made.content)
    assert (made.width, made.height) == after.size == (40, 80), "turned upright"
    assert after.getpixel((20, 10))[0] > 200, "what was left is above"
    assert after.getpixel((20, 70))[2] > 200
    assert dict(after.getexif()) == {}
    assert after.getexif().get_ifd(0x8825) == {}
    assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    place = struct.pack(">IIIIII", 29, 1, 16, 1, 29, 4)  # 29 degrees, 16 minutes, 7.25 seconds
    for trace in (b"Exif", place, b"Spycam", b"SECRET-COMMENT", b"2020:05:20"):
        assert trace in before, "the sample has it"
        assert trace not in made.content


def test_a_png_and_a_webp_lose_their_texts_and_profiles() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010F] = "Spycam"
    for media, form in ((Media.PNG, "PNG"), (Media.WEBP, "WEBP")):
        out = io.BytesIO()
        image = Image.new("RGBA", (20, 20), (255, 0, 0, 128))
        image.save(out, form, exif=exif, icc_profile=profile, xmp=b"<x:xmpmeta>SECRET</x:xmpmeta>")
        assert b"Spycam" in out.getvalue()
        made = pictures.rewritten(content=out.getvalue(), media=media)
        after = opened(made.content)
        assert after.mode == "RGBA", "what was transparent stays so"
        assert not {"exif", "icc_profile", "xmp", "XML:com.adobe.xmp"} & set(after.info)
        for trace in (b"Spycam", b"SECRET", b"iCCP", b"ICCP", b"eXIf", b"EXIF"):
            assert trace not in made.content


def test_a_large_picture_is_scaled_down_and_a_small_one_is_left() -> None:
    made = pictures.rewritten(content=samples.jpeg(5000, 2500), media=Media.JPEG)
    assert (made.width, made.height) == (4096, 2048)
    assert pictures.rewritten(content=samples.png(7, 5), media=Media.PNG).width == 7


def test_a_print_shops_colours_become_those_of_the_screen() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (20, 20), (0, 255, 255, 0)).save(out, "JPEG")
    made = pictures.rewritten(content=out.getvalue(), media=Media.JPEG)
    assert opened(made.content).mode == "RGB"


def test_a_grey_scan_of_sixteen_bits_keeps_its_greys() -> None:
    out = io.BytesIO()
    image = Image.new("I;16", (20, 20), 0x8000)
    image.save(out, "PNG")
    made = pictures.rewritten(content=out.getvalue(), media=Media.PNG)
    assert 120 <= opened(made.content).convert("L").getpixel((5, 5)) <= 136


@pytest.mark.parametrize("side", [(9_000, 9_000), (60_000, 60_000)])
def test_a_picture_that_claims_too_many_pixels_is_not_even_opened(side: tuple[int, int]) -> None:
    with pytest.raises(Unfit) as unfit:
        pictures.rewritten(content=samples.huge_png(*side), media=Media.PNG)
    assert unfit.value.code == "file_bomb"


@pytest.mark.parametrize(
    ("content", "media"),
    [(samples.jpeg()[:200], Media.JPEG), (samples.png()[:60], Media.PNG),
     (b"\xff\xd8\xff" + bytes(50), Media.JPEG), (samples.huge_png(100, 100), Media.PNG)],
)  # fmt: skip
def test_a_broken_picture_is_refused_in_words(content: bytes, media: Media) -> None:
    with pytest.raises(Unfit, match="已损坏") as unfit:
        pictures.rewritten(content=content, media=media)
    assert unfit.value.code == "file_broken"


def test_a_preview_is_a_small_jpeg_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (600, 300), (0, 0, 0, 0)).save(out, "PNG")
    drawn = opened(pictures.preview(content=out.getvalue(), media=Media.PNG, side_max=240))
    assert (drawn.format, drawn.size) == ("JPEG", (240, 120))
    assert drawn.getpixel((10, 10)) == (255, 255, 255)


# ── PDF ─────────────────────────────────────────────────────────────────────────────────


def test_the_pages_of_a_pdf_are_counted_and_drawn() -> None:
    content = samples.pdf(3)
    assert pdfs.count(content=content) == 3
    drawn = opened(pdfs.preview(content=content, page=2, side_max=400))
    assert drawn.format == "JPEG"
    assert max(drawn.size) == 400
    assert drawn.convert("L").getextrema()[0] < 100, "there is ink on it"


def test_a_page_that_is_not_there_cannot_be_drawn() -> None:
    with pytest.raises(Unfit):
        pdfs.preview(content=samples.pdf(1), page=2, side_max=100)


@pytest.mark.parametrize("content", [b"%PDF-1.4\nrubbish", samples.pdf()[:80], b"%PDF-"])
def test_a_broken_pdf_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Unfit, match="已损坏"):
        pdfs.count(content=content)


def test_a_pdf_with_a_password_is_refused_and_says_so() -> None:
    locked = samples.locked_pdf()
    with pytest.raises(Unfit, match="密码"):
        pdfs.count(content=locked)


def test_a_pdf_that_takes_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    slow = tmp_path / "slow.py"  # type: ignore[operator]  # a path
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(pdfs, "_CHILD", slow)
    monkeypatch.setattr(pdfs, "_SECONDS_MAX", 0.3)
    with pytest.raises(Unfit, match="太复杂"):
        pdfs.count(content=samples.pdf())
