"""The error tree: what can be refused, and what the person who is refused should do next.

AfteractionError
├── UsageError            the request itself is wrong (exit code 2)
│   ├── NothingToRead     no path was given, or none of the paths holds a file
│   ├── BadSettings       a setting or option cannot be used
│   ├── BadConfiguration  the configuration of another program is not what its name promises
│   ├── BadDocument       a file that should be a post-mortem in JSON is none
│   ├── BadBackup         a file that should be a backup of the record is none, or was changed
│   ├── NotInRecord       the record holds no incident, revision, action or review of that name
│   └── NotSupported      a statement is not carried by what it cites
├── NotSignedIn           handle and password, or what a provider said, let nobody in
├── TooMany               too many attempts in a short time
├── Conflict              somebody else changed meanwhile what was to be changed
│   ├── Stale             the change was made on a version that is not the last any more
│   └── Clashing          two people wrote different things into the same fields
├── StoreUnavailable      the database of the record cannot be reached or written
├── NotReached            another program cannot be asked, refuses, or must not be asked
│   └── TooMuch           an answer is larger than one may be
├── ProviderUnavailable   the provider with which people sign in cannot be used
├── ModelUnavailable      a language model cannot be asked, or does not answer in time
└── MissingExtra          an optional package is needed for what was asked

Bad *input* never raises: it becomes a `Problem` in the result (see `afteraction.model.reading`).
"""

from __future__ import annotations


class AfteractionError(Exception):
    """Afteraction refused a request; the message says why and what to do next."""


class UsageError(AfteractionError):
    """The request cannot be carried out as it was given."""


class NothingToRead(UsageError):
    """None of the given paths holds a file; name a file, a folder or an archive that exists."""


class BadSettings(UsageError):
    """A setting or option has a value that cannot be used; the message names it and the values that can."""


class BadConfiguration(UsageError):
    """A client's configuration cannot be read, so that it is left as it is; the message names the line."""


class BadDocument(UsageError):
    """A file that should hold a post-mortem in JSON does not; the message names the places that do not fit."""


class BadBackup(UsageError):
    """A file that should hold a backup does not, or not the one that was written; the message names what is wrong."""


class NotInRecord(UsageError):
    """The record holds nothing of that name; the message names what there is."""


class NotSupported(UsageError):
    """A statement is not carried by what it cites; the message says what is missing."""


class NotSignedIn(AfteractionError):
    """Nobody is let in by what was shown; the message does not say whether it was the name or the proof."""


class TooMany(AfteractionError):
    """Too many attempts in a short time; `seconds` is how long to wait before the next."""

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Conflict(AfteractionError):
    """Somebody else changed it meanwhile; the message names the fields, both texts, and how to go on."""


class Stale(Conflict):
    """The change names a version that is not the last any more; the message says which is."""


class Clashing(Conflict):
    """Two people wrote different things into the same fields.

    `clashes` are the fields, each with what the one who is refused wrote and what stands there.
    """

    def __init__(self, message: str, clashes: tuple[tuple[str, str, str], ...]) -> None:
        super().__init__(message)
        self.clashes = clashes


class StoreUnavailable(AfteractionError):
    """The database of the record cannot be reached or written; the message says which and what to check."""


class NotReached(AfteractionError):
    """Another program cannot be asked, refuses, or must not be asked; the message says which, why and what to do."""


class TooMuch(NotReached):
    """Another program answers more than is taken in one piece; ask for less."""


class ProviderUnavailable(AfteractionError):
    """The provider with which people sign in does not answer, or not as it should; the message says what is wrong."""


class ModelUnavailable(AfteractionError):
    """A language model cannot be asked or does not answer in time; the message says which and why."""


class MissingExtra(AfteractionError):
    """An optional package is missing; install the extra that the message names."""
