"""Golden files of notices: what each kind says of fixed facts. Refresh with GUANJIA_REFRESH=1."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from guanjia.kernel.notices import wording
from guanjia.kernel.notices.kinds import NoticeKind


def said(kind: NoticeKind, facts: Mapping[str, Any], *, folder: Path, name: str) -> tuple[str, str]:
    """What the kind says now, and what it said when somebody last looked."""
    title, body = wording.write(template=kind.template, facts=facts)
    text = f"{title}\n{body}\n"
    kept = folder / f"{name}.txt"
    if os.environ.get("GUANJIA_REFRESH") == "1":
        folder.mkdir(exist_ok=True)
        kept.write_text(text, "utf-8")
    return text, kept.read_text("utf-8")
