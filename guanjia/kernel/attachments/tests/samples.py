"""Files for tests, made here and nowhere copied from."""

import io
import struct
import zipfile
import zlib

from PIL import Image, TiffImagePlugin

PLACE = (29.0, 16.0, 7.25)  # degrees, minutes, seconds north


def png(width: int = 40, height: int = 20, colour: str = "red") -> bytes:
    """A plain PNG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def jpeg(width: int = 40, height: int = 20, colour: str = "red", **extra: object) -> bytes:
    """A plain JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", **extra)
    return out.getvalue()


def webp() -> bytes:
    """A plain WebP."""
    out = io.BytesIO()
    Image.new("RGB", (30, 30), "blue").save(out, "WEBP")
    return out.getvalue()


def photo() -> bytes:
    """A phone's photo lying on its side, the left half red, the right blue, with a place."""
    image = Image.new("RGB", (80, 40), "red")
    image.paste((0, 0, 255), (40, 0, 80, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it upright
    exif[0x010F] = "Spycam"
    ratio = TiffImagePlugin.IFDRational
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", tuple(ratio(int(part * 100), 100) for part in PLACE)
    gps[29] = "2020:05:20"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"SECRET-COMMENT", quality=95)
    return out.getvalue()


def pdf(pages: int = 1, text: str = "Hello") -> bytes:
    """A PDF with some empty pages of A4 and a word on each."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(pages))
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    stream = f"BT /F1 48 Tf 72 700 Td ({text}) Tj ET"
    for number in range(pages):
        parts.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        parts.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n".encode()
    table = len(out)
    out += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF".encode()
    return bytes(out)


def locked_pdf() -> bytes:
    """A PDF that nobody has the password of."""
    lock = (
        f"/ID [<{'00' * 16}> <{'00' * 16}>] /Encrypt << /Filter /Standard /V 1 /R 2 "
        f"/O <{'11' * 32}> /U <{'22' * 32}> /P -4 >> /Root"
    )
    return pdf().replace(b"/Root", lock.encode())


MAIN = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    "docm": "application/vnd.ms-word.document.macroEnabled.main+xml",
}


def package(**members: bytes | str) -> bytes:
    """A zip; two underscores stand for a slash, and one for a dot before the ending."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def office(kind: str, **more: bytes | str) -> bytes:
    """A package as Word, Excel or PowerPoint write it, as far as anybody looks."""
    types = f'<Types><Override PartName="/x.xml" ContentType="{MAIN[kind]}"/></Types>'
    return package(**{"[Content_Types].xml": types, "_rels/.rels": "<x/>", **more})


def old_office(*streams: str) -> bytes:
    """Microsoft's old container, as far as anybody looks: its head and the names of its streams."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)


def huge_png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    whole = png(1, 1)
    head = b"IHDR" + struct.pack("!II", width, height) + b"\x08\x02\x00\x00\x00"

    return (
        whole[:8] + struct.pack("!I", 13) + head + struct.pack("!I", zlib.crc32(head)) + whole[33:]
    )
