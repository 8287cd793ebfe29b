"""A kind of voucher for tests, its papers, and the units they are issued to."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import transaction

import guanjia
from guanjia.kernel.access import subjects
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.vouchers import actions
from guanjia.kernel.vouchers.actions import Paper
from guanjia.kernel.vouchers.models import Voucher
from guanjia.kernel.vouchers.terms import VoucherKind

TODAY = AT.date()
DAY = timedelta(days=1)
HOUSE = Path(guanjia.__path__[0])
ALLOCATION = VoucherKind(
    key="test.allocation",
    title="调配使用凭证",
    pattern="景调配〔{year}〕{number:03d}号",
    series="test.allocation",
    template=HOUSE / "domains" / "space" / "templates-docx" / "allocation.docx",
    official=True,
    public=("使用单位", "地点"),
)
SENTENCES = ("根据有关规定，经批准，现将3号楼501室调配给你单位使用。", "请按照批准的用途使用。")


def paper(unit: Unit, **changes: Any) -> Paper:
    """A paper for a unit about itself, from today for ten days."""
    given: dict[str, Any] = {
        "kind": ALLOCATION,
        "subject": unit,
        "unit": unit,
        "issuer": "景德镇市机关事务管理局",
        "facts": {"sentences": list(SENTENCES)},
        "shown": [("使用单位", unit.name), ("地点", "3号楼501室")],
        "valid_from": TODAY,
        "valid_until": TODAY + 10 * DAY,
    }
    return Paper(**{**given, **changes})


def issue(unit: Unit, *, actor: Actor = SYSTEM, at: datetime = AT, **changes: Any) -> Voucher:
    """Issue a paper in a transaction of its own, as an action would."""
    with transaction.atomic():
        return actions.issue(actor=actor, paper=paper(unit, **changes), at=at)


def replace(old: Voucher, unit: Unit, *, at: datetime = AT, **changes: Any) -> Voucher:
    """Issue a paper in the place of another."""
    with transaction.atomic():
        return actions.replace(
            actor=SYSTEM,
            voucher_id=old.pk,
            paper=paper(unit, **changes),
            reason="面积有变",
            at=at,
        )


def broken(folder: Path) -> VoucherKind:
    """The kind with a template that is no Word file."""
    path = folder / "broken.docx"
    path.write_bytes(b"PK, but not for long")
    return dataclasses.replace(ALLOCATION, template=path)


@contextmanager
def seen_by(*who: str) -> Iterator[None]:
    """Units as subjects that only these people, by name, may open."""
    kind = Subject(
        model="org.unit", title="单位", page="portal:unit", sees=lambda actor, _: actor.name in who
    )
    with mock.patch.dict(subjects._subjects):
        subjects.declare(kind)
        yield


def day(text: str) -> date:
    """A day as ``2020-05-20``."""
    return date.fromisoformat(text)
