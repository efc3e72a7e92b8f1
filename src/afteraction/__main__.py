"""`python -m afteraction` is the same as the command `afteraction`."""

from afteraction.cli import main

main(prog_name="afteraction")
