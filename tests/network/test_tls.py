from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from afteraction.errors import NotReached
from afteraction.network.client import Outgoing
from afteraction.network.guard import Guard


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `metrics.example`, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "metrics.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(hours=1), now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("metrics.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "one.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return file


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        host = "127.0.0.1" if str(host).endswith(".example") else host
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.usefixtures("resolved")
def test_the_certificate_is_that_of_the_name_and_not_of_the_address(server: Any, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
    trusted = ssl.create_default_context(cafile=str(certificate))
    guard = Guard(["*.example"])
    with Outgoing(f"https://metrics.example:{server.port}", guard=guard, verify=trusted) as client:
        assert client.get("/").content == b"fine"
    waited: list[float] = []
    for verify, host in ((trusted, "other.example"), (None, "metrics.example")):
        client = Outgoing(f"https://{host}:{server.port}", guard=guard, verify=verify, sleep=waited.append)
        with client, pytest.raises(NotReached, match="certificate verify failed"):
            client.get("/")
    assert waited == [], "a second try would not mend it"
