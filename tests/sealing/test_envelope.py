import dataclasses
import threading
import uuid

import pytest
from django.db import connection, transaction
from hypothesis import given, settings as hypothesis_settings, strategies as st

from workspaces.sealing import keyring
from workspaces.sealing.envelope import (
    CannotUnsealError,
    Place,
    _associated,
    _unwrapped,
    seal,
    unseal,
)
from workspaces.sealing.keyring import Purpose, UnknownKeyVersionError
from workspaces.sealing.models import DataKey

pytestmark = pytest.mark.django_db

HERE = Place(uuid.UUID(int=1), "vaults_secretversion", uuid.UUID(int=2), "sealed_body", 3)
quick = hypothesis_settings(deadline=None, max_examples=50)

places = st.builds(
    Place,
    st.uuids(),
    st.text(max_size=5),
    st.uuids() | st.text(max_size=5),
    st.text(max_size=5),
    st.integers(0, 99),
)


@quick
@given(places, st.binary())
def test_what_was_sealed_for_a_place_opens_there(place, plaintext):
    assert unseal(place, seal(place, plaintext)) == plaintext


@quick
@given(st.binary(max_size=64), st.data())
def test_no_bit_can_be_flipped(plaintext, data):
    sealed = bytearray(seal(HERE, plaintext))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(CannotUnsealError):
        unseal(HERE, bytes(sealed))


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"workspace_id": uuid.UUID(int=9)},
        {"table": "vaults_secret"},
        {"row": uuid.UUID(int=9)},
        {"field": "title"},
        {"version": 4},
    ],
    ids=lambda elsewhere: next(iter(elsewhere)),
)
def test_it_opens_in_no_other_place(elsewhere):
    there = dataclasses.replace(HERE, **elsewhere)
    seal(there, b"so that the other workspace has a data key too")
    with pytest.raises(CannotUnsealError):
        unseal(there, seal(HERE, b"plain"))


@given(places, places)
def test_no_two_places_read_alike(one, other):
    spelled = [tuple(str(part) for part in dataclasses.astuple(place)) for place in (one, other)]
    assert (_associated(one, 1) == _associated(other, 1)) == (spelled[0] == spelled[1])


@pytest.mark.parametrize("sealed", [b"", b"\0", b"\0\0\0\1", b"\0\0\0\1\1", b"\xff" * 64])
def test_what_was_never_sealed_does_not_open(sealed):
    seal(HERE, b"so that there is a data key")
    with pytest.raises(CannotUnsealError):
        unseal(HERE, sealed)


def test_the_plaintext_is_not_in_the_sealed_value():
    assert b"canary" not in seal(HERE, b"canary")


def test_a_workspace_has_one_data_key_of_its_own():
    for workspace_id in [uuid.UUID(int=1), uuid.UUID(int=1), uuid.UUID(int=2)]:
        seal(dataclasses.replace(HERE, workspace_id=workspace_id), b"plain")
    assert DataKey.objects.count() == 2


def test_a_data_key_given_to_another_workspace_does_not_open():
    sealed = seal(HERE, b"plain")
    DataKey.objects.update(workspace_id=uuid.UUID(int=9))
    with pytest.raises(CannotUnsealError):
        unseal(dataclasses.replace(HERE, workspace_id=uuid.UUID(int=9)), sealed)


def test_a_value_sealed_before_a_rotation_still_opens(own_keyring):
    sealed = seal(HERE, b"plain")
    keyring.rotate(own_keyring, Purpose.SEALING)
    assert unseal(HERE, sealed) == b"plain"


def test_a_data_key_made_after_a_rotation_is_wrapped_by_the_new_master_key(own_keyring):
    keyring.rotate(own_keyring, Purpose.SEALING)
    seal(HERE, b"plain")
    assert DataKey.objects.get().master_version == 2


def test_without_its_master_key_nothing_opens(own_keyring):
    keyring.rotate(own_keyring, Purpose.SEALING)
    sealed = seal(HERE, b"plain")
    own_keyring.unlink()
    keyring.create(own_keyring)
    _unwrapped.cache_clear()
    with pytest.raises(UnknownKeyVersionError):
        unseal(HERE, sealed)


def test_a_data_key_of_a_transaction_that_failed_is_never_used():
    class FailedError(Exception):
        pass

    def first():
        seal(HERE, b"plain")
        raise FailedError

    with pytest.raises(FailedError), transaction.atomic():
        first()
    assert not DataKey.objects.exists()
    assert unseal(HERE, seal(HERE, b"plain")) == b"plain"


@pytest.mark.django_db(transaction=True)
def test_a_workspace_sealing_in_parallel_for_the_first_time_gets_one_data_key():
    sealed, barrier = [], threading.Barrier(6)

    def first():
        barrier.wait()
        sealed.append(seal(HERE, b"plain"))
        connection.close()

    threads = [threading.Thread(target=first) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert DataKey.objects.count() == 1
    assert [unseal(HERE, value) for value in sealed] == [b"plain"] * 6
