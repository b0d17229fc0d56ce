import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from workspaces.activity import chain, verification
from workspaces.activity.actions import Target, record
from workspaces.activity.events import DETAILS, Event
from workspaces.activity.models import Activity, ChainHead
from workspaces.activity.verification import BrokenChainError, Link, verify
from workspaces.actor import Actor, Origin
from workspaces.sealing import keyring
from workspaces.sealing.keyring import Purpose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unguarded")]

# Every example works in a transaction of its own, which is undone.
many = hypothesis_settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
words = st.text(max_size=20)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
actors = st.builds(
    Actor,
    workspace_id=st.just(uuid.UUID(int=1)),
    workspace_slug=st.just("acme"),
    workspace_name=st.just("Acme"),
    user_id=st.none() | st.uuids(),
    name=words,
    email=words,
    origin=st.builds(
        Origin, st.none() | st.ip_addresses().map(str), user_agent=words, request_id=words
    ),
)
targets = st.none() | st.builds(Target, words, st.uuids() | words, words)


@st.composite
def happenings(draw):
    event = draw(st.sampled_from(Event))
    details = {name: draw(plain) for name in DETAILS[event]}
    return draw(actors), event, draw(targets), details


@pytest.fixture
def of_ten(ada):
    """A chain of ten activities, walked three at a time."""
    return [record(ada, Event.SECRET_REQUESTED, version=number) for number in range(10)]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(verification, "BATCH", 3)


def first_fault(actor):
    with pytest.raises(BrokenChainError) as found:
        verify(actor.workspace_id)
    return found.value.sequence


def at(sequence):
    return Activity.objects.filter(sequence=sequence)


def move_head(activity, **changed):
    """Set the head of the chain back to `activity`, as an intruder without the server key can."""
    ChainHead.objects.filter(workspace_id=activity.workspace_id).update(
        sequence=activity.sequence, digest=activity.digest, **changed
    )


@many
@given(st.lists(happenings(), max_size=8))
def test_whatever_was_recorded_verifies(happened):
    with transaction.atomic():
        for actor, event, target, details in happened:
            record(actor, event, target, **details)
        assert verify(uuid.UUID(int=1)).sequence == len(happened) if happened else True
        transaction.set_rollback(True)


CHANGES = {
    "id": lambda _: uuid.uuid4(),
    "timestamp": lambda old: old + timedelta(microseconds=1),
    "event": lambda _: "LOGIN",
    "actor_type": lambda _: "system",
    "actor_id": lambda _: uuid.uuid4(),
    "actor_email": lambda old: old + "x",
    "actor_name": lambda old: old.lower(),
    "target_type": lambda _: "x",
    "target_id": lambda _: "x",
    "target_name": lambda _: "x",
    "ip": lambda _: "192.0.2.99",
    "user_agent": lambda _: "",
    "request_id": lambda _: "",
    "user_id": lambda _: None,
    "details": lambda _: {"version": "0"},
    "key_version": lambda _: 2,
    "previous_digest": lambda _: "f" * 64,
    "digest": lambda _: "f" * 64,
}


def test_there_is_a_change_to_try_for_every_field():
    fields = {field.name for field in Activity._meta.concrete_fields}
    assert CHANGES.keys() == fields - {"workspace_id", "sequence"}


@pytest.mark.parametrize("field", CHANGES)
@pytest.mark.parametrize("sequence", [1, 5, 10])
def test_a_changed_field_is_found(ada, of_ten, field, sequence):
    changed = CHANGES[field](getattr(of_ten[sequence - 1], field))
    at(sequence).update(**{field: changed})
    assert first_fault(ada) == sequence


@pytest.mark.usefixtures("of_ten")
@pytest.mark.parametrize("sequence", range(1, 11))
def test_a_removed_activity_is_found(ada, sequence):
    at(sequence).delete()
    assert first_fault(ada) == sequence


@pytest.mark.usefixtures("of_ten")
@pytest.mark.parametrize("sequence", range(1, 11))
def test_a_cut_off_end_is_found(ada, sequence):
    Activity.objects.filter(sequence__gte=sequence).delete()
    assert first_fault(ada) == sequence


@many
@given(pair=st.lists(st.integers(1, 10), min_size=2, max_size=2, unique=True))
def test_two_activities_swapped_are_found(ada, pair):
    one, other = sorted(pair)
    with transaction.atomic():
        for number in range(10):
            record(ada, Event.SECRET_REQUESTED, version=number)
        at(one).update(sequence=99)
        at(other).update(sequence=one)
        at(99).update(sequence=other)
        assert first_fault(ada) == one
        transaction.set_rollback(True)


