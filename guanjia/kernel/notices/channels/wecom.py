"""企业微信群机器人: a webhook that speaks into a group and calls one member by phone number."""

from collections.abc import Mapping

from guanjia.kernel.notices.channels import robots
from guanjia.kernel.outside import http

TEXT_BYTES_MAX = 2048

_KNOWN: robots.Known = {
    45009: ("发得太快，企业微信每分钟只收二十条", True),
    45033: ("发得太快，企业微信一时收不下", True),
    93000: ("企业微信认不出这个机器人，核对接口地址", False),
    93008: ("企业微信群不在了", False),
    -1: ("企业微信忙", True),
}


def bounded(text: str) -> str:
    """A text of at most 2048 bytes, as the robot takes it; no sign is cut in two."""
    kept = text.encode()[:TEXT_BYTES_MAX]
    return kept.decode(errors="ignore")


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
    marked = f"【紧急】{title}" if urgent else title
    answer = http.post_json(
        url=secret.get("url", ""),
        data={
            "msgtype": "text",
            "text": {
                "content": bounded(robots.text_of(marked, body)),
                "mentioned_mobile_list": [address] if address else [],
            },
        },
    )
    robots.judge(answer, name="企业微信", known=_KNOWN)
