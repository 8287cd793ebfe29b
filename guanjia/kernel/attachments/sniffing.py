"""What a file is, judged by its bytes and never by what its name or its sender says. Pure.

Only a closed list of kinds is known; whatever is not on it is refused. Containers are looked into
with bounds of their own: nothing is unpacked but one small member that says what the rest is.
"""

import io
import re
import zipfile
import zlib

from guanjia.kernel.attachments import naming
from guanjia.kernel.attachments.terms import MIB, Media

_HEADS = (
    (b"\xff\xd8\xff", Media.JPEG),
    (b"\x89PNG\r\n\x1a\n", Media.PNG),
    (b"%PDF-", Media.PDF),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_MEMBERS_MAX = 5_000
_UNPACKED_BYTES_MAX = 300 * MIB
_TYPES_BYTES_MAX = 1 * MIB
_CONTENT_TYPES = "[Content_Types].xml"
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # all that office packages may use
_MACRO_MEMBER = re.compile(r"(?i)vbaproject\.bin$")
_MAIN_PARTS = (  # as [Content_Types].xml calls the part that makes a package what it is
    ("wordprocessingml.document.main+xml", Media.DOCX),
    ("spreadsheetml.sheet.main+xml", Media.XLSX),
    ("presentationml.presentation.main+xml", Media.PPTX),
)
_STREAMS = (  # names in the directory of Microsoft's old container
    ("WordDocument", Media.DOC),
    ("Workbook", Media.XLS),
    ("Book", Media.XLS),
    ("PowerPoint Document", Media.PPT),
)
_SPACE = re.compile(r"\s*")
_NEVER_TEXT = re.compile(r"<(?:!doctype|\?xml|html|svg|head|body|script|iframe|hta)", re.I)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BRANDS_HEIC = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_TOLD = (  # what is refused by name, because people would like to know why
    (b"MZ", "可执行程序"),
    (b"\x7fELF", "可执行程序"),
    (b"\xcf\xfa\xed\xfe", "可执行程序"),
    (b"#!", "脚本"),
    (b"GIF8", " GIF 动图"),
    (b"BM", " BMP 位图"),
    (b"II*\x00", " TIFF 图片"),
    (b"MM\x00*", " TIFF 图片"),
    (b"Rar!", " RAR 压缩包"),
    (b"7z\xbc\xaf", " 7z 压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"{\\rtf", " RTF 文档"),
)
_SCRIPTS = ("#!", "{\\rtf")  # text that is none
_INSTEAD = "换成图片、PDF、OFD、Word、Excel、PPT 或文本再传。"
_MACRO = "里有宏程序。另存为不带宏的格式（docx、xlsx、pptx）再传。"


class Unfit(Exception):
    """The file is none we take: a code, what it is or lacks, and what can be done."""

    def __init__(self, *, code: str, why: str) -> None:
        self.code, self.why = code, why
        super().__init__(why)


def sniff(*, content: bytes, name: str) -> Media:
    """What the bytes are; raises ``Unfit`` for what is on no list.

    The name only tells a table of commas from other text.
    """
    for head, media in _HEADS:
        if content.startswith(head):
            return media
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Media.WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _BRANDS_HEIC:
        raise Unfit(
            code="file_heic",
            why="是 HEIC 照片，多数电脑打不开。在手机“设置 › 相机 › 格式”里选“兼容性最佳”再拍，"
            "或转成 JPG 再传。",
        )
    if content.startswith(_OLE):
        return _old_office(content)
    if content.startswith(_ZIPS):
        return _package(content)
    return _text(content, name)


def agreed_name(*, name: str, media: Media) -> str:
    """The name with an ending that says what the file is.

    A missing ending is added, and one kind of picture may bear the name of another (phones and chat
    programs mix them up). Any other disagreement raises ``Unfit`` and names both.
    """
    ending = naming.ending_of(name)
    if ending in media.extensions:
        return name
    pictures = {each for kind in Media if kind.is_picture for each in kind.extensions}
    if not ending or (media.is_picture and ending in pictures):
        return naming.renamed(name, media.extensions[0])
    raise Unfit(
        code="file_mismatch",
        why=f"扩展名是 {ending}，内容却是{media.said}。"
        f"确是{media.said}的，把扩展名改成 {media.extensions[0]} 再传。",
    )


def _old_office(content: bytes) -> Media:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if has("EncryptedPackage"):
        raise Unfit(code="file_locked", why="有打开密码，去掉密码再传。")
    if has("_VBA_PROJECT"):
        raise Unfit(code="file_macro", why=_MACRO)
    for stream, media in _STREAMS:
        if has(stream):
            return media
    raise Unfit(code="file_kind", why=f"认不出是什么文件。{_INSTEAD}")


def _package(content: bytes) -> Media:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _opened(package)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, LookupError, NotImplementedError,
            RuntimeError, EOFError) as broken:  # fmt: skip
        raise Unfit(code="file_broken", why="已损坏，打不开。重新导出一份再传。") from broken


def _opened(package: zipfile.ZipFile) -> Media:
    members = package.infolist()
    claimed = sum(member.file_size for member in members)
    if len(members) > _MEMBERS_MAX or claimed > _UNPACKED_BYTES_MAX:
        raise Unfit(code="file_bomb", why="展开后过大。拆成几份，或转成 PDF 再传。")
    names = {member.filename for member in members}
    if "OFD.xml" in names:
        return Media.OFD
    if _CONTENT_TYPES not in names:
        raise Unfit(code="file_kind", why=f"是压缩包。解开后逐个上传，{_INSTEAD}")
    if any(_MACRO_MEMBER.search(name) for name in names):
        raise Unfit(code="file_macro", why=_MACRO)
    if package.getinfo(_CONTENT_TYPES).compress_type not in _COMPRESSIONS:
        raise zipfile.BadZipFile("office packages know no other compression")
    with package.open(_CONTENT_TYPES) as part:
        types = part.read(_TYPES_BYTES_MAX).decode("utf-8", "replace")
    if "macroEnabled" in types:
        raise Unfit(code="file_macro", why=_MACRO)
    for main, media in _MAIN_PARTS:
        if main in types:
            return media
    raise Unfit(code="file_kind", why=f"认不出是什么文件。{_INSTEAD}")


def _after_comments(text: str) -> int:
    """Where a text begins behind blanks and comments of HTML.

    By hand: one pattern for all of them tries every way to divide a thousand comments into groups.
    """
    place = _end_of_space(text, 0)
    while text.startswith("<!--", place) and (end := text.find("-->", place + 2)) >= 0:
        place = _end_of_space(text, end + 3)
    return place


def _end_of_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _text(content: bytes, name: str) -> Media:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.search(text) or text.startswith(_SCRIPTS):
            break
        if _NEVER_TEXT.match(text, _after_comments(text)):
            raise Unfit(code="file_kind", why=f"是网页或 SVG，不收。{_INSTEAD}")
        return Media.CSV if naming.ending_of(name) == ".csv" else Media.TEXT
    for head, what in _TOLD:
        if content.startswith(head):
            raise Unfit(code="file_kind", why=f"是{what}，不在可收的种类里。{_INSTEAD}")
    raise Unfit(code="file_kind", why=f"认不出是什么文件。{_INSTEAD}")
