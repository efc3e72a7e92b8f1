"""The way to the provider's page of signing in, and back. What was asked waits in a cookie that no script reads."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from afteraction.errors import MissingExtra, NotSignedIn, ProviderUnavailable, TooMany
from afteraction.model.settings import Settings
from afteraction.usecases import limits
from afteraction.usecases.provided import admit, provided
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.identity import address_of, give_cookie, is_secure
from afteraction.web.openid import Provider, Question
from afteraction.web.pages import page
from afteraction.web.problems import Refused
from afteraction.web.visits import local, visit

router = APIRouter()
BACK = "/sign-in/openid/callback"
_COOKIE = "afteraction_openid"
_WAITS_SECONDS = 600


def _provider(request: Request, desk: Desk) -> Provider:
    """Return the provider, of which each process keeps what it published. Raises Refused where there is none."""
    if not desk.settings.openid.issuer:
        raise Refused(404, "no provider of OpenID Connect is set up; see [oidc] in the settings")
    known = getattr(request.app.state, "provider", None)
    if known is None:
        known = request.app.state.provider = Provider(desk.settings.openid)
    found: Provider = known
    return found


def _redirect_uri(request: Request, settings: Settings) -> str:
    return f"{settings.service.public_url or str(request.base_url).rstrip('/')}{BACK}"


def _cookie_name(request: Request, settings: Settings) -> str:
    return f"__Host-{_COOKIE}" if is_secure(request, settings) else _COOKIE


@router.get("/sign-in/openid")
def leave(request: Request, desk: TheDesk, next: str = "") -> Response:  # noqa: A002  (the name stands in addresses)
    """Send somebody to the provider."""
    try:
        url, question = _provider(request, desk).ask(_redirect_uri(request, desk.settings))
    except (ProviderUnavailable, MissingExtra) as error:
        return _told(str(error), status=502)
    answer = RedirectResponse(url, status_code=303)
    waiting = json.dumps([question.state, question.nonce, question.verifier, local(next)])
    answer.set_cookie(
        _cookie_name(request, desk.settings), urlsafe_b64encode(waiting.encode()).decode(), max_age=_WAITS_SECONDS, httponly=True,
        samesite="lax", secure=is_secure(request, desk.settings), path="/",
    )  # fmt: skip
    return answer


@router.get(BACK)
def back(request: Request, desk: TheDesk) -> Response:
    """Take somebody back from the provider, and sign them in if it vouches for them and they may."""
    provider = _provider(request, desk)
    counted = [limits.secret_limit(address_of(request))]
    try:
        limits.spend(desk.store, counted, at=desk.clock())
        question, then = _waiting(request, desk.settings)
        uri = _redirect_uri(request, desk.settings)
        claims = provider.answered(question, dict(request.query_params), uri, at=desk.clock())
        told = provided(desk.settings.openid, claims)
        _, secret = admit(desk.store, desk.settings.openid, told, visit(request, desk))
    except NotSignedIn as error:
        return _forgetting(request, desk, _told(str(error), status=403))
    except (ProviderUnavailable, MissingExtra) as error:
        return _forgetting(request, desk, _told(str(error), status=502))
    except TooMany as error:
        return _told(str(error), status=429, headers={"Retry-After": str(error.seconds)})
    with desk.store.begin() as record:
        limits.take_back(record, counted, at=desk.clock())
    answer = RedirectResponse(then, status_code=303)
    give_cookie(request, answer, desk.settings, secret)
    return _forgetting(request, desk, answer)


def _waiting(request: Request, settings: Settings) -> tuple[Question, str]:
    """Return what this browser asked. Raises NotSignedIn when it asked nothing."""
    try:
        kept = urlsafe_b64decode(request.cookies.get(_cookie_name(request, settings), ""))
        state, nonce, verifier, then = map(str, json.loads(kept))
    except ValueError as error:
        raise NotSignedIn("this browser did not ask to sign in, or waited too long; begin again") from error
    return Question(state=state, nonce=nonce, verifier=verifier), local(then)


def _forgetting(request: Request, desk: Desk, answer: Response) -> Response:
    """Let the browser forget what it asked: it counts once."""
    answer.delete_cookie(
        _cookie_name(request, desk.settings), path="/", secure=is_secure(request, desk.settings), httponly=True, samesite="lax"
    )  # fmt: skip
    return answer


def _told(text: str, *, status: int, headers: dict[str, str] | None = None) -> Response:
    shown = f"{text[:1].upper()}{text[1:]}."
    return page("told", status=status, headers=headers, heading="You are not signed in", text=shown, sign_in=True)
