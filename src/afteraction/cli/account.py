"""`afteraction account`: who may use the service, at the keyboard of the record."""

from __future__ import annotations

from typing import Any

import click

from afteraction.cli.record_options import as_json, joined, plain, record, show, stamp

_ROLES = click.Choice(["owner", "editor", "responder", "reader"])


@click.group()
def account() -> None:
    """Who may use the service, and by what. Whoever reaches the record's database may do all of this."""


@account.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """List the accounts, without their passwords."""
    with record() as kept:
        found = [_shown(one) for one in kept.accounts()]
    columns = (("handle", lambda a: a["id"]), ("name", lambda a: a["name"]), ("role", lambda a: a["role"]),
               ("signs in by", lambda a: a["signs_in_by"]), ("disabled", lambda a: stamp(a["disabled_at"])))  # fmt: skip
    show(found, columns, as_json=as_json)


def _shown(one: Any) -> dict[str, object]:
    by = [name for name, given in (("password", one.password), ("OpenID", one.subject)) if given]
    return {
        "id": one.id, "name": one.name, "role": one.role, "created_at": one.created_at, "disabled_at": one.disabled_at,
        "signs_in_by": joined(by),
    }  # fmt: skip


@account.command()
@click.option("--role", type=_ROLES, default="reader", show_default=True, help="What the new account may do.")
@click.option("--hours", type=float, default=72, show_default=True, help="How long the link works.")
def invite(*, role: str, hours: float) -> None:
    """Print a link with which somebody makes their account. It works once."""
    _print_link(role=role, hours=hours)


@account.command()
@click.argument("handle")
@click.option("--hours", type=float, default=24, show_default=True, help="How long the link works.")
def password(*, handle: str, hours: float) -> None:
    """Print a link with which HANDLE sets a new password. It works once."""
    _print_link(role="reader", hours=hours, account=handle)


def _print_link(*, role: str, hours: float, account: str = "") -> None:
    from datetime import timedelta

    from afteraction.assembly import load_settings
    from afteraction.assembly.record import myself, now
    from afteraction.model.account import Role
    from afteraction.usecases.accounts import invite as make

    with record() as kept:
        lasts = timedelta(hours=hours)
        made, secret = make(kept, role=Role(role), account=account, author=myself(), at=now(), lasts=lasts)
    base = load_settings().service.public_url or "http://127.0.0.1:8973"
    click.echo(f"{base}/setup?secret={secret}")
    click.echo(f"works once, until {stamp(made.expires_at)} UTC", err=True)


@account.command()
@click.argument("handle")
@click.argument("role", type=_ROLES)
def role(*, handle: str, role: str) -> None:
    """Give HANDLE another ROLE."""
    from afteraction.model.account import Role

    changed = _change(handle, role=Role(role))
    click.echo(f"{changed.id} is {changed.role} now", err=True)


@account.command()
@click.argument("handle")
def disable(*, handle: str) -> None:
    """Let HANDLE in no more: sessions end, tokens do nothing. What they wrote stays."""
    _change(handle, disabled=True)
    click.echo(f"{handle} is disabled", err=True)


@account.command()
@click.argument("handle")
def enable(*, handle: str) -> None:
    """Let HANDLE in again."""
    _change(handle, disabled=False)
    click.echo(f"{handle} is enabled", err=True)


def _change(handle: str, **what: Any) -> Any:
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.accounts import change_account

    with record() as kept:
        return change_account(kept, handle, author=myself(), at=now(), **what)


@account.command()
@click.argument("handle")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["read", "respond", "edit", "own"]),
    default=["read"],
    show_default=True,
    help="What it allows, if the account's role does.",
)
@click.option("--days", type=float, default=90, show_default=True, help="How long it works; 0: until it is revoked.")
def token(*, handle: str, name: str, scopes: tuple[str, ...], days: float) -> None:
    """Print a new API token of HANDLE, this once."""
    from datetime import timedelta

    from afteraction.assembly.record import myself, now
    from afteraction.model.account import Right
    from afteraction.usecases.accounts import make_token

    lasts = timedelta(days=days) if days else None
    with record() as kept:
        made, secret = make_token(
            kept, handle, name=name, scopes=frozenset(map(Right, scopes)), lasts=lasts, author=myself(), at=now()
        )
    click.echo(secret)
    until = f"until {stamp(made.expires_at)} UTC" if made.expires_at else "until it is revoked"
    click.echo(f"token {made.id}, {joined(sorted(made.scopes))}, {until}; it is not shown again", err=True)


@account.command()
@click.argument("handle", default="")
@as_json
def tokens(*, handle: str, as_json: bool) -> None:
    """List the API tokens of HANDLE, or of all."""
    with record() as kept:
        found = [{name: value for name, value in plain(one).items() if name != "digest"} for one in kept.tokens(handle)]
    columns = (("id", lambda t: t["id"]), ("account", lambda t: t["account"]), ("name", lambda t: t["name"]),
               ("scopes", lambda t: joined(sorted(t["scopes"]))), ("until", lambda t: _minute(t["expires_at"])),
               ("used", lambda t: _minute(t["used_at"])), ("revoked", lambda t: _minute(t["revoked_at"])))  # fmt: skip
    show(found, columns, as_json=as_json)


def _minute(at: str | None) -> str:
    return at[:16].replace("T", " ") if at else ""


@account.command()
@click.argument("token")
def revoke(*, token: str) -> None:
    """Take the API token of the id TOKEN back."""
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.accounts import revoke_token, the_token

    with record() as kept:
        revoke_token(kept, the_token(kept, token), author=myself(), at=now())
    click.echo(f"token {token} is revoked", err=True)
