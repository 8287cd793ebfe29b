"""What may be done about a drawing of a floor that was sent and is not adopted yet (平面图)."""

from django.urls import reverse

from guanjia.domains.space.actions import plans as actions
from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.models import PlanUpload
from guanjia.domains.space.queries import plans as reading
from guanjia.ui.acts.declaration import Act


def _floor(gone: PlanUpload) -> str:
    return reverse("space:floor", args=[gone.floor.building_id, gone.floor.number])


DISCARD = Act(
    key="discard", title="不采用", on=reading.UPLOADS, verb=reading.DRAW, form=ActForm,
    do=actions.discard, keep="再看看", main=False, lead="图去掉，不能恢复；楼层的平面图不变",
    said="没有采用 {name}，图已去掉", then=_floor,
)  # fmt: skip
ACTS = (DISCARD,)
