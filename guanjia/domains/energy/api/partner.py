"""Monthly returns that other systems send with a key, for the institutions the key names.

The body is read by hand, after the key was let in, so that every call is written down.
"""

from dataclasses import replace

from django.utils import timezone
from ninja import Router
from pydantic import ValidationError

from guanjia.domains.energy.actions import keyed
from guanjia.domains.energy.api import shapes
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import unread
from guanjia.ui.partners import PartnerKey, PartnerRequest, given, needs_key

router = Router(tags=["合作系统"], auth=PartnerKey())

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
        found = unread.findings(fault.errors(), headline="没有写入：")
        raise Refused([replace(each, sentence=f"{each.sentence}。") for each in found]) from None
