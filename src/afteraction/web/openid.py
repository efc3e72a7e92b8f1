"""A provider of OpenID Connect: its discovery document, the way to its page of signing in, and the checked claims on the way back.

Authorization code flow with PKCE, state and nonce. Refused with `NotSignedIn`: an answer that belongs to no question of this
browser, an id token that is not signed by the provider, for us, just now. Only signatures with a public key count. Refused with
`ProviderUnavailable`: a provider that does not answer, or calls itself otherwise than the settings do.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from afteraction.errors import MissingExtra, NotSignedIn, ProviderUnavailable
from afteraction.model.settings import OpenId

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_DISCOVERY = "/.well-known/openid-configuration"
_FRESH_SECONDS = 3600.0
_TIMEOUT_SECONDS = 10.0
_LEEWAY_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a provider; the browser keeps it until the answer comes back."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The provider of the settings. What it publishes of itself is fetched when it is first needed, and hourly."""

    def __init__(self, settings: OpenId) -> None:
        self._settings = settings
        self._lock = Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._fetched = 0.0

    def ask(self, redirect_uri: str) -> tuple[str, Question]:
        """Return the address at which somebody signs in, and what to remember. Raises ProviderUnavailable."""
        metadata = self._known()
        question = Question(
            state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48)
        )
        with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=question.state,
                nonce=question.nonce,
                code_verifier=question.verifier,
            )
        return str(url), question

    def answered(
        self, question: Question, answer: Mapping[str, str], redirect_uri: str, *, at: datetime
    ) -> dict[str, Any]:
        """Return the claims of who came back with an answer.

        Raises:
            NotSignedIn: when the answer is not the one to this question, or does not say who it is beyond doubt.
            ProviderUnavailable: when the provider cannot be asked.
        """
        metadata = self._known()
        if not hmac.compare_digest(answer.get("state", "").encode(), question.state.encode()):
            raise NotSignedIn("this answer of the provider belongs to no question of this browser; sign in again")
        issuer = answer.get("iss")
        if issuer is not None or metadata.get("authorization_response_iss_parameter_supported"):
            _same(issuer, self._settings.issuer, "the answer is of another provider")
        if "error" in answer or "code" not in answer:
            raise NotSignedIn(f"the provider let nobody in: {answer.get('error', 'it sent no code')[:100]}")
        with self._client(redirect_uri) as client:
            token = self._exchange(client, answer["code"], question)
            claims = self._checked(token, question, at)
            return self._more(client, claims) | claims  # what is signed wins

    def _client(self, redirect_uri: str) -> Any:
        client_class = _authlib()
        told, methods = self._settings, self._metadata.get("token_endpoint_auth_methods_supported")
        method = "client_secret_basic" if not methods or "client_secret_basic" in methods else "client_secret_post"
        return client_class(
            client_id=told.client_id, client_secret=told.client_secret or None, scope=" ".join(told.scopes), redirect_uri=redirect_uri,
            token_endpoint_auth_method=method if told.client_secret else "none", code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS, follow_redirects=False,
        )  # fmt: skip

    def _exchange(self, client: Any, code: str, question: Question) -> dict[str, Any]:
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415  (an extra, which `_client` found)
        from httpx2 import HTTPError  # noqa: PLC0415  (as above)

        try:
            token = client.fetch_token(
                self._metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=question.verifier
            )  # fmt: skip
        except (AuthlibBaseError, ValueError) as error:
            raise NotSignedIn(f"the provider did not take its own code back: {error}") from error
        except HTTPError as error:
            raise ProviderUnavailable(f"the provider's token endpoint does not answer: {error}") from error
        return dict(token)

    def _checked(self, token: dict[str, Any], question: Question, at: datetime) -> dict[str, Any]:
        """Return the claims of an id token whose signature, issuer, audience, times and nonce are right."""
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415  (an extra, which `_client` found)
        from joserfc.errors import JoseError  # noqa: PLC0415  (as above)

        known = {
            "nonce": question.nonce,
            "client_id": self._settings.client_id,
            "access_token": token.get("access_token"),
        }
        options = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
            "nonce": {"essential": True, "value": question.nonce},
        }
        try:
            read = self._signed(str(token.get("id_token", "")))
            claims = CodeIDToken(read.claims, read.header, options, known)
            claims.validate(now=int(at.timestamp()), leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotSignedIn(f"the provider's id token is not good: {error}") from error
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise NotSignedIn("the provider's id token names nobody")
        return dict(claims)

    def _signed(self, token: str) -> Any:
        """Read a signed token; a key that is not known is asked for once, since providers change theirs."""
        from joserfc import jwt  # noqa: PLC0415  (an extra, which `_client` found)
        from joserfc.errors import InvalidKeyIdError, JoseError  # noqa: PLC0415  (as above)
        from joserfc.jwk import KeySet  # noqa: PLC0415  (as above)

        offered = self._metadata.get("id_token_signing_alg_values_supported") or ("RS256",)
        allowed = [one for one in ALGORITHMS if one in offered]
        try:
            return jwt.decode(token, KeySet.import_key_set(self._keys), algorithms=allowed)  # type: ignore[arg-type]
        except (InvalidKeyIdError, JoseError):
            self._fetch()
            return jwt.decode(token, KeySet.import_key_set(self._keys), algorithms=allowed)  # type: ignore[arg-type]

    def _more(self, client: Any, claims: dict[str, Any]) -> dict[str, Any]:
        """Return what the provider tells beside the id token, of the same subject; nothing in it replaces who it is."""
        from httpx2 import HTTPError  # noqa: PLC0415  (an extra, which `_client` found)

        address = self._metadata.get("userinfo_endpoint")
        if not address:
            return {}
        try:
            answer = client.get(address)
            answer.raise_for_status()
            told = answer.json()
        except (HTTPError, ValueError) as error:
            raise ProviderUnavailable(f"the provider's userinfo endpoint does not answer: {error}") from error
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            raise NotSignedIn("the provider tells of somebody else than its id token")
        return {name: value for name, value in told.items() if name not in {"iss", "sub", "aud", "exp", "iat", "nonce"}}

    def _known(self) -> dict[str, Any]:
        if time.monotonic() - self._fetched > _FRESH_SECONDS or not self._metadata:
            self._fetch()
        return self._metadata

    def _fetch(self) -> None:
        """Fetch what the provider publishes of itself. Raises ProviderUnavailable."""
        _authlib()
        import httpx2  # noqa: PLC0415  (needed only where a provider is set up)

        issuer = self._settings.issuer
        try:
            with self._lock, httpx2.Client(timeout=_TIMEOUT_SECONDS) as client:
                metadata = _document(client, issuer.rstrip("/") + _DISCOVERY)
                _same(metadata.get("issuer"), issuer, "the provider calls itself otherwise than oidc.issuer")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if urlsplit(str(metadata.get(name, ""))).scheme not in {"https", urlsplit(issuer).scheme}:
                        raise ProviderUnavailable(f"the provider publishes no {name} that can be used")
                self._keys = _document(client, metadata["jwks_uri"])
                self._metadata, self._fetched = metadata, time.monotonic()
        except (httpx2.HTTPError, ValueError, NotSignedIn) as error:
            raise ProviderUnavailable(f"the provider at {issuer} cannot be used: {error}") from error


def _document(client: Any, address: str) -> dict[str, Any]:
    answer = client.get(address)
    answer.raise_for_status()
    told = answer.json()
    if not isinstance(told, dict):
        raise ValueError(f"{address} is no JSON object")  # noqa: TRY004  (a fault of the answer, as all others here)
    return told


def _same(told: object, wanted: str, otherwise: str) -> None:
    if told != wanted:
        raise NotSignedIn(f"{otherwise}: {str(told)[:200]!r} instead of {wanted!r}")


def _authlib() -> Any:
    try:
        from authlib.integrations.httpx_client import OAuth2Client  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{error.name} is missing: pip install 'afteraction[oidc]'") from error
    return OAuth2Client
