import json
import threading
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from workspaces.sealing import keyring
from workspaces.sealing.keyring import Purpose, ServerKey, UnknownKeyVersionError


def test_a_new_keyring_holds_a_key_for_each_purpose(own_keyring):
    keys = {keyring.load(own_keyring).current(purpose).material for purpose in Purpose}
    assert len(keys) == len(Purpose)


def test_a_server_key_signs_as_the_standard_has_it():
    """RFC 4231, test cases 1 and 2."""
    assert ServerKey(1, b"\x0b" * 20).mac(b"Hi There").hex() == (
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    )
    key = ServerKey(1, b"Jefe")
    for _ in range(2):  # what was signed before leaves nothing behind
        assert key.mac(b"what do ya want for nothing?").hex() == (
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )


def test_a_keyring_is_never_overwritten(own_keyring):
    before = own_keyring.read_bytes()
    with pytest.raises(FileExistsError):
        keyring.create(own_keyring)
    assert own_keyring.read_bytes() == before


def test_a_rotation_keeps_the_older_versions(own_keyring):
    first = keyring.keyring().current(Purpose.TAG)
    assert keyring.rotate(own_keyring, Purpose.TAG) == 2
    second, older = keyring.keyring().versions(Purpose.TAG)
    assert (second.version, older) == (2, first)
    assert second.material != first.material


def test_a_rotation_leaves_the_other_purposes_alone(own_keyring):
    before = keyring.keyring().versions(Purpose.SEALING)
    keyring.rotate(own_keyring, Purpose.TAG)
    assert keyring.keyring().versions(Purpose.SEALING) == before


def test_a_rotated_keyring_is_still_for_its_owner_alone(own_keyring):
    keyring.rotate(own_keyring, Purpose.TAG)
    assert own_keyring.stat().st_mode & 0o777 == 0o600
    assert list(own_keyring.parent.iterdir()) == [own_keyring]


def test_rotations_at_once_drop_no_key(own_keyring):
    threads = [
        threading.Thread(target=keyring.rotate, args=[own_keyring, purpose])
        for purpose in Purpose
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {keyring.keyring().current(purpose).version for purpose in Purpose} == {5}


def test_a_version_that_is_not_held_is_named():
    with pytest.raises(UnknownKeyVersionError, match="no tag key of version 7"):
        keyring.keyring().version(Purpose.TAG, 7)


def test_a_key_never_shows_its_material():
    key = keyring.keyring().current(Purpose.TAG)
    assert repr(key) == "ServerKey(version=1)"


def test_a_keyring_lost_while_in_use_is_reported_once_and_stays_in_use(own_keyring, caplog):
    held = keyring.keyring()
    own_keyring.unlink()
    assert keyring.keyring() is held
    assert keyring.keyring() is held
    (message,) = (record.message for record in caplog.records)
    assert message.startswith(f"the keyring {own_keyring} cannot be read")
    assert message.endswith("The keys read before stay in use.")


def test_a_keyring_is_looked_at_four_times_a_second_at_most(own_keyring, monkeypatch):
    clock = SimpleNamespace(now=1000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(keyring, "time", clock)
    monkeypatch.setattr(keyring, "LOOK_SECONDS", 0.25)
    monkeypatch.setattr(keyring, "_held", None)
    held = keyring.keyring()
    keyring.rotate(own_keyring, Purpose.TAG)
    clock.now += 0.2
    assert keyring.keyring() is held
    clock.now += 0.05
    assert keyring.keyring().current(Purpose.TAG).version == 2


def test_a_keyring_half_copied_is_taken_up_once_it_is_whole(own_keyring):
    keyring.keyring()
    keyring.rotate(own_keyring, Purpose.TAG)
    whole = own_keyring.read_text()
    own_keyring.write_text(whole[:50])
    assert keyring.keyring().current(Purpose.TAG).version == 1
    own_keyring.write_text(whole)
    assert keyring.keyring().current(Purpose.TAG).version == 2


def test_a_keyring_that_was_never_there_is_an_error(settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "nowhere.json"
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        keyring.keyring()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"tag": 1}', '{"tag": {}, "memo": {}, "sealing": {}, "activity": {}}'],
)
def test_a_damaged_keyring_is_named_with_the_cure(own_keyring, content):
    own_keyring.write_text(content)
    with pytest.raises(ImproperlyConfigured, match="damaged: restore it from a backup"):
        keyring.load(own_keyring)


def test_a_key_of_the_wrong_length_is_damage(own_keyring):
    content = json.loads(own_keyring.read_text())
    content["memo"]["1"] = content["memo"]["1"][:-4] + "AA=="
    own_keyring.write_text(json.dumps(content))
    with pytest.raises(ImproperlyConfigured, match="damaged"):
        keyring.load(own_keyring)


def test_a_keyring_that_others_may_read_is_refused(own_keyring):
    own_keyring.chmod(0o640)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        keyring.load(own_keyring)
