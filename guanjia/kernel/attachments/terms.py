"""Kinds of files, their states, and how much of them a row may carry. Pure."""

from dataclasses import dataclass

from guanjia.kernel.values.term import Term

KIB = 1024
MIB = 1024 * KIB

ATTACHMENT = "附件"
SIGNATURE = "签名"  # part of what was decided: nobody takes it away by hand

STAGED_COUNT_MAX = 40  # files of one account that wait for their form
STAGED_BYTES_MAX = 300 * MIB
REASON_MAX = 200


class FileState(Term):
    """The life of a file."""

    STAGED = "STAGED", "待提交"
    KEPT = "KEPT", "已附上"
    REMOVED = "REMOVED", "已移除"
    EXPIRED = "EXPIRED", "已到期清除"


class Scan(Term):
    """Whether a virus scanner has seen the file."""

    NOT_SCANNED = "NOT_SCANNED", "未查毒"
    CLEAN = "CLEAN", "已查毒"


class Media(Term):
    """What a file is, by its content; the value is its media type. A closed list."""

    JPEG = "image/jpeg", "JPEG 图片"
    PNG = "image/png", "PNG 图片"
    WEBP = "image/webp", "WebP 图片"
    PDF = "application/pdf", "PDF 文档"
    DOCX = (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Word 文档",
    )
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel 表格"
    PPTX = (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "PPT 演示文稿",
    )
    DOC = "application/msword", "Word 97 文档"
    XLS = "application/vnd.ms-excel", "Excel 97 表格"
    PPT = "application/vnd.ms-powerpoint", "PPT 97 演示文稿"
    OFD = "application/ofd", "OFD 版式文件"
    TEXT = "text/plain", "文本文件"
    CSV = "text/csv", "CSV 表格"

    @property
    def is_picture(self) -> bool:
        """Whether it is opened, turned upright and written anew."""
        return self in PICTURES

    @property
    def has_preview(self) -> bool:
        """Whether the server can draw it."""
        return self.is_picture or self is Media.PDF

    @property
    def said(self) -> str:
        """The label as it stands behind a Chinese word: with a space before Latin letters."""
        return f" {self.label}" if self.label[0].isascii() else self.label

    @property
    def extensions(self) -> tuple[str, ...]:
        """How its names end, the usual one first."""
        return _EXTENSIONS[self]


# The office suite of Kingsoft writes Microsoft's old container under its own names.
_EXTENSIONS: dict[Media, tuple[str, ...]] = {
    Media.JPEG: (".jpg", ".jpeg"),
    Media.PNG: (".png",),
    Media.WEBP: (".webp",),
    Media.PDF: (".pdf",),
    Media.DOCX: (".docx",),
    Media.XLSX: (".xlsx",),
    Media.PPTX: (".pptx",),
    Media.DOC: (".doc", ".wps"),
    Media.XLS: (".xls", ".et"),
    Media.PPT: (".ppt", ".dps"),
    Media.OFD: (".ofd",),
    Media.TEXT: (".txt",),
    Media.CSV: (".csv",),
}

PICTURES = frozenset({Media.JPEG, Media.PNG, Media.WEBP})
DOCUMENTS = frozenset(Media) - PICTURES
ANY_KIND = frozenset(Media)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How many files a row may carry, how large each and all of them may be, and of what kinds."""

    count_max: int = 9
    bytes_max: int = 20 * MIB
    total_bytes_max: int = 100 * MIB
    kinds: frozenset[Media] = ANY_KIND

    def accept(self) -> str:
        """For the ``accept`` of a file field: media types and extensions.

        Pictures are listed one by one and not as ``image/*``: phones then hand out JPEG instead of
        a format of their own.
        """
        kinds = [media for media in Media if media in self.kinds]
        endings = [ending for media in kinds for ending in media.extensions]
        return ",".join([*(media.value for media in kinds), *endings])

    def narrowed(self, other: "Bounds") -> "Bounds":
        """The stricter of both in every respect."""
        return Bounds(
            count_max=min(self.count_max, other.count_max),
            bytes_max=min(self.bytes_max, other.bytes_max),
            total_bytes_max=min(self.total_bytes_max, other.total_bytes_max),
            kinds=self.kinds & other.kinds,
        )

    def words(self) -> str:
        """What may be chosen, in one line: ``图片、文档，每个不超过 20 MB，最多 9 个``."""
        names = [
            word for word, kinds in _GROUPS if kinds & self.kinds
        ]  # grouped: thirteen kinds would not be read
        return f"{'、'.join(names)}，每个不超过 {size(self.bytes_max)}，最多 {self.count_max} 个"


_GROUPS: tuple[tuple[str, frozenset[Media]], ...] = (
    ("图片", PICTURES),
    ("PDF", frozenset({Media.PDF})),
    ("OFD", frozenset({Media.OFD})),
    ("Word", frozenset({Media.DOCX, Media.DOC})),
    ("Excel", frozenset({Media.XLSX, Media.XLS, Media.CSV})),
    ("PPT", frozenset({Media.PPTX, Media.PPT})),
    ("文本", frozenset({Media.TEXT})),
)

ANY = Bounds()


def size(count: int) -> str:
    """Bytes as people read them: ``812 KB``, ``1.2 MB``, ``20 MB``."""
    if count < KIB:
        return f"{count} 字节"
    if count < MIB:
        return f"{max(1, round(count / KIB))} KB"
    return f"{count / MIB:.1f}".removesuffix(".0") + " MB"
