"""A store of its own for every test, two people with accounts, and what files hang on here."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GUANJIA_CLAMD", "GUANJIA_CLAMD_REQUIRED", "GUANJIA_CLAMD_SECONDS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _subjects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units are the rows here; who belongs to a unit sees it."""
    from guanjia.kernel.access import subjects  # noqa: PLC0415 — read before Django is ready
    from guanjia.kernel.access.subjects import Subject  # noqa: PLC0415 — as above
    from guanjia.kernel.attachments import guards  # noqa: PLC0415 — as above

    monkeypatch.setattr(subjects, "_subjects", {})
    monkeypatch.setattr(guards, "_guards", {})
    subjects.declare(
        Subject(
            model="org.unit",
            title="单位",
            page="portal:unit",
            sees=lambda actor, row_id: actor.unit_id == row_id,
        )
    )
