"""Quotas (编制): asking for a change, what its approval leads to, entering what a ledger states."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.approvals import QUOTA
from guanjia.domains.fleet.events import QuotaChanged
from guanjia.domains.fleet.models import Quota, QuotaChange
from guanjia.domains.fleet.queries import quotas as reading
from guanjia.domains.fleet.rules import quotas as rules
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.purchases import FILES
from guanjia.domains.fleet.terms.quotas import CHANGE_MENDING, ChangeState, Standing
from guanjia.kernel.acts.changing import Files, change, locked, made
from guanjia.kernel.approvals import telling
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.news import Follow, move
from guanjia.kernel.attachments import guards
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor

SERIES = "fleet.quota"
ASK, ENTER, CHANGES = reading.ASK, reading.ENTER, reading.CHANGES
MENDED = ("delta", "takes_effect_on", "document", "reason")
ASKED = ("quota_id", *MENDED)

Rows = Sequence[Mapping[str, Any]]


def place_of(*, unit_id: int, use: str, on: date, without: int | None = None) -> Standing:
    """How a quota stands, with its row locked: who comes second sees what the first one took.

    Inside the caller's transaction. ``without`` leaves one purchase out of what is reserved.
    """
    list(Quota.objects.select_for_update().filter(unit=unit_id, use=use).values_list("pk"))
    return reading.standing(unit_id=unit_id, use=use, on=on, without=without)


def _locked_quota(unit: Unit, use: str) -> Quota:
    quota, _ = Quota.objects.get_or_create(unit=unit, use=use)
    held: Quota = (
        Quota.objects.select_for_update(of=("self",)).select_related("unit").get(pk=quota.pk)
    )
    return held


def _judge(quota: Quota, *, delta: int, takes_effect_on: date, at: datetime) -> Verdict:
    today = day_of(at)
    standing = reading.standing(
        unit_id=quota.unit_id, use=quota.use, on=max(takes_effect_on, today)
    )
    return rules.may_change(
        standing=standing, delta=delta, takes_effect_on=takes_effect_on, today=today, law=law_at(at)
    )


@transaction.atomic
def request_change(
    *, actor: Actor, facts: Mapping[str, Any], files: Sequence[int] = (), at: datetime
) -> QuotaChange:
    """Ask for a quota to be granted, raised or lowered (申请编制).

    ``facts``: ``unit_id``, ``use``, ``delta``, ``takes_effect_on``, ``reason``, optionally
    ``document``. Needs ``fleet.quota.request`` for the unit. Opens the case of its approval.
    """
    actor.must(ASK)
    unit = Unit.objects.open().within(actor.scope(ASK)).get(pk=facts["unit_id"])
    quota = _locked_quota(unit, facts["use"])
    _with_reason(facts)
    verdict = _judge(
        quota, delta=facts["delta"], takes_effect_on=facts["takes_effect_on"], at=at
    ).enforce()
    asked: QuotaChange = QuotaChange.objects.create(
        number=_new_number(day_of(at).year),
        quota=quota,
        delta=facts["delta"],
        takes_effect_on=facts["takes_effect_on"],
        document=facts.get("document", "").strip(),
        reason=facts["reason"].strip(),
        state=ChangeState.PENDING,
        applicant_id=actor.person_id,
        asked_at=at,
    )
    made(
        asked, *ASKED, actor=actor, verb="fleet.quota.requested", at=at, verdict=verdict,
        files=_files(asked, files),
    )  # fmt: skip
    outcome = opening.open_case(
        route=QUOTA, subject=asked, unit=unit, applicant_id=actor.person_id, actor=actor,
        facts={"delta": asked.delta}, summary=reading.summary_of(asked), at=at,
    )  # fmt: skip
    telling.tell_checked(case=outcome.case, verdict=verdict, at=at)
    asked.refresh_from_db()
    return asked


def _with_reason(facts: Mapping[str, Any]) -> None:
    if not str(facts["reason"]).strip():
        refuse("reason_missing", "没有写事由。", "写明增加或核减的事由。", field="reason").enforce()


def _files(asked: QuotaChange, files: Sequence[int]) -> Files | None:
    return Files(ids=files, bounds=FILES, unit=asked.quota.unit) if files else None


def _new_number(year: int) -> str:
    return f"BZ{year}{numbering.next_number(series=SERIES, year=year):04d}"


@transaction.atomic
def change_request(
    *,
    actor: Actor,
    change_id: int,
    facts: Mapping[str, Any],
    files: Sequence[int] = (),
    comment: str = "",
    at: datetime,
) -> QuotaChange:
    """Mend a change that was sent back or taken back, and send it again. Only the applicant.

    ``facts``: as those of ``request_change``, without unit and class.
    """
    asked: QuotaChange = locked(
        CHANGES, actor=actor, verb=ASK, pk=change_id, act="再改", to=ChangeState.PENDING
    )
    if not actor.is_system and actor.person_id != asked.applicant_id:
        refuse("not_applicant", "只有申请人能改。", f"申请人：{asked.applicant}。").enforce()
    quota = _locked_quota(asked.quota.unit, asked.quota.use)
    _with_reason(facts)
    verdict = _judge(quota, delta=facts["delta"], takes_effect_on=facts["takes_effect_on"], at=at)
    told = {name: facts[name] for name in MENDED if name in facts}
    change(
        asked, {**told, "state": ChangeState.PENDING, "state_note": ""}, actor=actor,
        verb="fleet.quota.changed", at=at, verdict=verdict, files=_files(asked, files),
    )  # fmt: skip
    case = opening.case_of(asked, route=QUOTA.key)
    if case is None:
        raise Refused(refuse("no_case", "这一件没有审批。", "它由台账登记。").refusals)
    telling.tell_checked(case=case, verdict=verdict, at=at)
    opening.resubmit(
        case=case, route=QUOTA, unit=quota.unit, actor=actor, facts={"delta": asked.delta},
        summary=reading.summary_of(asked), comment=comment, at=at,
    )  # fmt: skip
    asked.refresh_from_db()
    return asked


@transaction.atomic
def set_document(*, actor: Actor, change_id: int, document: str, at: datetime) -> QuotaChange:
    """Write down the 文号 of the document that grants a change (登记文号)."""
    asked: QuotaChange = locked(
        CHANGES, actor=actor, verb=ENTER, pk=change_id, act="登记文号", when=(ChangeState.AGREED,)
    )
    if not document.strip():
        refuse("document_missing", "没有填文号。", "填批准文件的文号。", field="document").enforce()
    if asked.document != document.strip():
        change(asked, {"document": document}, actor=actor, verb="fleet.quota.documented", at=at)
    return asked


# ── what an approval leads to ──────────────────────────────────────────────────────────────


def _of_case(change_id: int) -> QuotaChange:
    found: QuotaChange = (
        QuotaChange.objects.select_for_update(of=("self",))
        .select_related("quota__unit")
        .get(pk=change_id)
    )
    return found


def _agreed(asked: QuotaChange, act: Act) -> None:
    """The quota changes, on the day asked for or, where that has passed, on the day of the act."""
    quota, at = _locked_quota(asked.quota.unit, asked.quota.use), act.at
    takes_effect_on = max(asked.takes_effect_on, day_of(at))
    _judge(quota, delta=asked.delta, takes_effect_on=takes_effect_on, at=at).enforce()
    move(asked, ChangeState.AGREED, decided_at=at, takes_effect_on=takes_effect_on)
    bus.publish(QuotaChanged(change_id=asked.pk))


def _stopped(asked: QuotaChange, act: Act) -> None:
    """Ended for good: the quota stays as it is."""
    move(asked, ChangeState.REFUSED, act.comment, decided_at=act.at)


OF_CHANGES = Follow(
    route=QUOTA.key, row=_of_case, agreed=_agreed, returned=ChangeState.RETURNED,
    withdrawn=ChangeState.WITHDRAWN, stopped=_stopped,
)  # fmt: skip

# Papers of a change may be removed only while it is being mended.
may_take_off = guards.only_in(QuotaChange.objects.all, CHANGE_MENDING)


# ── what ledgers state ─────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_quotas(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter quotas as a ledger states them: the number becomes the change that leads to it.

    Each row: ``unit`` as an object, ``use``, ``quota``, ``document``, ``approved_on``; a day that
    the ledger does not know is that of the entering. The caller has judged the rows
    (``contradictions``). Needs ``fleet.quota.enter``. Returns how many
    changes were created and mended, and how many rows said nothing new.
    """
    actor.must(ENTER)
    quotas = _locked_quotas(rows)
    known = _known_changes(quotas.values())
    created: list[QuotaChange] = []
    mended: list[tuple[QuotaChange, Mapping[str, Any]]] = []
    for told in rows:
        quota = quotas[told["unit"].pk, told["use"]]
        row = _dated(told, known.get(quota.pk, ()), day_of(at))
        same, total = _told_before(known.get(quota.pk, ()), row)
        delta = row["quota"] - total
        if same is not None and same.delta != delta:
            mended.append((same, {"delta": same.delta}))
            same.delta = delta
        elif same is None and delta:
            created.append(_told(quota, row, delta, at))
    QuotaChange.objects.bulk_create(created, batch_size=500)
    QuotaChange.objects.bulk_update([mend for mend, _ in mended], ["delta"])
    audit.record_many(
        audit.entry(
            actor=actor,
            verb="fleet.quota.entered",
            on=each,
            at=at,
            before=before,
            after=audit.facts_of(each, *ASKED),
        )
        for each, before in [*((each, None) for each in created), *mended]
    )
    return len(created), len(mended), len(rows) - len(created) - len(mended)


