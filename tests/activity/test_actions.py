import threading
import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from tests.factories import ActingKeyFactory
from workspaces.activity import chain
from workspaces.activity.actions import Target, record
from workspaces.activity.events import DETAILS, Event
from workspaces.activity.models import Activity, ChainHead
from workspaces.activity.verification import verify
from workspaces.actor import Actor, Origin
from workspaces.directory.roles import Role
from workspaces.keys import material

pytestmark = pytest.mark.django_db


def from_the_database(activity):
    return Activity.objects.get(pk=activity.pk)


def test_an_activity_tells_who_did_what_to_what_from_where(ada):
    target_id = uuid.uuid4()
    found = from_the_database(
        record(ada, Event.VAULT_CREATED, Target("vault", target_id, "Main"), isDefault=True)
    )
    assert (found.workspace_id, found.event) == (ada.workspace_id, "VAULT_CREATED")
    assert (found.actor_type, found.actor_id, found.user_id) == ("user", ada.user_id, ada.user_id)
    assert (found.actor_name, found.actor_email) == ("Ada Lovelace", "ada@acme.example")
    assert (found.target_type, found.target_id, found.target_name) == (
        "vault",
        str(target_id),
        "Main",
    )
    assert (found.ip, found.user_agent, found.request_id) == ("192.0.2.1", "Firefox", "request-1")
    assert found.details == {"isDefault": True}


def test_an_activity_through_a_key_names_the_key_and_its_owner(ada):
    key = ActingKeyFactory()
    found = record(ada._replace(key=key), Event.SECRET_REQUESTED, version=1)
    assert (found.actor_type, found.actor_id, found.actor_name) == (
        "apiKey",
        key.id,
        "Nightly export",
    )
    assert found.user_id == ada.user_id


def test_the_system_acts_without_a_person(ada):
    found = record(Actor(ada.workspace_id, "acme", "Acme"), Event.LOGIN_FAILED)
    assert (found.actor_type, found.actor_id, found.user_id) == ("system", None, None)


def test_the_chain_of_a_workspace_starts_at_one_and_goes_on(ada):
    first, second = (record(ada, Event.LOGOUT) for _ in range(2))
    assert (first.sequence, first.previous_digest) == (1, chain.GENESIS)
    assert (second.sequence, second.previous_digest) == (2, first.digest)


def test_each_workspace_has_a_chain_of_its_own(ada):
    record(ada, Event.LOGOUT)
    stranger = ada._replace(workspace_id=uuid.uuid4())
    assert record(stranger, Event.LOGOUT).sequence == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction(ada):
    with pytest.raises(TransactionManagementError):
        record(ada, Event.LOGOUT)
    assert not Activity.objects.exists()


def test_an_activity_of_a_change_that_fails_does_not_happen(ada):
    class FailedError(Exception):
        pass

    def change():
        record(ada, Event.LOGOUT)
        raise FailedError

    with pytest.raises(FailedError), transaction.atomic():
        change()
    assert not Activity.objects.exists()
    assert record(ada, Event.LOGOUT).sequence == 1


def test_every_event_declares_its_details():
    assert DETAILS.keys() == set(Event)


@pytest.mark.parametrize("details", [{}, {"method": "password", "more": 1}, {"other": 1}])
def test_details_that_were_not_declared_are_refused(ada, details):
    with pytest.raises(ValueError, match="LOGIN takes these details: method"):
        record(ada, Event.LOGIN, **details)
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    "nested",
    [lambda key: key, lambda key: [key], lambda key: {"a": [{"b": key}]}, lambda key: {key: 1}],
    ids=["text", "list", "deep", "name"],
)
@pytest.mark.parametrize("length", [None, 40, 20], ids=["whole", "without its tag", "its start"])
def test_a_key_in_the_details_is_refused(ada, nested, length):
    text = f"see {material.mint().plaintext[:length]}"
    with pytest.raises(ValueError, match="must not hold an API key") as refusal:
        record(ada, Event.LOGIN, method=nested(text))
    assert text not in str(refusal.value)
    assert not Activity.objects.exists()


def test_a_key_pasted_where_a_name_is_expected_is_taken_out(ada):
    token = material.mint()
    leaky = ada._replace(
        name=token.plaintext,
        email=token.plaintext,
        origin=Origin(user_agent=f"curl {token.plaintext}", request_id=token.plaintext),
    )
    target = Target("secret", token.plaintext, f"key {token.plaintext}!")
    found = from_the_database(record(leaky, Event.LOGOUT, target))
    assert token.secret[:8] not in str(vars(found))
    assert (found.user_agent, found.target_name) == ("curl [API key]", "key [API key]!")


def test_a_masked_key_may_be_told(ada):
    masked = material.masked("abcdefghijkl")
    assert record(ada, Event.LOGOUT, Target("apiKey", "1", masked)).target_name == masked


def test_a_key_cut_by_the_length_of_a_name_is_taken_out_all_the_same(ada):
    name = "x" * 240 + material.mint().plaintext
    found = record(ada, Event.LOGOUT, Target("secret", "1", name))
    assert found.target_name == "x" * 240 + "[API key]"


def test_names_too_long_are_shortened(ada):
    talkative = ada._replace(name="ü" * 999, origin=Origin(user_agent="a" * 999))
    found = from_the_database(record(talkative, Event.LOGOUT, Target("user", "1", "é" * 999)))
    assert (len(found.actor_name), len(found.user_agent), len(found.target_name)) == (254, 512, 254)


def test_text_that_no_database_holds_is_made_fit(ada):
    found = from_the_database(
        record(ada, Event.LOGIN, Target("user", "1", "a\0b\ud800c"), method="a\0b\ud800c")
    )
    assert (found.target_name, found.details) == ("ab?c", {"method": "ab?c"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("unix:/run/socket", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_kept_in_its_canonical_form(ada, given, kept):
    found = from_the_database(record(ada._replace(origin=Origin(ip=given)), Event.LOGOUT))
    assert found.ip == kept
    verify(ada.workspace_id)


def test_details_are_kept_as_json_holds_them(ada):
    at, some_id = datetime(2026, 1, 2, tzinfo=UTC), uuid.uuid4()
    details = {"a": at, "b": some_id, "c": {"y", "x"}, "d": (1, None, True), "e": Role.OWNER}
    found = from_the_database(record(ada, Event.LOGIN, method=details))
    assert found.details["method"] == {
        "a": "2026-01-02T00:00:00+00:00",
        "b": str(some_id),
        "c": ["x", "y"],
        "d": [1, None, True],
        "e": "workspace_owner",
    }


@pytest.mark.parametrize("value", [1.5, b"bytes", object()])
def test_details_that_json_does_not_hold_alike_everywhere_are_refused(ada, value):
    with pytest.raises(TypeError):
        record(ada, Event.LOGIN, method=value)
    assert not Activity.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_activities_recorded_in_parallel_make_one_unbroken_chain(ada):
    barrier, failed = threading.Barrier(5), []

    def work():
        barrier.wait()
        try:
            for _ in range(8):
                with transaction.atomic():
                    record(ada, Event.LOGOUT)
        except Exception as error:  # noqa: BLE001  (reported by the assertion)
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert verify(ada.workspace_id).sequence == 40
    assert ChainHead.objects.get().sequence == 40
