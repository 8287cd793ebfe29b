"""`make check`: pages a person can review, no line of a template longer than ``LIMIT`` characters.

A browser drops a line break between blocks, and one inside a tag; break long lines there. Between
words of Chinese text it shows as a space: break before the ``>`` of a tag instead.
"""

import sys
from pathlib import Path

LIMIT = 160
ROOT = Path(__file__).resolve().parent.parent / "guanjia"


def main() -> int:
    """Print each line that is too long with its place; 1 where there is one."""
    found = [
        f"{path.relative_to(ROOT.parent)}:{number}: {len(line)} characters, {LIMIT} at most"
        for path in sorted(ROOT.rglob("templates/**/*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LIMIT
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
