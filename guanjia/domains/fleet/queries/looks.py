"""Reading the looks of supervisors (监督浏览), with what was looked at by name."""

from typing import Any

from django.db.models import Case, CharField, OuterRef, Subquery, Value, When

from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.terms.looks import Field, Manner
from guanjia.kernel.access import looks as kernel
from guanjia.kernel.access.models import Look, Looks
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.vouchers.models import Voucher

SEE = "fleet.look.see"
_FIELDS = [field.value for field in Field]
_NAMED = ((Car, "plate"), (Trip, "number"), (Driver, "name"))


def looks(scope: Scope) -> Looks:
    """The looks of supervisors inside the scope, each with ``label`` and ``manner``."""
    return named(kernel.looks(scope), scope).filter(duty__in=_FIELDS)


def named(rows: Looks, scope: Scope) -> Looks:
    """Looks with what was looked at by its name, as far as the scope sees it; one statement."""
    found = [
        When(subject_type=model._meta.label_lower, then=_name(model.objects.within(scope), field))
        for model, field in _NAMED
    ]
    paper = When(subject_type="vouchers.voucher", then=_name(Voucher.objects.all(), "numbered"))
    named: Looks = rows.annotate(
        label=Case(*found, paper, default=Value(""), output_field=CharField()),
        manner=Case(
            When(refused=True, then=Value(Manner.REFUSED.value)),
            When(exported=True, then=Value(Manner.TAKEN.value)),
            default=Value(Manner.SEEN.value),
            output_field=CharField(),
        ),
    )
    return named


def _name(rows: Any, field: str) -> Subquery:
    mine = rows.filter(pk=OuterRef("subject_id")).order_by()
    return Subquery(mine.values(field)[:1], output_field=CharField())


def own(actor: Actor, scope: Scope) -> Looks:
    """What somebody looked at themselves, the newest first; rows beyond the scope unnamed."""
    return named(Look.objects.filter(account_id=actor.account_id or -1).order_by("-pk"), scope)
