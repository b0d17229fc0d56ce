"""Every event that an activity can tell of, with the details it carries."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """The contract's `eventName`."""

    WORKSPACE_CREATED = "WORKSPACE_CREATED"
    WORKSPACE_UPDATED = "WORKSPACE_UPDATED"
    WORKSPACE_OWNER_CHANGED = "WORKSPACE_OWNER_CHANGED"
    LOGIN = "LOGIN"
    LOGIN_FAILED = "LOGIN_FAILED"
    LOGOUT = "LOGOUT"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"
    PASSWORD_RESET = "PASSWORD_RESET"
    USER_ADDED = "USER_ADDED"
    USER_UPDATED = "USER_UPDATED"
    USER_ROLE_UPDATED = "USER_ROLE_UPDATED"
    USER_STATUS_UPDATED = "USER_STATUS_UPDATED"
    USER_REMOVED = "USER_REMOVED"
    TEAM_CREATED = "TEAM_CREATED"
    TEAM_UPDATED = "TEAM_UPDATED"
    TEAM_MEMBER_ADDED = "TEAM_MEMBER_ADDED"
    TEAM_MEMBER_REMOVED = "TEAM_MEMBER_REMOVED"
    VAULT_CREATED = "VAULT_CREATED"
    VAULT_UPDATED = "VAULT_UPDATED"
    SECRET_CREATED = "SECRET_CREATED"
    SECRET_UPDATED = "SECRET_UPDATED"
    SECRET_VERSION_RESTORED = "SECRET_VERSION_RESTORED"
    SECRET_DISABLED = "SECRET_DISABLED"
    SECRET_ENABLED = "SECRET_ENABLED"
    SECRET_DELETED = "SECRET_DELETED"
    SECRET_SHARED = "SECRET_SHARED"
    SECRET_UNSHARED = "SECRET_UNSHARED"
    SECRET_REQUESTED = "SECRET_REQUESTED"
    ACCOUNT_CREATED = "ACCOUNT_CREATED"
    ACCOUNT_UPDATED = "ACCOUNT_UPDATED"
    ACCOUNT_DISABLED = "ACCOUNT_DISABLED"
    ACCOUNT_ENABLED = "ACCOUNT_ENABLED"
    ACCOUNT_LOGIN = "ACCOUNT_LOGIN"
    ACCOUNT_PASSWORD_UPDATED = "ACCOUNT_PASSWORD_UPDATED"
    ACCOUNT_PASSWORD_REQUESTED = "ACCOUNT_PASSWORD_REQUESTED"
    ACCOUNT_SHARED = "ACCOUNT_SHARED"
    ACCOUNT_UNSHARED = "ACCOUNT_UNSHARED"
    COLLECTION_CREATED = "COLLECTION_CREATED"
    COLLECTION_UPDATED = "COLLECTION_UPDATED"
    COLLECTION_DISABLED = "COLLECTION_DISABLED"
    COLLECTION_ENABLED = "COLLECTION_ENABLED"
    COLLECTION_ITEM_ADDED = "COLLECTION_ITEM_ADDED"
    COLLECTION_ITEM_REMOVED = "COLLECTION_ITEM_REMOVED"
    COLLECTION_SHARED = "COLLECTION_SHARED"
    COLLECTION_UNSHARED = "COLLECTION_UNSHARED"
    INTEGRATION_CREATED = "INTEGRATION_CREATED"
    INTEGRATION_UPDATED = "INTEGRATION_UPDATED"
    INTEGRATION_SHARED = "INTEGRATION_SHARED"
    ENTITLEMENT_CREATED = "ENTITLEMENT_CREATED"
    ENTITLEMENT_REMOVED = "ENTITLEMENT_REMOVED"
    JOB_CREATED = "JOB_CREATED"
    JOB_FINISHED = "JOB_FINISHED"
    JOB_FAILED = "JOB_FAILED"
    JOB_RETRIED = "JOB_RETRIED"
    JOB_CANCELLED = "JOB_CANCELLED"
    API_KEY_CREATED = "API_KEY_CREATED"
    API_KEY_SCOPES_UPDATED = "API_KEY_SCOPES_UPDATED"
    API_KEY_LIMIT_UPDATED = "API_KEY_LIMIT_UPDATED"
    API_KEY_DISABLED = "API_KEY_DISABLED"
    API_KEY_ENABLED = "API_KEY_ENABLED"
    API_KEY_REMOVED = "API_KEY_REMOVED"


