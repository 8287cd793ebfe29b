"""电子邮件: plain text over SMTP, with TLS from the start or by STARTTLS."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid

from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.outside import http

PLAIN, STARTTLS, TLS = "plain", "starttls", "tls"
_PERMANENT = 500


def message(
    *, settings: Mapping[str, str], address: str, title: str, body: str, urgent: bool
) -> EmailMessage:
    """The mail as it is sent; ``ValueError`` for what cannot stand in a header."""
    sender = settings["sender"]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(settings.get("sender_name", ""), addr_spec=sender)
    mail["To"] = Address(addr_spec=address)
    mail["Subject"] = f"【紧急】{title}" if urgent else title
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # an absence note must not answer it
    if urgent:
        mail["Importance"] = "high"
    text = f"{body or title}\n\n登录管家查看和办理。本邮件由系统发出，不用回复。\n"
    mail.set_content(text, cte="base64")  # every server takes it, whatever the text says
    return mail


def send(
    *,
    settings: Mapping[str, str],
    secret: Mapping[str, str],
    address: str,
    title: str,
    body: str,
    urgent: bool,
) -> None:
    """Hand a mail to the server; raises ``ChannelFailure``."""
    try:
        mail = message(settings=settings, address=address, title=title, body=body, urgent=urgent)
    except ValueError:  # a line break in a header, an address that is none
        raise ChannelFailure("标题或地址不能写进邮件。", retry=False) from None
    late = threading.Event()
    host = settings["host"]
    try:
        _deliver(mail, settings, secret.get("password", ""), late)
    except smtplib.SMTPException as fault:
        raise _refusal(fault, host, late) from None
    except ssl.SSLCertVerificationError:
        raise ChannelFailure(f"{host} 的证书不可信。", retry=True) from None
    except (OSError, ValueError) as fault:
        raise _silence(host, late, fault) from None


def _silence(host: str, late: threading.Event, fault: Exception) -> ChannelFailure:
    # smtplib hides the time-out of the socket, which may come before ours, in a fault of its own.
    if late.is_set() or any(isinstance(each, TimeoutError) for each in (fault, fault.__context__)):
        return ChannelFailure(f"{host} 超过 {http.SECONDS:g} 秒没有答复。", retry=True)
    return ChannelFailure(f"连不上 {host}。", retry=True)


def _deliver(
    mail: EmailMessage, settings: Mapping[str, str], password: str, late: threading.Event
) -> None:
    security = settings.get("security", STARTTLS)
    context = ssl.create_default_context()
    # The connection is opened by hand, so that a server that only drips is hung up on.
    sock = socket.create_connection((settings["host"], int(settings["port"])), timeout=http.SECONDS)
    with sock, http.within_seconds(sock, late):
        client = _Client(sock, context if security == TLS else None, settings)
        try:
            client.ehlo_or_helo_if_needed()
            if security == STARTTLS:
                client.starttls(context=context)
            if settings.get("username"):
                client.login(settings["username"], password)
            client.send_message(mail)
        finally:
            client.close()


class _Client(smtplib.SMTP):
    """A client over a connection that is open already."""

    def __init__(
        self, sock: socket.socket, context: ssl.SSLContext | None, settings: Mapping[str, str]
    ) -> None:
        self._given, self._context = sock, context
        # It calls itself by the sender's domain: asking for this machine's full name may take long.
        name = settings["sender"].rpartition("@")[2]
        super().__init__(settings["host"], local_hostname=name, timeout=http.SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 — smtplib's own
        if self._context is None:
            return self._given
        return self._context.wrap_socket(self._given, server_hostname=self._host)  # type: ignore[attr-defined]  # set by smtplib


def _refusal(fault: smtplib.SMTPException, host: str, late: threading.Event) -> ChannelFailure:
    match fault:
        case smtplib.SMTPAuthenticationError():
            # The administrator may mend it before the last try.
            return ChannelFailure(f"{host} 不认这个用户名和密码。", retry=True)
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in fault.recipients.values()]
            return ChannelFailure(
                f"{host} 不收这个收件地址（{codes[0]}）。", retry=codes[0] < _PERMANENT
            )
        case smtplib.SMTPNotSupportedError():
            return ChannelFailure(f"{host} 不支持所选的加密方式或登录。", retry=False)
        case smtplib.SMTPResponseException():
            return ChannelFailure(
                f"{host} 不收（{fault.smtp_code}）。", retry=fault.smtp_code < _PERMANENT
            )
    return _silence(host, late, fault)
