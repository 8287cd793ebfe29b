"""Acts are declared, and rows change by ``change``: what is still spelled by hand only gets fewer.

``old_forms.json`` keeps how often each file of a department uses an old form. A file that is not
there uses none. ``GUANJIA_REFRESH=1`` writes it anew once something was ported; it never grows.
"""

import json
import os
import re
from pathlib import Path

import guanjia

ROOT = Path(guanjia.__file__).parent / "domains"
KEPT = Path(__file__).with_name("old_forms.json")
# Old form → what is used instead.
FORMS = {
    r"\.save\(update_fields": "change(...) of kernel/acts/changing, or move(...) of approvals/news",
    r"\baudit\.record\(": "change(...), or made(...) for what is new",
    r"<dialog\b": "an Act of ui/acts, whose page and button are made",
    r"^@require_POST$": "an Act of ui/acts",
}


def counted() -> dict[str, dict[str, int]]:
    """Old forms by file; a file without any is left out."""
    found = {}
    for path in sorted(ROOT.rglob("*")):
        if path.suffix not in (".py", ".html") or {"tests", "migrations"} & set(path.parts):
            continue
        text = path.read_text("utf-8")
        here = {form: len(re.findall(form, text, re.MULTILINE)) for form in FORMS}
        if any(here.values()):
            found[str(path.relative_to(ROOT))] = {form: n for form, n in here.items() if n}
    return found


def test_old_forms_only_get_fewer() -> None:
    now, kept = counted(), json.loads(KEPT.read_text("utf-8"))
    more = [
        f"{path}: {n} × {form} ({kept.get(path, {}).get(form, 0)} known); use {FORMS[form]}"
        for path, forms in now.items()
        for form, n in forms.items()
        if n > kept.get(path, {}).get(form, 0)
    ]
    assert not more, "\n".join(more)
    if os.environ.get("GUANJIA_REFRESH") == "1":
        KEPT.write_text(f"{json.dumps(now, indent=1, sort_keys=True)}\n", "utf-8")
    assert now == json.loads(KEPT.read_text("utf-8")), "fewer: GUANJIA_REFRESH=1 writes them down"
