"""Check codes (核验码): twelve signs of Crockford's base 32, sixty bits nobody can guess. Pure."""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_GROUP = 4
_READ_AS = str.maketrans("OIL", "011")
_BETWEEN = "-‐‑–— \t"
_LONGEST = 40  # with any reasonable dashes and blanks between


def new_code() -> str:
    """A fresh code from the system's own source of randomness."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def printed(code: str) -> str:
    """``K7Q29F4MXT3C`` as people read it aloud: ``K7Q2-9F4M-XT3C``."""
    return "-".join(code[place : place + _GROUP] for place in range(0, len(code), _GROUP))


def read(text: str) -> str:
    """What somebody typed as a code, ``""`` for what cannot be one.

    Small letters, blanks and dashes are fine; O is read as 0, I and L as 1. Full-width signs, as an
    input method leaves them, too.
    """
    if len(text) > _LONGEST:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    kept = "".join(sign for sign in plain if sign not in _BETWEEN)
    code = kept.upper().translate(_READ_AS)
    return code if len(code) == LENGTH and all(sign in ALPHABET for sign in code) else ""