def _locked_quotas(rows: Rows) -> dict[tuple[int, str], Quota]:
    """The quotas of the rows, made where they are missing, locked in the order of their keys."""
    units = {row["unit"].pk for row in rows}
    wanted = {(row["unit"].pk, str(row["use"])) for row in rows}
    Quota.objects.bulk_create(
        [Quota(unit_id=unit, use=use) for unit, use in sorted(wanted)], ignore_conflicts=True
    )
    locked = Quota.objects.select_for_update(of=("self",)).select_related("unit")
    return {
        (quota.unit_id, quota.use): quota
        for quota in locked.filter(unit__in=units).order_by("pk")
        if (quota.unit_id, quota.use) in wanted
    }


def _known_changes(quotas: Iterable[Quota]) -> dict[int, list[QuotaChange]]:
    """The agreed changes of some quotas, in the order in which they took effect."""
    found: dict[int, list[QuotaChange]] = {}
    rows = QuotaChange.objects.filter(quota__in=quotas, state=ChangeState.AGREED)
    for agreed_to in rows.select_related("quota__unit").order_by("takes_effect_on", "pk"):
        found.setdefault(agreed_to.quota_id, []).append(agreed_to)
    return found


def _dated(
    row: Mapping[str, Any], changes: Sequence[QuotaChange], today: date
) -> Mapping[str, Any]:
    """The row with its day: a document without one that is known has the day known of it."""
    if row["approved_on"] is not None:
        return row
    same = [c for c in changes if row["document"] and c.document == row["document"]]
    return {**row, "approved_on": same[-1].takes_effect_on if same else today}


