"""Texts as files of offices can hold them. Pure."""

import re
from collections.abc import Mapping
from typing import Any

# What XML forbids or warns of: it comes in by pasting and means nothing on paper. A carriage return
# would make two lines of one end of a line.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(value: Any) -> Any:
    """A text without the characters that no file holds, which nobody sees; the texts of mappings
    and lists likewise, anything else as it is."""
    match value:
        case str():
            return _UNPRINTABLE.sub("", value)
        case Mapping():
            return {name: printable(each) for name, each in value.items()}
        case list() | tuple():
            return [printable(each) for each in value]
    return value
