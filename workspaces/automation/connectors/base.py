"""What a connector is: how a session with an application is opened, and what it can be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from workspaces.activity.credentials import redacted
from workspaces.automation.models import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

ErrorType = Job.ErrorType

# What may be otherwise in a while; all else stays as it is until a person mends it.
PASSING = frozenset(
    {
        ErrorType.TIMED_OUT,
        ErrorType.UNREACHABLE,
        ErrorType.RATE_LIMITED,
        ErrorType.SERVER_ERROR,
        ErrorType.INTERNAL_ERROR,
    }
)


def plain(text: str) -> str:
    """What an application says, without what no database holds and without API keys of ours."""
    return redacted(text.replace("\0", "").encode("utf-8", "replace").decode())


class ConnectorError(Exception):
    """The application, or the way to it, did not do what was asked. `reason` holds no secret."""

    def __init__(
        self, error_type: ErrorType, reason: str, *, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.error_type = error_type
        self.reason = plain(reason)
        self.retry_after = retry_after

    @property
    def may_pass(self) -> bool:
        return self.error_type in PASSING

    @property
    def is_about_one(self) -> bool:
        """Whether it concerns the one person asked about, so that the others may go on."""
        return self.error_type in {ErrorType.REFUSED, ErrorType.NOT_FOUND}


def _go_on() -> None:
    """Nobody minds."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where an application is, and what to sign in with.

    Before each call `may_go_on` is called, which raises where there is to be no other.
    """

    base_url: str
    token: str = field(repr=False)
    deletes: bool
    may_go_on: Callable[[], None] = _go_on


@dataclass(frozen=True, slots=True)
class Grant:
    """Something granted to an account, by the application's own value for it."""

    value: str
    label: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whose account is asked for."""

    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the application tells of it."""

    remote_id: str
    email: str
    is_active: bool
    grants: tuple[Grant, ...]
    fields: dict[str, Any]


class Session(Protocol):
    """What an application is asked. Each call may be repeated: it then changes nothing more.

    Each raises ConnectorError.
    """

    def provide(self, person: Person, grants: tuple[Grant, ...]) -> str:
        """Make an account, or adopt the person's own, and answer with its id."""

    def update(self, person: Person, grants: tuple[Grant, ...]) -> None:
        """Let the account have `grants` and no others."""

    def revoke(self, person: Person) -> None:
        """Deactivate or delete the account; one that is not there is gone already."""

    def survey(self) -> Iterable[Account]:
        """Every account of the application, as they come."""


@dataclass(frozen=True, slots=True)
class Connector:
    """A way to reach applications. Without `open`, people carry the jobs out by hand."""

    name: str
    label: str
    description: str
    open: Callable[[Link], AbstractContextManager[Session]] | None = None

    @property
    def is_automatic(self) -> bool:
        return self.open is not None
