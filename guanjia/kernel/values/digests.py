"""Digests of files: SM3 (GB/T 32905), as the house writes them everywhere. Pure."""

import hashlib

LENGTH = 64  # hexadecimal digits


def sm3(content: bytes) -> str:
    """The SM3 digest of some bytes, 64 hexadecimal digits.

    Raises ``ValueError`` where Python's OpenSSL was built without SM3.
    """
    return hashlib.new("sm3", content).hexdigest()
