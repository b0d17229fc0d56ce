"""The keys that `manage.py copy_from_sqlite --keys-to` hands over: ours, or none."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from cerbykeys import data_folder
from cerbykeys.moving import CannotMoveError, keys
from workspaces.sealing import keyring

pytestmark = pytest.mark.usefixtures("own_keyring")


@pytest.fixture
def folder(tmp_path):
    """The data folder of an installation that was never started."""
    made = tmp_path / "data"
    made.mkdir(mode=0o700)
    return made


def held(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def interrupted(folder, meanwhile=lambda: None):
    """A move that is stopped when it has handed over the keys."""
    with keys.handing_to(folder) as hand:
        meanwhile()
        hand()
        raise KeyboardInterrupt


def refusal(folder):
    before = held(folder)
    with pytest.raises(CannotMoveError) as caught, keys.handing_to(folder):
        pytest.fail("nothing may be moved")
    assert held(folder) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_both_are_there_and_open_to_nobody_else(folder, own_keyring, settings, monkeypatch):
    with keys.handing_to(folder) as hand:
        hand()
    assert (folder / "keyring.json").read_bytes() == own_keyring.read_bytes()
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    monkeypatch.setenv("CERBYKEYS_DATA_DIR", str(folder))
    assert data_folder.secret_key() == settings.SECRET_KEY


def test_none_is_there_before_all_has_been_moved(folder):
    with keys.handing_to(folder):
        assert held(folder) == {}


def test_others_that_came_meanwhile_are_refused(folder):
    with pytest.raises(CannotMoveError, match="another"):
        interrupted(folder, meanwhile=lambda: (folder / "secret_key").write_text("another" * 10))
    assert list(held(folder)) == ["secret_key"]


def test_they_are_the_folder_s_owner_s(folder, monkeypatch):
    given = []
    monkeypatch.setattr(keys.os, "chown", lambda *to: given.append(to))
    owner = folder.stat()
    with keys.handing_to(folder) as hand:
        hand()
    assert given == [
        (folder / name, owner.st_uid, owner.st_gid) for name in ("keyring.json", "secret_key")
    ]


def test_where_nothing_was_moved_none_is_left(folder):
    with pytest.raises(KeyboardInterrupt):
        interrupted(folder)
    assert held(folder) == {}


def test_the_same_ones_are_no_obstacle_and_stay(folder):
    """As a move that was killed has left them."""
    with keys.handing_to(folder) as hand:
        hand()
    with pytest.raises(KeyboardInterrupt):
        interrupted(folder)
    assert len(held(folder)) == 2


def test_another_keyring_is_refused(folder):
    keyring.create(folder / "keyring.json")
    assert f"{folder / 'keyring.json'} is that of another installation" in refusal(folder)


def test_another_secret_key_is_refused_and_no_keyring_is_left(folder):
    (folder / "secret_key").write_text("another" * 10)
    line = refusal(folder)
    assert f"{folder / 'secret_key'} is that of another installation" in line
    assert "begin with a data folder" in line
    assert "anotheranother" not in line


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CannotMoveError, match="No such file"), keys.handing_to(tmp_path / "none"):
        pytest.fail("nothing may be moved")
    assert not (tmp_path / "none").exists()


def test_a_keyring_that_is_of_no_use_is_not_handed_over(folder, own_keyring):
    own_keyring.write_text("{}")
    with pytest.raises(ImproperlyConfigured, match="damaged"), keys.handing_to(folder):
        pytest.fail("nothing may be moved")
    assert held(folder) == {}
