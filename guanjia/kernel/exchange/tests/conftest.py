"""Units alone are shared, and servers that do not answer are given up soon."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def units(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A dozen units under one, told of by the trigger."""
    from guanjia.kernel.exchange import triggers, wires  # noqa: PLC0415 — read before Django is ready
    from guanjia.kernel.exchange.tests import builders  # noqa: PLC0415 — as above
    from guanjia.kernel.org.tests import builders as org  # noqa: PLC0415 — as above
    from guanjia.kernel.outside import http  # noqa: PLC0415 — as above

    monkeypatch.setattr(http, "SECONDS", 0.25)
    with wires.only(builders.UNITS):
        triggers.install()
        root = org.unit("X00", name="市局")
        yield [root, *(org.unit(f"X{n:02d}", name=f"单位{n}", parent=root) for n in range(1, 12))]
