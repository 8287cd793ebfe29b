"""Text from outside that did not come through a form: what the database cannot hold. Pure."""

from unicodedata import category

_KEPT = "\n\t"


_ID_MAX = 18  # digits of an id: what a bigint holds


def is_id(text: str) -> bool:
    """Whether text from an address or a field can be the id of a row: ``int`` takes it (``²``
    it does not, nor 5,000 digits), and so does the column."""
    return text.isdecimal() and len(text) <= _ID_MAX


def storable(text: str) -> str:
    """The text without control characters and halves of characters (``\\u0000``, ``\\ud800``).

    JSON may carry both; PostgreSQL takes neither, and nobody sees them.
    """
    if text.isprintable():
        return text
    return "".join(one for one in text if one in _KEPT or category(one) not in ("Cc", "Cs"))
