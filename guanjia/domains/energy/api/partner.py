"""Monthly returns that other systems send with a key, for the institutions the key names.

The body is read by hand, after the key was let in, so that every call is written down.
"""

from typing import Any

from django.utils import timezone
from ninja import Router
from pydantic import ValidationError

from guanjia.domains.energy.actions import keyed
from guanjia.domains.energy.api import shapes
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui.partners import PartnerKey, PartnerRequest, given, needs_key

router = Router(tags=["合作系统"], auth=PartnerKey())

_WORDS = {
    "missing": "没有填",
    "extra_forbidden": "没有这一项",
    "enum": "不在可选的值里",
    "decimal_parsing": "应是数",
    "int_parsing": "应是整数",
    "json_invalid": "不是 JSON",
    "string_pattern_mismatch": "写成 2020-05 这样",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "greater_than_equal": "不应小于 0",
}
_SHOWN = 100
# What the description says of a body that is read by hand.
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "required": ["months"],
                           "properties": {"months": {"type": "array", "description":
                                                     "同 /api/energy/returns"}}},
                "example": shapes.EXAMPLE,
            }
        },
    }
}  # fmt: skip


@router.post("/returns", response=shapes.TakenOut, summary="填报月报", openapi_extra=_BODY)
@needs_key(keyed.SCOPE.key)
def partner_energy_returns(request: PartnerRequest) -> dict[str, int]:
    """Take in many months of the key's institutions, all or none."""
    months = shapes.months_of(_read(request.body), within=keyed.institutions_of(request.auth))
    counts = keyed.enter_by_key(key=request.auth, months=months, at=timezone.now())
    given(request, rows=len(months))
    return shapes.taken(counts, months)


def _read(text: bytes) -> shapes.ReturnsIn:
    try:
        return shapes.ReturnsIn.model_validate_json(text)
    except ValidationError as fault:
        raise Refused([_finding(error) for error in fault.errors()[:_SHOWN]]) from None


def _finding(error: Any) -> Finding:
    place = [str(part) for part in error["loc"]]
    words = [f"第 {int(part) + 1} 条" if part.isdecimal() else part for part in place]
    said = _WORDS.get(error["type"], "不合要求")
    return Finding(
        code=error["type"], headline="没有写入：", sentence=f"{' '.join(words)} {said}。".strip(),
        field=".".join(place),
    )  # fmt: skip
