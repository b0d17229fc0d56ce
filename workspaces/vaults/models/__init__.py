"""Vaults, secrets, accounts, collections, and who shares each of them."""

from .accounts import Account, AccountPassword, AccountShare
from .collections import Collection, CollectionItem, CollectionPath, CollectionShare
from .secrets import Secret, SecretShare, SecretVersion, Vault
from .shares import Role, Share
from .versions import ItemsVersion

__all__ = [
    "Account",
    "AccountPassword",
    "AccountShare",
    "Collection",
    "CollectionItem",
    "CollectionPath",
    "CollectionShare",
    "ItemsVersion",
    "Role",
    "Secret",
    "SecretShare",
    "SecretVersion",
    "Share",
    "Vault",
]