def _told_before(
    changes: Sequence[QuotaChange], row: Mapping[str, Any]
) -> tuple[QuotaChange | None, int]:
    """The change this very document made, and what the quota was before it."""
    same = [c for c in changes if _is_of(c, row)]
    total = sum(c.delta for c in changes if c.takes_effect_on <= row["approved_on"])
    last = same[-1] if same else None
    return last, total - (last.delta if last else 0)


def _is_of(change: QuotaChange, row: Mapping[str, Any]) -> bool:
    return (change.document, change.takes_effect_on) == (row["document"], row["approved_on"])


def _told(quota: Quota, row: Mapping[str, Any], delta: int, at: datetime) -> QuotaChange:
    return QuotaChange(
        number=_new_number(row["approved_on"].year),
        quota=quota,
        delta=delta,
        takes_effect_on=row["approved_on"],
        document=row["document"],
        reason="台账登记",
        state=ChangeState.AGREED,
        decided_at=at,
    )


def say_something_new(rows: Rows, *, today: date) -> list[bool]:
    """Of each row, whether entering it would change a quota."""
    units = {row["unit"].pk for row in rows}
    quotas = {(q.unit_id, q.use): q for q in Quota.objects.filter(unit__in=units)}
    known = _known_changes(quotas.values())
    found = []
    for told in rows:
        quota = quotas.get((told["unit"].pk, str(told["use"])))
        changes = known.get(quota.pk, []) if quota else []
        row = _dated(told, changes, today)
        same, total = _told_before(changes, row)
        found.append((same.delta if same else 0) != row["quota"] - total)
    return found


def contradictions(rows: Rows, *, today: date) -> dict[int, tuple[str, str]]:
    """Rows that cannot be true beside what is known: place in ``rows`` → column and sentence.

    A document older than the last change cannot state the number any more; a correction that
    leaves nothing of a change is none.
    """
    units = {row["unit"].pk for row in rows}
    quotas = {(q.unit_id, q.use): q for q in Quota.objects.filter(unit__in=units)}
    known = _known_changes(quotas.values())
    found: dict[int, tuple[str, str]] = {}
    for place, told in enumerate(rows):
        quota = quotas.get((told["unit"].pk, str(told["use"])))
        changes = known.get(quota.pk, []) if quota else []
        row = _dated(told, changes, today)
        same, total = _told_before(changes, row)
        last = max((c.takes_effect_on for c in changes), default=None)
        if last is not None and last > row["approved_on"] and not _says(same, row, total):
            found[place] = (
                "approved_on", f"{last:%Y-%m-%d} 又有编制变更，更早的核定不能再导入",
            )  # fmt: skip
        elif same is not None and row["quota"] == total:
            found[place] = ("quota", "与这份文件之前的编制数相同，文件没有改变编制")
    return found


def _says(same: QuotaChange | None, row: Mapping[str, Any], total: int) -> bool:
    return same is not None and same.delta == row["quota"] - total
