"""What may be done about public notices (用车公示)."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.actions import publications as actions
from guanjia.domains.fleet.forms import publications as forms
from guanjia.domains.fleet.queries import publications as reading
from guanjia.domains.fleet.terms.publications import TOLD
from guanjia.domains.fleet.terms.publications import PublicationState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Nothing

MAKE, NOTICES = reading.MAKE, reading.NOTICES


def _is_over(row: Any, _: Actor) -> bool:
    return bool(timezone.localdate() > row.last)


def _is_last(row: Any, _: Actor) -> bool:
    """Only the last edition is corrected."""
    return getattr(row, "correction", None) is None


DRAFT = Act(
    key="draft", title="统计公示稿", on=NOTICES, verb=MAKE, makes=True, form=forms.Draft,
    do=actions.draft_publication, keep="不统计", icon="file-plus",
    lead="按整月统计；还没有公示的时段重新统计",
    said=lambda made: f"已统计 {made.period.label()}，核对后公示",
)  # fmt: skip
DROP = Act(
    key="drop", title="放弃公示稿", on=NOTICES, verb=MAKE, when=(S.DRAFT,), form=Nothing,
    do=actions.drop_draft, keep="不放弃", lead="没有公示过的稿子删去，可以重新统计",
    said="公示稿已放弃，没有公示过", then=lambda _: reverse("fleet:publications"), main=False,
)  # fmt: skip
WITHDRAW = Act(
    key="withdraw", title="撤下公示", on=NOTICES, verb=MAKE, to=S.WITHDRAWN, form=forms.Withdraw,
    do=actions.withdraw, keep="不撤下", main=False,
    lead="公示页上不再有数字，只写明曾经公示、何时撤下和原因；不能恢复",
    said="已撤下，公示地址上写明撤下和原因",
)  # fmt: skip
CORRECT = Act(
    key="correct", title="更正公示", button="统计更正稿", on=NOTICES, verb=MAKE, when=TOLD,
    offered=_is_last, form=forms.Correct, do=actions.correct_publication, keep="不更正",
    lead="按现在登记的派车单和费用重新统计，另出一版；这一版仍可看，并写明已更正",
    said=lambda made: f"更正稿有 {len(made.changes)} 处变动，核对后公示",
    adds="fleet.Publication", then=lambda made: reverse("fleet:publication", args=[made.pk]),
    main=False,
)  # fmt: skip
PUBLISH = Act(
    key="publish", title="公示", on=NOTICES, verb=MAKE, to=S.PUBLISHED, offered=_is_over,
    form=Nothing, do=actions.publish, keep="不公示", icon="send",
    lead="公示后不用登录就能看，数字不能再改；有差错只能另出一版，新旧两个数都写明",
    said=lambda row: f"已公示“{row}”，不用登录就能看",
)  # fmt: skip

# In the order of the buttons on the page of a notice.
ACTS = (DRAFT, DROP, WITHDRAW, CORRECT, PUBLISH)
