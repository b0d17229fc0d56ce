"""Every change of an API key, with its activity, in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from workspaces import lease
from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.actor import Permission
from workspaces.vaults.actions import create_secret
from workspaces.vaults.models import Secret

from . import policy, queries
from .models import ApiKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from workspaces.actor import Actor
    from workspaces.contract.scopes import Scope
    from workspaces.vaults.models import Vault

    from .wizard import Draft


class NameTakenError(ValidationError):
    """Another living key of the workspace has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” is already the name of a living API key in this workspace. "
            "Choose another name.",
            code="name_taken",
        )


def store_key(actor: Actor, draft: Draft) -> ApiKey:
    """Make the key of a draft whose secret its owner has stored; it works from now on.

    Raises PermissionDenied, NameTakenError, and ValidationError where a custom expiration has
    passed since it was chosen.
    """
    return _create(actor, draft, vault=None)


def save_key_in_vault(actor: Actor, draft: Draft, plaintext: str, vault: Vault) -> ApiKey:
    """Make the key of a draft and save its plaintext as a secret of `vault`: both or neither.

    The caller has checked `plaintext` against the draft's hash. The secret asks for an identity
    challenge, so that no API key can ever read a key (the contract, *Attributes*).
    Raises as `store_key` does.
    """
    with transaction.atomic():
        key = _create(actor, draft, vault=vault)
        create_secret(
            actor,
            vault=vault,
            title=key.name,
            category=Secret.Category.TEXT,
            body=plaintext,
            requires_identity_challenge=True,
        )
    return key


def switch_scope(actor: Actor, key: ApiKey, scope: Scope, *, on: bool) -> ApiKey:
    """Give the key a scope or take it away.

    Raises PermissionDenied, and ValidationError where it is the last one.
    """
    with _changing(key) as locked:
        if not policy.may_change_scopes(actor, locked):
            raise PermissionDenied
        held = set(locked.scopes)
        wanted = held | {scope.value} if on else held - {scope.value}
        if not wanted:
            raise ValidationError(
                "An API key needs at least one scope. Switch another one on first, "
                "or delete the key.",
                code="last_scope",
            )
        if wanted == held:
            return locked
        locked.scopes = sorted(wanted)
        locked.save(update_fields=["scopes"])
        if not on:
            lease.outlast()
        record(
            actor,
            Event.API_KEY_SCOPES_UPDATED,
            _target(locked),
            keyId=locked.key_id,
            added=sorted(wanted - held),
            removed=sorted(held - wanted),
        )
        return locked


def limit_key(actor: Actor, key: ApiKey, requests_per_minute: int | None) -> ApiKey:
    """Hold the key to so many requests a minute; None: to as many as the workspace gives.

    Raises PermissionDenied, ValidationError.
    """
    with _changing(key) as locked:
        if not policy.may_limit(actor, locked):
            raise PermissionDenied
        before, locked.requests_per_minute = locked.requests_per_minute, requests_per_minute
        if before == requests_per_minute:
            return locked
        locked.clean_fields()
        locked.save(update_fields=["requests_per_minute"])
        record(
            actor,
            Event.API_KEY_LIMIT_UPDATED,
            _target(locked),
            keyId=locked.key_id,
            changes={"requestsPerMinute": {"from": before, "to": requests_per_minute}},
        )
        return locked


def remove_key(actor: Actor, key: ApiKey, reason: str = "") -> ApiKey:
    """Stop the key for ever. Its row stays. Removing it again changes nothing.

    Raises PermissionDenied.
    """
    with _changing(key) as locked:
        if not policy.may_remove(actor, locked):
            raise PermissionDenied
        if locked.status == ApiKey.Status.REMOVED:
            return locked
        locked.status = ApiKey.Status.REMOVED
        locked.removed_at = timezone.now()
        locked.save(update_fields=["status", "removed_at"])
        lease.outlast()
        record(actor, Event.API_KEY_REMOVED, _target(locked), keyId=locked.key_id, reason=reason)
        return locked


def disable_key(actor: Actor, key: ApiKey, reason: str = "") -> ApiKey:
    """Stop the key until it is enabled; one that is not active stays as it is.

    Raises PermissionDenied.
    """
    with _changing(key) as locked:
        if not policy.may_disable(actor, locked):
            raise PermissionDenied
        if locked.state == ApiKey.Status.ACTIVE:
            locked.status = ApiKey.Status.DISABLED
            locked.save(update_fields=["status"])
            lease.outlast()
            record(
                actor, Event.API_KEY_DISABLED, _target(locked), keyId=locked.key_id, reason=reason
            )
        return locked


def enable_key(actor: Actor, key: ApiKey) -> ApiKey:
    """Let a disabled key work again; one that is not disabled stays as it is.

    Raises PermissionDenied.
    """
    with _changing(key) as locked:
        if not policy.may_disable(actor, locked):
            raise PermissionDenied
        if locked.state == ApiKey.Status.DISABLED:
            locked.status = ApiKey.Status.ACTIVE
            locked.save(update_fields=["status"])
            record(actor, Event.API_KEY_ENABLED, _target(locked), keyId=locked.key_id)
        return locked


def _create(actor: Actor, draft: Draft, vault: Vault | None) -> ApiKey:
    if actor.member_id is None or actor.user_id is None or not actor.may(Permission.OWN_KEYS):
        raise PermissionDenied
    now = timezone.now()
    expires_at = policy.expiry(draft.expiration, draft.custom_expiry)
    if expires_at <= now:
        raise ValidationError(
            "The expiration time has passed. Go back and choose a later one.", code="expired"
        )
    key = ApiKey(
        id=draft.id,
        key_id=draft.key_id,
        secret_hash=draft.secret_hash,
        workspace_id=actor.workspace_id,
        owner_id=actor.member_id,
        created_by_id=actor.user_id,
        name=draft.name,
        scopes=draft.scopes,
        created_at=now,
        expires_at=expires_at,
    )
    with transaction.atomic():
        _release_lapsed_names(actor, now)
        try:
            with transaction.atomic():
                key.save(force_insert=True)
        except IntegrityError:
            if queries.name_is_taken(actor, draft.name):
                raise NameTakenError(draft.name) from None
            raise
        record(
            actor,
            Event.API_KEY_CREATED,
            _target(key),
            keyId=key.key_id,
            scopes=key.scopes,
            expiresAt=expires_at.isoformat(),
            savedInVault=str(vault.id) if vault else None,
        )
    return key


def _release_lapsed_names(actor: Actor, now: datetime) -> None:
    # No index can ask the clock, so the name of an expired key is held until it is marked as such.
    ApiKey.objects.filter(
        workspace_id=actor.workspace_id,
        status__in=[ApiKey.Status.ACTIVE, ApiKey.Status.DISABLED],
        expires_at__lte=now,
    ).update(status=ApiKey.Status.EXPIRED)


@contextmanager
def _changing(key: ApiKey) -> Iterator[ApiKey]:
    """The key as it is now, held until the change is committed."""
    with transaction.atomic():
        yield ApiKey.objects.select_for_update().get(pk=key.pk)


def _target(key: ApiKey) -> Target:
    return Target("apiKey", str(key.id), key.name)
