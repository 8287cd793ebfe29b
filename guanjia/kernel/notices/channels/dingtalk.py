"""钉钉群机器人: a signed webhook that speaks into a group and calls one member by phone number.

The signature is HMAC-SHA256 over ``timestamp`` (milliseconds), a line break and the secret, keyed
with the secret, Base64 and URL-encoded; DingTalk takes it for an hour.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import quote_plus, urlsplit

from guanjia.kernel.notices.channels import robots
from guanjia.kernel.outside import http

_KNOWN: robots.Known = {
    130101: ("发得太快，钉钉每分钟只收二十条", True),
    310000: ("钉钉的安全设置不让发，核对加签密钥或关键词", False),
    300001: ("钉钉认不出这个机器人，核对接口地址", False),
    400013: ("钉钉群已解散", False),
    400101: ("钉钉认不出这个机器人，核对接口地址", False),
    400102: ("钉钉机器人已停用", False),
    410100: ("发得太快，钉钉每分钟只收二十条", True),
    -1: ("钉钉忙", True),
}


def sign(*, secret: str, milliseconds: int) -> str:
    """The signature of a moment, ready for the address."""
    text = f"{milliseconds}\n{secret}".encode()
    digest = hmac.new(secret.encode(), text, digestmod=hashlib.sha256).digest()
    return quote_plus(base64.b64encode(digest))


def send(
    *,
    settings: Mapping[str, str],  # noqa: ARG001 — every channel takes the same
    secret: Mapping[str, str],
    address: str,
    title: str,
    body: str,
    urgent: bool,
) -> None:
    """Say it in the group and call the person; raises ``ChannelFailure``."""
    url = secret.get("url", "").strip()
    http.host_of(url)
    if key := secret.get("sign", ""):
        now = time.time_ns() // 1_000_000
        joint = "&" if urlsplit(url).query else "?"
        url = f"{url}{joint}timestamp={now}&sign={sign(secret=key, milliseconds=now)}"
    called = f"\n@{address}" if address else ""
    marked = f"【紧急】{title}" if urgent else title
    answer = http.post_json(
        url=url,
        data={
            "msgtype": "text",
            "text": {"content": robots.text_of(marked, body) + called},
            "at": {"atMobiles": [address] if address else [], "isAtAll": False},
        },
    )
    robots.judge(answer, name="钉钉", known=_KNOWN)
