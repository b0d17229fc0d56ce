"""Every write to vaults and secrets; reading a secret's body, which leaves a trace, is one too."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.actor import Permission
from workspaces.directory.actions import create_workspace
from workspaces.directory.models import Member, Team
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import require
from workspaces.sealing.envelope import Place, seal, unseal

from . import queries
from .models import Secret, SecretShare, SecretVersion, Vault

if TYPE_CHECKING:
    from workspaces.actor import Actor
    from workspaces.directory.models import User, Workspace

DEFAULT_VAULT_NAME = "Company vault"
MAX_BODY_BYTES = 64 * 1024


def open_workspace(owner: User, slug: str, name: str) -> Workspace:
    """Create a workspace with its Owner and the default vault that every workspace has."""
    with transaction.atomic():
        workspace = create_workspace(owner, slug, name)
        create_vault(actor_for(workspace.owner), DEFAULT_VAULT_NAME, is_default=True)
    return workspace


def create_vault(actor: Actor, name: str, *, is_default: bool = False) -> Vault:
    """Add a vault to the actor's workspace. Raises PermissionDenied, ValidationError."""
    require(actor, Permission.CHANGE_SETTINGS)
    vault = Vault(workspace_id=actor.workspace_id, name=name.strip(), is_default=is_default)
    with transaction.atomic():
        vault.full_clean()
        vault.save()
        target = Target("vault", vault.id, vault.name)
        record(actor, Event.VAULT_CREATED, target=target, isDefault=is_default)
    return vault


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
    require(actor, Permission.CREATE_SECRETS)
    user_id = _user_of(actor)
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
        if not queries.vaults_for(actor).select_for_update().filter(pk=vault.pk):
            raise ValidationError({"vault": "This vault takes no new secrets. Choose another one."})
        # The secret names a version that the next statement writes: that foreign key is checked
        # at commit.
        secret.save(force_insert=True)
        _add_version(secret, version_id, number=1, body=body)
        SecretShare.objects.create(
            secret=secret, member_id=actor.member_id, role=SecretShare.Role.OWNER
        )
        record(
            actor,
            Event.SECRET_CREATED,
            target=_target(secret),
            category=secret.category,
            vault=vault.name,
        )
    return secret


def update_secret(actor: Actor, secret: Secret, *, body: str) -> SecretVersion:
    """Give the secret a new body; the old one stays as its version. Only for its Owners."""
    require(actor, Permission.CREATE_SECRETS)
    with transaction.atomic():
        secret = _owned(actor, secret)
        secret.updated_by_id = _user_of(actor)
        newest = secret.versions.order_by("-number").values_list("number", flat=True)[0]
        version = _add_version(secret, uuid.uuid4(), number=newest + 1, body=body)
        secret.current_version = version
        secret.event_name = Secret.EventName.UPDATE
        secret.save(update_fields=["current_version", "event_name", "updated_by", "updated_at"])
        record(actor, Event.SECRET_UPDATED, target=_target(secret), version=version.number)
    return version


def share_secret(actor: Actor, secret: Secret, sharer: Member | Team, role: str) -> SecretShare:
    """Share the secret with a live member or a team, or change the role of who shares it already.

    Only for the secret's Owners. Raises PermissionDenied, ValidationError.
    """
    if role not in SecretShare.Role.values:
        raise ValidationError({"role": "Choose Owner or Collaborator."})
    if sharer.workspace_id != actor.workspace_id or (
        isinstance(sharer, Member) and sharer.status != Member.Status.LIVE
    ):
        raise ValidationError({"sharer": "Choose a member or a team of this workspace."})
    who = {"member": sharer} if isinstance(sharer, Member) else {"team": sharer}
    with transaction.atomic():
        secret = _owned(actor, secret)
        share, _ = SecretShare.objects.update_or_create(
            secret=secret, **who, defaults={"role": role}
        )
        _require_an_owner(secret)
        record(
            actor,
            Event.SECRET_SHARED,
            target=_target(secret),
            role=role,
            **{"with": _named(sharer)},
        )
    return share


def unshare_secret(actor: Actor, share: SecretShare) -> None:
    """Stop sharing a secret with someone. Only for its Owners, of whom one must remain."""
    with transaction.atomic():
        secret = _owned(actor, share.secret)
        left = {"with": _named(share.sharer)}
        share.delete()
        _require_an_owner(secret)
        record(actor, Event.SECRET_UNSHARED, target=_target(secret), **left)


def read_body(actor: Actor, secret: Secret) -> str:
    """The secret's present body, in clear; that it was read is recorded, or it is not read.

    An API key never gets the body of a secret that asks for an identity challenge: else a key
    that may only read secrets could read a stronger key and become it.
    """
    require(actor, Permission.READ_SECRETS)
    with transaction.atomic():
        seen = queries.secrets_for(actor).select_related("current_version").get(pk=secret.pk)
        if actor.key is not None and seen.requires_identity_challenge:
            raise PermissionDenied
        version = seen.current_version
        body = unseal(_place(seen, version.id, version.number), bytes(version.sealed_body))
        record(actor, Event.SECRET_REQUESTED, target=_target(seen), version=version.number)
    return body.decode()


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


def _user_of(actor: Actor) -> uuid.UUID:
    """Whom a secret or a version is by: a person, never the system."""
    if actor.user_id is None:
        raise PermissionDenied
    return actor.user_id


def _owned(actor: Actor, secret: Secret) -> Secret:
    """The secret, locked, if the actor is an Owner of it at this moment."""
    locked = Secret.objects.select_for_update().get(pk=secret.pk)
    if not queries.owned_secrets_for(actor).filter(pk=secret.pk).exists():
        raise PermissionDenied
    return locked


def _require_an_owner(secret: Secret) -> None:
    if not secret.shares.filter(role=SecretShare.Role.OWNER).exists():
        raise ValidationError({"role": "A secret keeps at least one Owner."})


def _named(sharer: Member | Team) -> dict[str, str]:
    if isinstance(sharer, Member):
        return {"type": "user", "id": str(sharer.user_id), "name": sharer.user.get_full_name()}
    return {"type": "team", "id": str(sharer.id), "name": sharer.name}


def _target(secret: Secret) -> Target:
    return Target("secret", secret.id, secret.title)
