"""The channels there are: how each sends, and what its settings are called."""

from collections.abc import Callable
from dataclasses import dataclass

from guanjia.kernel.notices.channels import dingtalk, email, sms, wecom
from guanjia.kernel.notices.terms import ChannelKind


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of a channel; a ``secret`` one is kept encrypted and never shown again."""

    name: str
    title: str
    must: bool = True
    secret: bool = False
    most: int = 200
    default: str = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    long: bool = False


@dataclass(frozen=True, kw_only=True)
class Way:
    """How one kind of channel is set up and used."""

    kind: ChannelKind
    send: Callable[..., None]
    settings: tuple[Setting, ...]
    note: str


_URL = Setting(
    name="url", title="接口地址", secret=True, most=1000,
    help="整条地址，含其中的密钥；保存后只显示服务器名",
)  # fmt: skip
_GROUP_NOTE = (
    "消息发到群里，全群都看得见，所以只发标题并提醒本人，不发意见和详情。按人员名录中的手机号提醒。"
)

WAYS: dict[ChannelKind, Way] = {
    way.kind: way
    for way in (
        Way(
            kind=ChannelKind.EMAIL,
            send=email.send,
            note="发到各人自己填的电子邮箱，标题和内容都发。",
            settings=(
                Setting(name="host", title="服务器", help="如 smtp.jdz.gov.cn"),
                Setting(name="port", title="端口", default="587", most=5),
                Setting(
                    name="security", title="加密", default=email.STARTTLS,
                    choices=(
                        (email.STARTTLS, "STARTTLS"), (email.TLS, "TLS"), (email.PLAIN, "不加密")
                    ),
                ),
                Setting(name="sender", title="发件地址"),
                Setting(
                    name="sender_name", title="发件人名称", must=False, most=60, default="管家"
                ),
                Setting(name="username", title="用户名", must=False, help="服务器要登录的才填"),
                Setting(name="password", title="密码", must=False, secret=True),
            ),
        ),
        Way(
            kind=ChannelKind.DINGTALK,
            send=dingtalk.send,
            note=_GROUP_NOTE,
            settings=(
                _URL,
                Setting(
                    name="sign", title="加签密钥", must=False, secret=True,
                    help="机器人安全设置选“加签”时给出，以 SEC 开头",
                ),
            ),
        ),
        Way(kind=ChannelKind.WECOM, send=wecom.send, note=_GROUP_NOTE, settings=(_URL,)),
        Way(
            kind=ChannelKind.SMS,
            send=sms.send,
            note="只发紧急的事，只发标题，发到人员名录中的手机号；最长三条的长度。",
            settings=(
                _URL,
                Setting(name="key", title="密钥", must=False, secret=True, most=500),
                Setting(name="signature", title="签名", default="景德镇机关事务", most=20),
                Setting(
                    name="style", title="内容格式", default=sms.JSON,
                    choices=((sms.JSON, "JSON"), (sms.FORM, "表单")),
                ),
                Setting(
                    name="template", title="内容模板", most=1000, long=True,
                    default='{"key": "{key}", "mobile": "{mobile}", "content": "{text}"}',
                    help="{mobile} 号码、{text} 内容、{key} 密钥",
                ),
                Setting(
                    name="success", title="受理标志", must=False, most=100,
                    help="答复中的一项和它的值，如 data.code=0；不填的，有答复就算受理",
                ),
            ),
        ),
    )
}  # fmt: skip
