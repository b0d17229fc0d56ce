"""Who acts: a member of a workspace, perhaps through an API key; or the system itself.

An `Actor` is made once, where a request enters (the web by
`workspaces.directory.middleware`, the API by `workspaces.keys.middleware`), and is passed
down from there. Nothing below a view reads a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class Permission(StrEnum):
    """What a role may allow. `workspaces.directory.roles` says which role allows which."""

    READ_ITEMS = "items.read"
    CREATE_ITEMS = "items.create"
    READ_INTEGRATIONS = "integrations.read"
    CONNECT_INTEGRATIONS = "integrations.connect"
    READ_JOBS = "jobs.read"
    MANAGE_JOBS = "jobs.manage"
    READ_DIRECTORY = "directory.read"
    MANAGE_MEMBERS = "directory.manage"
    READ_ACTIVITIES = "activities.read"
    SEE_KEYS = "keys.see"
    OWN_KEYS = "keys.own"
    STOP_ANY_KEY = "keys.stop_any"
    READ_SETTINGS = "workspace.read_settings"
    CHANGE_SETTINGS = "workspace.change_settings"


class ActorType(StrEnum):
    """The contract's `actor.type` of an activity."""

    USER = "user"
    API_KEY = "apiKey"
    SYSTEM = "system"


class Origin(NamedTuple):
    """Where a request came from; all empty for a command."""

    ip: str | None = None
    user_agent: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class ActingKey:
    """The API key that an actor acts through: its row, not its secret.

    `requests_per_minute` is how often it may ask, the workspace's limit considered.
    """

    id: UUID
    key_id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime
    requests_per_minute: int


class Actor(NamedTuple):
    """A principal in one workspace, with what its role allows at this moment.

    `member_id` and `role` are None for the system and for an operator, who act on a
    workspace without being members of it.
    """

    workspace_id: UUID
    workspace_slug: str
    workspace_name: str
    type: ActorType = ActorType.SYSTEM
    user_id: UUID | None = None
    member_id: UUID | None = None
    name: str = ""
    email: str = ""
    role: str | None = None
    permissions: frozenset[Permission] = frozenset()
    key: ActingKey | None = None
    origin: Origin = Origin()

    def may(self, permission: Permission) -> bool:
        """Whether the actor's role allows `permission` (an API key's scopes come on top)."""
        return permission in self.permissions
