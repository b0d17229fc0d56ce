import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import argon2
import pytest
import time_machine
from django.db import DatabaseError, connection
from django.utils import timezone
from hypothesis import given, settings as running, strategies as st

from tests.factories import ApiKeyFactory, MemberFactory
from workspaces.actor import Actor, ActorType, Origin, Permission
from workspaces.directory.roles import Role
from workspaces.keys import hashing, material, verification
from workspaces.keys.memo import Memo, memo
from workspaces.keys.models import ApiKey
from workspaces.keys.verification import Reason, Refusal, verify
from workspaces.sealing.keyring import Purpose, create, rotate

pytestmark = pytest.mark.django_db

ORIGIN = Origin(ip="127.0.0.1", user_agent="tests", request_id="request-1")


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=["read:users"])


@pytest.fixture
def argon2_calls(monkeypatch):
    """The stored hashes that a secret was hashed for, to be compared with."""
    calls = []
    hasher = hashing._hasher

    class Counting:
        def verify(self, secret_hash, secret):
            calls.append(secret_hash)
            return hasher.verify(secret_hash, secret)

        def __getattr__(self, name):
            return getattr(hasher, name)

    monkeypatch.setattr(hashing, "_hasher", Counting())
    return calls


def change(key, **fields):
    ApiKey.objects.filter(pk=key.pk).update(**fields)


def test_a_removed_key_is_told_to_be_removed_also_once_it_would_have_expired(key):
    change(key, status="removed", removed_at=timezone.now(), expires_at=timezone.now())
    assert verify(key.plaintext, ORIGIN) == Refusal(Reason.REMOVED)


def test_a_disabled_key_is_told_to_have_expired_once_it_has(key):
    change(key, status="disabled", expires_at=timezone.now())
    assert verify(key.plaintext, ORIGIN) == Refusal(Reason.EXPIRED)


@pytest.mark.parametrize("text", ["cerby_", "x" * 100_000])
def test_the_memo_is_asked_only_of_what_is_as_long_as_a_key(monkeypatch, text):
    monkeypatch.setattr(memo, "find", None)  # to call it would fail
    assert verify(text, ORIGIN) == Refusal()


def test_a_good_key_is_its_owner(key):
    actor = verify(key.plaintext, ORIGIN)
    assert actor.type is ActorType.API_KEY
    assert (actor.user_id, actor.member_id) == (key.owner.user_id, key.owner_id)
    assert (actor.workspace_id, actor.workspace_slug) == (key.workspace_id, key.workspace.slug)
    assert (actor.email, actor.role) == (key.owner.user.email, Role.ADMIN)
    assert Permission.READ_DIRECTORY in actor.permissions
    assert (actor.key.id, actor.key.key_id) == (key.id, key.key_id)
    assert actor.key.scopes == {"read:users"}
    assert actor.origin is ORIGIN


def test_the_hot_path_asks_the_database_once(key, argon2_calls, django_assert_num_queries):
    verify(key.plaintext, ORIGIN)
    with django_assert_num_queries(1):
        assert isinstance(verify(key.plaintext, ORIGIN), Actor)
    assert len(argon2_calls) == 1


