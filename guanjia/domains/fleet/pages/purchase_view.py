"""What the page of a purchase shows, in words."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.acts.purchases import ACTS
from guanjia.domains.fleet.approvals import PURCHASE
from guanjia.domains.fleet.models import Car, Disposal, Purchase
from guanjia.domains.fleet.queries import archive, quotas
from guanjia.domains.fleet.queries import purchases as reading
from guanjia.domains.fleet.terms.purchases import (
    HOLDING,
    MENDING,
    EarlyReason,
    PurchaseKind,
    PurchaseState,
)
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats, trail
from guanjia.ui.approval import life as approval
from guanjia.ui.approval import panel
from guanjia.ui.approval.lines import Line
from guanjia.ui.approval.panel import Station

_ASKED = ("fleet.purchase.requested", "fleet.purchase.changed")
PHRASES = ("同意购置。", "同意，优先选新能源汽车。", "请补充报价和检测报告。")


def page(*, request: HttpRequest, actor: Actor, purchase: Purchase, at: datetime) -> dict[str, Any]:
    """Everything the template shows."""
    case = cases.case_for(subject_type=reading.SUBJECT, subject_id=purchase.pk, route=PURCHASE.key)
    shown = None
    if case is not None:
        shown = panel.show(
            request=request, actor=actor, case=case, at=at, phrases=PHRASES,
            after=_after(purchase),
        )  # fmt: skip
    verdict, day = approval.stored(model=reading.SUBJECT, pk=purchase.pk, verbs=_ASKED)
    disposal = _disposal(actor, purchase)
    return {
        "purchase": purchase,
        "about": reading.summary_of(purchase),
        "approval": shown,
        "chip": purchase.chip,
        "life": _life(purchase, shown, disposal),
        "facts": _facts(purchase),
        "verdict": verdict,
        "verdict_on": day,
        "files": attachments.of(model=reading.SUBJECT, row_id=purchase.pk, kind=ATTACHMENT),
        "remarks": Remark.objects.filter(register="fleet.renewals", object_id=purchase.pk),
        "records": trail.told_beside_story(model=reading.SUBJECT, pk=purchase.pk, asked=_ASKED),
        "disposal": disposal,
        "old_url": _car_url(actor, purchase.old_car),
        "new_url": _car_url(actor, purchase.new_car),
        "standing": _standing(purchase, at),
        "quota_url": _quota_url(actor, purchase),
        "acts": [act for act in ACTS if not act.makes and act.may(actor, purchase)],
        "sees": actor.can(reading.SEE),
    }


def _after(purchase: Purchase) -> list[Line]:
    if purchase.state in MENDING and purchase.applicant:
        who = purchase.applicant.name
        return [Line(tone="wait", icon="pencil", who=who, act="修改后再交，或取消")]
    if purchase.state == PurchaseState.REPORTED:
        return [Line(tone="move", icon="send", who="省级平台", act="批复")]
    if purchase.state == PurchaseState.AGREED:
        return [Line(tone="wait", icon="car", who="公务用车管理科", act="购置后登记新车")]
    return []


def _facts(purchase: Purchase) -> list[tuple[str, str]]:
    """The purchase as a list of terms and values; what says nothing is left out."""
    price = f"{formats.wan(purchase.price_fen)} 万元（不含购置税）" if purchase.price_fen else ""
    litres = f"{purchase.displacement_l.normalize():f} L" if purchase.displacement_l else ""
    early = EarlyReason(purchase.early_reason).label if purchase.early_reason else ""
    told = [
        ("车辆类别", purchase.get_use_display()),
        ("品牌型号", purchase.make),
        ("车型", purchase.get_body_display()),
        ("能源类型", purchase.get_energy_display()),
        ("排气量", litres),
        ("座位数", f"{purchase.seats} 座" if purchase.seats else ""),
        ("价格", price),
        ("产地", "国产" if purchase.domestic else "非国产"),
        ("事由", purchase.reason),
        ("执法需要", "一线执法工作需要" if purchase.needed_for_law_enforcement else ""),
        ("使用场景", "路线固定、主要在城区" if purchase.fixed_city_route else ""),
        ("特殊情形理由", purchase.special_reason),
        ("提前更新", early),
        ("旧车状况", "仍能使用" if purchase.old_car_sound else ""),
        ("报省批复", "须报省级平台批复" if purchase.by_province else ""),
    ]
    return [(title, value) for title, value in told if value]


def _life(
    purchase: Purchase, shown: panel.Shown | None, disposal: Disposal | None
) -> list[Station]:
    state = PurchaseState(purchase.state)
    after: list[Station] = []
    if purchase.by_province:
        at = {PurchaseState.REPORTED: "now"}.get(
            state, "later" if purchase.approved_on is None else "done"
        )
        after.append(
            Station(at=at, title="省级批复", who=purchase.document if at == "done" else "")
        )
    at = {PurchaseState.AGREED: "now", PurchaseState.CARDED: "done"}.get(state, "later")
    when = formats.day(purchase.carded_on) if purchase.carded_on else ""
    who = purchase.new_car.plate if purchase.new_car else ""
    after.append(Station(at=at, title="登记新车", when=when, who=who))
    if purchase.kind == PurchaseKind.RENEWAL:
        after.append(_gone(disposal))
    asked_by = purchase.applicant.name if purchase.applicant else ""
    if state in (PurchaseState.CANCELLED, PurchaseState.REFUSED):
        title = "已取消" if state is PurchaseState.CANCELLED else "未批准"
        after = [Station(at="stop", title=title, who=purchase.state_note)]
        if purchase.approved_on is None and shown is not None:
            return [
                *approval.life(asked_at=purchase.asked_at, who=asked_by, shown=None, after=[]),
                *(station for station in shown.stations if station.at == "done"),
                *after,
            ]
    return approval.life(asked_at=purchase.asked_at, who=asked_by, shown=shown, after=after)


def _gone(disposal: Disposal | None) -> Station:
    if disposal is None:
        return Station(at="later", title="旧车处置")
    done = disposal.state == "DONE"
    return Station(
        at="done" if done else "now", title="旧车处置", when=disposal.get_state_display(),
        who=disposal.number,
    )  # fmt: skip


def _disposal(actor: Actor, purchase: Purchase) -> Disposal | None:
    """The disposal of the old car, for whoever may see it."""
    if purchase.old_car_id is None or not actor.can("fleet.disposal.see"):
        return None
    rows = Disposal.objects.within(actor.scope("fleet.disposal.see"))
    found: Disposal | None = (
        rows.filter(car=purchase.old_car_id).exclude(state="CALLED_OFF").order_by("-pk").first()
    )
    return found


def _car_url(actor: Actor, car: Car | None) -> str:
    if car is None or not actor.can("fleet.car.see"):
        return ""
    seen = archive.cars(actor.scope("fleet.car.see")).filter(pk=car.pk).exists()
    return reverse("fleet:car", args=[car.pk]) if seen else ""


def _standing(purchase: Purchase, at: datetime) -> Any:
    """How the quota stands now, while the purchase takes part in it."""
    if purchase.state not in (*HOLDING, *MENDING):
        return None
    return quotas.standing(
        unit_id=purchase.unit_id, use=purchase.use, on=timezone.localtime(at).date()
    )


def _quota_url(actor: Actor, purchase: Purchase) -> str:
    if not actor.can("fleet.quota.see"):
        return ""
    seen = Unit.objects.within(actor.scope("fleet.quota.see")).filter(pk=purchase.unit_id)
    if not seen.exists():
        return ""
    return f"{reverse('fleet:quota_unit', args=[purchase.unit_id])}?use={purchase.use}"


def after_approval(purchase_id: int, at: datetime) -> str:  # noqa: ARG001 — as the panel calls it
    """Who has a purchase once its approval is over, for the line after the last act."""
    purchase = Purchase.objects.get(pk=purchase_id)
    if purchase.state == PurchaseState.REPORTED:
        return "已报省级平台，等批复"
    return "等公务用车管理科登记新车" if purchase.state == PurchaseState.AGREED else ""
