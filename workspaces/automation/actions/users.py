"""What is asked of an integration: each writes a job, which a worker or a person carries out.

Everything is checked before anything is written. Only for the integration's Owners: others get
PermissionDenied, or Integration.DoesNotExist where they do not see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from workspaces.automation import lifecycle
from workspaces.automation.models import Integration, IntegrationUser, Job
from workspaces.automation.sharing import OWNING
from workspaces.directory.models import Member

from .integrations import owned

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from workspaces.actor import Actor

Type = Job.WorkflowType

# As many people as one job is about, and as many entitlements as one person is granted.
MOST_USERS = 1000
MOST_ENTITLEMENTS = 100


class ConflictError(ValidationError):
    """What is asked for does not fit how things are at this moment."""


def invite_users(
    actor: Actor,
    integration: Integration,
    *,
    role: str,
    entitlements: Sequence[str],
    user_ids: Sequence[UUID],
) -> Job:
    """Have accounts made for members of the workspace, who are `pending` until then."""
    if role not in IntegrationUser.Role.values:
        raise ValidationError({"role": "Choose Owner or Collaborator."})
    if not 0 < len(user_ids) <= MOST_USERS:
        raise ValidationError({"user_ids": f"Name from 1 to {MOST_USERS} users."})
    with transaction.atomic():
        integration = _asked(actor, integration)
        members = _members(integration, user_ids)
        _require_known(integration, entitlements)
        already = integration.users.filter(member__in=members.values())
        if row := already.select_related("member__user").first():
            msg = f"{row.member.user.email} is a user of the integration already."
            raise ConflictError(msg)
        IntegrationUser.objects.bulk_create(
            IntegrationUser(integration=integration, member=member, role=role)
            for member in members.values()
        )
        payload = {
            "role": f"account_{role}",
            "entitlements": list(dict.fromkeys(entitlements)),
            "userIds": [str(user_id) for user_id in members],
        }
        return lifecycle.create(actor, integration, Type.PROVIDE_ACCESS, payload)


def set_entitlements(
    actor: Actor, integration: Integration, user_id: UUID, entitlements: Sequence[str]
) -> Job:
    """Have the user granted `entitlements` and nothing else."""
    with transaction.atomic():
        integration = _asked(actor, integration)
        row = integration.users.get(member__user_id=user_id)
        if not entitlements:
            raise ValidationError({"entitlements": "Name at least one entitlement."})
        _require_known(integration, entitlements)
        payload = {
            "userIds": [str(row.member.user_id)],
            "entitlements": list(dict.fromkeys(entitlements)),
        }
        return lifecycle.create(actor, integration, Type.UPDATE_ACCESS, payload)


def change_entitlements(
    actor: Actor,
    integration: Integration,
    user_id: UUID,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> Job:
    """Have the user granted `add` besides what they have, and `remove` no more."""
    with transaction.atomic():
        integration = _asked(actor, integration)
        row = integration.users.get(member__user_id=user_id)
        if not add and not remove:
            raise ValidationError("Name entitlements to add, to remove, or both.")
        if both := sorted(set(add) & set(remove)):
            raise ValidationError({"remove": f"{both[0]} is to be added and removed."})
        _require_known(integration, add, "add")
        _require_known(integration, remove, "remove")
        payload = {
            "userIds": [str(row.member.user_id)],
            "add": list(dict.fromkeys(add)),
            "remove": list(dict.fromkeys(remove)),
        }
        return lifecycle.create(actor, integration, Type.UPDATE_ACCESS, payload)


def remove_user(actor: Actor, integration: Integration, user_id: UUID) -> Job:
    """Have the user's account taken away; the integration's last Owner stays."""
    with transaction.atomic():
        integration = _asked(actor, integration)
        row = integration.users.select_related("member__user").get(member__user_id=user_id)
        owners = integration.users.filter(**OWNING)
        if owners.filter(pk=row.pk).exists() and not owners.exclude(pk=row.pk).exists():
            raise ConflictError("An integration keeps at least one Owner: name another one first.")
        return lifecycle.create(actor, integration, Type.REVOKE_ACCESS, removal_of(row))


def check_for_updates(actor: Actor, integration: Integration) -> Job:
    """Have the integration's users and entitlements read from the application."""
    with transaction.atomic():
        integration = _asked(actor, integration)
        return lifecycle.create(actor, integration, Type.GET_BUSINESS, {})


def removal_of(row: IntegrationUser) -> dict[str, object]:
    """The payload of a removal: it says all, for the person may be gone when it is carried out."""
    user = row.member.user
    return {"userIds": [str(user.id)], "email": user.email, "remoteId": row.remote_id}


def _asked(actor: Actor, integration: Integration) -> Integration:
    """The integration, locked, if the actor is its Owner and it takes jobs."""
    integration = owned(actor, integration)
    if integration.status != Integration.Status.ENABLED:
        raise ConflictError("The integration is disabled: enable it first.")
    return integration


def _members(integration: Integration, user_ids: Collection[UUID]) -> dict[UUID, Member]:
    found = Member.objects.filter(
        workspace_id=integration.workspace_id,
        user_id__in=user_ids,
        status__in=[Member.Status.LIVE, Member.Status.PENDING],
    )
    members = {member.user_id: member for member in found}
    unknown = [user_id for user_id in user_ids if user_id not in members]
    if unknown:
        raise ValidationError(
            {"user_ids": f"{unknown[0]} is not a live or pending member of the workspace."}
        )
    return {user_id: members[user_id] for user_id in dict.fromkeys(user_ids)}


def _require_known(
    integration: Integration, codes: Collection[str], field: str = "entitlements"
) -> None:
    if len(codes) > MOST_ENTITLEMENTS:
        raise ValidationError({field: f"Name at most {MOST_ENTITLEMENTS} entitlements."})
    known = set(integration.entitlements.filter(code__in=set(codes)).values_list("code", flat=True))
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise ValidationError({field: f"The integration has no entitlement {unknown[0]}."})
