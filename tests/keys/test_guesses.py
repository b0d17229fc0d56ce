"""Wrong secrets under a right tag: argon2 looks at a few, and at those that matter."""

import pytest

from tests.asking import ask, error
from tests.factories import ApiKeyFactory
from workspaces.actor import Actor, Origin
from workspaces.keys import guesses, hashing, material, verification
from workspaces.keys.verification import HeldBack, Refusal, verify

pytestmark = pytest.mark.django_db


class Clock:
    """Stands still until it is moved."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def flood(clock, monkeypatch):
    """What this process has seen: nothing yet; called, a flood of wrong secrets."""
    seen = guesses.Guesses(clock)
    monkeypatch.setattr(verification, "guesses", seen)

    def come(key_id=None):
        for _ in range(guesses.BURST):
            verify(material.mint(key_id).plaintext, Origin())

    return come


@pytest.fixture
def hashed(monkeypatch):
    """The stored hashes that argon2 was asked about."""
    asked = []
    matches = hashing.matches

    def counted(secret_hash, *rest, **options):
        asked.append(secret_hash)
        return matches(secret_hash, *rest, **options)

    monkeypatch.setattr(hashing, "matches", counted)
    return asked


@pytest.fixture
def key():
    return ApiKeyFactory()


def wrong(key):
    return material.mint(key.key_id).plaintext


def test_a_few_wrong_secrets_are_looked_at_and_refused(key, hashed):
    assert {verify(wrong(key), Origin()) for _ in range(guesses.BURST)} == {Refusal(None)}
    assert len(hashed) == guesses.BURST


def test_in_a_flood_a_key_under_attack_hashes_nothing_more(key, flood, hashed):
    flood(key.key_id)
    hashed.clear()
    assert verify(wrong(key), Origin()) == HeldBack()
    assert hashed == []


def test_in_a_flood_a_key_that_does_not_exist_is_answered_like_one_under_attack(flood, hashed):
    flood()
    hashed.clear()
    assert verify(material.mint().plaintext, Origin()) == HeldBack()
    assert hashed == []


def test_in_a_flood_a_secret_that_is_known_opens_as_ever(key, flood):
    verify(key.plaintext, Origin())
    flood(key.key_id)
    assert isinstance(verify(key.plaintext, Origin()), Actor)


def test_in_a_flood_a_key_that_nobody_guesses_at_is_looked_at(key, flood):
    flood()
    assert isinstance(verify(key.plaintext, Origin()), Actor)


def test_a_flood_lets_a_few_a_second_be_looked_at(key, flood, clock, hashed):
    flood(key.key_id)
    hashed.clear()
    clock.now += 1
    verdicts = [verify(wrong(key), Origin()) for _ in range(2 * guesses.PACE)]
    assert verdicts.count(Refusal(None)) == len(hashed) == guesses.PACE


def test_a_key_is_suspected_for_a_minute_after_its_last_wrong_secret(key, flood, clock):
    verify(wrong(key), Origin())
    clock.now += guesses.SUSPECTED
    flood()
    assert isinstance(verify(key.plaintext, Origin()), Actor)


def test_right_secrets_however_many_make_no_flood(key):
    for other in ApiKeyFactory.create_batch(guesses.BURST + 1, owner=key.owner):
        assert isinstance(verify(other.plaintext, Origin()), Actor)
    assert verify(wrong(key), Origin()) == Refusal(None)


def test_whoever_is_held_back_is_told_when_to_come_again(key, flood):
    flood(key.key_id)
    answer = ask("/key", wrong(key))
    assert error(answer, 429)["code"] == "rate_limited"
    assert answer["Retry-After"] == "1"


def test_guesses_that_come_at_once_are_counted_before_they_are_hashed(clock):
    seen = guesses.Guesses(clock)
    held = [seen.hold_back("nothing12345", exists=False) for _ in range(2 * guesses.BURST)]
    assert held.count(False) == guesses.BURST


def test_guesses_are_forgotten_before_they_fill_the_memory(clock, monkeypatch):
    monkeypatch.setattr(guesses, "REMEMBERED", 2)
    seen = guesses.Guesses(clock)
    for number in range(3):
        seen.failed(str(number))
    assert list(seen._failed) == ["1", "2"]
