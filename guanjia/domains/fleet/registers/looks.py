"""监督浏览: who looked in from outside, declared once; read-only, the rows write themselves."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from guanjia.domains.fleet.queries import looks
from guanjia.domains.fleet.terms.looks import Field, Manner
from guanjia.kernel.access.models import Look
from guanjia.kernel.registers import catalogue, narrowing
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Scope

_WORDS_MAX = 100


def conditions(look: Any) -> str:
    """The filters of a list that was looked at, in words: ``状态：已完成；用途：会议活动``."""
    register = catalogue.get(look.register) if look.register else None
    if register is None or not look.query:
        return ""
    given = QueryDict(look.query).dict()
    kept = narrowing.cleaned(register, {k: str(v) for k, v in given.items()}, [])
    said = [
        f"{each.title}：{_label(each, kept)}"
        for each in register.filters
        if any(name in kept for name in narrowing.parts(register, each.name))
    ]
    return "；".join(said)[:_WORDS_MAX]


def _label(each: Filter, kept: dict[str, str]) -> str:
    # A unit by its code: one statement for each row would be one too many.
    # Supervisors look at the whole city, and so does whoever reads what they looked at.
    return kept[each.name] if each.kind == "unit" else narrowing.label(each, kept, Scope.all())


def _manner(rows: Any, value: str) -> Any:
    return rows.filter(manner__in=value.split(","))


def _words(rows: Any, words: str) -> Any:
    named = Q(account__name__icontains=words) | Q(title__icontains=words)
    return rows.filter(named | Q(label__icontains=words))


def _today(at: datetime) -> Q:
    start = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return Q(at__gte=start)


def _refused(_: datetime) -> Q:
    return Q(refused=True)


def _taken(_: datetime) -> Q:
    return Q(exported=True, refused=False)


def _what(look: Any) -> str:
    return look.title or look.page


def _unit(look: Any) -> str:
    person = look.account.person
    return str(person.unit) if person else ""


LOOKS = Register(
    key="fleet.looks",
    title="监督浏览",
    noun="次",
    key_column="number",
    columns=[
        Column(name="number", title="编号", path="pk", unique=True, fold=2),
        of(Look.at, required=False),
        Column(name="who", title="谁", path="account.name", sort="account__name"),
        Column(name="who_unit", title="单位", value=_unit, imported=False, fold=1),
        of(
            Look.duty,
            name="field",
            title="领域",
            kind=Kind.CHOICE,
            choices=Field,
            path="duty",
            required=False,
            max_length=200,
        ),
        Column(
            name="manner",
            title="方式",
            kind=Kind.CHOICE,
            choices=Manner,
            widget="fleet/cells/look_manner.html",
            sort="manner",
        ),
        Column(name="what", title="内容", value=_what, sort="title"),
        Column(name="label", title="对象", widget="fleet/cells/look_row.html", sort="label"),
        Column(name="conditions", title="条件", value=conditions),
        of(Look.rows),
        Column(name="address", title="来自", fold=1),
    ],
    rows=looks.looks,
    see=looks.SEE,
    take="fleet.network.keep",  # nobody takes looks in; a register names a verb all the same
    filters=[
        Filter(name="at", title="日期", kind="dates", path="at"),
        Filter(name="field", title="领域", kind="choice", choices=Field, path="duty"),
        Filter(name="manner", title="方式", kind="choice", choices=Manner, apply=_manner),
        Filter(name="words", title="谁、内容、对象", kind="text", apply=_words),
        Filter(name="what", title="内容", kind="text", path="title", more=True),
    ],
    views=[
        View(key="all", title="全部", count=False),
        View(key="today", title="今天", condition=_today),
        View(key="taken", title="取走文件", condition=_taken),
        View(key="refused", title="未准", condition=_refused),
    ],
    order=("-pk",),
    order_name="at",
    order_down=True,
    url="fleet:looks_list",
    place=900,
)
