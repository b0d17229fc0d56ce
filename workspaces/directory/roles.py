"""Who may what: the one table of roles and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import models

from workspaces.actor import Permission

if TYPE_CHECKING:
    from workspaces.actor import Actor


class Role(models.TextChoices):
    """The six roles of a member, as the contract spells them."""

    OWNER = "workspace_owner", "Owner"
    SUPER_ADMIN = "workspace_super_admin", "Super Admin"
    ADMIN = "workspace_admin", "Admin"
    USER = "workspace_user", "User"
    LOGIN_ONLY = "workspace_login_only", "Login only"
    GUEST = "workspace_guest_user", "Guest"


_GUEST = frozenset({Permission.READ_ITEMS, Permission.READ_INTEGRATIONS})
_USER = _GUEST | {Permission.CREATE_ITEMS}
_ADMIN = _USER | {
    Permission.CONNECT_INTEGRATIONS,
    Permission.READ_JOBS,
    Permission.MANAGE_JOBS,
    Permission.READ_DIRECTORY,
    Permission.READ_ACTIVITIES,
    Permission.READ_SETTINGS,
    Permission.SEE_KEYS,
    Permission.OWN_KEYS,
}
_SUPER_ADMIN = _ADMIN | {
    Permission.MANAGE_MEMBERS,
    Permission.STOP_ANY_KEY,
    Permission.CHANGE_SETTINGS,
}

_NOTHING: frozenset[Permission] = frozenset()

PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.OWNER: _SUPER_ADMIN,
    Role.SUPER_ADMIN: _SUPER_ADMIN,
    Role.ADMIN: _ADMIN,
    Role.USER: _USER,
    Role.LOGIN_ONLY: _NOTHING,
    Role.GUEST: _GUEST,
}


def permissions_of(role: str) -> frozenset[Permission]:
    """What `role` allows. An unknown role allows nothing."""
    return PERMISSIONS.get(role, _NOTHING)


def require(actor: Actor, permission: Permission) -> None:
    """Raise PermissionDenied unless the actor's role allows `permission`."""
    if not actor.may(permission):
        raise PermissionDenied
