"""Where the row of a declared kind is shown."""

from django.urls import NoReverseMatch, reverse

from guanjia.kernel.access import subjects


def url_of(model: str, row_id: int) -> str:
    """The address of the page of a row; ``""`` for a kind nobody declared."""
    subject = subjects.get(model)
    if subject is None:
        return ""
    try:
        return reverse(subject.page, args=[row_id])
    except NoReverseMatch:
        return ""
