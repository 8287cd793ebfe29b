"""Fetch the chart library of guanjia/ui again and check it against pinned checksums.

Nothing is downloaded when guanjia runs: the result is committed. Run this only to reproduce it or,
after reading the notes on browser support, to move the version up:

    python tools/vendor_charts.py            # needs npm and a network
    python tools/vendor_charts.py --check    # compares the committed files only, needs neither

Apache ECharts 5.6.0, the "common" build: bars and lines with tooltips and mark lines, drawn as SVG.
It is written for old browsers (ES5), builds no code from text (our policy forbids that) and asks
nobody outside for anything.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from vendor_assets import PACKAGES, STATIC, sha256, unpack

PACKAGE = "echarts@5.6.0"
ARCHIVE = "e1b82487dd7f8d9f0438eec1f1433051148e0095ac7a15d4db890afda45cf610"
SCRIPT = STATIC / "echarts.min.js"
DIGEST = "55974cf42cc160e6cf9099cd3ed8cdedfaa9779919fcee7e2272c85f6ca30e27"
LICENCE = STATIC / "echarts-LICENSE.txt"
# What a strict Content-Security-Policy would refuse to run.
FORBIDDEN = (b"new Function(", b"eval(", b"importScripts(")


def fetch() -> None:
    """Write the script and its licences from the pinned package."""
    PACKAGES[PACKAGE] = ARCHIVE
    with tempfile.TemporaryDirectory() as temporary:
        folder = unpack(PACKAGE, Path(temporary))
        SCRIPT.write_bytes((folder / "dist" / "echarts.common.min.js").read_bytes())
        notice = (folder / "NOTICE").read_text(encoding="utf-8")
        licence = (folder / "LICENSE").read_text(encoding="utf-8")
        others = (folder / "licenses" / "LICENSE-d3").read_text(encoding="utf-8")
        LICENCE.write_text(f"{notice}\n{licence}{others}", encoding="utf-8")


def fault() -> str:
    """What is wrong with the committed files; empty when nothing is."""
    if not SCRIPT.exists() or sha256(SCRIPT) != DIGEST:
        return f"{SCRIPT.name} is not the file that was reviewed."
    if not LICENCE.exists():
        return f"{LICENCE.name} is missing."
    found = [each.decode() for each in FORBIDDEN if each in SCRIPT.read_bytes()]
    return f"{SCRIPT.name} builds code from text: {found}" if found else ""


def main() -> None:
    """Fetch (default) or only check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the committed files only")
    if not parser.parse_args().check:
        fetch()
    if wrong := fault():
        sys.exit(wrong)


if __name__ == "__main__":
    main()
