"""Whether the files are still those that the trail tells of; part of every verification."""

from dataclasses import dataclass
from typing import Any

from guanjia.kernel.attachments import store
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import FileState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values import digests

CLAIMED = "attachments.file.claimed"
_GONE = {
    FileState.REMOVED: "attachments.file.removed",
    FileState.EXPIRED: "attachments.file.expired",
}
_BATCH = 500


@dataclass(frozen=True)
class _Told:
    """What the trail says of one file."""

    name: str
    digest: str
    subject: tuple[str, int | None]


def changed_files() -> tuple[int, list[str]]:
    """Compare every kept file with its row, and every row with the trail.

    The trail is sealed by itself; so whoever changes a file, its row, or takes the row away is
    found even if they changed both alike.
    """
    told, went = _told(), _went()
    problems: list[str] = []
    count = 0
    for file in Attachment.objects.exclude(state=FileState.STAGED).iterator(_BATCH):
        count += file.state == FileState.KEPT
        if found := _problem(file, told.pop(file.pk, None), went.get(file.pk, "")):
            problems.append(f"第 {file.pk} 号 {file.name}：{found}")
    problems.extend(f"第 {number} 号 {gone.name}：登记不在了。" for number, gone in told.items())
    return count, problems


def _problem(file: Attachment, told: _Told | None, went: str) -> str:
    """What is wrong with a file; ``went`` is the verb by which it went, as the trail tells."""
    if told is None:
        return "留痕中没有附上它的记录。"
    if otherwise := _told_otherwise(file, told, went):
        return otherwise
    return _changed(file) if file.state == FileState.KEPT else ""


def _told_otherwise(file: Attachment, told: _Told, went: str) -> str:
    if told.digest != file.digest:
        return "校验值与留痕不一致。"
    if told.subject != (file.subject_model, file.subject_id):
        return "所附的对象与留痕不一致。"
    if told.name != file.name:
        return f"文件名与留痕不一致，附上时叫 {told.name}。"
    if _GONE.get(FileState(file.state), "") != went:
        return f"状态是{file.shown_state}，留痕中没有这一步。"
    return ""


def _changed(file: Attachment) -> str:
    try:
        found = store.read(file.digest)
    except FileNotFoundError:
        return "文件不在了。"
    return "" if digests.sm3(found) == file.digest else "内容与附上时不一致。"


def _told() -> dict[int, _Told]:
    rows: Any = Record.objects.filter(verb=CLAIMED).order_by("pk")
    facts = rows.values_list("on_type", "on_id", "after")
    return {
        int(file["id"]): _Told(file["label"], file["digest"], (on_type, on_id))
        for on_type, on_id, after in facts.iterator(chunk_size=_BATCH)
        for file in (after or {}).get("files", ())
    }


def _went() -> dict[int, str]:
    """By which verb a file went, of those that did."""
    rows: Any = Record.objects.filter(verb__in=_GONE.values()).order_by("pk")
    facts = rows.values_list("verb", "before")
    return {
        int(file["id"]): verb
        for verb, before in facts.iterator(chunk_size=_BATCH)
        for file in (before or {}).get("files", ())
    }
