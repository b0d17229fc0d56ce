"""How each operation of the API is called, and what opens it: the contract's tables, by hand.

A new operation is entered here, in its app's part; tests/site/test_api.py asks of each the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.asking import ask
from tests.factories import (
    AccountFactory,
    CollectionFactory,
    EntitlementFactory,
    IntegrationFactory,
    IntegrationUserFactory,
    JobFactory,
    MemberFactory,
    SecretFactory,
    TeamFactory,
)
from workspaces.activity.models import Activity
from workspaces.contract.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

INCLUDED = {"read:items": {"read:items", "read:items:accounts", "read:items:secrets"}}


def nothing(_owner):
    return {}


@dataclass(frozen=True)
class Entry:
    """An operation.

    `scopes` as the contract writes them: `A | B` is either, `A + B` is both, "" any key.
    `things` makes, for a member, what the call needs: the path's parameters, by name, and what
    `body` puts into the body. `private` things are seen by their owner alone, others by every
    Admin of the workspace.
    """

    scopes: str
    things: Callable = nothing
    body: Callable | None = None
    query: dict = field(default_factory=dict)
    private: bool = False

    @property
    def alternatives(self):
        """The sets of scopes of which one, whole, is enough."""
        return [frozenset(words.split(" + ")) - {""} for words in self.scopes.split(" | ")]

    def opened_by(self, scopes):
        held = set().union(*(INCLUDED.get(scope, {scope}) for scope in scopes))
        return any(wanted <= held for wanted in self.alternatives)


def sets_of_scopes():
    """Each scope alone, none, and each pair that some operation asks for."""
    alone = [frozenset({scope.value}) for scope in Scope]
    asked = {wanted for entry in TABLE.values() for wanted in entry.alternatives}
    return [*alone, *sorted(asked - set(alone), key=sorted)]


def call(operation, things, key, **changes):
    """The answer of `operation` (of the registry) to a call about `things`."""
    entry = TABLE[operation.name]
    options = {"query": entry.query, **changes}
    if entry.body and "data" not in options:
        options["json"] = entry.body(things)
    return ask(operation.path.format_map(things), key, operation.method, **options)


# --- What the calls are about --------------------------------------------------------------------


def user(member):
    return {"id": member.user_id}


def team(member):
    return {"id": TeamFactory(workspace=member.workspace).id}


def secret(member):
    return {"id": SecretFactory(owner=member).id}


def account(member):
    return {"id": AccountFactory(owner=member, password="a password").id}


def collection(member):
    return {"id": CollectionFactory(owner=member).id}


def activity(member):
    made = SecretFactory(owner=member)
    return {"id": Activity.objects.get(target_id=str(made.id)).id}


def integration(member):
    return {"id": IntegrationFactory(owner=member).id}


def integration_user(member):
    return {**integration(member), "userId": member.user_id}


def invitation(member):
    granted = EntitlementFactory(integration__owner=member)
    invited = MemberFactory(workspace=member.workspace)
    return {"id": granted.integration_id, "entitlement": granted.code, "invited": invited.user_id}


def invite(things):
    attributes = {
        "role": "account_collaborator",
        "entitlements": [{"id": things["entitlement"]}],
        "userIds": [str(things["invited"])],
    }
    return {"data": {"type": "invite_tenant_users", "attributes": attributes}}


def granted_user(member):
    return {**invitation(member), "userId": member.user_id}


def replace(things):
    attributes = {"entitlements": [{"id": things["entitlement"]}]}
    return {"data": {"type": "update_user_entitlement", "attributes": attributes}}


def change(things):
    return {"data": {"add": {"entitlements": [{"id": things["entitlement"]}]}}}


def second_owner(member):
    things = integration(member)
    other = MemberFactory(workspace=member.workspace)
    IntegrationUserFactory(integration_id=things["id"], member=other, role="owner")
    return {**things, "userId": other.user_id}


def check(things):
    return {"data": {"type": "get_business", "attributes": {"integrationId": str(things["id"])}}}


def failed_job(member):
    return {"id": JobFactory(integration__owner=member, status="error", error_type="timed_out").id}


def job(member):
    return {"id": JobFactory(integration__owner=member).id}


# --- The tables ----------------------------------------------------------------------------------

WRITES = "write:integrations + write:automations"
WRITES_AND_READS = "write:integrations + read:automations"

TABLE = {
    # keys
    "getKey": Entry(""),
    "deleteKey": Entry(""),
    # directory
    "listUsers": Entry("read:users", user),
    "getUser": Entry("read:users", user),
    "listTeams": Entry("read:users", team),
    "getTeam": Entry("read:users", team),
    # vaults
    "listSecrets": Entry("read:items:secrets", secret, private=True),
    "getSecret": Entry("read:items:secrets", secret, private=True),
    "listAccounts": Entry("read:items:accounts", account, private=True),
    "getAccount": Entry("read:items:accounts", account, private=True),
    "listAccountSecrets": Entry(
        "read:items:accounts", account, query={"filter[secretType]": "password"}, private=True
    ),
    "listCollections": Entry("read:items", collection, private=True),
    "getCollection": Entry("read:items", collection, private=True),
    "listSecretUsers": Entry("read:items:secrets", secret, private=True),
    "listSecretTeams": Entry("read:items:secrets", secret, private=True),
    # automation
    "listIntegrations": Entry("read:integrations", integration, private=True),
    "getIntegration": Entry("read:integrations", integration, private=True),
    "listEntitlements": Entry("read:integrations | write:integrations", integration, private=True),
    "listIntegrationUsers": Entry("read:integrations + read:users", integration, private=True),
    "listIntegrationUsersAlias": Entry("read:integrations + read:users", integration, private=True),
    "getIntegrationUser": Entry("read:integrations + read:users", integration_user, private=True),
    "inviteIntegrationUsers": Entry(WRITES_AND_READS, invitation, invite, private=True),
    "inviteIntegrationUsersAlias": Entry(WRITES_AND_READS, invitation, invite, private=True),
    "replaceIntegrationUserEntitlements": Entry(WRITES, granted_user, replace, private=True),
    "removeIntegrationUser": Entry(WRITES, second_owner, private=True),
    "changeIntegrationUserEntitlements": Entry(WRITES, granted_user, change, private=True),
    "createJob": Entry("write:automations", integration, check),
    "retryJob": Entry("write:automations", failed_job),
    "cancelJob": Entry("write:automations", job),
    "listJobs": Entry("read:automations", job),
    "getJob": Entry("read:automations", job),
    # activity
    "listActivities": Entry("read:activities", activity),
    "getActivity": Entry("read:activities", activity),
}
