"""The Excel file as a container: what it is, whether it is safe to unpack, what openpyxl hides.

An .xlsx file is a zip of XML. Before anything parses it, every member is unpacked once in small
pieces against bounds that do not trust the sizes the zip claims.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

from openpyxl.utils import coordinate_to_tuple
from openpyxl.utils.exceptions import InvalidFileException

FILE_BYTES_MAX = 50 * 1024 * 1024
_UNPACKED_BYTES_MAX = 300 * 1024 * 1024
_STRINGS_BYTES_MAX = 80 * 1024 * 1024
_RATIO_MAX = 150  # sheets of real offices pack about 10:1, repetitive ones 40:1
_RATIO_FROM_BYTES = 20 * 1024 * 1024
_MEMBERS_MAX = 2000
_MERGES_MAX = 20_000
_PIECE = 1024 * 1024
_OVERLAP = 512

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP_ENCRYPTED_FLAG = 0x1
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_MERGE = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="\$?([A-Z]{1,3}\$?\d{1,7}):([A-Z]{1,3}\$?\d{1,7})"'
)


# What openpyxl lets through when a workbook is not what it should be. Errors of a database (from a
# progress callback) are none of these.
STUMBLES = (
    ArithmeticError,
    AttributeError,
    EOFError,
    ET.ParseError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class Unreadable(Exception):
    """The file as a whole cannot be read; the sentence says why and what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code, self.sentence = code, sentence
        super().__init__(sentence)


@dataclass
class Part:
    """What the first pass noticed in one member of the zip."""

    size: int = 0
    has_formulas: bool = False
    merges: set[tuple[int, int, int, int]] = field(default_factory=set)  # row, column, row, column


@dataclass(frozen=True)
class Container:
    """A file that may be parsed: its bytes, and what was noticed, by member name."""

    data: bytes
    parts: dict[str, Part]

    @property
    def sheet_bytes(self) -> int:
        """How large the sheets are once unpacked."""
        return sum(
            part.size for name, part in self.parts.items() if name.startswith("xl/worksheets/")
        )

    def open(self) -> IO[bytes]:
        """The bytes as a file."""
        return io.BytesIO(self.data)


def bytes_of(file: Path | str | bytes | IO[bytes]) -> bytes:
    """The content, read up to the bound; raises ``Unreadable`` above it or when it is not there."""
    if isinstance(file, bytes):
        data = file
    elif isinstance(file, Path | str):
        try:
            with Path(file).open("rb") as opened:
                data = opened.read(FILE_BYTES_MAX + 1)
        except OSError:
            raise Unreadable("file_missing", "打不开这个文件，核对路径和读取权限。") from None
    else:
        file.seek(0)
        data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise Unreadable("file_too_large", "文件超过 50 MB，删去图片或分成几个文件再上传。")
    return data


def unpack(file: Path | str | bytes | IO[bytes]) -> Container:
    """Check that this is an .xlsx file within all bounds; raises ``Unreadable``."""
    data = bytes_of(file)
    _must_be_zip(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _must_be_workbook(archive)
            return Container(data, _first_pass(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise Unreadable(
            "file_damaged", "文件已损坏，没有读入。用 Excel 打开，另存为 .xlsx 再上传。"
        ) from None


def _must_be_zip(data: bytes) -> None:
    if not data:
        raise Unreadable("file_empty", "文件是空的，重新选一个。")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Unreadable("file_encrypted", "文件加了密码，去掉密码另存后再上传。")
        raise Unreadable("file_old_format", "这是旧格式（.xls）文件，另存为 .xlsx 再上传。")
    if not data.startswith(b"PK"):
        raise Unreadable("file_not_excel", "这不是 Excel 文件，另存为 .xlsx 再上传。")


def _must_be_workbook(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if any(member.flag_bits & _ZIP_ENCRYPTED_FLAG for member in members):
        raise Unreadable("file_encrypted", "文件加了密码，去掉密码另存后再上传。")
    if "xl/workbook.bin" in names:
        raise Unreadable("file_old_format", "这是二进制格式（.xlsb）文件，另存为 .xlsx 再上传。")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable("file_not_excel", "这不是 Excel 文件，另存为 .xlsx 再上传。")
    if len(members) > _MEMBERS_MAX:
        raise _bomb()


def _bomb() -> Unreadable:
    return Unreadable("file_bomb", "文件解开后大得不正常，没有读入。只留台账本身，另存后再上传。")


def _first_pass(archive: zipfile.ZipFile) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    unpacked = 0
    for member in archive.infolist():
        part = parts.setdefault(member.filename, Part())
        is_xml = member.filename.endswith((".xml", ".rels", ".vml"))
        for piece, window in _pieces(archive, member):
            part.size += len(piece)
            unpacked += len(piece)
            _must_stay_in_bounds(member, part.size, unpacked)
            if is_xml:
                _notice(part, window)
    return parts


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[tuple[bytes, bytes]]:
    """Pieces of the member, each also with the end of the one before it."""
    before = b""
    with archive.open(member) as opened:
        while piece := opened.read(_PIECE):
            yield piece, before + piece
            before = piece[-_OVERLAP:]


def _must_stay_in_bounds(member: zipfile.ZipInfo, size: int, unpacked: int) -> None:
    if unpacked > _UNPACKED_BYTES_MAX:
        raise _bomb()
    if size > _RATIO_FROM_BYTES and size > _RATIO_MAX * max(member.compress_size, 1):
        raise _bomb()
    if size > _STRINGS_BYTES_MAX and member.filename.endswith("sharedStrings.xml"):
        raise _bomb()


def _notice(part: Part, window: bytes) -> None:
    if _DECLARATION.search(window):
        raise Unreadable("file_not_excel", "文件里有 Excel 不会写入的内容，没有读入。")
    part.has_formulas = part.has_formulas or _FORMULA.search(window) is not None
    for found in _MERGE.finditer(window):
        if len(part.merges) >= _MERGES_MAX:
            raise Unreadable("too_many_merges", "合并单元格过多，取消合并后再上传。")
        first, last = (coordinate_to_tuple(ref.decode().replace("$", "")) for ref in found.groups())
        part.merges.add((*first, *last))


def uncomputed_cells(container: Container, member: str) -> set[tuple[int, int]]:
    """Row and column of formulas without a stored result; openpyxl shows them as empty.

    A formula whose result is the empty text (``t="str"``) does have one.
    """
    found: set[tuple[int, int]] = set()
    part = container.parts.get(member)
    if part is None or not part.has_formulas:
        return found
    with zipfile.ZipFile(container.open()) as archive, archive.open(member) as opened:
        # Declarations and entities were refused by the first pass.
        for _, element in ET.iterparse(opened):  # noqa: S314
            name = element.tag.rsplit("}", 1)[-1]
            if name == "c":
                _note_uncomputed(element, found)
            if name in ("c", "row"):
                element.clear()
    return found


def _note_uncomputed(cell: ET.Element, found: set[tuple[int, int]]) -> None:
    children = {child.tag.rsplit("}", 1)[-1]: child for child in cell}
    if "f" not in children or cell.get("t") == "str" or not cell.get("r"):
        return
    stored = children.get("v")
    if stored is None or not stored.text:
        found.add(coordinate_to_tuple(cell.get("r", "")))
