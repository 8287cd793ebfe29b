"""What may happen to a scheme, and to an assessment at each desk. Pure."""

from collections.abc import Sequence
from datetime import date

from guanjia.kernel.regulations.verdict import Verdict, refuse

WORDS_MAX, TITLE_MAX = 500, 80


def may_plan(*, known: bool, title: str) -> Verdict:
    """A new scheme."""
    if not title:
        return refuse("title_missing", "没有编制：", "写明方案名称。", field="title")
    if len(title) > TITLE_MAX:
        sentence = f"方案名称最多 {TITLE_MAX} 个字，另写一个短的。"
        return refuse("title_long", "没有编制：", sentence, field="title")
    if known:
        return refuse("scheme_known", "没有编制：", "这一年已有同名的方案。", field="title")
    return Verdict()


def may_open(*, self_until: date, appeal_until: date) -> Verdict:
    """A scheme begins."""
    if appeal_until < self_until:
        sentence = "申诉截止不早于自评截止。"
        return refuse("days_crossed", "没有启用：", sentence, field="appeal_until")
    return Verdict()


def some(*, members: int) -> Verdict:
    """Somebody has to take part."""
    if members:
        return Verdict()
    return refuse("nobody", "没有启用：", "名录库中没有列入在线考核的机构，先在名录库中列入。")


_SHOWN = 5


def registered(*, absent: Sequence[str], year: int, headline: str) -> Verdict:
    """Who takes part is in the register at the end of the year that is assessed."""
    if not absent:
        return Verdict()
    more = f"等 {len(absent)} 家" if len(absent) > _SHOWN else ""
    sentence = f"{'、'.join(absent[:_SHOWN])}{more} {year} 年末不在名录库中，删去后再办。"
    return refuse("not_registered", headline, sentence, field="members")


def all_known(*, unknown: Sequence[str], headline: str) -> Verdict:
    """Who takes part stands in the register, under one name or code."""
    if not unknown:
        return Verdict()
    more = f"等 {len(unknown)} 行" if len(unknown) > _SHOWN else ""
    names = "、".join(unknown[:_SHOWN])
    sentence = f"名录库中没有“{names}”{more}，或不止一家，写信用代码。"
    return refuse("institution_unknown", headline, sentence, field="members")


def may_join(*, new: int) -> Verdict:
    """More institutions take part."""
    if not new:
        return refuse("all_there", "没有增加：", "这些机构都已经参加。", field="members")
    return Verdict()


def may_publish(*, waiting: int, appeals: int, appeal_until: date | None, today: date) -> Verdict:
    """The ranks are final."""
    if waiting:
        return refuse("not_through", "没有公布：", f"还有 {waiting} 家没有评完。")
    if appeals:
        return refuse("appeals_open", "没有公布：", f"还有 {appeals} 件申诉没有复核。")
    if appeal_until is not None and today <= appeal_until:
        return refuse("appeals_may_come", "没有公布：", f"申诉到 {appeal_until:%Y-%m-%d} 截止。")
    return Verdict()


def may_send(*, missing: int) -> Verdict:
    """An institution hands its own scores in."""
    if not missing:
        return Verdict()
    return refuse("scores_missing", "没有提交：", f"还有 {missing} 项没有自评，填 0 也要填。")


def may_decide(*, unreviewed: Sequence[str]) -> Verdict:
    """The city is through: what only a reviewer can judge was judged."""
    if not unreviewed:
        return Verdict()
    sentence = f"{'、'.join(unreviewed)}还没有评审打分，不得分的填 0。"
    return refuse("not_reviewed", "没有评定：", sentence)


def may_appeal(*, words: str, open_one: bool, until: date | None, today: date) -> Verdict:
    """An institution holds something against its points."""
    headline = "没有提交："
    verdict = Verdict()
    if open_one:
        verdict += refuse("appeal_open", headline, "这一项已有申诉，等待复核。")
    if until is not None and today > until:
        verdict += refuse("too_late", headline, f"申诉到 {until:%Y-%m-%d} 截止。")
    return verdict + worded(words, headline)


def worded(words: str, headline: str) -> Verdict:
    """Reasons in words."""
    if 0 < len(words.strip()) <= WORDS_MAX:
        return Verdict()
    return refuse("words_missing", headline, f"写明理由，1 到 {WORDS_MAX} 个字。", field="words")
