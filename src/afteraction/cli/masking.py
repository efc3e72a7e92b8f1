"""The options that say which personal data is masked, the same for every command that writes a document."""

from __future__ import annotations

import click

mask_personal_option = click.option(
    "--mask-personal",
    is_flag=True,
    help="Mask e-mail addresses, telephone numbers, public IP addresses and card numbers, too.",
)
audience_option = click.option(
    "--audience",
    metavar="NAME",
    help="Mask the personal data that this audience is not to see, by [personal.audiences] in afteraction.toml.",
)
