"""The nine scopes of an API key, and what an operation may ask of them (the contract's tables)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class Scope(StrEnum):
    """A right that a key carries; its label and description are the wizard's."""

    label: str
    description: str

    def __new__(cls, value: str, label: str = "", description: str = "") -> Self:
        scope = str.__new__(cls, value)
        scope._value_ = value
        scope.label = label
        scope.description = description
        return scope

    READ_ACTIVITIES = "read:activities", "Read activities", "Enables reading activity data."
    READ_ITEMS = (
        "read:items",
        "Read items",
        "Enables reading account, secret, and collection data.",
    )
    READ_ACCOUNTS = "read:items:accounts", "Read accounts", "Enables reading account data."
    READ_SECRETS = "read:items:secrets", "Read secrets", "Enables reading secret data."
    READ_USERS = "read:users", "Read users", "Enables reading user and team data."
    READ_INTEGRATIONS = (
        "read:integrations",
        "Read integrations",
        "Enables reading integration and entitlement data.",
    )
    WRITE_INTEGRATIONS = (
        "write:integrations",
        "Write integrations",
        "Enables writing integration and entitlement data.",
    )
    READ_AUTOMATIONS = (
        "read:automations",
        "Read automated jobs",
        "Enables reading automated job data.",
    )
    WRITE_AUTOMATIONS = (
        "write:automations",
        "Write automated jobs",
        "Enables writing automated job data.",
    )


_INCLUDED = {Scope.READ_ITEMS: frozenset({Scope.READ_ACCOUNTS, Scope.READ_SECRETS})}


@functools.lru_cache(maxsize=1024)  # a request asks this of its key; there are 2⁹ sets of scopes
def effective(own: frozenset[str]) -> frozenset[str]:
    """Those scopes with those they include. Only `read:items` includes others."""
    return own.union(*(included for scope, included in _INCLUDED.items() if scope in own))


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """What an operation asks for: one of several sets, each wanted whole."""

    alternatives: tuple[frozenset[Scope], ...]

    def allows(self, granted: Iterable[str]) -> bool:
        """Whether a key with the scopes `granted` may call the operation."""
        held = effective(frozenset(granted))
        return any(wanted <= held for wanted in self.alternatives)

    @property
    def scopes(self) -> list[str]:
        """Every scope that the rule names."""
        return sorted(frozenset[str]().union(*self.alternatives))

    def __str__(self) -> str:
        return " | ".join(" + ".join(sorted(wanted)) for wanted in self.alternatives)


def all_of(*scopes: Scope) -> ScopeRule:
    """Every one of `scopes` is needed."""
    return ScopeRule((frozenset(scopes),))


def any_of(*scopes: Scope) -> ScopeRule:
    """One of `scopes` is enough."""
    return ScopeRule(tuple(frozenset({scope}) for scope in scopes))


ANY_KEY = ScopeRule((frozenset(),))
