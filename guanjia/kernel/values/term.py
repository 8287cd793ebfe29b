"""Enumerations whose members carry their Chinese label."""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """An enumeration free of Django, whose members carry the label shown on screen.

    Write members as ``DRAFT = "DRAFT", "草稿"``; pass ``choices=State.choices`` to a model field.
    """

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        term = str.__new__(cls, value)
        term._value_, term.label = value, label
        return term

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Value and label of every member, as Django's ``choices=`` takes them."""
        return [(term.value, term.label) for term in cls]

    @classmethod
    def labels(cls) -> list[str]:
        """The labels in the order of definition."""
        return [term.label for term in cls]

    @classmethod
    def labelled(cls, label: str) -> Self | None:
        """The member with this label (surrounding blanks ignored), or ``None``."""
        wanted = label.strip()
        return next((term for term in cls if term.label == wanted), None)
