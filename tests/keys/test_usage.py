from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone

from tests.asking import ask
from tests.factories import ApiKeyFactory
from workspaces.keys import usage
from workspaces.keys.models import KeyUsage
from workspaces.keys.usage import record_use

pytestmark = pytest.mark.django_db


def last_used(key):
    return KeyUsage.objects.get(key=key).last_used_at


def test_the_first_use_is_written():
    key = ApiKeyFactory()
    with time_machine.travel(timezone.now(), tick=False):
        record_use(key.id)
        assert last_used(key) == timezone.now()


def test_within_a_minute_nothing_is_asked_of_the_database(django_assert_num_queries):
    key = ApiKeyFactory()
    record_use(key.id)
    with django_assert_num_queries(0):
        record_use(key.id)


def test_a_minute_later_it_is_written_again():
    key = ApiKeyFactory()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        record_use(key.id)
    with time_machine.travel(now + timedelta(seconds=59), tick=False):
        record_use(key.id)
        assert last_used(key) == now
    with time_machine.travel(now + timedelta(seconds=60), tick=False):
        record_use(key.id)
        assert last_used(key) == now + timedelta(seconds=60)


def test_what_another_process_wrote_within_the_minute_stays():
    key = ApiKeyFactory()
    theirs = timezone.now() - timedelta(seconds=30)
    KeyUsage.objects.create(key=key, last_used_at=theirs)
    record_use(key.id)
    assert last_used(key) == theirs


def test_keys_are_forgotten_before_they_fill_the_memory(monkeypatch):
    monkeypatch.setattr(usage, "REMEMBERED", 2)
    for key in ApiKeyFactory.create_batch(3):
        record_use(key.id)
    assert len(usage._written) <= 2


def test_a_use_that_cannot_be_written_fails_no_request(monkeypatch):
    def fail(*_):
        raise DatabaseError

    key = ApiKeyFactory()
    monkeypatch.setattr(usage, "_write", fail)
    assert ask("/key", key).status_code == 200
    assert not KeyUsage.objects.exists()


def test_a_refused_key_was_not_used():
    key = ApiKeyFactory(status="disabled")
    assert ask("/key", key).status_code == 401
    assert not KeyUsage.objects.exists()
