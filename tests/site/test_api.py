"""Tables of every operation, made from the API's own registry: a new one must be entered here."""

import pytest

from cerbykeys.api import api
from tests.asking import EVERY_SCOPE, ask, error
from tests.factories import ApiKeyFactory, MemberFactory, SecretFactory, TeamFactory
from workspaces.activity.models import Activity
from workspaces.contract.assembly import operations_of
from workspaces.contract.scopes import Scope
from workspaces.directory.roles import Role
from workspaces.keys.models import ApiKey

pytestmark = pytest.mark.django_db

OPERATIONS = {operation.name: operation for operation in operations_of(api)}
ANY = frozenset(EVERY_SCOPE)

# The scopes of which each alone opens the operation, as the contract's tables say.
OPENED_BY = {
    "getKey": ANY,
    "deleteKey": ANY,
    "listUsers": {"read:users"},
    "getUser": {"read:users"},
    "listTeams": {"read:users"},
    "getTeam": {"read:users"},
    "listSecrets": {"read:items", "read:items:secrets"},
    "getSecret": {"read:items", "read:items:secrets"},
    "listActivities": {"read:activities"},
    "getActivity": {"read:activities"},
}

MAY_OWN_KEYS = {Role.OWNER, Role.SUPER_ADMIN, Role.ADMIN}


def things_of(member):
    """One thing of each kind that `member` may see."""
    secret = SecretFactory(owner=member)
    return {
        "/users/{id}": member.user_id,
        "/teams/{id}": TeamFactory(workspace=member.workspace).id,
        "/secrets/{id}": secret.id,
        "/activities/{id}": Activity.objects.get(target_id=str(secret.id)).id,
    }


def call(operation, things, key):
    path = operation.path.replace("{id}", str(things.get(operation.path)))
    return ask(path, key, operation.method)


def test_every_operation_is_entered_in_the_table():
    assert OPERATIONS.keys() == OPENED_BY.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_one_scope_opens_what_the_contract_says_and_nothing_else(name):
    key = ApiKeyFactory()
    things = things_of(key.owner)
    for scope in Scope:
        ApiKey.objects.filter(pk=key.pk).update(
            scopes=[scope.value], status="active", removed_at=None
        )
        answer = call(OPERATIONS[name], things, key)
        if scope.value in OPENED_BY[name]:
            assert answer.status_code < 300, (scope, answer.content)
            continue
        fault = error(answer, 403)
        assert fault["code"] == "insufficient_scope"
        assert fault["meta"]["granted"] == [scope.value]
        assert answer["X-Accepted-Scopes"] == str(OPERATIONS[name].demand.scopes)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_key_without_scopes_opens_only_what_asks_for_none(name):
    key = ApiKeyFactory(scopes=[])
    answer = call(OPERATIONS[name], things_of(key.owner), key)
    assert answer.status_code < 300 if OPENED_BY[name] is ANY else error(answer, 403)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_key_may_do_no_more_than_its_owners_role(name, role):
    owner = MemberFactory()
    if role == Role.OWNER:
        owner = owner.workspace.owner
    key = ApiKeyFactory(owner=owner, scopes=EVERY_SCOPE)
    things = things_of(owner)
    if role != Role.OWNER:
        type(owner).objects.filter(pk=owner.pk).update(role=role)
    answer = call(OPERATIONS[name], things, key)
    if role in MAY_OWN_KEYS:
        assert answer.status_code < 300, answer.content
    else:
        assert error(answer, 401)["meta"] == {"reason": "owner_role"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_of_another_workspace_is_seen(name):
    stranger = MemberFactory()
    things = things_of(stranger)
    key = ApiKeyFactory(scopes=EVERY_SCOPE)
    operation = OPERATIONS[name]
    answer = call(operation, things, key)
    if "{id}" in operation.path:
        unknown = {operation.path: "6f1ed002-ab5a-4b5e-8f4b-2f1f3b1f0c0d"}
        assert error(answer, 404) == error(call(operation, unknown, key), 404)
        return
    assert answer.status_code < 300
    for thing in [*things.values(), stranger.workspace_id, stranger.user.email]:
        assert str(thing) not in answer.content.decode()


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_key_every_operation_is_unauthorized(name):
    fault = error(call(OPERATIONS[name], {}, None), 401)
    assert fault["code"] == "unauthorized"
    assert fault["meta"] is None


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_key_that_may_not_call_learns_nothing_of_the_parameters(name):
    key = ApiKeyFactory(scopes=[])
    operation = OPERATIONS[name]
    answer = ask(operation.path.replace("{id}", "x"), key, operation.method, {"color": "red"})
    assert answer.status_code == (400 if OPENED_BY[name] is ANY else 403)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "{id}" in OPERATIONS[name].path])
def test_an_id_that_is_none_is_a_400(name):
    key = ApiKeyFactory(scopes=EVERY_SCOPE)
    fault = error(ask(OPERATIONS[name].path.replace("{id}", "x"), key), 400)
    assert fault["meta"]["loc"] == ["path", "id"]
