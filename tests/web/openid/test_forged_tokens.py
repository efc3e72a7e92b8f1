"""Id tokens that are not the provider's, not for us, not of now, or not signed: each from a server that hands it out."""

from __future__ import annotations

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from afteraction.errors import NotSignedIn, ProviderUnavailable
from afteraction.model.settings import OpenId
from afteraction.web.openid import Provider, Question

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
NEXT = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
QUESTION = Question(state="the state", nonce="the nonce", verifier="v" * 64)
SECRET = "the client's secret, long enough"


class Forger:
    """A provider that hands out what a test gives it."""

    def __init__(self) -> None:
        self.keys = [KEY]
        self.metadata: dict[str, Any] = {}
        self.token: Callable[[dict[str, Any]], str] = signed
        self.told: dict[str, Any] = {"sub": "anna"}
        self.asked_keys = 0
        forger = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(forger.get(self.path))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                token = forger.token(forger.claims())
                self.answer({"access_token": "a", "token_type": "Bearer", "id_token": token})

            def answer(self, value: Any) -> None:
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def get(self, path: str) -> Any:
        if path == "/jwks":
            self.asked_keys += 1
            return KeySet(self.keys).as_dict(private=False)
        if path == "/me":
            return self.told
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/auth", "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks", "userinfo_endpoint": f"{self.issuer}/me",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        } | self.metadata  # fmt: skip

    def claims(self) -> dict[str, Any]:
        at = int(NOW.timestamp())
        return {
            "iss": self.issuer,
            "aud": "afteraction",
            "sub": "anna",
            "nonce": "the nonce",
            "iat": at,
            "exp": at + 300,
        }

    def provider(self) -> Provider:
        return Provider(OpenId(issuer=self.issuer, client_id="afteraction", client_secret=SECRET))

    def let_in(self, provider: Provider | None = None) -> dict[str, Any]:
        answer = {"state": "the state", "code": "c"}
        return (provider or self.provider()).answered(QUESTION, answer, "http://testserver/back", at=NOW)


@pytest.fixture
def forger() -> Iterator[Forger]:
    made = Forger()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    told = {"alg": "RS256", "kid": key.kid} | header
    return jwt.encode(told, claims, key, algorithms=[told["alg"]])


def unsigned(claims: dict[str, Any], alg: str) -> str:
    parts = ({"alg": alg, "kid": "one"}, claims)
    return ".".join([*(urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), ""])


def keyed(claims: dict[str, Any], secret: bytes) -> str:
    """Sign with a secret, which the library refuses to do with a key that is public."""
    told = unsigned(claims, "HS256").rstrip(".")
    digest = hmac.new(secret, told.encode(), "sha256").digest()
    return f"{told}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def test_a_token_as_it_should_be_lets_in(forger: Forger) -> None:
    assert forger.let_in()["sub"] == "anna"


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "signed by another key of the same name": lambda c: signed(c, OTHER),
    "not signed at all": lambda c: unsigned(c, "none"),
    "not signed, in capitals": lambda c: unsigned(c, "NoNe"),
    "signed with the client's secret": lambda c: keyed(c, SECRET.encode()),
    "signed with the public key as a secret": lambda c: keyed(c, KEY.as_pem(private=False)),
    "signed, then changed": lambda c: _changed(signed(c)),
    "of another issuer": lambda c: signed(c | {"iss": "https://evil.example"}),
    "for another client": lambda c: signed(c | {"aud": "other"}),
    "for two clients, handed to the other": lambda c: signed(c | {"aud": ["afteraction", "other"], "azp": "other"}),
    "for nobody": lambda c: signed({k: v for k, v in c.items() if k != "aud"}),
    "run out": lambda c: signed(c | {"exp": c["iat"] - 61, "iat": c["iat"] - 600}),
    "without an end": lambda c: signed({k: v for k, v in c.items() if k != "exp"}),
    "not valid yet": lambda c: signed(c | {"nbf": c["iat"] + 600}),
    "issued in the future": lambda c: signed(c | {"iat": c["iat"] + 600}),
    "of another question": lambda c: signed(c | {"nonce": "another"}),
    "of no question": lambda c: signed({k: v for k, v in c.items() if k != "nonce"}),
    "that names nobody": lambda c: signed({k: v for k, v in c.items() if k != "sub"}),
    "that names an empty subject": lambda c: signed(c | {"sub": ""}),
    "that names a list": lambda c: signed(c | {"sub": ["anna"]}),
    "for another access token": lambda c: signed(c | {"at_hash": "AAAA"}),
    "no token": lambda _: "x",
    "an empty one": lambda _: "",
    "an algorithm that is not offered": lambda c: signed(c, alg="RS512"),
}  # fmt: skip


def _changed(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body[:-4]}AAAA.{signature}"


@pytest.mark.parametrize("forged", FORGED)
def test_a_token_that_is_forged_lets_nobody_in(forger: Forger, forged: str) -> None:
    forger.token = FORGED[forged]
    with pytest.raises(NotSignedIn):
        forger.let_in()


def test_what_is_told_beside_the_token_of_somebody_else_is_refused(forger: Forger) -> None:
    forger.told = {"sub": "owen", "groups": ["admins"]}
    with pytest.raises(NotSignedIn, match="somebody else"):
        forger.let_in()


def test_what_is_told_beside_the_token_replaces_nothing_that_was_signed(forger: Forger) -> None:
    forger.token = lambda claims: signed(claims | {"groups": ["staff"]})
    forger.told = {"sub": "anna", "groups": ["admins"], "iss": "https://evil.example", "name": "Anna"}
    claims = forger.let_in()
    assert (claims["groups"], claims["iss"], claims["name"]) == (["staff"], forger.issuer, "Anna")


def test_a_provider_that_changed_its_keys_is_asked_for_them_again(forger: Forger) -> None:
    provider = forger.provider()
    forger.let_in(provider)
    assert forger.asked_keys == 1
    forger.keys, forger.token = [NEXT], lambda claims: signed(claims, NEXT, alg="ES256")
    assert forger.let_in(provider)["sub"] == "anna"
    assert forger.asked_keys == 2


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"}, {"issuer": None}, {"token_endpoint": None}, {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"}, {"jwks_uri": ""},
    ],
)  # fmt: skip
def test_a_provider_that_publishes_what_cannot_be_used_is_not_used(forger: Forger, metadata: dict[str, Any]) -> None:
    forger.metadata = metadata
    with pytest.raises(ProviderUnavailable):
        forger.provider().ask("http://testserver/back")
