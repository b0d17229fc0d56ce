"""The API's integrations, their entitlements and their users."""

from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx

from workspaces.actor import Permission
from workspaces.automation import queries
from workspaces.automation.actions import users
from workspaces.automation.models import Integration
from workspaces.contract.envelope import Document
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Page, paged
from workspaces.contract.scopes import Scope, all_of, any_of

from .bodies import Change, Invitation, Replacement, codes, refusals
from .shapes import (
    Entitlements,
    IntegrationResource,
    Integrations,
    IntegrationUsers,
    OneCreatedJob,
    OneIntegration,
    OneIntegrationUser,
    show_created,
    show_entitlement,
    show_integration,
    show_user,
)

router = Operations(tags=["Integrations"])

_ATTRIBUTES = ("attributes",)
_ENTITLEMENTS = (*_ATTRIBUTES, "entitlements")


@router.operation(
    "GET",
    "/integrations",
    scopes=all_of(Scope.READ_INTEGRATIONS),
    permission=Permission.READ_INTEGRATIONS,
    answers=Integrations,
)
def list_integrations(request: ApiRequest, page: Query[Page]) -> Document:
    """The integrations of which the key's owner is an Owner or a Collaborator."""
    actor = request.actor

    def show(integration: Integration) -> IntegrationResource:
        return show_integration(actor, integration)

    return paged(request, page, queries.integrations_for(actor), show)


@router.operation(
    "GET",
    "/integrations/{id}",
    scopes=all_of(Scope.READ_INTEGRATIONS),
    permission=Permission.READ_INTEGRATIONS,
    answers=OneIntegration,
)
def get_integration(
    request: ApiRequest, integration_id: PathEx[UUID, P(alias="id")]
) -> OneIntegration:
    """One integration."""
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    return OneIntegration(data=show_integration(request.actor, found))


@router.operation(
    "GET",
    "/integrations/{id}/entitlements",
    scopes=any_of(Scope.READ_INTEGRATIONS, Scope.WRITE_INTEGRATIONS),
    permission=Permission.READ_INTEGRATIONS,
    answers=Entitlements,
)
def list_entitlements(
    request: ApiRequest, integration_id: PathEx[UUID, P(alias="id")], page: Query[Page]
) -> Document:
    """What the users of the integration can be granted."""
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    return paged(request, page, queries.entitlements_of(found), show_entitlement)


@router.operation(
    "GET",
    "/integrations/{id}/users",
    scopes=all_of(Scope.READ_INTEGRATIONS, Scope.READ_USERS),
    permission=Permission.READ_INTEGRATIONS,
    answers=IntegrationUsers,
    also_at="/integrations/{id}/user",
)
def list_integration_users(
    request: ApiRequest, integration_id: PathEx[UUID, P(alias="id")], page: Query[Page]
) -> Document:
    """The users of the integration, with what they are granted."""
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    return paged(request, page, queries.users_of(found), show_user)


@router.operation(
    "GET",
    "/integrations/{id}/users/{userId}",
    scopes=all_of(Scope.READ_INTEGRATIONS, Scope.READ_USERS),
    permission=Permission.READ_INTEGRATIONS,
    answers=OneIntegrationUser,
)
def get_integration_user(
    request: ApiRequest,
    integration_id: PathEx[UUID, P(alias="id")],
    user_id: PathEx[UUID, P(alias="userId")],
) -> OneIntegrationUser:
    """One user of the integration."""
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    return OneIntegrationUser(data=show_user(queries.users_of(found).get(member__user_id=user_id)))


@router.operation(
    "POST",
    "/integrations/{id}/users",
    scopes=all_of(Scope.WRITE_INTEGRATIONS, Scope.READ_AUTOMATIONS),
    permission=Permission.READ_INTEGRATIONS,
    answers=OneCreatedJob,
    also_at="/integrations/{id}/user",
)
def invite_integration_users(
    request: ApiRequest, integration_id: PathEx[UUID, P(alias="id")], body: Invitation
) -> OneCreatedJob:
    """Invite members of the workspace to the integration: its Owners may. Poll the job."""
    attributes = body.data.attributes
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    with refusals({"user_ids": (*_ATTRIBUTES, "userIds"), "entitlements": _ENTITLEMENTS}):
        job = users.invite_users(
            request.actor,
            found,
            role=attributes.role.removeprefix("account_"),
            entitlements=codes(attributes.entitlements),
            user_ids=attributes.user_ids,
        )
    return show_created(job)


@router.operation(
    "PATCH",
    "/integrations/{id}/users/{userId}",
    scopes=all_of(Scope.WRITE_INTEGRATIONS, Scope.WRITE_AUTOMATIONS),
    permission=Permission.READ_INTEGRATIONS,
    answers=OneCreatedJob,
)
def replace_integration_user_entitlements(
    request: ApiRequest,
    integration_id: PathEx[UUID, P(alias="id")],
    user_id: PathEx[UUID, P(alias="userId")],
    body: Replacement,
) -> OneCreatedJob:
    """Replace what a user of the integration is granted. Poll the job."""
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    with refusals({"entitlements": _ENTITLEMENTS}):
        job = users.set_entitlements(
            request.actor, found, user_id, codes(body.data.attributes.entitlements)
        )
    return show_created(job)


@router.operation(
    "DELETE",
    "/integrations/{id}/users/{userId}",
    scopes=all_of(Scope.WRITE_INTEGRATIONS, Scope.WRITE_AUTOMATIONS),
    permission=Permission.READ_INTEGRATIONS,
    answers=OneCreatedJob,
)
def remove_integration_user(
    request: ApiRequest,
    integration_id: PathEx[UUID, P(alias="id")],
    user_id: PathEx[UUID, P(alias="userId")],
) -> OneCreatedJob:
    """Remove a user from the integration, and their account from the application. Poll the job."""
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    with refusals({}):
        job = users.remove_user(request.actor, found, user_id)
    return show_created(job)


@router.operation(
    "PATCH",
    "/integrations/{id}/users/{userId}/entitlements",
    scopes=all_of(Scope.WRITE_INTEGRATIONS, Scope.WRITE_AUTOMATIONS),
    permission=Permission.READ_INTEGRATIONS,
    answers=OneCreatedJob,
)
def change_integration_user_entitlements(
    request: ApiRequest,
    integration_id: PathEx[UUID, P(alias="id")],
    user_id: PathEx[UUID, P(alias="userId")],
    body: Change,
) -> OneCreatedJob:
    """Add to what a user of the integration is granted, take from it, or both. Poll the job."""
    found = queries.integrations_for(request.actor).get(pk=integration_id)
    add, remove = body.data.add, body.data.remove
    with refusals({"add": ("add", "entitlements"), "remove": ("remove", "entitlements")}):
        job = users.change_entitlements(
            request.actor,
            found,
            user_id,
            add=codes(add.entitlements if add else None),
            remove=codes(remove.entitlements if remove else None),
        )
    return show_created(job)
