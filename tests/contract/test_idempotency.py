import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tests.asking import ask, error
from tests.contract import things
from tests.factories import ApiKeyFactory
from workspaces.contract import idempotency
from workspaces.contract.models import FirstAnswer
from workspaces.directory.models import Team

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.contract.things")]


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=[])


def make(key, name="a", once="once", **options):
    headers = {"Idempotency-Key": once} if once is not None else {}
    return ask("/things", key, "POST", json={"data": {"name": name}}, headers=headers, **options)


def names():
    return sorted(Team.objects.values_list("name", flat=True))


def test_the_same_request_again_is_answered_as_before_and_not_done(key):
    first, second = make(key), make(key)
    assert second.content == first.content
    assert (first.status_code, second.status_code) == (200, 200)
    assert second["Content-Type"] == first["Content-Type"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert names() == ["a"]


def test_the_answer_is_that_of_a_request_without_the_header(key):
    plain, once = make(key, "a", once=None), make(key, "b")
    assert once["Content-Type"] == plain["Content-Type"]
    assert once.json()["data"].keys() == plain.json()["data"].keys()


def test_without_the_header_nothing_is_kept(key):
    make(key, once=None)
    assert not FirstAnswer.objects.exists()


def test_the_layout_of_the_body_is_no_difference(key):
    make(key)
    headers = {"Idempotency-Key": "once"}
    answer = ask("/things", key, "POST", data=b'{ "data":{"name" :"a"}}', headers=headers)
    assert answer["Idempotency-Replayed"] == "true"


def test_another_body_is_a_conflict(key):
    make(key, "a")
    fault = error(make(key, "b"), 409)
    assert fault["code"] == "conflict"
    assert names() == ["a"]


def test_another_path_is_a_conflict(key):
    make(key)
    path = f"/things/{Team.objects.get().id}"
    assert error(ask(path, key, "DELETE", headers={"Idempotency-Key": "once"}), 409)
    assert names() == ["a"]


def test_another_key_of_the_workspace_is_on_its_own(key):
    make(key, "a")
    assert make(ApiKeyFactory(owner=key.owner, scopes=[]), "b").status_code == 200
    assert names() == ["a", "b"]


def test_an_empty_answer_is_replayed(key):
    team = Team.objects.create(workspace=key.workspace, name="a")
    headers = {"Idempotency-Key": "once"}
    for _ in range(2):
        answer = ask(f"/things/{team.id}", key, "DELETE", headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Idempotency-Replayed"] == "true"


def test_a_refusal_is_replayed_and_undoes_what_was_written(key):
    first, second = make(key, "denied"), make(key, "denied")
    assert error(first, 403)["code"] == "forbidden"
    assert second.content == first.content
    assert second["Idempotency-Replayed"] == "true"
    assert names() == []


def test_a_missing_thing_stays_missing(key):
    headers = {"Idempotency-Key": "once"}
    for _ in range(2):
        error(ask(f"/things/{uuid.UUID(int=1)}", key, "DELETE", headers=headers), 404)


def test_a_failure_of_the_server_leaves_neither_the_write_nor_the_answer(key):
    error(make(key, "fails"), 500)
    assert names() == []
    assert not FirstAnswer.objects.exists()


def test_a_request_that_was_not_understood_may_be_mended(key):
    headers = {"Idempotency-Key": "once"}
    error(ask("/things", key, "POST", json={"data": {}}, headers=headers), 400)
    assert make(key).status_code == 200


@pytest.mark.parametrize("name", ["", " ", "a b", "ä", "x" * 256, "a\tb"])
def test_a_malformed_one_is_a_400(key, name):
    fault = error(make(key, once=name.encode().decode("latin-1")), 400)
    assert fault["meta"]["loc"] == ["header", "Idempotency-Key"]
    assert names() == []


@pytest.mark.parametrize("name", ["x", "x" * 255, '"quoted"', "~!"])
def test_every_visible_character_may_be_in_it(key, name):
    assert make(key, once=name).status_code == 200


def test_after_24_hours_it_is_a_new_request(key):
    make(key, "a")
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        key.expires_at = timezone.now() + timedelta(hours=1)
        key.save()
        assert make(key, "b").status_code == 200


def test_what_is_replayed_no_more_is_forgotten(key):
    make(key, "a", once="old")
    FirstAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    make(key, "b", once="new")
    assert idempotency.forget_expired() == 1
    assert make(key, "b", once="new")["Idempotency-Replayed"] == "true"


def test_nothing_of_the_request_is_kept_readable(key):
    make(key, "a", once=key.plaintext)
    row = FirstAnswer.objects.values().get()
    assert key.plaintext not in str(row)
    assert key.plaintext.encode() not in bytes(row["name_digest"])


def test_a_scope_lost_meanwhile_is_not_replayed_around(key):
    make(key)
    type(key).objects.filter(pk=key.pk).update(status="disabled")
    error(make(key), 401)


@pytest.mark.django_db(transaction=True)
def test_twins_at_the_same_moment_are_done_once(key, monkeypatch):
    claimed = threading.Event()
    claim = idempotency._claim

    def slowly(*arguments):
        row = claim(*arguments)
        claimed.set()
        threading.Event().wait(0.2)
        return row

    monkeypatch.setattr(idempotency, "_claim", slowly)
    answers = []

    def send():
        answers.append(make(key))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert sorted(answer.has_header("Idempotency-Replayed") for answer in answers) == [
        False,
        True,
        True,
    ]
    assert names() == ["a"]


def test_the_example_stands_in_for_every_write():
    assert all(
        hasattr(operation.view_func, "__wrapped__")
        for path in things.router.path_operations.values()
        for operation in path.operations
        if operation.methods != ["GET"]
    )
