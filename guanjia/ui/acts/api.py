"""The operations of acts: the same form, the same action, the same refusals as their pages.

A body names the fields of the form; sums are in 分, days are ISO dates, files are ids of uploads.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, Signature
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from ninja import Field, Header, Router, Schema
from pydantic import ConfigDict, create_model

from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui.acts.declaration import Act, within
from guanjia.ui.acts.pages import do, form_of
from guanjia.ui.files import FilesField
from guanjia.ui.forms import NOT_DONE, Fen
from guanjia.ui.pages import needs_one

_FEN = 100
_KEY = "idempotency_key"
_NUMBERS = ((forms.IntegerField, int), (forms.DateField, date), (forms.BooleanField, bool))


class Done(Schema):
    """What was done: the row, its state now, and the sentence a page would show."""

    id: int
    name: str
    state: str = ""
    state_title: str = ""
    said: str


class DoneTogether(Schema):
    """What was done to several rows: how many they are, and the sentence a page would show."""

    count: int
    said: str


class _Body(Schema):
    """A body says nothing that the form does not ask."""

    model_config = ConfigDict(extra="forbid")


def of_addresses(module: str) -> list[Act]:
    """The acts whose pages the addresses of a department name, in their order; none without it."""
    if find_spec(module.rpartition(".")[0]) is None or find_spec(module) is None:
        return []
    patterns: Iterable[Any] = getattr(import_module(module), "urlpatterns", ())
    views: Iterable[Any] = (getattr(pattern, "callback", None) for pattern in patterns)
    return [view.act for view in views if hasattr(view, "act")]


def router(acts: Iterable[Act], *, tag: str) -> Router:
    """A router with one operation for each act."""
    made = Router(tags=[tag])
    for act in acts:
        made.post(
            _path(act),
            response=DoneTogether if act.several else Done,
            summary=act.title,
            operation_id=act.url_name.replace(":", "_"),
        )(_operation(act))
    return made


def _path(act: Act) -> str:
    step = act.key.replace("_", "-")
    middle = f"/{{int:{act.on.key}}}" if act.on_one else ""
    return f"/{act.on.path}{middle}/{step}"


def _operation(act: Act) -> Any:
    body_type = schema_of(act)

    def operation(request: Any, body: Any, **ids: Any) -> dict[str, Any]:
        at = timezone.now()
        row = within(act, request.actor, ids[act.on.key]) if act.on_one else None
        form = form_of(act, _data(act, body), row=row, request=request, at=at)
        if not form.is_valid():
            raise Refused(_faults(form))
        token = ids.pop(_KEY, None)
        done = do(act, request=request, row=row, form=form, at=at, token=token)
        if act.several:
            count = getattr(done, "count", done)
            return {"count": count, "said": act.sentence(done, form.given())}
        return _done(act, done, form.given())

    body = _parameter("body", body_type)
    about = [*([_parameter(act.on.key, int)] if act.on_one else []), body]
    about += [_once()] if act.made else []
    operation.__signature__ = Signature(  # type: ignore[attr-defined]  # read by the API library
        [_parameter("request", Any), *about]
    )
    operation.__name__ = act.url_name.replace(":", "_")
    operation.__doc__ = act.lead or act.title
    return needs_one(*act.ways)(operation)


def _once() -> Parameter:
    """The same sent twice with the same key makes one row."""
    told = Header(
        None, alias="Idempotency-Key", description="同一个键、同样内容重复提交，只登记一次"
    )
    return _parameter(_KEY, UUID | None).replace(default=told)


def _parameter(name: str, kind: Any) -> Parameter:
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, annotation=kind)


def schema_of(act: Act) -> type[Schema]:
    """The body of an act's operation, from its form."""
    fields: dict[str, Any] = {name: _field(each) for name, each in act.form.base_fields.items()}
    name = "".join(part.title() for part in act.url_name.replace(":", "_").split("_"))
    return create_model(f"{name}In", __base__=_Body, __doc__=act.title, **fields)


def _field(field: forms.Field) -> tuple[Any, Any]:
    label = str(field.label or "")
    if isinstance(field, FilesField):
        return list[int], Field(default_factory=list, description=f"{label}：上传的文件号")
    if isinstance(field, forms.MultipleChoiceField):
        return list[str], Field(default_factory=list, description=f"{label}：可选几项")
    kind, unit = _kind(field), "分" if isinstance(field, Fen) else ""
    described = "，".join(filter(None, (label, unit, str(field.help_text))))
    titles = _titles(field)
    if titles:
        described += f"：{'、'.join(f'{value} {title}' for value, title in titles.items())}"
    # Only described: what else is sent, the form refuses in its own words.
    one_of: Any = {"enum": [*titles, *([] if field.required else ["", None])]} if titles else None
    if field.required:
        return kind, Field(..., description=described, json_schema_extra=one_of)
    return kind | None, Field(None, description=described, json_schema_extra=one_of)


def _titles(field: forms.Field) -> dict[str, str]:
    """What may be chosen and what it is called; nothing where that depends on row or reader."""
    if not isinstance(field, forms.ChoiceField) or callable(field.choices):
        return {}
    return {str(value): str(title) for value, title in field.choices if value not in ("", None)}


def _kind(field: forms.Field) -> Any:
    """How a field is told in a body; one that is no plain value says so itself (``told_as``)."""
    if hasattr(field, "told_as"):
        return field.told_as
    if isinstance(field, Fen):
        return int
    if isinstance(field, forms.DecimalField):
        return Decimal
    return next((kind for known, kind in _NUMBERS if isinstance(field, known)), str)


def _data(act: Act, body: Any) -> dict[str, Any]:
    """The body as the form reads it."""
    told = body.dict()
    for name, field in act.form.base_fields.items():
        value = told.get(name)
        if value is not None and isinstance(field, Fen):
            told[name] = str(Decimal(value) / _FEN)
        elif value is None:
            told.pop(name, None)
    return dict(told)


def _faults(form: Any) -> list[Finding]:
    return [
        Finding(
            code="unreadable", headline=NOT_DONE, sentence=str(fault),
            field=name if name in form.fields else "",
        )
        for name, faults in form.errors.items()
        for fault in faults
    ]  # fmt: skip


def _done(act: Act, row: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    life = None if act.adds else act.on.life
    state = getattr(row, life.field) if life else ""
    return {
        "id": row.pk,
        "name": str(row) if act.adds else act.on.name_of(row),
        "state": state,
        "state_title": life.of(state).label if life else "",
        "said": act.sentence(row, given),
    }
