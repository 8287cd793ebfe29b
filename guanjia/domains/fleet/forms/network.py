"""The shape of what people fill in about the network and its keys; nothing is saved here."""

from typing import Any

from django import forms

from guanjia.domains.fleet.exchange import catalogue
from guanjia.kernel.exchange.models import ApiKey, Peer
from guanjia.kernel.exchange.terms import Algorithm, CallState, InState, OutState
from guanjia.ui.forms import Form, field_for


def _text(label: str, *, most: int, required: bool = True, **more: Any) -> forms.CharField:
    more.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        error_messages={
            "required": f"没有填{label}。",
            "max_length": f"{label}最多 {most} 个字。",
            "null_characters_not_allowed": f"{label}中有看不见的字符。",
        },
        **more,
    )


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(
            format="%Y-%m-%d", attrs={"data-date": "date", "autocomplete": "off"}
        ),
        error_messages={
            "required": f"没有填{label}。",
            "invalid": "写成 2020-05-08 这样的日期。",
        },
    )


class Settings(Form):
    """How the province's platform is reached; the secret is typed anew or left empty."""

    url = _text("接口地址", most=200, help_text="以 https 开头，写到版本为止")
    client = _text("我方编号", most=60, help_text="省平台发给本市的编号")
    algorithm = forms.ChoiceField(
        label="签名算法",
        choices=Algorithm.choices(),
        widget=forms.RadioSelect,
        error_messages={"required": "没有选签名算法。", "invalid_choice": "签名算法选一项。"},
    )
    secret = _text(
        "密钥",
        most=200,
        required=False,
        # As text it would stay in the memory of a shared browser.
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    authority = _text(
        "根证书",
        most=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text="PEM 格式；不填按系统信任的证书",
    )
    pin = _text(
        "证书指纹", most=120, required=False, help_text="SHA-256，64 位十六进制；不填不核对"
    )

    def __init__(self, *args: Any, kept: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].help_text = "已保存，留空不改" if kept else "至少 16 位"


class Key(Form):
    """A key for a partner system."""

    partner = _text("合作系统", most=60, help_text="如 市审计局联网审计系统")
    contact = _text("联系人", most=60, required=False)
    scopes = forms.MultipleChoiceField(
        label="可读内容",
        choices=[(scope.key, scope.title) for scope in catalogue.SCOPES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "没有选可读内容。", "invalid_choice": "从列出的内容中选。"},
    )
    networks = _text(
        "来源网段",
        most=1200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        help_text="一行一个，如 10.36.0.0/16；不填不限",
    )
    since = _day("启用日期")
    until = _day("截止日期")
    per_minute = forms.IntegerField(
        label="每分钟次数",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "没有填每分钟次数。", "invalid": "每分钟次数写整数。"},
    )


def _choice(label: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", "全部"), *choices], required=False)


class Filter(Form):
    """Filters of a list; nothing is required, an unknown value filters nothing."""

    def given(self) -> dict[str, Any]:
        """What is set, and can be understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


class MessageFilter(Filter):
    """Filters over messages."""

    state = _choice("状态", OutState.choices())
    kind = _choice("种类", [(one.kind, one.title) for one in catalogue.ENTITIES])
    words = _text("内容", most=60, required=False)


class IncomingFilter(Filter):
    """Filters over decisions of the province."""

    state = _choice("状态", InState.choices())


class CallFilter(Filter):
    """Filters over calls of partners."""

    key = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    scope = _choice("内容", [(scope.key, scope.title) for scope in catalogue.SCOPES])
    state = _choice("结果", CallState.choices())


class Why(Form):
    """Why reporting pauses (暂停) or ends (断开)."""

    reason = field_for(Peer.state_note, label="原因", required=True)
    looks = {"reason": {"width": "l"}}


class StopKey(Form):
    """停用密钥."""

    reason = field_for(ApiKey.revoked_reason, required=True)
    looks = {"reason": {"width": "l"}}
