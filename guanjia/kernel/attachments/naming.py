"""Names of files as they are kept: one line, no path, nothing that deceives the eye. Pure."""

import re
import unicodedata

NAME_MAX = 120
_UNNAMED = "未命名"
# Control signs, marks that turn the direction of writing, halves of signs, and separators of lines.
_NEVER = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
_RESERVED = re.compile(r'[<>:"|?*]')
_ENDING = re.compile(r"\.[0-9A-Za-z]{1,8}$")


def cleaned(name: str) -> str:
    """The name without its path and without what no file system or screen should meet.

    At most ``NAME_MAX`` characters, its ending kept; never empty, never hidden.
    """
    base = re.split(r"[/\\]", name)[-1]
    text = re.sub(r"\s", " ", base)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in _NEVER)
    text = _RESERVED.sub("_", unicodedata.normalize("NFC", text))
    text = re.sub(r" +", " ", text).strip(" .")
    if not text:
        return _UNNAMED
    ending = ending_of(text)
    stem = text[: len(text) - len(ending)] if ending else text
    return stem[: NAME_MAX - len(ending)].rstrip(" .") + ending


def ending_of(name: str) -> str:
    """``.pdf`` of ``公函.PDF``; empty where nothing looks like an ending."""
    found = _ENDING.search(name)
    return found.group().lower() if found and found.start() > 0 else ""


def renamed(name: str, ending: str) -> str:
    """The name with another ending."""
    old = ending_of(name)
    stem = name[: len(name) - len(old)] if old else name
    return stem[: NAME_MAX - len(ending)].rstrip(" .") + ending
