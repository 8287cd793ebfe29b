"""Keys by which other systems tell monthly returns: for whom they are, and what they bring."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from guanjia.domains.energy.actions import returns
from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.rules import institutions as institution_rules
from guanjia.domains.energy.rules import returns as rules
from guanjia.domains.energy.terms.returns import Origin
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.exchange import queries as exchange
from guanjia.kernel.exchange.actions import keys
from guanjia.kernel.exchange.models import ApiKey
from guanjia.kernel.exchange.scopes import ApiScope
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor, Scope

GIVE = "energy.key.give"
SCOPE = ApiScope(key="energy.returns.write", title="填报能耗月报", writes=True)


@transaction.atomic
def give_key(  # noqa: PLR0913 — one for each thing a key says
    *,
    actor: Actor,
    partner: str,
    contact: str,
    area_ids: Sequence[int],
    institution_ids: Sequence[int],
    networks: Sequence[str],
    since: date,
    until: date,
    per_minute: int,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Give another system a key to tell the months of all institutions of some areas, and of some
    institutions; its text is shown once. Needs ``energy.key.give`` for all of them."""
    actor.must(GIVE)
    wanted = list(Unit.objects.filter(pk__in=area_ids))
    left_out = areas.outside(actor.scope(GIVE), wanted)
    institution_rules.may_enter(outside=len(left_out)).enforce()
    must_hold(actor, GIVE, set(institution_ids))
    return keys.make_key(
        actor=actor, partner=partner, contact=contact, scopes=[SCOPE.key], networks=networks,
        since=since, until=until, per_minute=per_minute, unit_ids=[one.pk for one in wanted],
        subject_ids=institution_ids, at=at,
    )  # fmt: skip


def given(scope: Scope) -> Any:
    """The keys that tell returns; they are the whole bureau's."""
    rows = exchange.given(of=[SCOPE.key])
    return rows if scope.everything else rows.none()


KEYS = Subject(
    model="exchange.apikey", title="填报密钥", page="energy:key", key="energy_key_id",
    path="keys", stem="key", space="energy", see=GIVE, rows=given, name="partner",
    listed=("填报接口", "energy:keys"),
    now=lambda key: f"{key.partner}，{key.prefix}…，{key.since:%Y-%m-%d} 至 {key.until:%Y-%m-%d}",
)  # fmt: skip


@transaction.atomic
def stop_key(*, actor: Actor, energy_key_id: int, reason: str, at: datetime) -> ApiKey:
    """Stop such a key at once and for good; needs ``energy.key.give``."""
    actor.must(GIVE)
    given(actor.scope(GIVE)).get(pk=energy_key_id)
    return keys.stop_key(actor=actor, key_id=energy_key_id, reason=reason, at=at)


def institutions_of(key: ApiKey) -> Collection[int]:
    """The institutions in the register that a key may tell the months of: those it names, and all
    of its areas as they stand now."""
    wanted = Q(pk__in=key.subject_ids) | Q(area__in=key.unit_ids)
    rows = Institution.objects.filter(wanted, left_on=None)
    return set(rows.values_list("pk", flat=True))


@transaction.atomic
def enter_by_key(
    *, key: ApiKey, months: Sequence[returns.Month], at: datetime
) -> tuple[int, int, int]:
    """Take in months that came with a key; refused for institutions it does not name. The trail
    says which key it was."""
    mine = institutions_of(key)
    rules.inside(all_of_them=all(each.institution.pk in mine for each in months)).enforce()
    actor = Actor.system(f"接口密钥 {key.partner}（{key.prefix}）")
    return returns.enter_returns(actor=actor, months=months, origin=Origin.API, at=at)
