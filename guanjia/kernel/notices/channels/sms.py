"""短信: any gateway that takes one HTTP request per message, its body a template of the operator's.

``{mobile}``, ``{text}`` and ``{key}`` stand for the number, the text with its signature, and the
secret key. Success is a status of 2xx, and where a rule is given also that one value of the answer:
``data.code=0``.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.outside import http

SINGLE_MAX, PART_MAX = 70, 67  # signs of one message; of each part of a long one
PARTS_MAX = 3
JSON, FORM = "json", "form"


def parts_of(text: str) -> int:
    """How many messages a text is charged as; signs beyond the first plane count twice."""
    signs = len(text.encode("utf-16-be")) // 2
    return 1 if signs <= SINGLE_MAX else -(-signs // PART_MAX)


def text_of(*, signature: str, title: str) -> str:
    """What the phone shows: the signature the gateway has registered, then the title, bounded."""
    head = f"【{signature}】" if signature else ""
    text = f"{head}{title}"
    while parts_of(text) > PARTS_MAX:
        text = text[:-2] + "…"
    return text


def filled(template: str, *, style: str, values: Mapping[str, str]) -> tuple[bytes, str]:
    """The body and its type; values are put in as data, so that no text can break out of it."""
    if style == FORM:
        pairs = [
            (name, _put(value, values))
            for name, value in parse_qsl(template, keep_blank_values=True)
        ]
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded; charset=utf-8"
    data = _put_deep(json.loads(template), values)
    return json.dumps(data, ensure_ascii=False).encode(), "application/json; charset=utf-8"


def template_fault(template: str, *, style: str) -> str:
    """Why a template cannot be used, in Chinese; ``""`` when it can."""
    if style == JSON:
        try:
            json.loads(template)
        except ValueError:
            return "内容模板不是 JSON"
    elif not parse_qsl(template, keep_blank_values=True):
        return "内容模板写成 mobile={mobile}&content={text} 这样"
    if "{mobile}" not in template or "{text}" not in template:
        return "内容模板里要有 {mobile} 和 {text}"
    return ""


def _put(text: str, values: Mapping[str, str]) -> str:
    # In one pass: what a value says is never taken for a place again.
    found = text
    marks = {"{" + name + "}": f"\x00{i}\x00" for i, name in enumerate(values)}
    for place, mark in marks.items():
        found = found.replace(place, mark)
    for mark, value in zip(marks.values(), values.values(), strict=True):
        found = found.replace(mark, value)
    return found


def _put_deep(data: Any, values: Mapping[str, str]) -> Any:
    match data:
        case str():
            return _put(data, values)
        case dict():
            return {name: _put_deep(value, values) for name, value in data.items()}
        case list():
            return [_put_deep(value, values) for value in data]
    return data


def meets(rule: str, data: Any) -> bool:
    """Whether an answer satisfies ``path=value``; the path goes through objects and lists."""
    path, _, wanted = rule.partition("=")
    here = data
    for name in path.strip().split("."):
        if isinstance(here, dict) and name in here:
            here = here[name]
        elif isinstance(here, list) and name.isdecimal() and int(name) < len(here):
            here = here[int(name)]
        else:
            return False
    shown = json.dumps(here) if isinstance(here, bool) or here is None else str(here)
    return shown == wanted.strip()


def send(
    *,
    settings: Mapping[str, str],
    secret: Mapping[str, str],
    address: str,
    title: str,
    body: str,  # noqa: ARG001 — a short message is its title
    urgent: bool,  # noqa: ARG001 — a short message rings anyway
) -> None:
    """Hand a short message to the gateway; raises ``ChannelFailure``."""
    values = {
        "mobile": address,
        "text": text_of(signature=settings.get("signature", ""), title=title),
        "key": secret.get("key", ""),
    }
    try:
        sent, content_type = filled(
            settings.get("template", ""), style=settings.get("style", JSON), values=values
        )
    except ValueError:
        raise ChannelFailure("短信的内容模板读不懂，重新填写。", retry=False) from None
    answer = http.post(url=secret.get("url", ""), body=sent, headers={"Content-Type": content_type})
    rule = settings.get("success", "")
    if rule and not meets(rule, answer.json()):
        raise ChannelFailure("短信网关没有受理，核对密钥、签名和号码。", retry=False)
