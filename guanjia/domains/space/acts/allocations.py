"""What may be done about allocations (调配), but for the giving of rooms."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import allocations as actions
from guanjia.domains.space.approvals import ALLOCATION
from guanjia.domains.space.forms import allocations as forms
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import rooms, units
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import UNSENT, AllocationMethod
from guanjia.domains.space.terms.allocations import AllocationState as S
from guanjia.kernel.approvals import preview
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.texts import is_id
from guanjia.ui.acts.declaration import Act
from guanjia.ui.approval import lines
from guanjia.ui.approval.life import said
from guanjia.ui.approval.lines import Line

REQUEST, GRANT, ALLOCATIONS = reading.REQUEST, reading.GRANT, reading.ALLOCATIONS
_FORM = "space/allocation_request.html"


def _units(row: Any, actor: Actor, today: date) -> Mapping[str, Any]:
    own = [row.unit] if row else units.units_within(actor.scope(REQUEST))
    return {"units": own, "day": today, "law": law_at(today)}


def _beside(row: Any, form: Any, actor: Actor, at: datetime) -> Mapping[str, Any]:
    """The need as the form stands, who decides, and for keepers how much stands empty."""
    unit = form.chosen
    if unit is None:
        return {}
    law, day, persons = law_at(at), timezone.localdate(at), form.counted()
    back = [int(pk) for pk in form["back"].value() or [] if is_id(str(pk))]
    known = reading.people_of(unit=unit, day=day)
    free = rooms.vacant(day=day) if actor.can(GRANT) else None
    return {
        "files": attachments.of(model=ALLOCATIONS.model, row_id=row.pk, kind=ATTACHMENT)
        if row
        else [],
        "need": reading.need_of(unit=unit, persons=persons, back=back, day=day, law=law),
        "people": rules.people_known(persons=sum(persons.values()), known=known),
        "parts": reading.approved_for(unit=unit, persons=persons, law=law).basic,
        "ahead": _ahead(unit, actor, at),
        "free": free,
        "free_m2": free.aggregate(m2=Sum("now__usable_m2"))["m2"] if free is not None else None,
        "earlier": {way.value: [each.value for each in rules.earlier_ways(way, law)]
                    for way in AllocationMethod},
    }  # fmt: skip


def _ahead(unit: Unit, actor: Actor, at: datetime) -> Sequence[Line]:
    steps = preview.ahead(
        route=ALLOCATION, unit=unit, applicant_id=actor.person_id, case=None, at=at,
        facts={"way": "REALLOCATE", "wanted": 0.0, "over": 0.0, "persons": 0, "extends": False},
    )  # fmt: skip
    keeper = Line(tone="idle", icon="key", who="办公用房管理科", act="批准后选房、签发凭证")
    return [*lines.ahead(steps, first=True), keeper]


def _told(done: str) -> Callable[[Any], str]:
    return said(done, on=ALLOCATIONS.model, route=ALLOCATION.key)


def _is_theirs_to_stop(found: Allocation, actor: Actor) -> bool:
    """Before it is approved the unit stops its own request."""
    approved = found.state in (S.AGREED, S.RESERVED)
    return approved or ALLOCATIONS.reaches(actor, REQUEST, found.pk)


def _may_be_longer(found: Allocation, _: Actor) -> bool:
    return found.is_loan and not found.extensions.exclude(state=S.CALLED_OFF).exists()


def _nothing_to_clear(found: Allocation, _: Actor) -> bool:
    return reading.ends_without_clearance(found)


REQUESTED = Act(
    key="new", title="申请用房", button="提交申请", on=ALLOCATIONS, verb=REQUEST, makes=True,
    form=forms.Ask, fit=_units, do=actions.request, template=_FORM, more=_beside, keep="不申请",
    said=_told("已提交"),
)  # fmt: skip
MEND = Act(
    key="mend", title="修改后再交", button="重新提交", on=ALLOCATIONS, verb=REQUEST,
    when=UNSENT, offered=lambda row, _: row.extends_id is None, form=forms.Mend, fit=_units,
    first=lambda row, _: forms.initial_of(row), do=actions.mend, template=_FORM, more=_beside,
    icon="pencil", main=False, keep="不修改", said=_told("已改并重新提交"),
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="取消调配", on=ALLOCATIONS, verb=REQUEST,
    when=actions.CALLING_OFF[REQUEST], also={GRANT: actions.CALLING_OFF[GRANT]},
    offered=_is_theirs_to_stop, form=forms.CallOff, do=actions.call_off, keep="不取消",
    lead="取消后不能恢复；已选的房间放开，凭证作废", said="已取消", icon="circle-x", main=False,
)  # fmt: skip
EXTEND = Act(
    key="extend", title="申请续借", on=ALLOCATIONS, verb=REQUEST, when=actions.EXTENDED_IN,
    offered=_may_be_longer, form=forms.Extend, do=actions.extend, adds=ALLOCATIONS.model,
    keep="不续借", lead="续借要重新审批，另发凭证", said=_told("已申请续借"), icon="calendar-time",
    then=lambda longer: reverse(ALLOCATIONS.page, args=[longer.pk]),
)  # fmt: skip
END = Act(
    key="end", title="登记归还", on=ALLOCATIONS, verb=GRANT, to=S.ENDED,
    offered=_nothing_to_clear, form=forms.End, do=actions.end_recorded, said="已登记归还",
    lead="这笔调配没有本局的房间，登记归还后结束，不再提醒；有凭证的作废", icon="logout",
    main=False,
)  # fmt: skip
