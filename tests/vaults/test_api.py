import pytest

from tests.asking import ask, attributes, error, ids
from tests.factories import (
    ApiKeyFactory,
    MemberFactory,
    SecretFactory,
    SecretShareFactory,
    TeamMemberFactory,
)
from workspaces.activity.events import Event
from workspaces.activity.models import Activity
from workspaces.directory.queries import actor_for
from workspaces.vaults import actions

pytestmark = pytest.mark.django_db

OWNER = "owner"


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=["read:items:secrets"])


@pytest.fixture
def secret(key):
    return SecretFactory(owner=key.owner, body="correct horse")


@pytest.fixture
def teammate(key):
    return MemberFactory(workspace=key.workspace)


def requests(secret):
    return Activity.objects.filter(event=Event.SECRET_REQUESTED, target_id=str(secret.id))


def facts(secret, key):
    return {
        "title": secret.title,
        "category": "text",
        "status": "active",
        "eventName": "create",
        "expiresAt": None,
        "requiresIdentityChallenge": False,
        "role": "secret_owner",
        "version": 1,
        "versionId": str(secret.current_version_id),
        "vaultId": str(secret.vault_id),
        "workspaceId": str(key.workspace_id),
        "workspaceName": key.workspace.name,
        "createdAt": secret.created_at.isoformat(timespec="microseconds"),
        "createdBy": str(key.owner.user_id),
        "updatedAt": secret.updated_at.isoformat(timespec="microseconds"),
        "updatedBy": str(key.owner.user_id),
    }


def test_a_list_tells_of_secrets_without_their_bodies(key, secret):
    answer = ask("/secrets", key)
    [resource] = answer.json()["data"]
    assert (resource["id"], resource["type"]) == (str(secret.id), "secret")
    assert resource["attributes"] == facts(secret, key)
    assert not requests(secret).exists()


def test_one_secret_comes_with_its_body_and_a_trace(key, secret):
    answer = ask(f"/secrets/{secret.id}", key, headers={"X-Request-ID": "request-1"})
    body = {"type": "plaintext", "value": "correct horse"}
    assert attributes(answer) == {**facts(secret, key), "body": body}
    trace = requests(secret).get()
    assert (trace.actor_type, trace.actor_id) == ("apiKey", key.id)
    assert (trace.user_id, trace.request_id) == (key.owner.user_id, "request-1")


def test_the_body_is_that_of_the_present_version(key, secret):
    actions.update_secret(actor_for(key.owner), secret, body="battery staple")
    told = attributes(ask(f"/secrets/{secret.id}", key))
    assert told["body"]["value"] == "battery staple"
    assert (told["version"], told["eventName"]) == (2, "update")


def test_a_secret_that_asks_for_an_identity_challenge_keeps_its_body(key):
    secret = SecretFactory(owner=key.owner, requires_identity_challenge=True, body="a key")
    answer = ask(f"/secrets/{secret.id}", key)
    assert attributes(answer)["requiresIdentityChallenge"] is True
    assert attributes(answer)["body"] is None
    assert "a key" not in answer.content.decode()
    assert not requests(secret).exists()


def test_a_secret_of_a_teammate_is_not_there(key, teammate):
    secret = SecretFactory(owner=teammate)
    assert ids(ask("/secrets", key)) == []
    error(ask(f"/secrets/{secret.id}", key), 404)
    assert not requests(secret).exists()


def test_a_secret_shared_as_collaborator_is_not_there(key, teammate):
    secret = SecretFactory(owner=teammate)
    SecretShareFactory(item=secret, member=key.owner)
    assert ids(ask("/secrets", key)) == []
    error(ask(f"/secrets/{secret.id}", key), 404)


def test_a_secret_owned_through_a_team_is_there_once(key, teammate):
    secret = SecretFactory(owner=teammate)
    SecretShareFactory(item=secret, member=key.owner)
    for _ in range(2):
        team = TeamMemberFactory(member=key.owner, team__workspace=key.workspace).team
        SecretShareFactory(item=secret, team=team, role=OWNER)
    assert ids(ask("/secrets", key)) == [str(secret.id)]
    assert attributes(ask(f"/secrets/{secret.id}", key))["role"] == "secret_owner"


def test_a_team_that_shares_as_collaborator_shows_nothing(key, teammate):
    secret = SecretFactory(owner=teammate)
    team = TeamMemberFactory(member=key.owner, team__workspace=key.workspace).team
    SecretShareFactory(item=secret, team=team)
    error(ask(f"/secrets/{secret.id}", key), 404)


def test_the_workspace_owner_sees_no_more_secrets_than_others(key, secret):
    theirs = ApiKeyFactory(owner=key.workspace.owner, scopes=["read:items"])
    assert ids(ask("/secrets", theirs)) == []
    error(ask(f"/secrets/{secret.id}", theirs), 404)
    assert not requests(secret).exists()


def test_secrets_come_in_the_order_in_which_they_were_made(key):
    made = [str(SecretFactory(owner=key.owner).id) for _ in range(3)]
    assert ids(ask("/secrets", key)) == made


def test_a_disabled_secret_is_told_of_without_its_body(key, secret):
    actions.set_secret_status(actor_for(key.owner), secret, "disabled")
    told = attributes(ask(f"/secrets/{secret.id}", key))
    assert (told["status"], told["body"]) == ("disabled", None)
    assert not requests(secret).exists()


def test_a_secret_tells_who_shares_it_people_and_teams_apart(key, secret, teammate):
    SecretShareFactory(item=secret, member=teammate)
    team = TeamMemberFactory(member=teammate, team__workspace=key.workspace).team
    SecretShareFactory(item=secret, team=team, role="owner")
    users = ask(f"/secrets/{secret.id}/members/users", key).json()
    assert users["data"] == [
        {
            "id": str(key.owner.user_id),
            "type": "user",
            "attributes": {"role": "secret_owner"},
        },
        {
            "id": str(teammate.user_id),
            "type": "user",
            "attributes": {"role": "secret_collaborator"},
        },
    ]
    assert users["meta"]["page"]["total"] == 2
    teams = ask(f"/secrets/{secret.id}/members/teams", key).json()
    assert teams["data"] == [
        {"id": str(team.id), "type": "team", "attributes": {"role": "secret_owner"}}
    ]


def test_who_shares_a_secret_is_told_in_pages(key, secret, teammate):
    SecretShareFactory(item=secret, member=teammate)
    seen, path = [], f"/secrets/{secret.id}/members/users?page[size]=1"
    while path:
        answer = ask(path, key)
        seen += ids(answer)
        path = answer.json()["links"]["next"]
    assert seen == [str(key.owner.user_id), str(teammate.user_id)]
