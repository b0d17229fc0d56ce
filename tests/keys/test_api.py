from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.asking import ask, attributes, error
from tests.factories import ApiKeyFactory
from workspaces.activity.events import Event
from workspaces.activity.models import Activity
from workspaces.keys.material import masked
from workspaces.keys.models import ApiKey, KeyUsage

pytestmark = pytest.mark.django_db


def test_a_key_tells_of_itself_and_never_its_secret():
    with time_machine.travel(timezone.now(), tick=False):
        key = ApiKeyFactory(scopes=["read:users", "read:items"])
        answer = ask("/key", key)
        now = timezone.now()
    resource = answer.json()["data"]
    assert (resource["id"], resource["type"]) == (str(key.id), "apiKey")
    assert attributes(answer) == {
        "name": key.name,
        "maskedKey": masked(key.key_id),
        "scopes": ["read:items", "read:users"],  # as the contract orders them
        "workspace": key.workspace.slug,
        "owner": {
            "id": str(key.owner.user_id),
            "name": key.owner.user.get_full_name(),
            "email": key.owner.user.email,
        },
        "createdAt": key.created_at.isoformat(timespec="microseconds"),
        "expiresAt": key.expires_at.isoformat(timespec="microseconds"),
        "lastUsedAt": now.isoformat(timespec="microseconds"),
    }
    assert key.plaintext[20:] not in answer.content.decode()


def test_times_carry_their_offset():
    for name in ("createdAt", "expiresAt", "lastUsedAt"):
        assert attributes(ask("/key", ApiKeyFactory()))[name].endswith("+00:00")


def test_the_last_use_is_told_to_the_minute():
    key = ApiKeyFactory()
    KeyUsage.objects.create(key=key, last_used_at=timezone.now() - timedelta(days=1))
    told = datetime.fromisoformat(attributes(ask("/key", key))["lastUsedAt"])
    assert timezone.now() - told < timedelta(minutes=1)


def test_a_key_that_leaked_removes_itself_and_opens_nothing_from_then_on():
    key, other = ApiKeyFactory(), ApiKeyFactory()
    answer = ask("/key", key, "DELETE")
    assert (answer.status_code, answer.content) == (204, b"")
    assert error(ask("/key", key), 401)["meta"] == {"reason": "removed"}
    assert error(ask("/key", key, "DELETE"), 401)["meta"] == {"reason": "removed"}
    assert ApiKey.objects.get(pk=key.pk).status == "removed"
    assert ask("/key", other).status_code == 200


def test_that_a_key_removed_itself_is_recorded():
    key = ApiKeyFactory()
    ask("/key", key, "DELETE")
    trace = Activity.objects.get(event=Event.API_KEY_REMOVED)
    assert (trace.actor_type, trace.actor_id, trace.target_id) == ("apiKey", key.id, str(key.id))
    assert trace.user_id == key.owner.user_id
