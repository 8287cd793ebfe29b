"""What a voucher (凭证) is: its kinds, its state, why one is void. Pure."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from guanjia.kernel.values.term import Term


class State(Term):
    """What a voucher is worth on a day; worked out, never stored."""

    VALID = "VALID", "有效"
    LATER = "LATER", "未生效"
    EXPIRED = "EXPIRED", "已过期"
    REPLACED = "REPLACED", "已被替换"
    VOID = "VOID", "已作废"


class Form(Term):
    """In which form a file of a voucher is kept."""

    DOCX = "DOCX", "Word 文件"
    PDF = "PDF", "PDF 文件"


class Why(Term):
    """Why a voucher was made void, in a word that may be told to everybody."""

    REPLACED = "REPLACED", "换发"
    CANCELLED = "CANCELLED", "所办的事已取消"
    MISTAKEN = "MISTAKEN", "内容有误"
    LOST = "LOST", "遗失"
    OTHER = "OTHER", "其他原因"


@dataclass(frozen=True, kw_only=True)
class VoucherKind:
    """A kind of voucher that a department issues.

    ``pattern``: how its number is written, from ``year`` and ``number``. ``series``: the numbers it
    counts in, its own or one shared with other kinds. ``template``: the Word file that is filled.
    ``official``: whether it is an official text laid out after GB/T 9704. ``public``: the labels of
    the facts that the public page may show; an issue that shows others is a mistake. ``listed``:
    whether the register of all vouchers has it; a department whose papers are not for those of
    others says no, and its vouchers open from the rows they vouch for.
    """

    key: str
    title: str
    pattern: str
    series: str
    template: Path
    official: bool = False
    public: tuple[str, ...] = ()
    listed: bool = True


def state_of(
    *, on: date, valid_from: date, valid_until: date | None, voided: bool, replaced: bool
) -> State:
    """What a voucher is worth on a day; ``valid_until`` is the first day it no longer holds."""
    if voided:
        return State.REPLACED if replaced else State.VOID
    if on < valid_from:
        return State.LATER
    if valid_until is not None and on >= valid_until:
        return State.EXPIRED
    return State.VALID
