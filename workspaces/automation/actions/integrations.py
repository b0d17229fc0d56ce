"""Connecting integrations, changing them, and who owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from workspaces.activity.actions import record
from workspaces.activity.credentials import holds_key
from workspaces.activity.events import Event
from workspaces.actor import Permission
from workspaces.automation import queries
from workspaces.automation.connectors import connectors
from workspaces.automation.models import KEYS, Entitlement, Integration, IntegrationUser
from workspaces.automation.sharing import has_owner, record_sharing, target_of
from workspaces.directory.roles import require
from workspaces.sealing.envelope import Place, seal, unseal

if TYPE_CHECKING:
    from workspaces.actor import Actor

Role = IntegrationUser.Role


def connect_integration(  # noqa: PLR0913  (what makes an integration, each named by the caller)
    actor: Actor,
    *,
    application: str,
    label: str,
    connector: str,
    base_url: str = "",
    token: str = "",
    removal: str = Integration.Removal.DEACTIVATE,
) -> Integration:
    """Connect an application, of which the actor becomes the Owner.

    Raises PermissionDenied, ValidationError.
    """
    require(actor, Permission.CONNECT_INTEGRATIONS)
    if actor.user_id is None or actor.member_id is None:
        raise PermissionDenied
    integration = Integration(
        workspace_id=actor.workspace_id,
        application=application.strip(),
        label=label.strip(),
        connector=connector,
        base_url=base_url.strip(),
        removal=removal,
        created_by_id=actor.user_id,
    )
    _check(integration, token)
    with transaction.atomic():
        _seal_token(integration, token)
        integration.save(force_insert=True)
        IntegrationUser.objects.create(
            integration=integration,
            member_id=actor.member_id,
            role=Role.OWNER,
            status=IntegrationUser.Status.LIVE,
        )
        record(
            actor,
            Event.INTEGRATION_CREATED,
            target=target_of(integration),
            application=integration.application,
            connector=integration.connector,
        )
    return integration


def update_integration(  # noqa: PLR0913  (what may be changed, each named by the caller)
    actor: Actor,
    integration: Integration,
    *,
    label: str,
    base_url: str,
    removal: str,
    status: str,
    token: str = "",
) -> Integration:
    """Change the integration; without `token` it keeps the one it has. Only for its Owners.

    Another address takes a token of its own: the old one is not shown to a new host.
    """
    with transaction.atomic():
        integration = owned(actor, integration)
        wanted = {
            "label": label.strip(),
            "base_url": base_url.strip(),
            "removal": removal,
            "status": status,
        }
        changes: dict[str, Any] = {
            field: {"from": getattr(integration, field), "to": value}
            for field, value in wanted.items()
            if getattr(integration, field) != value
        }
        for field, value in wanted.items():
            setattr(integration, field, value)
        if "base_url" in changes and integration.sealed_token and not token:
            raise ValidationError({"token": "Enter the token for the new address."})
        _check(integration, token or token_of(integration))
        if token:
            _seal_token(integration, token)
            changes["token"] = {"from": "", "to": "another one"}
        if changes:
            integration.save()
            record(actor, Event.INTEGRATION_UPDATED, target=target_of(integration), changes=changes)
    return integration


def change_role(actor: Actor, integration: Integration, row: IntegrationUser, role: str) -> None:
    """Make a user of the integration its Owner or Collaborator; one live Owner must remain."""
    if role not in Role.values:
        raise ValidationError({"role": "Choose Owner or Collaborator."})
    with transaction.atomic():
        integration = owned(actor, integration)
        row = integration.users.select_related("member__user").get(pk=row.pk)
        if row.role == role:
            return
        row.role = role
        row.save(update_fields=["role", "updated_at"])
        if not has_owner(integration):
            raise ValidationError("An integration keeps at least one Owner.")
        record_sharing(actor, row)


def add_entitlement(
    actor: Actor, integration: Integration, *, code: str, label: str, group: str
) -> Entitlement:
    """Add something that can be granted. Only for the integration's Owners."""
    code = code.strip()
    if group not in Entitlement.Group.values:
        raise ValidationError({"group": "Choose primary or secondary."})
    with transaction.atomic():
        integration = owned(actor, integration)
        entitlement = Entitlement(
            integration=integration,
            code=code,
            key=KEYS[Entitlement.Group(group)],
            value=code,
            label=label.strip(),
            group=group,
        )
        entitlement.full_clean()
        entitlement.save(force_insert=True)
        record(actor, Event.ENTITLEMENT_CREATED, target=target_of(integration), entitlement=code)
    return entitlement


def remove_entitlement(actor: Actor, integration: Integration, entitlement: Entitlement) -> None:
    """Offer it no more; only where nobody has it. Only for the integration's Owners."""
    with transaction.atomic():
        integration = owned(actor, integration)
        if entitlement.users.exists():
            raise ValidationError("Someone has it: take it from them first.")
        integration.entitlements.filter(pk=entitlement.pk).delete()
        record(
            actor,
            Event.ENTITLEMENT_REMOVED,
            target=target_of(integration),
            entitlement=entitlement.code,
        )


def token_of(integration: Integration) -> str:
    """What the connector signs in with, in clear; empty where nothing is needed."""
    if not integration.sealed_token:
        return ""
    return unseal(_place(integration), bytes(integration.sealed_token)).decode()


def owned(actor: Actor, integration: Integration) -> Integration:
    """The integration, locked, if the actor is a live Owner of it at this moment.

    Raises Integration.DoesNotExist where the actor does not see it, PermissionDenied.
    """
    locked = Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)
    if queries.integrations_for(actor).get(pk=integration.pk).role != Role.OWNER:
        raise PermissionDenied
    return locked


def _check(integration: Integration, token: str) -> None:
    """Raise ValidationError for what no connector could work with."""
    connector = connectors().get(integration.connector)
    if connector is None:
        raise ValidationError({"connector": "Choose one of the connectors."})
    integration.clean_fields(exclude={"workspace", "created_by", "sealed_token"})
    if not connector.is_automatic:
        if integration.base_url or token:
            raise ValidationError({"connector": "What is done by hand has no address or token."})
        return
    _check_address(integration.base_url)
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ValidationError({"token": "Enter the token that the application gave you."})
    if holds_key(token):
        raise ValidationError({"token": "This is an API key of ours, not the application's token."})


def _check_address(address: str) -> None:
    try:
        url = urlsplit(address)
        valid = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValidationError({"base_url": "Enter an address that begins with https://."})
    if set("@?#") & set(address):
        raise ValidationError({"base_url": "Enter the address alone, without sign-in or query."})


def _seal_token(integration: Integration, token: str) -> None:
    if token:
        integration.token_version += 1
        integration.sealed_token = seal(_place(integration), token.encode())


def _place(integration: Integration) -> Place:
    return Place(
        integration.workspace_id,
        "automation_integration",
        integration.id,
        "sealed_token",
        integration.token_version,
    )
