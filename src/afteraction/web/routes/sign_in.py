"""The pages on which people sign in, see who they are, change their password and sign out; they need no script."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from afteraction.errors import NotSignedIn, TooMany, UsageError
from afteraction.usecases.passwords import MIN_LENGTH
from afteraction.usecases.sign_in import change_password, end_session, with_password
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.identity import address_of, give_cookie, signed_in
from afteraction.web.pages import STYLE_PATH, page, style
from afteraction.web.visits import HOME, local, visit

router = APIRouter()


@router.get(STYLE_PATH)
def style_sheet() -> Response:
    """Return the style sheet of these pages."""
    return Response(style(), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


@router.get("/sign-in")
def show(request: Request, desk: TheDesk, next: str = "") -> Response:  # noqa: A002  (the name stands in addresses)
    """Show the form, or go on where somebody is signed in already."""
    if signed_in(request, desk) is not None:
        return RedirectResponse(local(next), status_code=303)
    return _form(desk, next)


@router.post("/sign-in")
def use(
    request: Request,
    desk: TheDesk,
    handle: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002  (as above)
) -> Response:
    """Sign somebody in."""
    try:
        _, secret = with_password(desk.store, handle, password, visit(request, desk))
    except NotSignedIn as error:
        return _form(desk, next, status=401, handle=handle, wrong=f"{str(error).capitalize()}.")
    except TooMany as error:
        told = {"Retry-After": str(error.seconds)}
        return _form(desk, next, status=429, headers=told, handle=handle, wrong=f"{str(error).capitalize()}.")
    answer = RedirectResponse(local(next), status_code=303)
    give_cookie(request, answer, desk.settings, secret)
    return answer


def _form(
    desk: Desk, then: str, *, status: int = 200, headers: dict[str, str] | None = None, handle: str = "", wrong: str = ""
) -> Response:  # fmt: skip
    openid = desk.settings.openid
    return page(
        "sign_in", status=status, headers=headers, wrong=wrong, handle=handle[:64], next=local(then),
        provider=openid.name if openid.issuer else "",
    )  # fmt: skip


@router.post("/sign-out")
def sign_out(request: Request, desk: TheDesk, everywhere: Annotated[str, Form()] = "") -> Response:
    """End the session, or all of the account."""
    known = signed_in(request, desk)
    if known is not None and known.session is not None:
        with desk.store.begin() as record:
            digest = "" if everywhere else known.session.digest
            end_session(record, known.account.id, at=desk.clock(), digest=digest)
    answer = RedirectResponse("/sign-in", status_code=303)
    give_cookie(request, answer, desk.settings, "")
    return answer


@router.get(HOME)
def account(request: Request, desk: TheDesk, done: str = "") -> Response:
    """Show who is signed in."""
    known = signed_in(request, desk)
    if known is None:
        return RedirectResponse(f"/sign-in?next={quote(HOME)}", status_code=303)
    told = "The password is changed." if done == "password" else ""
    return page("account", account=known.account, least=MIN_LENGTH, done=told)


@router.post(f"{HOME}/password")
def password(
    request: Request, desk: TheDesk, old: Annotated[str, Form()] = "", new: Annotated[str, Form()] = ""
) -> Response:
    """Change the password of who is signed in; their other sessions end."""
    known = signed_in(request, desk)
    if known is None or known.session is None:
        return RedirectResponse(f"/sign-in?next={quote(HOME)}", status_code=303)
    headers, status, wrong = {}, 422, ""
    try:
        change_password(
            desk.store, known.account, old, new, address=address_of(request), at=desk.clock(), keep=known.session.digest
        )
    except UsageError as error:
        wrong = str(error)
    except NotSignedIn:
        status, wrong = 401, "the password until now is not right"
    except TooMany as error:
        status, wrong, headers = 429, str(error), {"Retry-After": str(error.seconds)}
    if wrong:
        told = f"{wrong[0].upper()}{wrong[1:]}."
        return page(
            "account", status=status, headers=headers, wrong=told, account=known.account, least=MIN_LENGTH, done=""
        )
    return RedirectResponse(f"{HOME}?done=password", status_code=303)
