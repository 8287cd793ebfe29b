"""Files of a test lie in a folder of its own."""

from pathlib import Path
from typing import Any

import pytest

from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.tests import builders


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: Any) -> Path:
    """The store, and no templates or fonts of a bureau."""
    settings.FILES_ROOT = tmp_path / "files"
    settings.VOUCHER_TEMPLATES = tmp_path / "templates"
    settings.VOUCHER_FONTS = tmp_path / "fonts"
    settings.PUBLIC_URL = "https://guanjia.example"
    return tmp_path


@pytest.fixture
def unit(db: None) -> Unit:
    """The unit that vouchers are issued to."""
    return builders.unit("3602D036", name="景德镇市农业农村局", short_name="农业农村局")
