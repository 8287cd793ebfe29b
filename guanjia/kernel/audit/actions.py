"""Writing the trail, sealing it, and checking that nobody touched it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.backends.postgresql.psycopg_any import Range

from guanjia.kernel.audit import checks
from guanjia.kernel.audit.models import Record, Seal
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Actor

_SEAL_LOCK = 7_205_001  # any number of our own: one sealer at a time
_BATCH = 2000


@dataclass(frozen=True)
class VerifyResult:
    """What a check of the trail found; ``problems`` are Chinese sentences.

    ``checked`` counts records; ``compared`` counts, by the title of each enlisted check, the things
    that were compared with what the trail says of them.
    """

    checked: int
    problems: list[str] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every sealed record is as it was, and so is what the trail tells of."""
        return not self.problems


def plain(value: Any) -> Any:
    """A value as JSON can hold it: dates as ISO text, decimals as text, ranges as pairs."""
    match value:
        case datetime() | date() | Decimal() | UUID():
            return value.isoformat() if isinstance(value, date) else str(value)
        case models.Model():
            return {"id": value.pk, "label": str(value)}
        case Range():
            return [plain(value.lower), plain(value.upper)]
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
    return value


def facts_of(row: models.Model, *names: str) -> dict[str, Any]:
    """The named fields of a row (all plain columns when none are named), for before and after."""
    wanted = names or tuple(
        f.attname for f in row._meta.concrete_fields if not isinstance(f, models.GeneratedField)
    )
    return {name: plain(getattr(row, name)) for name in wanted}


def entry(
    *,
    actor: Actor,
    verb: str,
    on: models.Model | str,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    verdict: Verdict | None = None,
    note: str = "",
    unit_path: str = "",
) -> Record:
    """A record that is not written yet; ``record_many`` writes many at once."""
    row = None if isinstance(on, str) else on
    return Record(
        at=at,
        account_id=actor.account_id,
        person_id=actor.person_id,
        name=actor.name,
        address=actor.address or None,
        verb=verb,
        on_type=row._meta.label_lower if row is not None else "",
        on_id=row.pk if row is not None else None,
        on_label=str(on)[:200],
        unit_path=unit_path or getattr(row, "unit_path", ""),
        before=plain(before) if before is not None else None,
        after=plain(after) if after is not None else None,
        verdict=verdict.as_json() if verdict is not None else None,
        note=note[:2000],
    )


def record(**parts: Any) -> Record:
    """Write one record; takes what ``entry`` takes. Belongs inside the action's transaction."""
    written = entry(**parts)
    written.save(force_insert=True)
    return written


def record_many(records: Iterable[Record]) -> None:
    """Write many records in a few statements."""
    Record.objects.bulk_create(records, batch_size=1000)


def seal() -> int:
    """Chain the records that are there; returns how many were sealed.

    A record's id is taken when it is written, but it appears at commit. The short table lock waits
    for every writer in flight, so that no record can slip in behind the seal afterwards.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        cursor.execute("LOCK TABLE audit_record IN SHARE MODE")
        top = Record.objects.aggregate(top=models.Max("pk"))["top"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])
        last = Seal.objects.order_by("-last_id").first()
        loose = Record.objects.filter(pk__gt=last.last_id if last else 0, pk__lte=top or 0)
        found = loose.aggregate(first=models.Min("pk"), count=models.Count("pk"))
        if not found["count"]:
            return 0
        digest = _digest(last.digest if last else "", found["first"], top)
        Seal.objects.create(
            first_id=found["first"], last_id=top, records=found["count"], digest=digest
        )
        return int(found["count"])


def verify() -> VerifyResult:
    """Recompute every seal; says which stretch of the trail was changed, and seals the rest.

    Then the enlisted checks compare what others keep (files) with what the trail says of it; their
    problems are prefixed with their title.
    """
    problems: list[str] = []
    checked, previous = 0, ""
    for kept in Seal.objects.order_by("last_id").iterator():
        found = Record.objects.filter(pk__gte=kept.first_id, pk__lte=kept.last_id).count()
        stretch = f"第 {kept.first_id} 至 {kept.last_id} 号记录"
        if found != kept.records:
            problems.append(f"{stretch}：封存时 {kept.records} 条，现在 {found} 条。")
        elif _digest(previous, kept.first_id, kept.last_id) != kept.digest:
            problems.append(f"{stretch}：内容与封存时不一致。")
        checked += found
        previous = kept.digest
    if not problems:
        checked += seal()
    compared: dict[str, int] = {}
    for title, check in checks.all_checks().items():
        compared[title], wrong = _twice(check)
        problems.extend(f"{title}：{problem}" for problem in wrong)
    return VerifyResult(checked=checked, problems=problems, compared=compared)


def _twice(check: checks.Check) -> tuple[int, list[str]]:
    """What a check finds, and finds again: work goes on while it reads one table after another."""
    count, found = check()
    wrong = list(found)
    if not wrong:
        return count, []
    again = set(check()[1])
    return count, [problem for problem in wrong if problem in again]


def _digest(previous: str, first_id: int, last_id: int) -> str:
    digest = hashlib.sha256(previous.encode())
    for line in _lines(first_id, last_id):
        digest.update(line)
    return digest.hexdigest()


def _lines(first_id: int, last_id: int) -> Iterator[bytes]:
    names = [field.attname for field in Record._meta.concrete_fields]
    rows = Record.objects.filter(pk__gte=first_id, pk__lte=last_id).order_by("pk")
    for row in rows.values_list(*names).iterator(chunk_size=_BATCH):
        yield json.dumps([plain(v) for v in row], ensure_ascii=False, sort_keys=True).encode()
