import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests.asking import ask, attributes, error, ids
from tests.factories import ApiKeyFactory, MemberFactory
from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event
from workspaces.activity.models import Activity
from workspaces.actor import Origin
from workspaces.contract.cursors import cursor_before
from workspaces.directory.queries import actor_for

pytestmark = pytest.mark.django_db

ORIGIN = Origin(ip="192.0.2.1", user_agent="tests", request_id="request-1")


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=["read:activities"])


@pytest.fixture
def log(key):
    """Records a logout of a member, the key's owner if none is named."""

    def write(member=None, event=Event.LOGOUT, **options):
        with transaction.atomic():
            return record(actor_for(member or key.owner, ORIGIN), event, **options)

    return write


def test_an_activity_is_told_of(key, log):
    target = Target("user", key.owner.user_id, "Ada")
    row = log(event=Event.USER_ADDED, target=target, role="workspace_user")
    answer = ask(f"/activities/{row.id}", key)
    resource = answer.json()["data"]
    assert (resource["id"], resource["type"]) == (str(row.id), "activity")
    assert attributes(answer) == {
        "timestamp": row.timestamp.isoformat(timespec="microseconds"),
        "eventName": "USER_ADDED",
        "actor": {
            "type": "user",
            "id": str(key.owner.user_id),
            "email": key.owner.user.email,
            "name": key.owner.user.get_full_name(),
        },
        "target": {"type": "user", "id": str(key.owner.user_id), "name": "Ada"},
        "ip": "192.0.2.1",
        "userAgent": "tests",
        "requestId": "request-1",
        "details": {"role": "workspace_user"},
        "sequence": row.sequence,
        "digest": row.digest,
    }
    assert ask("/activities", key).json()["data"] == [resource]


def test_what_is_not_known_is_null(key):
    with transaction.atomic():
        row = record(actor_for(key.owner), Event.LOGOUT)
    told = attributes(ask(f"/activities/{row.id}", key))
    assert [told[name] for name in ("target", "ip", "userAgent", "requestId")] == [None] * 4


def test_the_newest_come_first(key, log):
    rows = [str(log().id) for _ in range(3)]
    assert ids(ask("/activities", key)) == rows[::-1]


def test_they_are_filtered_by_event(key, log):
    log()
    added = log(event=Event.USER_ADDED, role="workspace_user")
    answer = ask("/activities", key, query={"filter[eventName]": "USER_ADDED"})
    assert ids(answer) == [str(added.id)]
    assert answer.json()["meta"]["page"]["total"] == 1


def test_an_event_that_never_happened_here_finds_nothing(key, log):
    log()
    assert ids(ask("/activities", key, query={"filter[eventName]": "PASSWORD_ROTATED"})) == []


def test_what_is_no_event_is_a_400(key):
    fault = error(ask("/activities", key, query={"filter[eventName]": "login"}), 400)
    assert fault["meta"]["loc"] == ["query", "filter[eventName]"]


def test_they_are_filtered_by_person(key, log):
    log()
    teammate = MemberFactory(workspace=key.workspace)
    theirs = log(teammate)
    query = {"filter[userId]": str(teammate.user_id)}
    assert ids(ask("/activities", key, query=query)) == [str(theirs.id)]


def test_a_stranger_did_nothing_here(key, log):
    stranger = MemberFactory()
    log(stranger)
    query = {"filter[userId]": str(stranger.user_id)}
    assert ids(ask("/activities", key, query=query)) == []
    assert ids(ask("/activities", key)) == []


@pytest.mark.parametrize("value", ["ada", "", "6f1ed002"])
def test_a_person_who_is_no_id_is_a_400(key, value):
    fault = error(ask("/activities", key, query={"filter[userId]": value}), 400)
    assert fault["meta"]["loc"] == ["query", "filter[userId]"]


