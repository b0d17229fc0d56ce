"""One key's details: who may see and change it, its scopes, its end."""

import pytest
from django.urls import reverse

from tests.factories import ApiKeyFactory, MemberFactory
from workspaces.activity.models import Activity
from workspaces.directory.roles import Role
from workspaces.keys.models import ApiKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return ApiKeyFactory(name="Backup", scopes=["read:activities", "read:users"])


def sign_in(client, key, who):
    """As the key's owner, a teammate by role, or a stranger."""
    member = {
        "key owner": lambda: key.owner,
        "admin": lambda: MemberFactory(workspace=key.workspace, role=Role.ADMIN),
        "super admin": lambda: MemberFactory(workspace=key.workspace, role=Role.SUPER_ADMIN),
        "workspace owner": lambda: key.workspace.owner,
        "user": lambda: MemberFactory(workspace=key.workspace, role=Role.USER),
        "stranger": MemberFactory,
    }[who]()
    client.force_login(member.user)


def url(name, key):
    return reverse(f"keys:{name}", args=[key.workspace.slug, key.id])


def post(client, name, key, **data):
    return client.post(url(name, key), data)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("key owner", 200),
        ("workspace owner", 200),
        ("super admin", 200),
        ("admin", 403),
        ("user", 403),
        ("stranger", 404),
    ],
)
def test_the_details_are_for_the_key_s_owner_and_those_who_may_stop_it(client, key, who, status):
    sign_in(client, key, who)
    assert client.get(url("settings", key)).status_code == status


def test_the_details_say_what_the_key_is(client, key):
    sign_in(client, key, "key owner")
    page = client.get(url("settings", key)).content.decode()
    for text in ["API key settings", "Backup", key.masked, key.created_by.email, "Never"]:
        assert text in page
    assert key.secret_hash not in page


def test_a_scope_is_switched_on(client, key):
    sign_in(client, key, "key owner")
    post(client, "switch_scope", key, scope="read:integrations", on="true")
    key.refresh_from_db()
    assert key.scopes == ["read:activities", "read:integrations", "read:users"]
    details = Activity.objects.get(event="API_KEY_SCOPES_UPDATED").details
    assert details == {"keyId": key.key_id, "added": ["read:integrations"], "removed": []}


def test_a_scope_is_switched_off_with_its_own_message(client, key):
    sign_in(client, key, "key owner")
    response = client.post(
        url("switch_scope", key), {"scope": "read:users", "on": "false"}, follow=True
    )
    key.refresh_from_db()
    assert key.scopes == ["read:activities"]
    assert "Read users is switched off for “Backup”." in response.content.decode()


def test_the_last_scope_stays(client, key):
    sign_in(client, key, "key owner")
    post(client, "switch_scope", key, scope="read:users", on="false")
    response = client.post(
        url("switch_scope", key), {"scope": "read:activities", "on": "false"}, follow=True
    )
    key.refresh_from_db()
    assert key.scopes == ["read:activities"]
    assert "needs at least one scope" in response.content.decode()


def test_switching_a_scope_to_what_it_is_records_nothing(client, key):
    sign_in(client, key, "key owner")
    post(client, "switch_scope", key, scope="read:users", on="true")
    assert not Activity.objects.filter(event="API_KEY_SCOPES_UPDATED").exists()


@pytest.mark.parametrize("who", ["workspace owner", "super admin", "admin", "user"])
def test_only_the_key_s_owner_switches_its_scopes(client, key, who):
    sign_in(client, key, who)
    assert post(client, "switch_scope", key, scope="read:users", on="false").status_code == 403
    key.refresh_from_db()
    assert key.scopes == ["read:activities", "read:users"]


def test_an_owner_who_is_no_longer_admin_changes_nothing(client, key):
    key.owner.role = Role.USER
    key.owner.save()
    sign_in(client, key, "key owner")
    assert post(client, "switch_scope", key, scope="read:users", on="false").status_code == 403
    assert post(client, "delete", key).status_code == 403
    key.refresh_from_db()
    assert key.state == ApiKey.Status.ACTIVE


@pytest.mark.parametrize("scope", ["", "read:everything", "read:users\x00"])
def test_an_unknown_scope_is_not_found(client, key, scope):
    sign_in(client, key, "key owner")
    assert post(client, "switch_scope", key, scope=scope, on="true").status_code == 404


@pytest.mark.parametrize("who", ["key owner", "workspace owner", "super admin"])
def test_those_who_may_stop_a_key_delete_it(client, key, who):
    sign_in(client, key, who)
    response = post(client, "delete", key)
    key.refresh_from_db()
    assert response.url.endswith(f"?status=all#key-{key.id}")
    assert key.state == ApiKey.Status.REMOVED
    assert key.removed_at is not None
    assert Activity.objects.get(event="API_KEY_REMOVED").target_id == str(key.id)


