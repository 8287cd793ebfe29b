"""Build the Word templates of the vouchers again, so that a change of layout can be reviewed.

    python tools/make_templates.py            # writes the .docx files below guanjia/
    python tools/make_templates.py --check    # compares only

The results are committed; a bureau edits a copy of them in Word. Two runs give the same bytes.
Sizes of official texts are those of GB/T 9704-2012, see docs/kernel/vouchers.md.
"""

import argparse
import io
import re
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from docx.document import Document
from docx.oxml.ns import nsdecls
from word.agreement import agreement
from word.bill import bill_sheet
from word.official import allocation
from word.page import BIAO, FANG, HEI, SONG
from word.trip import trip_sheet

HOUSE = Path(__file__).resolve().parent.parent / "guanjia"
WHEN = (2020, 1, 1, 0, 0, 0)

TEMPLATES: dict[str, Callable[[], Document]] = {
    "domains/fleet/templates-docx/trip_sheet.docx": trip_sheet,
    "domains/fleet/templates-docx/bill.docx": bill_sheet,
    "domains/space/templates-docx/allocation.docx": allocation,
    "domains/space/templates-docx/agreement.docx": agreement,
}


def _font_table() -> bytes:
    """The fonts that are named, each with those that may stand in for it on somebody's desk."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="default"/></w:font>'
        for name, others, family in (
            (FANG, "仿宋", "modern"),
            (BIAO, "方正小标宋_GBK", "script"),
            (HEI, "SimHei", "modern"),
            (SONG, "SimSun", "auto"),
        )
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{head}<w:fonts {nsdecls('w')}>{fonts}</w:fonts>".encode()


def packed(made: Document) -> bytes:
    """The document as bytes that do not depend on when it was made."""
    kept = made.core_properties
    kept.created = kept.modified = kept.last_printed = datetime(*WHEN, tzinfo=UTC)
    draft, final = io.BytesIO(), io.BytesIO()
    made.save(draft)
    with zipfile.ZipFile(draft) as old, zipfile.ZipFile(final, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            if "thumbnail" in name:
                continue
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            content = old.read(name)
            if name == "_rels/.rels":  # the picture of an empty page goes, and what points at it
                content = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", content)
            if name == "word/fontTable.xml":
                content = _font_table()
            new.writestr(entry, content)
    return final.getvalue()


def main() -> None:
    """Write the templates (default) or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the committed files only")
    check = parser.parse_args().check
    wrong = []
    for name, build in TEMPLATES.items():
        path, content = HOUSE / name, packed(build())
        if check:
            wrong += [name] if not path.exists() or path.read_bytes() != content else []
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if wrong:
        sys.exit("Differ from what this script builds: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
