"""A person's own views of a list (常用视图)."""

from django.db import IntegrityError, transaction

from guanjia.kernel.registers.models import SavedView
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import NotAllowed

VIEWS_MAX = 20
TITLE_MAX = 20
QUERY_MAX = 2000


def of(*, account_id: int | None, register: str) -> list[SavedView]:
    """The views an account keeps for a register, in its order."""
    if account_id is None:
        return []
    return list(SavedView.objects.filter(account_id=account_id, register=register)[:VIEWS_MAX])


def save(*, account_id: int | None, register: str, title: str, query: str) -> SavedView:
    """Keep an address under a name; raises ``Refused`` with a sentence for the form."""
    if account_id is None:
        raise NotAllowed("registers.save_view", "登录")
    name = " ".join(title.split())
    if not name or len(name) > TITLE_MAX:
        refuse(
            "title_missing", "没有存：", f"名称写 1 到 {TITLE_MAX} 个字。", field="title"
        ).enforce()
    if len(query) > QUERY_MAX:
        refuse("query_long", "没有存：", "条件太长，去掉几个再存。", field="title").enforce()
    kept = SavedView.objects.filter(account_id=account_id, register=register)
    if kept.count() >= VIEWS_MAX:
        refuse(
            "views_many", "没有存：", f"已有 {VIEWS_MAX} 个视图，先去掉不用的。", field="title"
        ).enforce()
    try:
        with transaction.atomic():
            return SavedView.objects.create(
                account_id=account_id,
                register=register,
                title=name,
                query=query,
                position=kept.count(),
            )
    except IntegrityError:
        refuse(
            "title_taken", "没有存：", f"已有叫“{name}”的视图，换一个名称。", field="title"
        ).enforce()
        raise


def drop(*, account_id: int | None, register: str, view_id: int) -> str:
    """Remove one of the account's own views; returns its title. Others' do not exist for it."""
    view = SavedView.objects.get(pk=view_id, account_id=account_id or 0, register=register)
    view.delete()
    return view.title
