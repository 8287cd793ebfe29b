"""From a template and facts to a title and a body; a fact that is missing is a fault, not a gap."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.template import Context, Engine

TITLE_MAX, BODY_MAX = 100, 2000
_MISSING = "\x00missing %s\x00"


class MissingFact(LookupError):
    """A template names a fact that it was not given."""


@cache
def _engine() -> Engine:
    """Templates of every app, as plain text: nothing is escaped, nothing is silently left out."""
    return Engine(app_dirs=True, autoescape=False, string_if_invalid=_MISSING)


def write(*, template: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Title and body of a notice.

    Text among the facts loses its line breaks, so that nobody's comment becomes a line of ours.
    """
    given = {name: _one_line(value) for name, value in facts.items()}
    text = _engine().get_template(template).render(Context(given, autoescape=False))
    if "\x00" in text:
        raise MissingFact(f"{template}: {text.split(chr(0))[1].removeprefix('missing ')}")
    title, _, body = text.strip().partition("\n")
    lines = (line.strip() for line in body.splitlines())
    return cut(title.strip(), TITLE_MAX), cut("\n".join(filter(None, lines)), BODY_MAX)


def _one_line(value: Any) -> Any:
    return " ".join(value.replace("\x00", "").split()) if isinstance(value, str) else value


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, the end of a longer one as …."""
    return text if len(text) <= most else text[: most - 1] + "…"
