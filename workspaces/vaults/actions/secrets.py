"""Every write to secrets; reading a secret's body, which leaves a trace, is one too."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from workspaces.activity.actions import record
from workspaces.activity.events import Event
from workspaces.actor import Permission
from workspaces.directory.roles import require
from workspaces.sealing.envelope import Place, seal, unseal
from workspaces.vaults import queries
from workspaces.vaults.models import Role, Secret, SecretShare, SecretVersion

from .sharing import acting_user, owned_now, target
from .vaults import require_open

if TYPE_CHECKING:
    from workspaces.actor import Actor
    from workspaces.vaults.models import Vault

MAX_BODY_BYTES = 64 * 1024


def create_secret(  # noqa: PLR0913  (what makes a secret, each named by the caller)
    actor: Actor,
    *,
    vault: Vault,
    title: str,
    category: str,
    body: str,
    requires_identity_challenge: bool = False,
    secret_id: uuid.UUID | None = None,
) -> Secret:
    """Seal `body` into a new secret, of which the actor becomes the Owner.

    Raises PermissionDenied, or ValidationError where the vault takes no secrets or a text is amiss.
    """
    require(actor, Permission.CREATE_ITEMS)
    user_id = acting_user(actor)
    version_id = uuid.uuid4()
    secret = Secret(
        id=secret_id or uuid.uuid4(),
        workspace_id=actor.workspace_id,
        vault=vault,
        title=title.strip(),
        category=category,
        requires_identity_challenge=requires_identity_challenge,
        current_version_id=version_id,
        created_by_id=user_id,
        updated_by_id=user_id,
    )
    secret.clean_fields(
        exclude={"workspace", "vault", "current_version", "created_by", "updated_by"}
    )
    with transaction.atomic():
        require_open(actor, vault)
        # The secret names a version that the next statement writes: that foreign key is checked
        # at commit.
        secret.save(force_insert=True)
        _add_version(secret, version_id, number=1, body=body)
        SecretShare.objects.create(item=secret, member_id=actor.member_id, role=Role.OWNER)
        record(
            actor,
            Event.SECRET_CREATED,
            target=target(secret),
            category=secret.category,
            vault=vault.name,
        )
    return secret


def update_secret(actor: Actor, secret: Secret, *, body: str) -> SecretVersion:
    """Give the secret a new body; the old one stays as its version. Only for its Owners."""
    with transaction.atomic():
        secret = owned_now(actor, secret)
        version = _renew(actor, secret, body, Secret.EventName.UPDATE)
        record(actor, Event.SECRET_UPDATED, target=target(secret), version=version.number)
    return version


def restore_version(actor: Actor, secret: Secret, number: int) -> SecretVersion:
    """Give the secret the body of an earlier version, as its newest one. Only for its Owners.

    Raises PermissionDenied, SecretVersion.DoesNotExist.
    """
    with transaction.atomic():
        secret = owned_now(actor, secret)
        earlier = secret.versions.get(number=number)
        body = unseal(_place(secret, earlier.id, earlier.number), bytes(earlier.sealed_body))
        version = _renew(actor, secret, body.decode(), Secret.EventName.RESTORE_VERSION)
        record(
            actor,
            Event.SECRET_VERSION_RESTORED,
            target=target(secret),
            version=version.number,
            restored=number,
        )
    return version


def set_secret_status(actor: Actor, secret: Secret, status: str) -> Secret:
    """Disable the secret, which keeps its body from everyone, or enable it again."""
    if status not in Secret.Status.values:
        raise ValidationError({"status": "Choose active or disabled."})
    with transaction.atomic():
        secret = owned_now(actor, secret)
        if secret.status != status:
            secret.status = status
            secret.updated_by_id = acting_user(actor)
            secret.save(update_fields=["status", "updated_by", "updated_at"])
            disabled = status == Secret.Status.DISABLED
            event = Event.SECRET_DISABLED if disabled else Event.SECRET_ENABLED
            record(actor, event, target=target(secret))
    return secret


def delete_secret(actor: Actor, secret: Secret) -> None:
    """Erase every body of the secret and let no one see it again. Only for its Owners.

    Its row stays, for what names it.
    """
    with transaction.atomic():
        secret = owned_now(actor, secret)
        secret.versions.update(sealed_body=b"")
        secret.collection_items.all().delete()
        secret.shares.all().delete()
        secret.status = Secret.Status.DISABLED
        secret.event_name = Secret.EventName.DELETE
        secret.updated_by_id = acting_user(actor)
        secret.save(update_fields=["status", "event_name", "updated_by", "updated_at"])
        record(actor, Event.SECRET_DELETED, target=target(secret))


def read_body(actor: Actor, secret: Secret) -> str:
    """The secret's present body, in clear; that it was read is recorded, or it is not read.

    A disabled secret yields it to no one. An API key never gets the body of a secret that asks for
    an identity challenge: else a key that may only read secrets could read a stronger key and
    become it. Raises PermissionDenied, Secret.DoesNotExist.
    """
    require(actor, Permission.READ_ITEMS)
    with transaction.atomic():
        seen = queries.secrets_for(actor).select_related("current_version").get(pk=secret.pk)
        if seen.status == Secret.Status.DISABLED or (
            actor.key is not None and seen.requires_identity_challenge
        ):
            raise PermissionDenied
        version = seen.current_version
        body = unseal(_place(seen, version.id, version.number), bytes(version.sealed_body))
        record(actor, Event.SECRET_REQUESTED, target=target(seen), version=version.number)
    return body.decode()


def check_opens(version: SecretVersion) -> None:
    """Open the body and show it to no one, which leaves no trace.

    Raises CannotUnsealError, UnknownKeyVersionError.
    """
    place = _place(version.secret, version.id, version.number)
    unseal(place, bytes(version.sealed_body))


def _renew(actor: Actor, secret: Secret, body: str, event_name: str) -> SecretVersion:
    """Make `body` the secret's newest version, and its present one."""
    secret.updated_by_id = acting_user(actor)
    newest = secret.versions.order_by("-number").values_list("number", flat=True)[0]
    version = _add_version(secret, uuid.uuid4(), number=newest + 1, body=body)
    secret.current_version = version
    secret.event_name = event_name
    secret.save(update_fields=["current_version", "event_name", "updated_by", "updated_at"])
    return version


def _add_version(secret: Secret, version_id: uuid.UUID, *, number: int, body: str) -> SecretVersion:
    plaintext = body.encode()
    if not plaintext:
        raise ValidationError({"body": "Enter what is to be kept secret."})
    if len(plaintext) > MAX_BODY_BYTES:
        raise ValidationError({"body": f"A secret holds at most {MAX_BODY_BYTES // 1024} KiB."})
    return SecretVersion.objects.create(
        id=version_id,
        secret=secret,
        number=number,
        sealed_body=seal(_place(secret, version_id, number), plaintext),
        created_by_id=secret.updated_by_id,
    )


def _place(secret: Secret, version_id: uuid.UUID, number: int) -> Place:
    return Place(secret.workspace_id, "vaults_secretversion", version_id, "sealed_body", number)
