import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from workspaces.sealing import envelope, keyring, rotation
from workspaces.sealing.envelope import Place, seal, unseal
from workspaces.sealing.keyring import Purpose
from workspaces.sealing.models import DataKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(own_keyring, monkeypatch):  # noqa: ARG001  (the keyring to seal with)
    """Five workspaces, each with a sealed value, to be rewrapped two at a time."""
    monkeypatch.setattr(rotation, "BATCH", 2)
    places = [Place(uuid.uuid4(), "table", "row", "field", 1) for _ in range(5)]
    return {place: seal(place, b"plain") for place in places}


def rotate_keys(*arguments):
    out = io.StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def versions():
    return sorted(DataKey.objects.values_list("master_version", flat=True))


def all_open(sealed):
    envelope._unwrapped.cache_clear()
    return all(unseal(place, value) == b"plain" for place, value in sealed.items())


def test_rotating_sealing_rewraps_every_data_key(sealed):
    told = rotate_keys("sealing")
    assert "new sealing key, version 2" in told
    assert versions() == [2] * 5
    assert all_open(sealed)


@pytest.mark.usefixtures("sealed")
def test_rotating_leaves_sealed_values_as_they_were():
    before = {data_key.pk: data_key for data_key in DataKey.objects.all()}
    rotate_keys("sealing")
    for data_key in DataKey.objects.all():
        assert bytes(data_key.wrapped) != bytes(before[data_key.pk].wrapped)
        assert envelope.unwrap(data_key) == envelope.unwrap(before[data_key.pk])


def test_an_interrupted_rotation_keeps_what_was_done_and_goes_on(sealed, monkeypatch):
    wrap, done = envelope.wrap, []

    def stop_at_the_fourth(data_key, material):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(data_key)
        wrap(data_key, material)

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "wrap", stop_at_the_fourth)
        with pytest.raises(CommandError, match="--rewrap-only"):
            rotate_keys("sealing")
    assert versions() == [1, 1, 1, 2, 2]
    assert all_open(sealed)

    rotate_keys("sealing", "--rewrap-only")
    assert versions() == [2] * 5
    assert keyring.keyring().current(Purpose.SEALING).version == 2
    assert all_open(sealed)


def test_rotating_again_changes_nothing_that_is_current(sealed):
    rotate_keys("sealing")
    before = dict(DataKey.objects.values_list("id", "wrapped"))
    rotate_keys("sealing", "--rewrap-only")
    assert {pk: bytes(wrapped) for pk, wrapped in before.items()} == {
        pk: bytes(wrapped) for pk, wrapped in DataKey.objects.values_list("id", "wrapped")
    }
    assert all_open(sealed)


@pytest.mark.usefixtures("sealed")
def test_a_data_key_that_does_not_open_is_named():
    broken = DataKey.objects.earliest("id")
    DataKey.objects.filter(pk=broken.pk).update(wrapped=b"\x01" + bytes(60))
    with pytest.raises(CommandError, match=f"data key 1 of workspace {broken.workspace_id}"):
        rotate_keys("sealing")


@pytest.mark.parametrize("purpose", ["tag", "memo", "activity"])
def test_rotating_another_purpose_leaves_data_keys_alone(sealed, purpose):
    assert f"new {purpose} key, version 2" in rotate_keys(purpose)
    assert versions() == [1] * 5
    assert all_open(sealed)


def test_nothing_but_sealing_can_be_rewrapped(own_keyring):
    before = own_keyring.read_bytes()
    with pytest.raises(CommandError, match="goes with 'sealing'"):
        rotate_keys("tag", "--rewrap-only")
    assert own_keyring.read_bytes() == before


def test_a_damaged_keyring_is_not_rotated(own_keyring):
    own_keyring.write_text("{}")
    with pytest.raises(CommandError, match="damaged"):
        rotate_keys("tag")
    assert own_keyring.read_text() == "{}"
