import threading
import time

import argon2
import pytest

from workspaces.keys import hashing, material

pytestmark = pytest.mark.usefixtures("real_hashes")


def test_a_secret_matches_its_own_hash():
    secret = material.mint().secret
    assert hashing.matches(hashing.hash_secret(secret), secret)


def test_another_secret_does_not_match():
    assert not hashing.matches(hashing.hash_secret(material.mint().secret), material.mint().secret)


def test_the_hash_names_the_parameters_and_not_the_secret():
    secret = material.mint().secret
    secret_hash = hashing.hash_secret(secret)
    assert secret_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert secret not in secret_hash
    assert len(secret_hash) <= 128


def test_the_same_secret_never_hashes_alike():
    assert hashing.hash_secret("same") != hashing.hash_secret("same")


@pytest.mark.parametrize("text", ["", "!", "argon2id", "pbkdf2_sha256$1$a$b"])
def test_what_is_no_hash_matches_nothing(text):
    assert not hashing.matches(text, "secret")


def test_a_hash_of_today_needs_no_rehash():
    assert not hashing.needs_rehash(hashing.hash_secret("secret"))


def test_a_hash_with_other_parameters_needs_a_rehash_and_still_matches():
    older = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("secret")
    assert hashing.needs_rehash(older)
    assert hashing.matches(older, "secret")


def test_no_more_than_one_hash_a_core_is_computed_at_once(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()

    class Hasher:
        def hash(self, _secret):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1
            return ""

    monkeypatch.setattr(hashing, "_hasher", Hasher())
    monkeypatch.setattr(hashing, "_cores", threading.BoundedSemaphore(2))
    threads = [threading.Thread(target=hashing.hash_secret, args=["x"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2
