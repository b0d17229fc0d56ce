"""What an actor may see of vaults and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from .models import Secret, SecretShare, Vault

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from workspaces.actor import Actor

    SharedSecret = WithAnnotations[Secret, "WithRole"]


class WithRole(TypedDict):
    """What `secrets_for` adds to a secret: the role in which the actor shares it."""

    role: str


def vaults_for(actor: Actor) -> QuerySet[Vault]:
    """The vaults that take new secrets: the default one first, then by name."""
    return Vault.objects.filter(
        workspace_id=actor.workspace_id, status=Vault.Status.ENABLED
    ).order_by("-is_default", "name")


def secrets_for(actor: Actor) -> QuerySet[SharedSecret]:
    """The secrets that the actor shares, directly or by a team, with their strongest `role`."""
    if actor.member_id is None:  # a filter by None would find every share with a team
        return _with_role(Secret.objects.none(), SecretShare.objects.none())
    shares = SecretShare.objects.filter(
        Q(member_id=actor.member_id) | Q(team__team_members__member_id=actor.member_id),
        secret_id=OuterRef("pk"),
    )
    return _with_role(
        Secret.objects.filter(Exists(shares), workspace_id=actor.workspace_id), shares
    )


def owned_secrets_for(actor: Actor) -> QuerySet[SharedSecret]:
    """The secrets of which the actor is an Owner: all that an API key of theirs sees."""
    return secrets_for(actor).filter(role=SecretShare.Role.OWNER)


def _with_role(secrets: QuerySet[Secret], shares: QuerySet[SecretShare]) -> QuerySet[SharedSecret]:
    owning = Exists(shares.filter(role=SecretShare.Role.OWNER))
    return secrets.annotate(
        role=Case(
            When(owning, then=Value(SecretShare.Role.OWNER)),
            default=Value(SecretShare.Role.COLLABORATOR),
        )
    )
