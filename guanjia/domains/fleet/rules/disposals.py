"""What a disposal (处置) must have before it goes on: its way, valuation, sums, receipts. Pure.

Money is named to the 分, both values of every difference.
"""

from collections.abc import Sequence
from datetime import date

from guanjia.domains.fleet.terms.disposals import (
    REMOVALS,
    DisposalFacts,
    DisposalMethod,
    LotFacts,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, passed, refuse, warn

WAYS, PROCEEDS = "fleet.disposal.ways", "fleet.disposal.proceeds"
VALUED_FIRST = Citation(title="先估值，再审批", own=True)
DOCUMENTED = Citation(title="处置须有批准文号", own=True)
CARD = Citation(title="号牌交回后才能注销车辆卡片", own=True)
IN_ORDER = Citation(title="先批准，后处置，再缴库", own=True)
SUMS = Citation(title="一批车的成交额之和、成交总额、缴库金额三者相等", own=True)
# What is odd in a ledger, not forbidden: it waits for an explanation as a doubt.
ODD = ("approved_before_registered", "no_approval_day", "no_day", "no_proceeds")
HELD = Citation(title="有派车的车不处置", own=True)


def yuan(fen: int) -> str:
    """Fen as yuan to the 分: ``311,000.00 元``."""
    sign = "-" if fen < 0 else ""
    whole, part = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{part:02d} 元"


def may_open(
    *, method: DisposalMethod, plate: str, booked: Sequence[str], law: LawInForce
) -> Verdict:
    """A car is disposed of in a public way, and not while a trip is promised or under way."""
    return public_way(method=method, law=law) + not_booked(plate=plate, booked=booked)


def public_way(*, method: DisposalMethod, law: LawInForce) -> Verdict:
    """Auction, scrapping, return to the maker are public ways; a transfer stays in public hands."""
    if method not in REMOVALS or WAYS not in law:
        return ALLOWED
    rule = law[WAYS]
    if method.value in rule.value:
        return passed("public_way", f"以{method.label}处置。", "属于公开方式。", rule.cite)
    ways = "、".join(DisposalMethod(name).label for name in rule.value)
    return refuse(
        "not_public",
        f"不能以{method.label}处置。",
        f"公开方式有{ways}。",
        rule.cite,
        field="method",
    )


def not_booked(*, plate: str, booked: Sequence[str]) -> Verdict:
    """A trip promised or out comes first."""
    if not booked:
        return ALLOWED
    return refuse(
        "car_booked", f"{plate}还有 {'、'.join(booked)} 没有办结。", "先改派或收车。", HELD
    )


def may_send(*, disposal: DisposalFacts, on: date) -> Verdict:
    """A disposal is valued before it is approved; a transfer brings nothing and needs none."""
    if disposal.method == DisposalMethod.TRANSFER:
        return ALLOWED
    if disposal.valuation_fen is None:
        return refuse("not_valued", "还没有估值。", "先登记估值。", VALUED_FIRST, field="valuation")
    if disposal.valued_on is not None and disposal.valued_on > on:
        return refuse("valued_later", "估值日期还没有到。", "核对估值日期。", field="valued_on")
    return ALLOWED


def may_deal(*, disposal: DisposalFacts, on: date) -> Verdict:
    """A deal comes after the approval, not in the future, with its document.

    Proceeds below the valuation are asked about.
    """
    day, proceeds = disposal.disposed_on, disposal.proceeds_fen or 0
    verdict = _dated(disposal, on)
    if not disposal.document:
        verdict += refuse(
            "no_document", "没有批准文号。", "按批复文件填写。", DOCUMENTED, field="document"
        )
    if disposal.approved_on is not None and day is not None and day < disposal.approved_on:
        verdict += refuse(
            "before_approval",
            "处置日期早于批准日期。",
            f"{_day(disposal.approved_on)}批准，填的是{_day(day)}。",
            IN_ORDER,
            field="disposed_on",
        )
    valuation = disposal.valuation_fen
    if valuation is not None and proceeds < valuation:
        verdict += warn(
            "below_valuation",
            f"成交比估值少 {yuan(valuation - proceeds)}。",
            f"估值 {yuan(valuation)}，成交 {yuan(proceeds)}。",
            field="proceeds",
        )
    return verdict


def _dated(disposal: DisposalFacts, on: date) -> Verdict:
    day = disposal.disposed_on
    if day is None:
        return refuse("no_day", "没有填处置日期。", "填成交或交车的日期。", field="disposed_on")
    if day > on:
        return refuse(
            "in_the_future", "处置日期还没有到。", f"今天是{_day(on)}。", field="disposed_on"
        )
    if day < disposal.registered_on:
        return refuse(
            "before_registered",
            "处置日期早于登记日期。",
            f"{disposal.plate}{_day(disposal.registered_on)}登记。",
            field="disposed_on",
        )
    return ALLOWED


def may_pay_in(*, disposal: DisposalFacts, paid_on: date, on: date, law: LawInForce) -> Verdict:
    """What a car brought is paid into the treasury whole, with the number of the voucher."""
    cite = _treasury(law)
    proceeds, paid = disposal.proceeds_fen or 0, disposal.paid_fen or 0
    verdict = ALLOWED
    if not disposal.receipt:
        verdict += refuse(
            "no_receipt", "没有缴库凭证号。", "填缴款凭证上的号码。", cite, field="receipt"
        )
    if paid_on > on:
        verdict += refuse(
            "paid_in_the_future", "缴库日期还没有到。", f"今天是{_day(on)}。", field="paid_on"
        )
    if disposal.disposed_on is not None and paid_on < disposal.disposed_on:
        verdict += refuse(
            "paid_before_deal",
            "缴库日期早于处置日期。",
            f"{_day(disposal.disposed_on)}成交。",
            IN_ORDER,
            field="paid_on",
        )
    if paid != proceeds and not disposal.difference_note.strip():
        verdict += refuse(
            "paid_differs",
            f"缴库与成交相差 {yuan(abs(paid - proceeds))}。",
            f"成交 {yuan(proceeds)}，缴库 {yuan(paid)}；数字无误的，写明差额原因。",
            cite,
            field="difference_note",
        )
    return verdict


def may_finish(*, disposal: DisposalFacts, on: date, law: LawInForce) -> Verdict:
    """A removal ends when its proceeds are paid in and its plate is back; then its card goes."""
    verdict = _dated(disposal, on)
    if disposal.method == DisposalMethod.TRANSFER:
        return verdict
    if disposal.proceeds_fen and not disposal.receipt:
        verdict += refuse(
            "not_paid_in",
            f"处置收入 {yuan(disposal.proceeds_fen)}，没有缴库凭证。",
            "按非税收入缴入国库，登记缴库凭证号后再办结。",
            _treasury(law),
            field="receipt",
        )
    if disposal.plate_returned_on is None:
        verdict += refuse("plate_out", "号牌还没有交回。", "先登记号牌交回。", CARD)
    return verdict


def ledger_doubts(*, disposal: DisposalFacts, law: LawInForce) -> Verdict:
    """What a ledger tells of a disposal that should not be so, or is odd; it is taken in.

    Nothing is missed that may come yet: what has no 处置日期 waits for its approval or its deal.
    """
    verdict = _approval_told(disposal)
    day, approved = disposal.disposed_on, disposal.approved_on
    if approved is not None and day is not None and day < approved:
        verdict += warn(
            "before_approval",
            "处置早于批准。",
            f"{_day(day)}处置，{_day(approved)}才批准。",
            IN_ORDER,
            field="disposed_on",
        )
    if approved is not None and approved < disposal.registered_on:
        verdict += warn(
            "approved_before_registered",
            "批准日期早于登记日期。",
            f"{disposal.plate}{_day(disposal.registered_on)}登记，核对两个日期。",
            IN_ORDER,
            field="approved_on",
        )
    return verdict + _money_told(disposal, law)


def _approval_told(disposal: DisposalFacts) -> Verdict:
    told = (
        ("document", "批准文号", disposal.document),
        ("approved_on", "批准日期", disposal.approved_on),
    )
    missing = [(field, name) for field, name, there in told if not there]
    if not missing:
        return ALLOWED
    field, name = missing[0][0], "、".join(name for _, name in missing)
    if disposal.disposed_on is not None or disposal.approved_on is not None:
        return warn(
            "no_document", f"没有{name}。", "处置须经批准，补上批复。", DOCUMENTED, field=field
        )
    if disposal.document:
        return warn(
            "no_approval_day",
            "有批准文号，没有批准日期。",
            "先按待估值登记，补上批准日期后待处置。",
            DOCUMENTED,
            field=field,
        )
    return ALLOWED


def _money_told(disposal: DisposalFacts, law: LawInForce) -> Verdict:
    if disposal.disposed_on is None:
        if not disposal.proceeds_fen and not disposal.receipt:
            return ALLOWED
        what = "处置收入" if disposal.proceeds_fen else "缴库凭证号"
        return warn(
            "no_day",
            f"有{what}，没有处置日期。",
            "先按没有处置登记，不计入处置数；补上处置日期。",
            IN_ORDER,
            field="disposed_on",
        )
    if disposal.proceeds_fen and not disposal.receipt:
        return warn(
            "not_paid_in",
            "有收入，没有缴库凭证号。",
            f"处置收入 {yuan(disposal.proceeds_fen)}，应缴入国库。",
            _treasury(law),
            field="receipt",
        )
    if disposal.receipt and not disposal.proceeds_fen:
        return warn(
            "no_proceeds",
            "有缴库凭证号，没有处置收入。",
            "按缴款凭证补上金额。",
            IN_ORDER,
            field="proceeds_fen",
        )
    return ALLOWED


def trip_after(*, plate: str, disposed_on: date, number: str, went_on: date) -> Verdict:
    """A car that drove on after its disposal is a doubt: one of the two days is wrong."""
    return warn(
        "trip_after",
        f"处置后还有出车 {number}。",
        f"{plate}{_day(disposed_on)}处置，{_day(went_on)}出车，核对两个日期。",
        IN_ORDER,
        field="disposed_on",
    )


def may_pay_in_lot(
    *, amount_fen: int, receipt: str, paid_on: date, on: date, law: LawInForce
) -> Verdict:
    """Money of a lot reached the treasury: a sum, on a day that has come, with its voucher."""
    verdict = ALLOWED
    if not receipt:
        verdict += refuse(
            "no_receipt",
            "没有缴库凭证号。",
            "填缴款凭证上的号码。",
            _treasury(law),
            field="receipt",
        )
    if amount_fen <= 0:
        verdict += refuse("no_amount", "缴库金额要大于零。", "按凭证填写。", field="amount")
    if paid_on > on:
        verdict += refuse("in_the_future", "缴库日期还没有到。", "核对日期。", field="paid_on")
    return verdict


def may_close(*, lot: LotFacts, law: LawInForce) -> Verdict:
    """A lot is closed when all its cars are dealt and its sums agree, or the reason is written.

    Money that never reached the treasury is not explained away by a reason.
    """
    verdict = ALLOWED
    if not lot.cars:
        verdict += refuse("no_cars", "这一批还没有车。", "先放入待处置的车。")
    if lot.undealt:
        verdict += refuse(
            "undealt", f"还有 {lot.undealt} 辆没有成交。", "登记成交，流拍的移出这一批。"
        )
    if lot.sum_fen and not lot.paid_fen:
        verdict += refuse(
            "not_paid_in",
            f"成交 {yuan(lot.sum_fen)}，还没有缴库。",
            "按非税收入缴入国库，登记缴库后再核销。",
            _treasury(law),
        )
    if lot.total_fen is None:
        return verdict + refuse(
            "no_total", "没有登记成交总额。", "按受托机构的结算单填写。", SUMS, field="total"
        )
    found = differences(lot=lot).warnings
    if found and not lot.reason.strip():
        told = "".join(finding.text() for finding in found)
        verdict += refuse(
            "sums_differ",
            "三数不等，不能核销。",
            f"{told}更正数字；数字无误的，写明差额原因。",
            SUMS,
            field="reason",
        )
    return verdict


def differences(*, lot: LotFacts) -> Verdict:
    """Where the sums of a lot differ from the agent's settlement, each with both values."""
    total = lot.total_fen
    if total is None:
        return warn("no_total", "没有登记成交总额。", "按结算单填写。", SUMS, field="total")
    verdict = ALLOWED
    for code, name, fen in (
        ("sum_total", "各车成交之和", lot.sum_fen),
        ("paid_total", "缴库", lot.paid_fen),
    ):
        if fen != total:
            verdict += warn(
                code,
                f"{name}与成交总额相差 {yuan(abs(fen - total))}。",
                f"{name} {yuan(fen)}，成交总额 {yuan(total)}。",
                SUMS,
            )
    return verdict


def _treasury(law: LawInForce) -> Citation:
    """Why proceeds go to the treasury."""
    return law[PROCEEDS].cite if PROCEEDS in law else IN_ORDER


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
