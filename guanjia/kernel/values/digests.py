"""Digests of files and plain data: SM3 (GB/T 32905), as the house writes them everywhere. Pure."""

import hashlib
import json
from typing import Any

LENGTH = 64  # hexadecimal digits


def sm3(content: bytes) -> str:
    """The SM3 digest of some bytes, 64 hexadecimal digits.

    Raises ``ValueError`` where Python's OpenSSL was built without SM3.
    """
    return hashlib.new("sm3", content).hexdigest()


def sm3_of(content: Any) -> str:
    """The SM3 digest of plain data, the same however it was kept: its names sorted."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sm3(text.encode())
