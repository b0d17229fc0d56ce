"""Every write to vaults, secrets, accounts and collections, each recorded as an activity."""

from .accounts import (
    create_account,
    read_password,
    set_account_status,
    set_password,
    update_account,
)
from .secrets import create_secret, read_body, update_secret
from .sharing import share, unshare
from .vaults import DEFAULT_VAULT_NAME, create_vault, open_workspace

__all__ = [
    "DEFAULT_VAULT_NAME",
    "create_account",
    "create_secret",
    "create_vault",
    "open_workspace",
    "read_body",
    "read_password",
    "set_account_status",
    "set_password",
    "share",
    "unshare",
    "update_account",
    "update_secret",
]
