from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.asking import ask, attributes
from tests.factories import ApiKeyFactory
from workspaces.keys.material import masked
from workspaces.keys.models import KeyUsage

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
        "scopes": ["read:users", "read:items"],
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
