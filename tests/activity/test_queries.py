import uuid
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ActingKeyFactory
from workspaces.activity.actions import record
from workspaces.activity.events import Event
from workspaces.activity.queries import EVERYTHING, Filter, activities, slice_of, total
from workspaces.contract.reading import reading

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Numbered(NamedTuple):
    sequence: int


@pytest.fixture
def told(ada):
    """Four activities, an hour apart; the third through a key of Ada's, the last by Bob."""
    key = ActingKeyFactory()
    bob = ada._replace(user_id=uuid.uuid4())
    told = []
    for hour, (actor, event, details) in enumerate(
        [
            (ada, Event.LOGIN, {"method": "password"}),
            (ada, Event.LOGOUT, {}),
            (ada._replace(key=key), Event.SECRET_REQUESTED, {"version": 1}),
            (bob, Event.LOGOUT, {}),
        ]
    ):
        with time_machine.travel(NOON + timedelta(hours=hour), tick=False):
            told.append(record(actor, event, **details))
    return told


def sequences(actor, **wanted):
    return [activity.sequence for activity in activities(actor, Filter(**wanted))]


@pytest.mark.usefixtures("told")
def test_activities_come_newest_first(ada):
    assert sequences(ada) == [4, 3, 2, 1]


@pytest.mark.usefixtures("told")
def test_activities_are_found_by_event(ada):
    assert sequences(ada, event=Event.LOGOUT) == [4, 2]


@pytest.mark.usefixtures("told")
def test_activities_of_a_person_include_those_of_their_keys(ada):
    assert sequences(ada, user_id=ada.user_id) == [3, 2, 1]


@pytest.mark.usefixtures("told")
def test_a_span_of_time_includes_its_start_and_not_its_end(ada):
    hour = timedelta(hours=1)
    assert sequences(ada, since=NOON + hour, until=NOON + 3 * hour) == [3, 2]


@pytest.mark.usefixtures("told")
def test_a_stranger_finds_nothing_of_another_workspace(ada):
    stranger = ada._replace(workspace_id=uuid.uuid4())
    assert sequences(stranger) == []
    assert total(stranger) == 0


@pytest.mark.usefixtures("told")
def test_the_total_counts_what_is_asked_for(ada):
    assert total(ada) == 4
    assert total(ada, Filter(event=Event.LOGOUT)) == 2


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("start", "count"), [(0, 2), (1, 2), (3, 2), (0, 9)])
def test_a_page_of_everything_is_found_by_its_numbers(ada, start, count):
    everything = reading(activities, Numbered, ada)
    with CaptureQueriesContext(connection) as asked:
        found = slice_of(everything, EVERYTHING, start, count, 4)
    assert [activity.sequence for activity in found] == [4, 3, 2, 1][start : start + count]
    assert "OFFSET" not in asked.captured_queries[0]["sql"]


@pytest.mark.usefixtures("told")
def test_a_page_of_some_is_skipped_to(ada):
    wanted = Filter(user_id=ada.user_id)
    found = slice_of(reading(activities, Numbered, ada, wanted=wanted), wanted, 1, 1, 3)
    assert [activity.sequence for activity in found] == [2]


@pytest.mark.usefixtures("told")
def test_the_total_of_everything_is_read_and_not_counted(ada, django_assert_num_queries):
    with django_assert_num_queries(1) as queries:
        total(ada)
    assert "COUNT" not in queries.captured_queries[0]["sql"]
