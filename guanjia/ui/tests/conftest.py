"""The furniture is tried without the front hall, whichever tests ran before."""

import pytest

from guanjia.ui import wiring


@pytest.fixture(autouse=True)
def _no_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody counts and nobody names the bureau: neither asks a database here."""
    monkeypatch.setattr(wiring, "_todo_count", [])
    monkeypatch.setattr(wiring, "_bureau", [lambda: "机关事务管理局"])
