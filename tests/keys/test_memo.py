"""What a process remembers of the texts that it found to be good keys."""

import pytest

from workspaces.keys import material
from workspaces.keys.memo import Known, Memo
from workspaces.sealing.keyring import Purpose, keyring, rotate

KNOWN = Known("abcdefghijkl", "$argon2id$stored")


@pytest.fixture
def memo():
    return Memo(size=2)


def learn(memo, text, known=KNOWN):
    assert memo.find(text) is None
    memo.remember(text, known, keyring())


def test_what_was_found_out_about_a_text_is_known_again(memo):
    learn(memo, "a text")
    assert memo.find("a text") == KNOWN


@pytest.mark.parametrize("text", ["", "a tex", "a text ", "A text", "🔑", "\xff" * 10_000])
def test_nothing_is_known_of_another_text(memo, text):
    learn(memo, "a text")
    assert memo.find(text) is None


def test_no_part_of_a_key_is_kept(memo):
    token = material.mint()
    learn(memo, token.plaintext)
    (digest,) = memo._texts.known
    assert token.secret not in repr(memo._texts.known)
    assert token.secret.encode() not in digest


def test_a_digest_cannot_be_made_without_the_memo_key(memo, own_keyring):
    learn(memo, "a text")
    (before,) = memo._texts.known
    rotate(own_keyring, Purpose.MEMO)
    learn(memo, "a text")
    assert before not in memo._texts.known


@pytest.mark.parametrize("purpose", [Purpose.MEMO, Purpose.TAG])
def test_with_another_keyring_everything_is_forgotten(memo, own_keyring, purpose):
    learn(memo, "a text")
    rotate(own_keyring, purpose)
    assert memo.find("a text") is None
    assert not memo._texts.known


def test_what_was_found_out_under_an_earlier_keyring_is_not_kept(memo, own_keyring):
    earlier = keyring()
    rotate(own_keyring, Purpose.TAG)
    assert memo.find("a text") is None
    memo.remember("a text", KNOWN, earlier)
    assert memo.find("a text") is None


def test_the_oldest_is_forgotten(memo):
    for text in ("first", "second", "third"):
        learn(memo, text)
    assert [text for text in ("first", "second", "third") if memo.find(text)] == ["second", "third"]
