"""Where the row of a declared kind is shown."""

from guanjia.kernel.access import subjects
from guanjia.ui.registers import addresses


def url_of(model: str, row_id: int) -> str:
    """The address of the page of a row; ``""`` for a kind nobody declared."""
    subject = subjects.get(model)
    return addresses.maybe(subject.page, row_id) if subject is not None else ""