def test_since_is_included_and_until_is_not(key, log):
    first, second, third = (log() for _ in range(3))
    query = {"since": first.timestamp.isoformat(), "until": third.timestamp.isoformat()}
    assert ids(ask("/activities", key, query=query)) == [str(second.id), str(first.id)]


@pytest.mark.parametrize(
    "write",
    [
        lambda moment: moment.isoformat(),
        lambda moment: moment.isoformat().replace("+00:00", "Z"),
        lambda moment: moment.isoformat().replace("+", " "),  # a plus that was not encoded
        lambda moment: moment.replace(tzinfo=None).isoformat(),
        lambda moment: moment.date().isoformat(),
        lambda moment: moment.astimezone(tz(hours=-7)).isoformat(),
    ],
)
def test_a_time_may_be_written_in_the_ways_of_iso_8601(key, log, write):
    row = log()
    before = timezone.now() - timedelta(days=1)
    assert ids(ask("/activities", key, query={"since": write(before)})) == [str(row.id)]
    assert ids(ask("/activities", key, query={"until": write(before)})) == []


def tz(**offset):
    return timezone.get_fixed_timezone(timedelta(**offset))


@pytest.mark.parametrize(
    "value", ["", "yesterday", "2026-13-01", "1700000000", "0001-01-01T00:00:00+14:00", "now"]
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_what_is_no_time_is_a_400(key, name, value):
    fault = error(ask("/activities", key, query={name: value}), 400)
    assert fault["meta"]["loc"] == ["query", name]


def read_on(key, query):
    """The ids that the cursors lead to, a page at a time."""
    while True:
        answer = ask("/activities", key, query=query)
        yield ids(answer)
        cursor = answer.json()["meta"]["cursor"]["next"]
        if cursor is None:
            return
        query = {**query, "cursor": cursor}


def test_cursors_meet_every_activity_once_while_others_arrive(key, log):
    rows = [str(log().id) for _ in range(5)]
    met = []
    for page in read_on(key, {"page[size]": "2"}):
        met += page
        log()
    assert met == rows[::-1]


def test_cursors_keep_to_the_filters(key, log):
    for _ in range(3):
        log()
        log(event=Event.USER_ADDED, role="workspace_user")
    pages = list(read_on(key, {"page[size]": "2", "filter[eventName]": "LOGOUT"}))
    assert [len(page) for page in pages] == [2, 1]


def test_the_links_of_a_cursor_lead_on_by_cursors(key, log):
    for _ in range(3):
        log()
    query = {"page[size]": "1", "filter[eventName]": "LOGOUT"}
    cursor = ask("/activities", key, query=query).json()["meta"]["cursor"]["next"]
    answer = ask("/activities", key, query={**query, "cursor": cursor})
    links = answer.json()["links"]
    assert links["previous"] is None
    assert ask(links["self"], key).json() == answer.json()
    last = ask(links["next"], key)
    assert len(ids(last)) == 1
    assert last.json()["links"]["next"] is None
    assert last.json()["meta"]["cursor"]["next"] is None


@pytest.mark.parametrize(
    "value",
    ["", "x", "===", "é", cursor_before(2**63), cursor_before(1)[1:], "F" * 16, "0" * 5000],
)
def test_a_cursor_that_was_not_given_is_a_400(key, value):
    fault = error(ask("/activities", key, query={"cursor": value}), 400)
    assert fault["meta"]["loc"] == ["query", "cursor"]


def test_a_cursor_beside_a_page_number_is_a_400(key):
    query = {"cursor": cursor_before(1), "page[number]": "1"}
    fault = error(ask("/activities", key, query=query), 400)
    assert fault["meta"]["loc"] == ["query", "cursor"]


def test_the_total_needs_no_counting(key, log):
    log()
    assert ask("/activities", key).json()["meta"]["page"] == {"maxSize": 100, "total": 1}
    assert Activity.objects.count() == 1


def test_an_unknown_activity_is_not_found(key):
    error(ask(f"/activities/{uuid.uuid4()}", key), 404)
