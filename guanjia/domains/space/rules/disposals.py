"""What must hold before idle rooms are used or disposed of (处置利用), and what it brings. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta

from guanjia.domains.space.rules.allocations import day
from guanjia.domains.space.rules.clearances import months_after
from guanjia.domains.space.terms.disposals import (
    TRADED,
    VALUED,
    Carried,
    DisposalAsked,
    DisposalFacts,
    DisposalWay,
    PaidIn,
    Valuation,
)
from guanjia.domains.space.terms.ledger import Basis
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, passed, refuse, warn

WAYS, VALUED_FIRST = "space.disposal.ways", "space.disposal.valued_first"
PLATFORM, INCOME = "space.disposal.platform", "space.disposal.income"
INCOME_DAYS, LEASE_YEARS = "space.disposal.income_days", "space.disposal.lease_years_max"
NOT_LENT_OUT = "space.use.not_lent_out"
EMPTY = Citation(title="空置、没有使用单位的房间才能处置利用", own=True)
ONCE = Citation(title="一间房同一时间只有一件处置利用在办", own=True)
FIRST_VALUED = Citation(title="置换、出租、拍卖先评估，再报批", own=True)
IN_ORDER = Citation(title="先批准，后办理", own=True)
PAPERS = Citation(title="办理处置利用要有批准文号和合同、协议或许可", own=True)
ENDS = Citation(title="出租要有起止日期和月租金", own=True)
WHOLE = Citation(title="应缴多少缴多少，有差额写明原因", own=True)
_WORDS_MAX = 200
_EVERY = (1, 3, 6, 12)  # months of rent paid at once
_YEAR = 12


def yuan(fen: int) -> str:
    """Fen as yuan to the 分: ``311,000.00 元``."""
    whole, part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{part:02d} 元"


# ── the request ──────────────────────────────────────────────────────────────────────────


def may_ask(*, asked: DisposalAsked, law: LawInForce) -> Verdict:
    """A known way, a reason, rooms, and who is to have them where that is part of the way."""
    verdict = _known_way(asked.way, law)
    if not asked.room_ids:
        verdict += refuse("no_room", "没有选房间。", "从闲置台账选房间。", field="rooms")
    if not asked.reason.strip():
        verdict += refuse("reason_missing", "没有写理由。", "写明理由。", field="reason")
    elif len(asked.reason.strip()) > _WORDS_MAX:
        verdict += refuse("reason_long", "理由太长。", f"不超过 {_WORDS_MAX} 字。", field="reason")
    if asked.way == DisposalWay.REALLOCATE and asked.to_unit_id is None:
        verdict += refuse("no_unit", "没有填使用单位。", "调剂给哪个单位。", field="to_unit")
    if asked.way == DisposalWay.PUBLIC:
        if asked.purpose is None:
            verdict += refuse(
                "no_purpose", "没有选公益用途。", "党建、教育、养老等选一项。", field="purpose"
            )
        if asked.to_unit_id is None and not asked.party.strip():
            verdict += refuse(
                "no_user", "没有填由谁使用。", "填使用单位；名录中没有的填使用方。", field="party"
            )
    return verdict


def _known_way(way: DisposalWay, law: LawInForce) -> Verdict:
    if WAYS not in law:
        return ALLOWED
    rule = law[WAYS]
    if way.value in rule.value:
        return passed("known_way", f"可以{way.label}。", "属于规定的方式。", rule.cite)
    names = "、".join(DisposalWay(name).label for name in rule.value)
    return refuse("unknown_way", f"不能{way.label}。", f"方式有{names}。", rule.cite, field="way")


def rooms_free(
    *,
    way: DisposalWay,
    held: Sequence[tuple[str, str, Basis]],
    busy: Sequence[tuple[str, str]],
    law: LawInForce,
) -> Verdict:
    """Only rooms that stand empty and that nobody holds.

    ``held``: room, who holds it and by what right; ``busy``: room and its state where it is not
    空置. A room that a unit uses is not leased out at all, by anybody.
    """
    verdict = ALLOWED
    for room, unit, _ in held:
        if way == DisposalWay.LEASE and NOT_LENT_OUT in law:
            verdict += refuse(
                "let_out",
                f"{room} 由{unit}使用，不得出租。",
                "使用单位不得出租、出借办公用房；腾退移交以后由本局统一处置。",
                law[NOT_LENT_OUT].cite,
                field="rooms",
            )
        else:
            sentence = "先办腾退移交，再处置利用。"
            verdict += refuse("held", f"{room} 由{unit}使用。", sentence, EMPTY, field="rooms")
    taken = {room for room, _, _ in held}
    for room, state in busy:
        if room not in taken:
            sentence = f"现在是{state}，在房间台账登记空置以后再办。"
            verdict += refuse("not_empty", f"{room} 不是空置。", sentence, EMPTY, field="rooms")
    return verdict


def not_twice(*, known: Sequence[tuple[str, str, str]]) -> Verdict:
    """Rooms are part of one disposal at a time; ``known``: room, number, state of the other."""
    if not known:
        return ALLOWED
    room, number, state = known[0]
    return refuse(
        "under_way", f"{room} 已有处置利用在办。", f"{number}，{state}；办完或取消后再申请。", ONCE,
        field="rooms",
    )  # fmt: skip


def may_value(*, valuation: Valuation, on: date) -> Verdict:
    """A valuation is not of the future, not below zero, and names who made it."""
    verdict = ALLOWED
    if valuation.on > on:
        verdict += refuse(
            "valued_later", "评估日期还没有到。", f"今天是{day(on)}。", field="valued_on"
        )
    if valuation.fen <= 0:
        verdict += refuse("no_value", "评估价要大于零。", "按评估报告填。", field="valuation")
    if not valuation.valuer.strip():
        verdict += refuse("no_valuer", "没有填评估机构。", "按评估报告填。", field="valuer")
    return verdict


def may_send(*, facts: DisposalFacts, law: LawInForce) -> Verdict:
    """What is exchanged, leased or auctioned is valued before it is decided on."""
    if facts.way not in VALUED:
        return ALLOWED
    written = VALUED_FIRST in law and facts.way.value in law[VALUED_FIRST].value
    cite = law[VALUED_FIRST].cite if written else FIRST_VALUED
    if facts.valuation_fen is None:
        headline = f"{facts.way.label}没有评估。"
        return refuse("not_valued", headline, "先登记评估，再报批。", cite, field="valuation")
    sentence = f"评估价 {yuan(facts.valuation_fen)}。"
    return passed("valued", "已经评估。", sentence, cite)


# ── carrying it out ──────────────────────────────────────────────────────────────────────


def may_carry_out(*, facts: DisposalFacts, carried: Carried, on: date, law: LawInForce) -> Verdict:
    """After the decision, not ahead of time, with its papers and what its way needs."""
    verdict = _dated(facts, carried, on)
    if not carried.document.strip():
        verdict += refuse(
            "no_document", "没有填批准文号。", "按批复文件填。", PAPERS, field="document"
        )
    if not carried.paper.strip():
        verdict += refuse(
            "no_paper", "没有填合同、协议或许可编号。", "按签订的文书填。", PAPERS, field="paper"
        )
    if facts.way in VALUED and not carried.party.strip():
        verdict += refuse("no_party", "没有填对方。", "按合同填写全称。", PAPERS, field="party")
    if facts.way == DisposalWay.LEASE:
        verdict += _lease(facts, carried, law)
    elif facts.way == DisposalWay.AUCTION:
        verdict += _sale(facts, carried)
    elif carried.price_fen < 0:
        verdict += refuse("negative", "补差价不能小于零。", "没有的填 0。", field="price")
    return verdict + _platform(facts, carried, law)


def _dated(facts: DisposalFacts, carried: Carried, on: date) -> Verdict:
    verdict = ALLOWED
    if carried.on > on:
        sentence = f"今天是{day(on)}。"
        verdict += refuse("in_the_future", "办理日期还没有到。", sentence, field="on")
    if facts.approved_on is not None and carried.on < facts.approved_on:
        sentence = f"{day(facts.approved_on)}批准，填的是{day(carried.on)}。"
        verdict += refuse("before_approval", "早于批准日期。", sentence, IN_ORDER, field="on")
    if carried.last_on is not None and carried.last_on <= carried.on:
        sentence = f"{day(carried.on)}起，{day(carried.last_on)}止。"
        verdict += refuse("ends_before", "结束日期早于开始。", sentence, ENDS, field="last_on")
    return verdict


def _lease(facts: DisposalFacts, carried: Carried, law: LawInForce) -> Verdict:
    verdict = ALLOWED
    if carried.last_on is None:
        verdict += refuse("no_end", "出租没有结束日期。", "写明租到哪天。", ENDS, field="last_on")
    elif LEASE_YEARS in law:
        rule = law[LEASE_YEARS]
        longest = months_after(carried.on, int(rule.value) * _YEAR) - timedelta(days=1)
        if carried.last_on > longest:
            verdict += refuse(
                "too_long", f"出租超过 {rule.value} 年。",
                f"最多租到{day(longest)}，到期重新报批。", rule.cite, field="last_on",
            )  # fmt: skip
    if carried.rent_fen <= 0:
        verdict += refuse("no_rent", "没有填月租金。", "按合同填。", ENDS, field="rent")
    if carried.every not in _EVERY:
        verdict += refuse("no_period", "没有选几个月一交。", "按合同选。", ENDS, field="every")
    if facts.valuation_fen is not None and 0 < carried.rent_fen < facts.valuation_fen:
        verdict += warn(
            "below_valuation", f"月租金比评估价少 {yuan(facts.valuation_fen - carried.rent_fen)}。",
            f"评估 {yuan(facts.valuation_fen)}，合同 {yuan(carried.rent_fen)}。", field="rent",
        )  # fmt: skip
    return verdict


def _sale(facts: DisposalFacts, carried: Carried) -> Verdict:
    if carried.price_fen <= 0:
        return refuse("no_price", "没有填成交价。", "按成交确认书填。", PAPERS, field="price")
    if facts.valuation_fen is not None and carried.price_fen < facts.valuation_fen:
        return warn(
            "below_valuation",
            f"成交价比评估价少 {yuan(facts.valuation_fen - carried.price_fen)}。",
            f"评估 {yuan(facts.valuation_fen)}，成交 {yuan(carried.price_fen)}。",
            field="price",
        )
    return ALLOWED


def _platform(facts: DisposalFacts, carried: Carried, law: LawInForce) -> Verdict:
    """A public platform may be used; where it was not, those who look later are told."""
    if facts.way not in TRADED or PLATFORM not in law:
        return ALLOWED
    cite = law[PLATFORM].cite
    if carried.platform.strip():
        return passed("platform", f"在{carried.platform.strip()}交易。", "", cite)
    return warn("no_platform", "没有填交易平台。", "没有进场交易的，说明另附。", cite)


# ── what it brings ───────────────────────────────────────────────────────────────────────


def instalments(*, carried: Carried) -> list[tuple[str, int, date]]:
    """The rents of a lease: for what, 分, and its first day; paid ahead, the last one shorter.

    A month that is begun and not full counts by its days of thirty, rounded up to the 分.
    """
    if carried.last_on is None or carried.every <= 0:
        return []
    found, end, place = [], carried.last_on + timedelta(days=1), 0
    while (start := months_after(carried.on, place)) < end:
        until = min(months_after(carried.on, place + carried.every), end)
        last = until - timedelta(days=1)
        fen = _rent(carried.on, place, until, carried.rent_fen)
        found.append((f"租金 {start:%Y-%m-%d} 至 {last:%Y-%m-%d}", fen, start))
        place += carried.every
    return found


def _rent(on: date, place: int, until: date, month_fen: int) -> int:
    """From the month ``place`` of a lease that begins ``on`` up to a day, in 分.

    Months are counted from the beginning of the lease: one that begins on the 30th has no longer
    quarters because February is short.
    """
    months = 0
    while months_after(on, place + months + 1) <= until:
        months += 1
    days = (until - months_after(on, place + months)).days
    part = -(-month_fen * min(days, 30) // 30)
    return months * month_fen + (part if days else 0)


def income_due(*, on: date, law: LawInForce) -> date:
    """Until when an income that falls due on a day is to be in the treasury."""
    days = int(law[INCOME_DAYS].value) if INCOME_DAYS in law else 0
    return on + timedelta(days=days)


def may_pay_in(*, due_fen: int, paid: PaidIn, on: date, law: LawInForce) -> Verdict:
    """The whole income goes into the treasury, with the number of its receipt."""
    cite = law[INCOME].cite if INCOME in law else None
    verdict = ALLOWED
    if not paid.receipt.strip():
        verdict += refuse(
            "no_receipt", "没有填非税收入票据号。", "按缴款书填。", cite, field="receipt"
        )
    if paid.on > on:
        sentence = f"今天是{day(on)}。"
        verdict += refuse("in_the_future", "缴库日期还没有到。", sentence, field="paid_on")
    if paid.fen <= 0:
        verdict += refuse("nothing_paid", "缴库金额要大于零。", "按缴款书填。", field="paid")
    elif paid.fen != due_fen and not paid.note.strip():
        verdict += refuse(
            "differs", f"缴库 {yuan(paid.fen)}，应缴 {yuan(due_fen)}。",
            f"相差 {yuan(abs(due_fen - paid.fen))}，写明原因。", WHOLE, field="note",
        )  # fmt: skip
    if verdict.allowed:
        verdict += passed("paid_in", "收入已缴库。", f"票据 {paid.receipt.strip()}。", cite)
    return verdict
