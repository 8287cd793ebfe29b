"""Where the letters of a PDF stand, as its reader sees them."""

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

MM = 72 / 25.4


@dataclass(frozen=True)
class Letter:
    """A visible letter: its foot point, the box of its ink, and its font."""

    sign: str
    x: float
    y: float
    box: tuple[float, float, float, float]  # left, bottom, right, top
    font: str
    size: float
    embedded: bool


@dataclass(frozen=True)
class Sheet:
    """A page: its size and its letters."""

    width: float
    height: float
    letters: list[Letter]

    def lines(self, *, above: float = 0) -> list[list[Letter]]:
        """The letters by line, from the top, of the lines higher than ``above``."""
        found: dict[float, list[Letter]] = {}
        for letter in self.letters:
            if letter.y > above:
                found.setdefault(round(letter.y, 1), []).append(letter)
        return [sorted(found[y], key=lambda each: each.x) for y in sorted(found, reverse=True)]


def sheets(content: bytes) -> list[Sheet]:
    """The pages of a PDF."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [
            Sheet(*page.get_size(), letters=list(_letters(page.get_textpage())))
            for page in document
        ]
    finally:
        document.close()


def _letters(page: pypdfium2.PdfTextPage) -> Iterable[Letter]:
    for place in range(page.count_chars()):
        sign = page.get_text_range(place, 1)
        if not sign.strip():
            continue
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDFText_GetCharOrigin(page.raw, place, ctypes.byref(x), ctypes.byref(y))
        name = ctypes.create_string_buffer(200)
        raw.FPDFText_GetFontInfo(page.raw, place, name, 200, ctypes.byref(ctypes.c_int()))
        font = raw.FPDFTextObj_GetFont(raw.FPDFText_GetTextObject(page.raw, place))
        yield Letter(
            sign=sign,
            x=x.value,
            y=y.value,
            box=page.get_charbox(place),
            font=name.value.decode(),
            size=raw.FPDFText_GetFontSize(page.raw, place),
            embedded=raw.FPDFFont_GetIsEmbedded(font) == 1,
        )
