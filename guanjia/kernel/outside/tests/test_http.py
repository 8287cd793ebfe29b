"""One careful call: whose certificate is believed, what is not followed, how much is read."""

import datetime
import hashlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from guanjia.kernel.outside import http, vault
from guanjia.kernel.outside.failure import CallFailure
from guanjia.kernel.outside.http import Trust


@dataclass
class Server:
    """A server with a certificate of its own."""

    url: str
    certificate: str
    pin: str


def _certificate(name: str) -> tuple[bytes, bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    der = made.public_bytes(serialization.Encoding.DER)
    return made.public_bytes(serialization.Encoding.PEM), private, der


class Handler(BaseHTTPRequestHandler):
    """Says ok; sends elsewhere from /moved; babbles at /much; tells the method at /echo."""

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"x" * 5000 if self.path == "/much" else self.command.encode())

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pem, private, der = _certificate("localhost")
    folder: Path = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(private)

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Callers that hang up are what is tested."""

    with Quiet(("127.0.0.1", 0), Handler) as serving:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        url = f"https://localhost:{serving.server_port}"
        yield Server(url, pem.decode(), hashlib.sha256(der).hexdigest())
        serving.shutdown()
        thread.join()


def call(server: Server, path: str = "/", *, method: str = "GET", **more: Any) -> http.Answer:
    trust = more.pop("trust", Trust(authority=server.certificate))
    return http.call(method=method, url=server.url + path, headers={}, trust=trust, **more)


def test_a_certificate_nobody_vouches_for_is_not_believed(server: Server) -> None:
    with pytest.raises(CallFailure, match="证书不可信"):
        call(server, trust=Trust())


def test_an_authority_that_was_named_is_believed(server: Server) -> None:
    answer = call(server)
    assert (answer.status, answer.body, answer.ok) == (200, b"GET", True)


def test_only_the_certificate_that_was_agreed_upon_will_do(server: Server) -> None:
    assert call(server, trust=Trust(authority=server.certificate, pin=server.pin.upper())).ok
    with pytest.raises(CallFailure, match="不是约定的证书"):
        call(server, trust=Trust(authority=server.certificate, pin="0" * 64))


def test_a_redirect_is_told_and_not_followed(server: Server) -> None:
    answer = call(server, "/moved")
    assert (answer.status, answer.ok, answer.busy) == (302, False, False)
    assert answer.headers["location"] == "/elsewhere"


def test_no_more_is_read_than_was_asked_for(server: Server) -> None:
    assert len(call(server, "/much", bytes_max=100).body) == 100


def test_the_method_is_the_one_that_was_said(server: Server) -> None:
    assert call(server, method="POST", body=b"{}").body == b"POST"


def test_an_authority_that_is_none_is_refused() -> None:
    with pytest.raises(CallFailure, match="根证书读不出"):
        Trust(authority="not a certificate").context()


def test_a_secret_opens_for_its_purpose_only() -> None:
    kept = vault.keep({"secret": "hush-hush"}, purpose=vault.PEERS)
    assert vault.open_(kept, purpose=vault.PEERS) == {"secret": "hush-hush"}
    with pytest.raises(vault.SecretUnreadable):
        vault.open_(kept, purpose=vault.CHANNELS)
