"""Fetch the free 仿宋 of guanjia/kernel/vouchers again and check it against its pinned checksum.

Nothing is downloaded when guanjia runs: the font is committed. Run this only to reproduce it:

    python tools/vendor_fonts.py            # needs Debian 12's apt-get, dpkg-deb and a network
    python tools/vendor_fonts.py --check    # compares the committed files only, needs neither

FandolFang (GPL 3 with the font exception: a document that embeds it is not bound) comes from
Debian's package of it. The fonts that GB/T 9704 names are sold and never shipped.
"""

import argparse
import gzip
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FONTS = Path(__file__).resolve().parent.parent / "guanjia" / "kernel" / "vouchers" / "fonts"
PACKAGE = "texlive-lang-chinese=2022.20230122-1"
PACKED = "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/FandolFang-Regular.otf"
TOLD = "usr/share/doc/texlive-doc/fonts/fandol"

FILES = {
    "FandolFang-Regular.otf": "d838ad32ce2244d8144f408c37fe71065aba6fbbc80759a4d2aa2033948d5bc9",
    "FandolFang-COPYING.txt": "853b586f0d520493390e571431afaf36a5fbb27dcfd239338a7ee9b0505cb004",
    "FandolFang-README.txt": "32537e063f4c7d4aebf016d5c8279cbce13f34fc8970f24b2578a3c04d0f8ca6",
}


def fetch() -> None:
    """Write the font with its licence from the pinned package."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        sys.exit("apt-get or dpkg-deb is missing; use --check to compare the committed files only.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        subprocess.run([apt, "download", PACKAGE], cwd=folder, check=True)  # noqa: S603 — constants
        (packed,) = folder.glob("*.deb")
        subprocess.run([dpkg, "-x", packed, folder / "x"], check=True)  # noqa: S603 — as above
        FONTS.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "x" / PACKED, FONTS / "FandolFang-Regular.otf")
        licence = gzip.decompress((folder / "x" / TOLD / "COPYING.gz").read_bytes())
        (FONTS / "FandolFang-COPYING.txt").write_bytes(licence)
        shutil.copyfile(folder / "x" / TOLD / "README", FONTS / "FandolFang-README.txt")


def wrong_files() -> list[str]:
    """Names of committed files that differ from what was reviewed."""
    return [
        name
        for name, expected in FILES.items()
        if not (FONTS / name).exists()
        or hashlib.sha256((FONTS / name).read_bytes()).hexdigest() != expected
    ]


def main() -> None:
    """Fetch (default) or only check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the committed files only")
    if not parser.parse_args().check:
        fetch()
    if wrong := wrong_files():
        sys.exit("Changed: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