@many
@given(gap=st.integers(1, 9))
def test_a_gap_closed_by_renumbering_is_found(ada, gap):
    with transaction.atomic():
        for number in range(10):
            record(ada, Event.SECRET_REQUESTED, version=number)
        at(gap).delete()
        for sequence in range(gap + 1, 11):
            at(sequence).update(sequence=sequence - 1)
        move_head(at(9).get())
        assert first_fault(ada) == gap
        transaction.set_rollback(True)


@pytest.mark.parametrize("sequence", [0, 11])
def test_an_added_activity_is_found(ada, of_ten, sequence):
    forged = of_ten[4]
    forged.pk, forged.sequence = uuid.uuid4(), sequence
    forged.save(force_insert=True)
    assert first_fault(ada) == sequence


def test_a_doubled_activity_is_found(of_ten):
    with pytest.raises(BrokenChainError, match="activity 5: it is there twice"):
        verification._following(Link(5, of_ten[4].digest, 1), of_ten[4])


def test_an_activity_moved_to_another_workspace_is_found_in_both(ada, of_ten):
    stranger = ada._replace(workspace_id=uuid.uuid4())
    at(10).update(workspace_id=stranger.workspace_id, sequence=1)
    assert first_fault(ada) == 10
    assert first_fault(stranger) == 1
    assert set(verification.chains()) == {ada.workspace_id, stranger.workspace_id}
    assert of_ten[9].workspace_id == ada.workspace_id


def test_an_end_cut_off_with_the_head_set_back_is_found(ada, of_ten):
    Activity.objects.filter(sequence__gt=7).delete()
    move_head(of_ten[6])
    assert first_fault(ada) == 7


def test_a_head_set_back_is_still_found_when_the_chain_has_gone_on(ada, of_ten):
    Activity.objects.filter(sequence__gt=7).delete()
    move_head(of_ten[6])
    for number in range(5):
        record(ada, Event.SECRET_REQUESTED, version=number)
    assert first_fault(ada) == 8


def test_a_head_set_back_with_the_end_left_behind_it_is_found(ada, of_ten):
    move_head(of_ten[6])
    assert first_fault(ada) == 8


@pytest.mark.usefixtures("of_ten")
@pytest.mark.parametrize("changed", [{"digest": "f" * 64}, {"signature": "f" * 64}])
def test_a_changed_head_is_found(ada, changed):
    ChainHead.objects.update(**changed)
    assert first_fault(ada) == 10


@pytest.mark.usefixtures("of_ten")
def test_a_missing_head_is_found(ada):
    ChainHead.objects.all().delete()
    assert first_fault(ada) == 10


@pytest.mark.usefixtures("of_ten")
def test_a_head_without_activities_is_found(ada):
    Activity.objects.all().delete()
    assert first_fault(ada) == 1


@pytest.fixture
def _unchecked():
    """A connection of SQLite that lets any value into any column."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's types refuse such values")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = 1")
        yield
        cursor.execute("PRAGMA ignore_check_constraints = 0")


@pytest.mark.usefixtures("of_ten", "_unchecked")
@pytest.mark.parametrize(
    ("column", "value"),
    [("details", "{"), ("timestamp", "noon"), ("actor_id", "x"), ("ip", "x"), ("details", "1e999")],
)
def test_a_value_that_cannot_even_be_read_is_found(ada, column, value):
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE activity_activity SET {column} = %s WHERE sequence = 5",  # noqa: S608  (columns named above)
            [value],
        )
        cursor.execute("PRAGMA ignore_check_constraints = 0")  # the connection outlives the test
    assert first_fault(ada) == 5


def test_a_chain_goes_on_over_a_rotation_of_the_key(ada, own_keyring):
    for version in range(1, 4):
        assert record(ada, Event.LOGOUT).key_version == version
        record(ada, Event.LOGOUT)
        keyring.rotate(own_keyring, Purpose.ACTIVITY)
    assert verify(ada.workspace_id).sequence == 6


def test_a_chain_signed_with_another_servers_key_does_not_verify(ada, own_keyring):
    record(ada, Event.LOGOUT)
    own_keyring.unlink()
    keyring.create(own_keyring)
    assert first_fault(ada) == 1


def test_a_chain_signed_with_a_key_that_is_lost_names_the_key(ada, own_keyring):
    keyring.rotate(own_keyring, Purpose.ACTIVITY)
    record(ada, Event.LOGOUT)
    own_keyring.unlink()
    keyring.create(own_keyring)
    with pytest.raises(BrokenChainError, match="no activity key of version 2"):
        verify(ada.workspace_id)


def test_the_signature_of_the_head_is_told_by_no_activity(ada, of_ten):
    signature = chain.head_signature(1, ada.workspace_id, 7, of_ten[6].digest)
    assert signature not in str([vars(activity) for activity in Activity.objects.all()])


def test_progress_counts_every_activity(ada, of_ten):
    steps = []
    verify(ada.workspace_id, steps.append)
    assert sum(steps) == len(of_ten)
