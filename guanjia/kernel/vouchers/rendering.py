"""Filling a Word template with the facts of a voucher."""

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from guanjia.engines.printing import printable
from guanjia.kernel.vouchers.terms import VoucherKind

QR_MM = 24


class TemplateUnusable(Exception):
    """The template cannot be filled with these facts; the message says where."""


def template_of(kind: VoucherKind) -> Path:
    """The Word file of a kind: the bureau's own where it laid one, else the department's."""
    own = Path(settings.VOUCHER_TEMPLATES) / f"{kind.key}.docx"
    return own if own.exists() else kind.template


def render(*, kind: VoucherKind, facts: Mapping[str, Any], address: str) -> bytes:
    """The Word file with the facts in their places and ``address`` as a picture.

    Every place of the template must be among the facts: a paper with a hole is none. Raises
    ``TemplateUnusable``.
    """
    path = template_of(kind)
    try:
        template = DocxTemplate(io.BytesIO(_content(path, path.stat().st_mtime_ns)))
        picture = InlineImage(template, io.BytesIO(qr_png(address)), width=Mm(QR_MM))
        filled = printable(facts) | {"qr": picture}
        template.render(filled, _ENVIRONMENT)
        file = io.BytesIO()
        template.save(file)
    except Exception as fault:  # whatever a file can hold that was changed elsewhere
        raise TemplateUnusable(f"{kind.title}（{path.name}）：{fault}") from fault
    return file.getvalue()


_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


@lru_cache(maxsize=64)
def _content(path: Path, _: int) -> bytes:
    """The bytes of a template, read again when the file changes."""
    return path.read_bytes()


def qr_png(address: str) -> bytes:
    """An address as a QR code that survives a fold or a stain (level M)."""
    file = io.BytesIO()
    segno.make_qr(address, error="m").save(file, kind="png", scale=8, border=2)
    return file.getvalue()


def qr_svg(address: str) -> str:
    """The same as SVG for a page."""
    return str(segno.make_qr(address, error="m").svg_inline(scale=4, border=2, omitsize=True))
