"""Acts are declared, and rows change by ``change``: what is spelled by hand is named here, with the
reason; pages that read a form themselves only get fewer.
"""

import re
from pathlib import Path

import guanjia

ROOT = Path(guanjia.__file__).parent / "domains"
# Old form → what is used instead.
FORMS = {
    r"\.save\(update_fields": "change(...) of kernel/acts/changing, or move(...) of approvals/news",
    r"\baudit\.record\(": "change(...), or made(...) for what is new",
    r"<dialog\b": "an Act of ui/acts, whose page and button are made",
    r"^@require_POST$": "an Act of ui/acts",
}
# Screens that are worked on in one place, and answer with themselves (docs/decisions/0021).
EXCEPT = {
    ("fleet/pages/board_acts.py", r"^@require_POST$"): "the board comes back as it was left",
    ("fleet/pages/drive.py", r"^@require_POST$"): "the telephone keeps it while there is no net",
    ("space/pages/patrol.py", r"^@require_POST$"): "many records of a telephone, each answered",
    ("space/templates/space/patrol_round.html", r"<dialog\b"): "the picture of the camera; no act",
}
# Pages that still read a form themselves.
NOT_YET = {
    "energy/pages/assessments.py",
    "energy/pages/keys.py",
    "energy/pages/returns.py",
    "energy/pages/sites.py",
    "fleet/pages/bills.py",
    "fleet/pages/disposals.py",
    "fleet/pages/keys.py",
    "fleet/pages/network.py",
    "fleet/pages/requests.py",
    "fleet/pages/sealing.py",
    "fleet/pages/sightings.py",
    "fleet/pages/urgent.py",
    "space/pages/filling.py",
    "space/pages/findings.py",
    "space/pages/handing_over.py",
    "space/pages/plan_entry.py",
    "space/pages/rounds.py",
    "space/pages/survey_filling.py",
}


def used(form: str) -> set[str]:
    """The files of the departments that use an old form."""
    return {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.suffix in (".py", ".html")
        and not {"tests", "migrations"} & set(path.parts)
        and re.search(form, path.read_text("utf-8"), re.MULTILINE)
    }


def test_no_old_form_is_used_but_where_it_is_said_why() -> None:
    found = {(path, form) for form in FORMS for path in used(form)}
    more = [f"{path}: {form}; use {FORMS[form]}" for path, form in found - EXCEPT.keys()]
    assert not more, "\n".join(more)
    assert not EXCEPT.keys() - found, "ported: take it out of the exceptions"


def test_pages_that_read_a_form_themselves_only_get_fewer() -> None:
    """An ``Act`` has its form read for it, on its page and in the API."""
    screens = {path for path, _ in EXCEPT}
    found = {path for path in used(r"\brequest\.POST\b") if path.endswith(".py")} - screens
    assert not found - NOT_YET, "use an Act of ui/acts"
    assert not NOT_YET - found, "ported: take it out of those left"
