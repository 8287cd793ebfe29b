"""凭证登记: the register of vouchers, read-only: they are issued by what grants."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.values.term import Term
from guanjia.kernel.vouchers import kinds, queries
from guanjia.kernel.vouchers.models import in_state
from guanjia.kernel.vouchers.terms import State

# On the page for everybody what does not count is amber or red, never grey.
PUBLIC_TONES = {State.EXPIRED: "wait", State.REPLACED: "stop"}


def _known_kinds() -> type[Term]:
    """The declared kinds as choices; read when the paths are, after every department is ready."""
    members = [(kind.key, (kind.key, kind.title)) for kind in kinds.all_kinds()]
    build: Any = Term  # an enumeration made by a call, which the type checker cannot follow
    found: type[Term] = build("KnownKinds", members)
    return found


def _in_state(rows: Any, value: str) -> Any:
    return rows.in_state(State(value), timezone.localdate())


def _with_words(rows: Any, words: str) -> Any:
    return rows.filter(Q(numbered__icontains=words) | Q(subject_label__icontains=words))


def _last_day(row: Any) -> date | None:
    """The last day it holds, as its paper and its page say it."""
    return row.valid_until - timedelta(days=1) if row.valid_until else None


def _view(state: State) -> Any:
    def condition(at: datetime) -> Q:
        return in_state(state, timezone.localtime(at).date())

    return condition


VOUCHERS = Register(
    key="vouchers.vouchers",
    title="凭证登记",
    noun="张",
    key_column="numbered",
    columns=[
        Column(
            name="numbered", title="凭证号", unique=True, link="portal:voucher", sort="numbered"
        ),
        Column(name="title", title="凭证名称", sort="title"),
        Column(
            name="state",
            title="状态",
            value=lambda row: row.state(timezone.localdate()).label,
            widget="portal/cells/voucher_state.html",
            imported=False,
        ),
        Column(name="unit_name", title="单位", path="unit.shown", sort="unit__position"),
        Column(name="subject_label", title="所凭", sort="subject_label"),
        Column(name="issued_at", title="签发时间", kind=Kind.DATETIME, sort="issued_at"),
        Column(name="issued_name", title="签发人", sort="issued_name", fold=1),
        Column(name="valid_from", title="生效日期", kind=Kind.DATE, sort="valid_from", fold=2),
        Column(
            name="valid_until",
            title="有效期至",
            kind=Kind.DATE,
            value=_last_day,
            sort="valid_until",
            fold=1,
        ),
    ],
    rows=queries.vouchers,
    see=queries.SEE,
    take="vouchers.void",
    filters=[
        Filter(name="issued", title="签发日期", kind="dates", path="issued_at"),
        Filter(name="kind", title="凭证名称", kind="choice", choices=_known_kinds()),
        Filter(name="state", title="状态", kind="choice", choices=State, apply=_in_state),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="words", title="凭证号、所凭", kind="text", apply=_with_words),
    ],
    views=[
        View(key="all", title="全部", count=False),
        View(key="valid", title="有效", condition=_view(State.VALID)),
        View(key="later", title="未生效", condition=_view(State.LATER)),
        View(key="void", title="已作废", condition=_view(State.VOID)),
        View(key="replaced", title="已被替换", condition=_view(State.REPLACED), count=False),
    ],
    order=("-issued_at", "-pk"),
    order_name="issued_at",
    order_down=True,
    url="portal:vouchers_list",
)
