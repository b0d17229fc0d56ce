import pytest
from hypothesis import given, strategies as st

from workspaces.sealing.box import CannotUnsealError, lock, unlock

KEY = bytes(range(32))
OTHER_KEY = bytes(32)


@given(st.binary(), st.binary())
def test_what_was_locked_opens(plaintext, associated):
    assert unlock(KEY, lock(KEY, plaintext, associated), associated) == plaintext


@given(st.binary(), st.data())
def test_no_bit_can_be_flipped(plaintext, data):
    locked = bytearray(lock(KEY, plaintext, b"here"))
    bit = data.draw(st.integers(0, len(locked) * 8 - 1))
    locked[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(CannotUnsealError):
        unlock(KEY, bytes(locked), b"here")


@given(st.binary(max_size=64), st.data())
def test_nothing_can_be_cut_off(plaintext, data):
    locked = lock(KEY, plaintext, b"here")
    kept = data.draw(st.integers(0, len(locked) - 1))
    with pytest.raises(CannotUnsealError):
        unlock(KEY, locked[:kept], b"here")


@given(st.binary())
def test_arbitrary_bytes_do_not_open(text):
    with pytest.raises(CannotUnsealError):
        unlock(KEY, text, b"here")


def test_another_key_does_not_open_it():
    with pytest.raises(CannotUnsealError):
        unlock(OTHER_KEY, lock(KEY, b"plain", b"here"), b"here")


def test_it_does_not_open_elsewhere():
    with pytest.raises(CannotUnsealError):
        unlock(KEY, lock(KEY, b"plain", b"here"), b"there")


def test_the_same_text_never_locks_alike():
    assert lock(KEY, b"plain", b"here") != lock(KEY, b"plain", b"here")
