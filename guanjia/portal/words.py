"""The trail in Chinese: what each recorded object, field and value is called on the screen.

Verbs have their words in ``verbs``.
"""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from guanjia.kernel.access import duties
from guanjia.kernel.values.actor import Reach
from guanjia.kernel.vouchers import kinds
from guanjia.ui import trail

# Facts that are no column of a model, or need another word than their column has.
FIELDS = {
    "before": "先办",
    "id": "号",
    "row": "登记摘要",
    "why": "类别",
    "code": "编码",
    "renewed": "更换的密钥",
    "server": "服务器",
    "host": "服务器地址",
    "port": "端口",
    "security": "加密",
    "sender": "发件地址",
    "sender_name": "发件人名称",
    "signature": "签名",
    "style": "内容格式",
    "template": "内容模板",
    "success": "受理标志",
    "duty": "职责",
    "into": "并入",
    "part": "分出",
    "people": "人员",
    "person_id": "人员号",
    "post": "职务",
    "reach": "数据范围",
    "to": "转给",
    "unit": "单位",
    "unit_id": "单位号",
    "username": "用户名",
    "rows": "行数",
    "cases": "试算件数",
    "same": "走法不变",
    "other": "走法会变",
    "since": "起",
    "until": "止",
    "created": "新增",
    "updated": "修改",
    "unchanged": "不变",
    "file": "文件",
    "files": "附件",
    "register": "台账",
    "explanation": "说明",
    "sheet": "工作表",
    "doubts": "存疑",
    "sha256": "文件摘要",
    "digest": "文件摘要",
    "pages": "页数",
    "amount_fen": "金额",
}


def verb_title(verb: str) -> str:
    """What a recorded verb is called; the verb itself where nobody gave it a name."""
    return trail.act_title(verb) or duties.title_of(verb)


def type_title(on_type: str) -> str:
    """What kind of row a record is about: ``派车单``."""
    try:
        return str(apps.get_model(on_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return ""


def _field(on_type: str, name: str) -> Any:
    try:
        model = apps.get_model(on_type)
    except (LookupError, ValueError):
        return None
    for known in (name, name.removesuffix("_id")):
        try:
            found = model._meta.get_field(known)
        except FieldDoesNotExist:
            continue
        if found.concrete:  # what other rows say of this one is no fact of its own
            return found
    return None


def field_title(on_type: str, name: str) -> str:
    """What a fact of a record is called: its column's title, or a word of ours."""
    field = _field(on_type, name)
    title = str(getattr(field, "verbose_name", "")) if field is not None else ""
    return title if title and not title.isascii() else trail.fact_title(name)


def _duty(key: str) -> str:
    duty = duties.get(key)
    return duty.title if duty else key


def _reach(value: str) -> str:
    return Reach(value).label if value in set(Reach) else value


_SPECIAL = {"duty": _duty, "reach": _reach, "vouchers.voucher.kind": kinds.title_of}


def shown(on_type: str, name: str, value: Any) -> str:
    """A stored value in words: the label of a choice, 是 and 否, — for nothing."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    special = _SPECIAL.get(name) or _SPECIAL.get(f"{on_type}.{name}")
    if special is not None:
        return special(str(value))
    if isinstance(value, dict):
        return str(value.get("label") or value.get("title") or value)
    if isinstance(value, list):
        return "、".join(shown(on_type, "", one) for one in value[:10])
    field = _field(on_type, name)
    choices = dict(field.flatchoices) if field is not None and field.choices else {}
    return _moment(str(choices.get(value, value)))


_ISO_MINUTE = 16


def _moment(text: str) -> str:
    """An ISO moment as people write it; every other text as it is."""
    if len(text) > _ISO_MINUTE and text[4:5] == "-" and text[10:11] == "T":
        return text[:_ISO_MINUTE].replace("T", " ")
    return text


def changes(
    *, on_type: str, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> list[tuple[str, str, str]]:
    """Title, before and after of every fact that differs, in the order it was recorded."""
    old, new = before or {}, after or {}
    names = [*new, *(name for name in old if name not in new)]
    return [
        (field_title(on_type, name), shown(on_type, name, old.get(name)),
         shown(on_type, name, new.get(name)))
        for name in names
        if old.get(name) != new.get(name)
    ]  # fmt: skip
