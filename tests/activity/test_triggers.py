import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from tests import databases
from workspaces.activity import triggers
from workspaces.activity.actions import record
from workspaces.activity.events import Event
from workspaces.activity.models import Activity

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity(ada):
    return record(ada, Event.LOGOUT)


def test_the_database_refuses_to_change_an_activity(activity):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Activity.objects.update(actor_id=uuid.uuid4())
    assert Activity.objects.get().actor_id == activity.actor_id


def test_the_database_refuses_to_remove_an_activity(activity):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Activity.objects.filter(pk=activity.pk).delete()
    assert Activity.objects.get() == activity


@pytest.mark.usefixtures("unguarded")
def test_removed_triggers_can_be_installed_again(activity):
    with connection.cursor() as cursor:
        for statement in triggers.installing(connection):
            cursor.execute(statement)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Activity.objects.update(event="LOGIN")
    assert Activity.objects.get().event == activity.event


@pytest.mark.django_db(transaction=True)
def test_the_triggers_are_there_after_a_test_has_emptied_the_database(ada):
    with transaction.atomic():
        record(ada, Event.LOGOUT)
    databases.emptied()
    assert not Activity.objects.exists()
    with transaction.atomic():
        record(ada, Event.LOGOUT)
    with pytest.raises(DatabaseError, match="append-only"):
        Activity.objects.all().delete()
    assert Activity.objects.count() == 1
