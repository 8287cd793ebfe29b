"""Fetch the third-party assets of guanjia/ui again and check them against pinned checksums.

Nothing is downloaded when guanjia runs: the results are committed. Run this only to reproduce
them or, after reading the notes on browser support, to move a version up:

    python tools/vendor_assets.py            # needs npm and a network
    python tools/vendor_assets.py --check    # compares the committed files only, needs neither

Tabler stays at 1.0.0: later versions need CSS that office browsers (Chromium 88) do not have.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

UI = Path(__file__).resolve().parent.parent / "guanjia" / "ui"
STATIC = UI / "static" / "ui"
ICONS = UI / "icons.json"

# package@version -> SHA-256 of the packed archive
PACKAGES = {
    "@tabler/core@1.0.0": "961c35dfacae28bff16a63604754dfac640d74694636a7dfe8642602d86a1f30",
    "@tabler/icons@3.51.0": "b30108713d3fa60aee862c2a133225da8e0f309be0708fe2925763ff810c766c",
    "htmx.org@2.0.11": "165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e",
}

# (package, path inside it, file in static/ui)
COPIES = [
    ("@tabler/core@1.0.0", "dist/css/tabler.min.css", "tabler.min.css"),
    ("@tabler/core@1.0.0", "LICENSE", "tabler-LICENSE.txt"),
    ("htmx.org@2.0.11", "dist/htmx.min.js", "htmx.min.js"),
    ("htmx.org@2.0.11", "LICENSE", "htmx-LICENSE.txt"),
]

FILES = {
    "tabler.min.css": "68efb8668c8d3d91c27b16dba6b0d853d2c2c6c86ab33400d1220d1587e8b373",
    "htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
}

ICON_NAMES = [
    "adjustments-horizontal",
    "alarm",
    "alert-circle",
    "alert-octagon",
    "alert-triangle",
    "archive",
    "arrow-back-up",
    "arrow-down",
    "arrow-forward-up",
    "arrow-left",
    "arrow-right",
    "arrow-up",
    "arrows-exchange",
    "arrows-sort",
    "ban",
    "bell",
    "bell-ringing",
    "bolt",
    "book",
    "bookmark",
    "building",
    "building-community",
    "calendar",
    "calendar-due",
    "calendar-event",
    "calendar-time",
    "calendar-x",
    "camera",
    "car",
    "chart-bar",
    "check",
    "checklist",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "circle-check",
    "circle-dashed",
    "circle-x",
    "clipboard-check",
    "clipboard-list",
    "clock",
    "clock-hour-4",
    "cloud-off",
    "columns-3",
    "copy",
    "credit-card",
    "database-off",
    "device-floppy",
    "device-mobile",
    "device-tv",
    "dots",
    "download",
    "external-link",
    "eye",
    "eye-off",
    "file-alert",
    "file-certificate",
    "file-check",
    "file-export",
    "file-import",
    "file-plus",
    "file-spreadsheet",
    "file-text",
    "file-type-docx",
    "file-x",
    "filter",
    "flag",
    "gas-station",
    "gauge",
    "gavel",
    "grip-vertical",
    "hand-stop",
    "heart-handshake",
    "help-circle",
    "history",
    "home",
    "hourglass",
    "id",
    "inbox",
    "info-circle",
    "key",
    "layout-board",
    "layout-grid",
    "layout-sidebar-left-collapse",
    "layout-sidebar-left-expand",
    "leaf",
    "license",
    "line-height",
    "link",
    "list",
    "list-details",
    "loader-2",
    "lock",
    "lock-open",
    "login",
    "logout",
    "map-2",
    "map-pin",
    "menu-2",
    "message",
    "minus",
    "notes",
    "packages",
    "paperclip",
    "parking",
    "pencil",
    "phone",
    "photo",
    "pin",
    "plus",
    "printer",
    "receipt",
    "refresh",
    "report-analytics",
    "road",
    "robot",
    "route",
    "scale",
    "scan",
    "search",
    "send",
    "server-off",
    "settings",
    "share",
    "shield",
    "shield-check",
    "sitemap",
    "sort-ascending",
    "sort-descending",
    "star",
    "steering-wheel",
    "table",
    "tag",
    "tool",
    "trash",
    "upload",
    "user",
    "user-check",
    "user-off",
    "user-plus",
    "user-search",
    "user-shield",
    "users",
    "versions",
    "wifi-off",
    "x",
    "zoom",
]

_PATH = re.compile(r'<path[^>]* d="([^"]+)"')
_BOX = "M0 0h24v24H0z"  # the invisible frame every Tabler icon starts with


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def unpack(package: str, into: Path) -> Path:
    """Fetch one pinned package with npm and return its folder; a wrong checksum stops all."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed; use --check to compare the committed files only.")
    packed = subprocess.run(  # noqa: S603 — fixed arguments, the names are constants above
        [npm, "pack", "--silent", package], cwd=into, check=True, capture_output=True, text=True
    )
    archive = into / packed.stdout.strip().splitlines()[-1]
    if sha256(archive) != PACKAGES[package]:
        sys.exit(f"{package}: the archive is not the one that was reviewed.")
    folder = into / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def icon_paths(folder: Path) -> dict[str, list[str]]:
    """The path data of every icon we use, by name."""
    icons = {}
    for name in sorted(set(ICON_NAMES)):
        svg = (folder / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
        icons[name] = [d for d in _PATH.findall(svg) if d != _BOX]
    return icons


def fetch() -> None:
    """Write static/ui/* and icons.json from the pinned packages."""
    with tempfile.TemporaryDirectory() as temporary:
        folders = {package: unpack(package, Path(temporary)) for package in PACKAGES}
        STATIC.mkdir(parents=True, exist_ok=True)
        for package, inside, name in COPIES:
            shutil.copyfile(folders[package] / inside, STATIC / name)
        icons = icon_paths(folders["@tabler/icons@3.51.0"])
    lines = (f"{json.dumps(name)}: {json.dumps(paths)}" for name, paths in icons.items())
    ICONS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def wrong_files() -> list[str]:
    """Names of committed files that differ from what was reviewed."""
    return [
        name
        for name, expected in FILES.items()
        if not (STATIC / name).exists() or sha256(STATIC / name) != expected
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
