"""Duties and rows of the tests' own, and nobody who listens but the tests."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_declarations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units are what is asked about; whoever works at a unit or may read it sees it."""
    from guanjia.kernel.access import duties, subjects  # noqa: PLC0415 — read before Django is ready
    from guanjia.kernel.access.events import DutiesChanged  # noqa: PLC0415 — as above
    from guanjia.kernel.approvals import apps, routes  # noqa: PLC0415 — as above
    from guanjia.kernel.approvals.tests import builders  # noqa: PLC0415 — as above
    from guanjia.kernel.events import bus  # noqa: PLC0415 — as above

    monkeypatch.setattr(duties, "_duties", dict(duties._duties))
    monkeypatch.setattr(duties, "_titles", dict(duties._titles))
    monkeypatch.setattr(subjects, "_subjects", {})
    monkeypatch.setattr(routes, "_routes", {})
    monkeypatch.setattr(bus, "_subscribers", {DutiesChanged: [apps.seat_anew]})
    builders.declare()
