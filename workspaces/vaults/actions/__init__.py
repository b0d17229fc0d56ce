"""Every write to vaults, secrets, accounts and collections, each recorded as an activity."""

from .accounts import (
    create_account,
    read_password,
    record_login,
    set_account_status,
    set_password,
    update_account,
)
from .collections import (
    add_item,
    create_collection,
    remove_item,
    set_collection_status,
    update_collection,
)
from .secrets import (
    create_secret,
    delete_secret,
    read_body,
    restore_version,
    set_secret_status,
    update_secret,
)
from .sharing import share, unshare
from .vaults import DEFAULT_VAULT_NAME, create_vault, open_workspace

__all__ = [
    "DEFAULT_VAULT_NAME",
    "add_item",
    "create_account",
    "create_collection",
    "create_secret",
    "create_vault",
    "delete_secret",
    "open_workspace",
    "read_body",
    "read_password",
    "record_login",
    "remove_item",
    "restore_version",
    "set_account_status",
    "set_collection_status",
    "set_password",
    "set_secret_status",
    "share",
    "unshare",
    "update_account",
    "update_collection",
    "update_secret",
]