@pytest.mark.parametrize(("who", "status"), [("admin", 403), ("user", 403), ("stranger", 404)])
def test_others_do_not_delete_it(client, key, who, status):
    sign_in(client, key, who)
    assert client.get(url("delete", key)).status_code == status
    assert post(client, "delete", key).status_code == status
    key.refresh_from_db()
    assert key.state == ApiKey.Status.ACTIVE
    assert not Activity.objects.filter(event="API_KEY_REMOVED").exists()


def test_asking_deletes_nothing(client, key):
    sign_in(client, key, "key owner")
    assert "Delete API key?" in client.get(url("delete", key)).content.decode()
    key.refresh_from_db()
    assert key.state == ApiKey.Status.ACTIVE


def test_under_htmx_the_row_says_removed(client, key):
    sign_in(client, key, "key owner")
    response = client.post(url("delete", key), headers={"HX-Request": "true"})
    assert f'id="key-{key.id}"' in response.content.decode()
    assert ">Removed</span>" in response.content.decode()
    assert "dialog:close" in response["HX-Trigger-After-Settle"]


def test_deleting_twice_is_recorded_once(client, key):
    sign_in(client, key, "key owner")
    post(client, "delete", key)
    post(client, "delete", key)
    assert Activity.objects.filter(event="API_KEY_REMOVED").count() == 1


def test_a_removed_key_stays_removed(client, key):
    sign_in(client, key, "workspace owner")
    post(client, "delete", key)
    post(client, "enable", key)
    post(client, "disable", key)
    key.refresh_from_db()
    assert key.state == ApiKey.Status.REMOVED


@pytest.mark.parametrize(
    ("name", "lie"), [("disable", "is disabled until"), ("enable", "works again")]
)
def test_of_a_removed_key_nothing_else_is_said(client, key, name, lie):
    sign_in(client, key, "workspace owner")
    post(client, "delete", key)
    answer = client.post(url(name, key), headers={"HX-Request": "true"})
    assert lie not in answer["HX-Trigger"]


def test_a_key_is_disabled_and_enabled_again_by_those_who_may_stop_any(client, key):
    sign_in(client, key, "super admin")
    post(client, "disable", key)
    key.refresh_from_db()
    assert key.state == ApiKey.Status.DISABLED
    post(client, "enable", key)
    key.refresh_from_db()
    assert key.state == ApiKey.Status.ACTIVE
    assert list(
        Activity.objects.filter(target_id=str(key.id))
        .order_by("sequence")
        .values_list("event", flat=True)
    ) == ["API_KEY_DISABLED", "API_KEY_ENABLED"]


@pytest.mark.parametrize("who", ["key owner", "admin"])
def test_a_disabled_key_is_not_enabled_by_its_owner(client, who):
    key = ApiKeyFactory(status="disabled")
    sign_in(client, key, who)
    assert post(client, "enable", key).status_code == 403
    key.refresh_from_db()
    assert key.state == ApiKey.Status.DISABLED


# The limit of requests


def limits(key):
    """The key's own limit, and the changes recorded."""
    recorded = Activity.objects.filter(event="API_KEY_LIMIT_UPDATED").order_by("sequence")
    return ApiKey.objects.get(pk=key.pk).requests_per_minute, [row.details for row in recorded]


@pytest.mark.parametrize("who", ["key owner", "super admin", "workspace owner"])
def test_a_key_is_held_to_fewer_requests_and_let_go_again(client, key, who):
    sign_in(client, key, who)
    response = client.post(url("limit", key), {"requests_per_minute": "60"}, follow=True)
    assert "“Backup” may make 60 requests a minute." in response.content.decode()
    change = {"keyId": key.key_id, "changes": {"requestsPerMinute": {"from": None, "to": 60}}}
    assert limits(key) == (60, [change])
    post(client, "limit", key, requests_per_minute="")
    assert limits(key)[0] is None


@pytest.mark.parametrize(("who", "status"), [("admin", 403), ("user", 403), ("stranger", 404)])
def test_others_do_not_limit_it(client, key, who, status):
    sign_in(client, key, who)
    assert post(client, "limit", key, requests_per_minute="60").status_code == status
    assert limits(key) == (None, [])


@pytest.mark.parametrize("limit", ["0", "601", "many"])
def test_a_limit_beyond_the_workspace_s_is_refused(client, key, limit):
    sign_in(client, key, "key owner")
    assert post(client, "limit", key, requests_per_minute=limit).status_code == 422
    assert limits(key) == (None, [])


def test_under_htmx_the_limit_is_answered_by_itself(client, key):
    sign_in(client, key, "key owner")
    response = client.post(
        url("limit", key), {"requests_per_minute": "60"}, headers={"HX-Request": "true"}
    )
    assert response.content.decode().strip().startswith('<form id="limit"')
    assert "60 requests a minute" in response["HX-Trigger"]


def test_a_removed_key_is_not_limited(client, key):
    sign_in(client, key, "key owner")
    post(client, "delete", key)
    assert post(client, "limit", key, requests_per_minute="60").status_code == 403
    assert limits(key) == (None, [])