def test_a_malformed_key_asks_nothing(argon2_calls, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert verify("cerby_nonsense", ORIGIN) == Refusal()
    assert argon2_calls == []


def test_an_unknown_key_is_answered_like_a_wrong_secret_and_costs_the_same(
    key, argon2_calls, django_assert_num_queries
):
    unknown = material.mint().plaintext
    wrong_secret = material.mint(key.key_id).plaintext
    verify(unknown, ORIGIN)  # makes the hash that unknown keys are compared with
    argon2_calls.clear()
    with django_assert_num_queries(1):
        answer_to_unknown = verify(unknown, ORIGIN)
    assert len(argon2_calls) == 1
    with django_assert_num_queries(1):
        answer_to_wrong = verify(wrong_secret, ORIGIN)
    assert len(argon2_calls) == 2
    assert answer_to_unknown == answer_to_wrong == Refusal(None)


def test_a_wrong_secret_is_not_told_that_the_key_was_removed(key):
    change(key, status="removed", removed_at=timezone.now())
    assert verify(material.mint(key.key_id).plaintext, ORIGIN) == Refusal(None)


def removed(key):
    change(key, status="removed", removed_at=timezone.now())


def disabled(key):
    change(key, status="disabled")


def marked_as_expired(key):
    change(key, status="expired")


def lapsed(key):
    change(key, expires_at=timezone.now())


def without_owner(key):
    key.owner.delete()


def of_a_suspended_owner(key):
    key.owner.status = "disabled"
    key.owner.save()


def of_a_pending_owner(key):
    key.owner.status = "pending"
    key.owner.save()


def of_an_owner_who_may_not_sign_in(key):
    key.owner.user.is_active = False
    key.owner.user.save()


def of_a_demoted_owner(key):
    key.owner.role = Role.USER
    key.owner.save()


@pytest.mark.parametrize(
    ("taken_away", "reason"),
    [
        (removed, Reason.REMOVED),
        (disabled, Reason.DISABLED),
        (marked_as_expired, Reason.EXPIRED),
        (lapsed, Reason.EXPIRED),
        (without_owner, Reason.OWNER_REMOVED),
        (of_a_suspended_owner, Reason.OWNER_DISABLED),
        (of_a_pending_owner, Reason.OWNER_DISABLED),
        (of_an_owner_who_may_not_sign_in, Reason.OWNER_DISABLED),
        (of_a_demoted_owner, Reason.OWNER_ROLE),
    ],
)
def test_a_key_is_refused_from_the_very_next_request(key, taken_away, reason):
    assert isinstance(verify(key.plaintext, ORIGIN), Actor)
    taken_away(key)
    assert verify(key.plaintext, ORIGIN) == Refusal(reason)


def test_a_key_dies_at_the_second_of_its_expiry(key):
    change(key, expires_at=timezone.now() + timedelta(hours=1))
    expires_at = ApiKey.objects.get(pk=key.pk).expires_at
    with time_machine.travel(expires_at - timedelta(microseconds=1), tick=False):
        assert isinstance(verify(key.plaintext, ORIGIN), Actor)
    with time_machine.travel(expires_at, tick=False):
        assert verify(key.plaintext, ORIGIN) == Refusal(Reason.EXPIRED)


def test_a_demoted_owner_who_rises_again_has_their_key_again(key):
    of_a_demoted_owner(key)
    key.owner.role = Role.SUPER_ADMIN
    key.owner.save()
    assert isinstance(verify(key.plaintext, ORIGIN), Actor)


def test_a_hash_that_changed_is_asked_anew(key, argon2_calls):
    verify(key.plaintext, ORIGIN)
    change(key, secret_hash=hashing.hash_secret("another secret"))
    assert verify(key.plaintext, ORIGIN) == Refusal(None)
    assert len(argon2_calls) == 2


def test_a_rotated_memo_key_forgets_without_refusing(argon2_calls, tmp_path, settings):
    settings.KEYRING_PATH = tmp_path / "keyring.json"
    create(settings.KEYRING_PATH)
    key = ApiKeyFactory()
    verify(key.plaintext, ORIGIN)
    rotate(settings.KEYRING_PATH, Purpose.MEMO)
    assert isinstance(verify(key.plaintext, ORIGIN), Actor)
    assert len(argon2_calls) == 2


def test_a_key_that_the_memo_has_forgotten_is_hashed_again(argon2_calls, monkeypatch):
    monkeypatch.setattr(verification, "memo", Memo(size=2))
    first, second, third = ApiKeyFactory.create_batch(3)
    for asked in (first, second, third):
        verify(asked.plaintext, ORIGIN)
    argon2_calls.clear()
    verify(second.plaintext, ORIGIN)
    assert argon2_calls == []
    verify(first.plaintext, ORIGIN)
    assert argon2_calls == [first.secret_hash]


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_many_send_at_once_is_hashed_once(argon2_calls, monkeypatch):
    key = ApiKeyFactory()
    monkeypatch.setattr(hashing, "_cores", threading.BoundedSemaphore(1))
    with ThreadPoolExecutor(8) as pool:
        with hashing._cores:
            asked = [pool.submit(_verify_in_thread, key) for _ in range(8)]
            time.sleep(0.1)  # all of them wait for the core
        verdicts = [each.result() for each in asked]
    assert all(isinstance(verdict, Actor) for verdict in verdicts)
    assert len(argon2_calls) == 1


def _verify_in_thread(key):
    try:
        return verify(key.plaintext, ORIGIN)
    finally:
        connection.close()


@pytest.fixture
def outdated(key):
    """The stored hash of the key's secret, of parameters that are no longer the present ones."""
    token = material.parse(key.plaintext)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    change(key, secret_hash=weak.hash(token.secret))
    return ApiKey.objects.get(pk=key.pk).secret_hash


def test_a_hash_of_old_parameters_is_replaced_and_the_key_works_on(key, outdated):
    assert isinstance(verify(key.plaintext, ORIGIN), Actor)
    renewed = ApiKey.objects.get(pk=key.pk).secret_hash
    assert renewed != outdated
    assert not hashing.needs_rehash(renewed)
    assert isinstance(verify(key.plaintext, ORIGIN), Actor)
    assert ApiKey.objects.get(pk=key.pk).secret_hash == renewed


def test_a_hash_that_cannot_be_replaced_stops_nobody(key, outdated, monkeypatch):
    def fail(*_):
        raise DatabaseError

    monkeypatch.setattr(hashing, "hash_secret", fail)
    assert isinstance(verify(key.plaintext, ORIGIN), Actor)
    assert ApiKey.objects.get(pk=key.pk).secret_hash == outdated


def test_an_owner_without_a_name_is_called_by_their_address():
    owner = MemberFactory(user__first_name="", user__last_name="")
    key = ApiKeyFactory(owner=owner)
    assert verify(key.plaintext, ORIGIN).name == owner.user.email


@pytest.mark.parametrize("character", ["\ud800", "\0", "é", "🔑"])
def test_a_text_that_no_header_could_hold_is_refused_as_any_other(key, character):
    assert verify(character + key.plaintext[1:], ORIGIN) == Refusal(None)


def test_no_mutation_of_a_key_is_accepted(key):
    text = key.plaintext

    @running(max_examples=300, deadline=None)
    @given(st.integers(0, len(text) - 1), st.characters(), st.sampled_from("ridt"))
    def mutate(place, character, how):
        mutated = {
            "r": text[:place] + character + text[place + 1 :],  # replaced
            "i": text[:place] + character + text[place:],  # inserted
            "d": text[:place] + text[place + 1 :],  # dropped
            "t": text[:place],  # cut off
        }[how]
        if mutated != text:
            assert verify(mutated, ORIGIN) == Refusal(None)

    mutate()
