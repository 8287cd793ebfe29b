"""What the robots of DingTalk and WeCom groups have in common: an error code in the answer."""

from collections.abc import Mapping
from typing import Any

from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.outside.http import Answer

# What later cannot mend is not tried again by itself.
Known = Mapping[int, tuple[str, bool]]


def judge(answer: Answer, *, name: str, known: Known) -> None:
    """Pass an answer with ``errcode`` 0; raise ``ChannelFailure`` for every other."""
    data: Any = answer.json()
    code = data.get("errcode") if isinstance(data, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        raise ChannelFailure(f"{name}的答复读不懂，核对接口地址。", retry=True)
    if code:
        sentence, retry = known.get(code, (f"{name}不收。", False))
        raise ChannelFailure(f"{sentence}（代码 {code}）", retry=retry)


def text_of(title: str, body: str) -> str:
    """Title and body under each other."""
    return f"{title}\n{body}" if body else title