# The names that `details` must hold, no more and no fewer.
DETAILS: dict[Event, frozenset[str]] = {
    Event.WORKSPACE_CREATED: frozenset({"slug"}),
    Event.WORKSPACE_UPDATED: frozenset({"changes"}),
    Event.WORKSPACE_OWNER_CHANGED: frozenset({"previousOwner"}),
    Event.LOGIN: frozenset({"method"}),
    Event.LOGIN_FAILED: frozenset(),
    Event.LOGOUT: frozenset(),
    Event.PASSWORD_CHANGED: frozenset(),
    Event.PASSWORD_RESET: frozenset(),
    Event.USER_ADDED: frozenset({"role"}),
    Event.USER_UPDATED: frozenset({"changes"}),
    Event.USER_ROLE_UPDATED: frozenset({"from", "to"}),
    Event.USER_STATUS_UPDATED: frozenset({"from", "to"}),
    Event.USER_REMOVED: frozenset({"role"}),
    Event.TEAM_CREATED: frozenset({"type"}),
    Event.TEAM_UPDATED: frozenset({"changes"}),
    Event.TEAM_MEMBER_ADDED: frozenset({"user", "isAdmin"}),
    Event.TEAM_MEMBER_REMOVED: frozenset({"user"}),
    Event.VAULT_CREATED: frozenset({"isDefault"}),
    Event.VAULT_UPDATED: frozenset({"changes"}),
    Event.SECRET_CREATED: frozenset({"category", "vault"}),
    Event.SECRET_UPDATED: frozenset({"version"}),
    Event.SECRET_VERSION_RESTORED: frozenset({"version", "restored"}),
    Event.SECRET_DISABLED: frozenset(),
    Event.SECRET_ENABLED: frozenset(),
    Event.SECRET_DELETED: frozenset(),
    Event.SECRET_SHARED: frozenset({"with", "role"}),
    Event.SECRET_UNSHARED: frozenset({"with"}),
    Event.SECRET_REQUESTED: frozenset({"version"}),
    Event.ACCOUNT_CREATED: frozenset({"application"}),
    Event.ACCOUNT_UPDATED: frozenset({"changes"}),
    Event.ACCOUNT_DISABLED: frozenset(),
    Event.ACCOUNT_ENABLED: frozenset(),
    Event.ACCOUNT_LOGIN: frozenset(),
    Event.ACCOUNT_PASSWORD_UPDATED: frozenset({"vault"}),
    Event.ACCOUNT_PASSWORD_REQUESTED: frozenset(),
    Event.ACCOUNT_SHARED: frozenset({"with", "role"}),
    Event.ACCOUNT_UNSHARED: frozenset({"with"}),
    Event.COLLECTION_CREATED: frozenset({"parent"}),
    Event.COLLECTION_UPDATED: frozenset({"changes"}),
    Event.COLLECTION_DISABLED: frozenset(),
    Event.COLLECTION_ENABLED: frozenset(),
    Event.COLLECTION_ITEM_ADDED: frozenset({"item"}),
    Event.COLLECTION_ITEM_REMOVED: frozenset({"item"}),
    Event.COLLECTION_SHARED: frozenset({"with", "role"}),
    Event.COLLECTION_UNSHARED: frozenset({"with"}),
    Event.INTEGRATION_CREATED: frozenset({"application", "connector"}),
    Event.INTEGRATION_UPDATED: frozenset({"changes"}),
    Event.INTEGRATION_SHARED: frozenset({"with", "role"}),
    Event.ENTITLEMENT_CREATED: frozenset({"entitlement"}),
    Event.ENTITLEMENT_REMOVED: frozenset({"entitlement"}),
    Event.JOB_CREATED: frozenset({"workflowType", "integration", "users", "entitlements"}),
    Event.JOB_FINISHED: frozenset({"workflowType", "integration"}),
    Event.JOB_FAILED: frozenset({"workflowType", "integration", "errorType"}),
    Event.JOB_RETRIED: frozenset({"workflowType", "integration"}),
    Event.JOB_CANCELLED: frozenset({"workflowType", "integration"}),
    Event.API_KEY_CREATED: frozenset({"keyId", "scopes", "expiresAt", "savedInVault"}),
    Event.API_KEY_SCOPES_UPDATED: frozenset({"keyId", "added", "removed"}),
    Event.API_KEY_LIMIT_UPDATED: frozenset({"keyId", "changes"}),
    Event.API_KEY_DISABLED: frozenset({"keyId", "reason"}),
    Event.API_KEY_ENABLED: frozenset({"keyId"}),
    Event.API_KEY_REMOVED: frozenset({"keyId", "reason"}),
}
