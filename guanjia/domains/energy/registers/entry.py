"""What helps somebody who types a row about an institution: its name is enough where it is one."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from guanjia.domains.energy.queries import institutions as directory
from guanjia.kernel.registers.declaration import Entry
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Scope


def of_institution(label: str, *, today: Sequence[str] = ()) -> Entry:
    """An entry page that asks for an institution by name, and for its code only if need be."""
    return Entry(
        label=label, suggest={"name": _names}, complete=_with_code, behind=("code",),
        must=("name",), help={"code": "几家机构同名时才要填"}, today=today,
    )  # fmt: skip


def _names(scope: Scope) -> Sequence[str]:
    return directory.names(scope, timezone.localdate())


def _with_code(texts: Mapping[str, str], scope: Scope) -> Mapping[str, str]:
    """The texts with the code that belongs to the name; refused where there is none, or several."""
    if texts.get("code", "").strip():
        return texts
    name = texts.get("name", "").strip()
    if not name:
        refuse("name_missing", "没有登记：", "补填机构名称。", field="name").enforce()
    codes = directory.codes_of(scope, name)
    if not codes:
        sentence = f"您的填报范围内没有“{name}”，从列表中选，或填信用代码。"
        refuse("institution_unknown", "没有登记：", sentence, field="name").enforce()
    if len(codes) > 1:
        sentence = f"有 {len(codes)} 家机构叫“{name}”，补填信用代码。"
        refuse("name_shared", "没有登记：", sentence, field="code").enforce()
    return {**texts, "code": codes[0]}
