"""What an actor may see of vaults and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from .models import Secret, SecretShare, Vault

if TYPE_CHECKING:
    from workspaces.actor import Actor


def vaults_for(actor: Actor) -> QuerySet[Vault]:
    """The vaults that take new secrets: the default one first, then by name."""
    return Vault.objects.filter(
        workspace_id=actor.workspace_id, status=Vault.Status.ENABLED
    ).order_by("-is_default", "name")


def secrets_for(actor: Actor) -> QuerySet[Secret]:
    """The secrets that the actor shares, directly or by a team, with their strongest `role`."""
    if actor.member_id is None:  # a filter by None would find every share with a team
        return Secret.objects.none()
    shares = SecretShare.objects.filter(
        Q(member_id=actor.member_id) | Q(team__team_members__member_id=actor.member_id),
        secret_id=OuterRef("pk"),
    )
    return Secret.objects.filter(Exists(shares), workspace_id=actor.workspace_id).annotate(
        role=Case(
            When(
                Exists(shares.filter(role=SecretShare.Role.OWNER)),
                then=Value(SecretShare.Role.OWNER),
            ),
            default=Value(SecretShare.Role.COLLABORATOR),
        )
    )


def owned_secrets_for(actor: Actor) -> QuerySet[Secret]:
    """The secrets of which the actor's member is an Owner: all that an API key of theirs sees."""
    return secrets_for(actor).filter(role=SecretShare.Role.OWNER)
