"""Turning a Word file into a PDF with LibreOffice, and the fonts it does so with.

Fonts that an official text asks for and that cannot be given away stand in by free ones; a bureau
that has the real ones puts them into ``GUANJIA_FONTS``, where they are found first.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

import pypdfium2
from django.conf import settings

OURS = Path(__file__).parent / "fonts"
SECONDS_MAX = 90
_NAMES = ("soffice", "libreoffice")
_PREFIX = "guanjia-office-"

# The family a text names, the free one that stands in for it, and its weight.
STAND_INS = (
    ("仿宋_GB2312", "FandolFang", "regular"),
    ("仿宋", "FandolFang", "regular"),
    ("方正小标宋简体", "Noto Serif CJK SC", "bold"),
    ("方正小标宋_GBK", "Noto Serif CJK SC", "bold"),
    ("宋体", "Noto Serif CJK SC", "regular"),
    ("黑体", "Noto Sans CJK SC", "regular"),
    ("楷体_GB2312", "Noto Serif CJK SC", "regular"),
)
# LibreOffice sets a gap between Chinese and Latin letters, and lets commas hang out of the type
# area, whatever the Word file says; its own format can say no, so the way leads through that.
_WISHES = (
    (b'style:text-autospace="ideograph-alpha"', b'style:text-autospace="none"'),
    (b'style:punctuation-wrap="hanging"', b'style:punctuation-wrap="simple"'),
)


class NoOffice(Exception):
    """LibreOffice is not installed."""


class ConversionFailed(Exception):
    """LibreOffice gave no PDF, or not in time."""


def program() -> str:
    """Where LibreOffice is; ``""`` where it is not."""
    return next((found for name in _NAMES if (found := shutil.which(name))), "")


def to_pdf(content: bytes) -> bytes:
    """A Word file as PDF; raises ``NoOffice`` or ``ConversionFailed``.

    Each run has a folder and a profile of its own, so that several can go on at once and a crashed
    one leaves nothing behind.
    """
    office = program()
    if not office:
        raise NoOffice
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as made:
        folder = Path(made)
        (folder / "voucher.docx").write_bytes(content)
        (folder / "fonts.conf").write_text(fonts_conf(cache=folder / "cache"), encoding="utf-8")
        _convert(office, folder, "voucher.docx", "fodt")
        draft = folder / "voucher.fodt"
        flat = draft.read_bytes()
        for theirs, wished in _WISHES:
            flat = flat.replace(theirs, wished)
        draft.write_bytes(flat)
        _convert(office, folder, "voucher.fodt", "pdf")
        return (folder / "voucher.pdf").read_bytes()


def sweep() -> None:
    """Delete the folders of runs whose worker was killed before it could."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, or going just now
            if time.time() - left.stat().st_mtime > 10 * SECONDS_MAX:
                shutil.rmtree(left, ignore_errors=True)


def _convert(office: str, folder: Path, name: str, form: str) -> None:
    """One run; it and whatever it started is killed when it takes too long."""
    command = [
        office,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless", "--norestore", "--nolockcheck", "--convert-to", form,
        "--outdir", str(folder), str(folder / name),
    ]  # fmt: skip
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
    }
    with subprocess.Popen(  # noqa: S603 — a program of the system and paths of our own
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as running:  # fmt: skip
        try:
            said, _ = running.communicate(timeout=SECONDS_MAX)
        except BaseException as fault:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
            if isinstance(fault, subprocess.TimeoutExpired):
                raise ConversionFailed(f"no {form} within {SECONDS_MAX} s") from fault
            raise
    if not (folder / name).with_suffix(f".{form}").exists():
        words = re.sub(r"\s+", " ", said.decode("utf-8", "replace")).strip()
        raise ConversionFailed(f"no {form}, code {running.returncode}: {words[:300]}")


def fonts_conf(*, cache: Path) -> str:
    """A fontconfig file: the bureau's fonts, ours, the system's; then who stands in for whom.

    A stand-in is appended behind the family that was asked for: where that is there, it is used.
    """
    folders = [str(each) for each in (settings.VOUCHER_FONTS, OURS) if each]
    lines = [f"<dir>{escape(folder)}</dir>" for folder in folders]
    lines.append('<include ignore_missing="yes">/etc/fonts/fonts.conf</include>')
    lines.append(f"<cachedir>{escape(str(cache))}</cachedir>")
    for asked, given, weight in STAND_INS:
        lines.append(
            f'<match target="pattern"><test name="family"><string>{asked}</string></test>'
            f'<edit name="family" mode="append" binding="same"><string>{given}</string></edit>'
            + (
                '<edit name="weight" mode="assign"><const>bold</const></edit>'
                if weight == "bold"
                else ""
            )
            + "</match>"
        )
    head = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
    return head + "<fontconfig>\n" + "\n".join(lines) + "\n</fontconfig>\n"


def pages_of(content: bytes) -> int:
    """How many pages a PDF has; ``ConversionFailed`` for what is none."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as fault:
        raise ConversionFailed(f"not a PDF: {fault}") from fault
    try:
        return len(document)
    finally:
        document.close()
