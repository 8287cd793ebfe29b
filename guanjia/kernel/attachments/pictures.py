"""Photos and drawings, opened and written anew: upright, bounded, and nothing in them but pixels.

What is written comes from pixels pasted into a fresh image, so no EXIF, place, comment, thumbnail
or profile of the original can come along. Colours of another space are brought to sRGB first.
"""

import contextlib
import io
import threading
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from guanjia.kernel.attachments.sniffing import Unfit
from guanjia.kernel.attachments.terms import Media

SIDE_MAX = 4096
PIXELS_MAX = 80_000_000  # a little less than Pillow itself begins to warn of
_FORMATS = {Media.JPEG: ("JPEG", "MPO"), Media.PNG: ("PNG",), Media.WEBP: ("WEBP",)}
_QUALITY = 88
_PREVIEW_QUALITY = 82
# A picture of the largest size takes a few hundred megabytes while it is open.
_room = threading.BoundedSemaphore(2)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    media: Media
    width: int
    height: int


def rewritten(*, content: bytes, media: Media, side_max: int = SIDE_MAX) -> Picture:
    """The picture upright, no side longer than ``side_max``, without anything but its pixels.

    Raises ``Unfit`` for what cannot be opened, or is too large to be opened safely.
    """
    with _room:
        image = _opened(content, media, side_max)
        out = io.BytesIO()
        if media is Media.JPEG:
            image.save(out, "JPEG", quality=_QUALITY, optimize=True)
        elif media is Media.PNG:
            image.save(out, "PNG", optimize=True)
        else:
            image.save(out, "WEBP", quality=_QUALITY)
    return Picture(content=out.getvalue(), media=media, width=image.width, height=image.height)


def preview(*, content: bytes, media: Media, side_max: int) -> bytes:
    """A JPEG of the picture, on white where it is transparent, no side longer than ``side_max``."""
    with _room:
        image = _opened(content, media, side_max)
        if image.mode != "RGB":
            white = Image.new("RGB", image.size, "white")
            white.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
            image = white
        out = io.BytesIO()
        image.save(out, "JPEG", quality=_PREVIEW_QUALITY, optimize=True)
    return out.getvalue()


def _broken() -> Unfit:
    return Unfit(code="file_broken", why="已损坏，打不开。重新拍一张或重新导出再传。")


def _huge() -> Unfit:
    return Unfit(code="file_bomb", why=f"超过 {PIXELS_MAX // 10_000} 万像素。缩小后再传。")


def _opened(content: bytes, media: Media, side_max: int) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS[media]) as image:
            if image.width * image.height > PIXELS_MAX:
                raise _huge()
            # A JPEG may be decoded at a half or a quarter at once, which saves most of the memory.
            image.draft(None, (side_max, side_max))
            return _fresh(image, side_max)
    except Unfit:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _huge() from bomb
    except Exception as broken:
        # A file made to harm can make a decoder stumble in any way; none of them is our fault.
        raise _broken() from broken


def _fresh(image: Image.Image, side_max: int) -> Image.Image:
    turned: Image.Image = image
    # What the camera noted may be garbled while the picture is fine: then it stays as it lies.
    with contextlib.suppress(Exception):
        turned = ImageOps.exif_transpose(image)
    flat = _in_srgb(turned, turned.info.get("icc_profile"))
    flat.thumbnail((side_max, side_max), Image.Resampling.LANCZOS)
    fresh = Image.new(flat.mode, flat.size)
    fresh.paste(flat)
    return fresh


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGB, or RGBA where it is transparent, in the colours every screen assumes."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey: the upper eight are the picture; Pillow alone would leave white.
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    plain = image.convert("RGBA" if clear else "RGB") if image.mode != "CMYK" else image
    if profile:
        # A profile that cannot be read is dropped like the rest of what is not pixels.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            moved = ImageCms.profileToProfile(
                plain.convert("RGB") if clear else plain,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            if moved is not None and clear:
                moved.putalpha(plain.getchannel("A"))
            if moved is not None:
                return moved
    return plain.convert("RGB") if plain.mode == "CMYK" else plain
