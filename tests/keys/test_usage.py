from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from tests.asking import ask, attributes
from tests.factories import ApiKeyFactory
from workspaces.keys import usage
from workspaces.keys.models import KeyUsage

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorder(monkeypatch):
    """The process's, with nothing in it, and written by hand."""
    recorder = usage.Recorder()
    monkeypatch.setattr("workspaces.keys.usage.recorder", recorder)
    monkeypatch.setattr("workspaces.keys.middleware.recorder", recorder)
    monkeypatch.setattr("workspaces.keys.api.recorder", recorder)
    return recorder


def last_used(key):
    return KeyUsage.objects.get(key=key).last_used_at


def test_noting_a_use_asks_nothing_of_the_database(recorder, django_assert_num_queries):
    key = ApiKeyFactory()
    with django_assert_num_queries(0):
        recorder.note(key)
    assert not KeyUsage.objects.exists()


def test_what_was_noted_is_written_in_one_statement(recorder, django_assert_num_queries):
    keys = ApiKeyFactory.create_batch(3)
    with time_machine.travel(timezone.now(), tick=False):
        for key in keys:
            recorder.note(key)
        with django_assert_num_queries(1):
            recorder.flush()
        assert {last_used(key) for key in keys} == {timezone.now()}


def test_a_key_in_steady_use_is_written_once_a_minute(recorder):
    key = ApiKeyFactory()
    now = timezone.now()
    for seconds, expected in [(0, 0), (59, 0), (60, 60)]:
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            recorder.note(key)
            recorder.flush()
            assert last_used(key) == now + timedelta(seconds=expected)


@pytest.mark.parametrize("failure", [DatabaseError, OperationalError, InterfaceError])
def test_what_could_not_be_written_is_written_with_the_next(recorder, monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    first, second = ApiKeyFactory.create_batch(2)
    with monkeypatch.context() as broken:
        broken.setattr(type(KeyUsage.objects), "bulk_create", fail)
        recorder.note(first)
        recorder.flush()
    recorder.note(second)
    recorder.flush()
    assert KeyUsage.objects.count() == 2


def test_keys_are_forgotten_before_they_fill_the_memory(recorder, monkeypatch):
    monkeypatch.setattr(usage, "REMEMBERED", 2)
    for key in ApiKeyFactory.create_batch(3):
        recorder.note(key)
    assert len(recorder._noted) <= 2


def test_a_key_is_told_of_its_use_before_that_is_written(recorder):
    key = ApiKeyFactory()
    assert attributes(ask("/key", key))["lastUsedAt"] is not None
    recorder.flush()
    assert attributes(ask("/key", key))["lastUsedAt"] is not None


def test_a_refused_key_was_not_used(recorder):
    key = ApiKeyFactory(status="disabled")
    assert ask("/key", key).status_code == 401
    recorder.flush()
    assert not KeyUsage.objects.exists()


def test_a_use_is_of_the_workspace_of_its_key_whoever_writes_it():
    key = ApiKeyFactory()
    with connection.cursor() as cursor:
        # as the version writes that knows of no workspace, each time the key is used
        for _ in range(2):
            cursor.execute(
                "INSERT INTO keys_keyusage (key_id, last_used_at) VALUES (%s, %s)"
                " ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at",
                [key.id.hex, timezone.now()],
            )
            assert KeyUsage.objects.get().workspace_id == key.workspace_id
