"""The fingerprint of a voucher's row: whether anything that it says was changed since."""

import json

from guanjia.kernel.audit.actions import facts_of
from guanjia.kernel.values import digests
from guanjia.kernel.vouchers.models import Voucher

# Everything but the id: what was printed, what the public page tells, and how long it holds.
_SAID = tuple(field.attname for field in Voucher._meta.concrete_fields if not field.primary_key)


def of(voucher: Voucher) -> str:
    """The SM3 digest of everything a voucher says, as the trail keeps it."""
    said = json.dumps(facts_of(voucher, *_SAID), ensure_ascii=False, sort_keys=True)
    return digests.sm3(said.encode())
