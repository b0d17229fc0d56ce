import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from cerbykeys import data_folder
from workspaces.sealing import keyring

GIVEN = "from-the-environment-" * 3


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A data folder that does not exist yet."""
    monkeypatch.setenv("CERBYKEYS_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def mode(file):
    return stat.S_IMODE(file.stat().st_mode)


def test_a_new_folder_is_open_to_nobody_else(folder):
    data_folder.create()
    assert mode(folder) == 0o700
    assert mode(folder / "keyring.json") == 0o600
    assert mode(folder / "secret_key") == 0o600


def test_a_second_start_changes_nothing(folder):
    data_folder.create()
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    data_folder.create()
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.usefixtures("folder")
def test_two_folders_have_different_keys(monkeypatch, tmp_path):
    data_folder.create()
    first = data_folder.secret_key()
    monkeypatch.setenv("CERBYKEYS_DATA_DIR", str(tmp_path / "other"))
    data_folder.create()
    assert data_folder.secret_key() != first


def test_the_secret_key_of_the_environment_is_never_written(folder, monkeypatch):
    monkeypatch.setenv("CERBYKEYS_SECRET_KEY", GIVEN)
    data_folder.create()
    assert data_folder.secret_key() == GIVEN
    assert [file.name for file in folder.iterdir()] == ["keyring.json"]


def test_a_secret_key_that_can_be_guessed_is_refused_unrepeated(monkeypatch):
    monkeypatch.setenv("CERBYKEYS_SECRET_KEY", "hunter2")
    with pytest.raises(ImproperlyConfigured, match="too short") as caught:
        data_folder.secret_key()
    assert "hunter2" not in str(caught.value)


@pytest.mark.usefixtures("folder")
def test_there_is_no_secret_key_to_fall_back_to():
    with pytest.raises(ImproperlyConfigured, match="CERBYKEYS_SECRET_KEY"):
        data_folder.secret_key()


def test_the_keyring_may_be_elsewhere(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("CERBYKEYS_KEYRING", str(tmp_path / "ring.json"))
    data_folder.create()
    keyring.load(tmp_path / "ring.json")
    assert not (folder / "keyring.json").exists()


def test_a_folder_that_cannot_be_made_is_refused(folder):
    folder.parent.joinpath("data").write_text("a file in its place")
    with pytest.raises(ImproperlyConfigured, match=f"{folder} cannot be written"):
        data_folder.create()


def test_a_lost_keyring_is_not_replaced(folder):
    data_folder.create()
    (folder / "db.sqlite3").touch()
    (folder / "keyring.json").unlink()
    with pytest.raises(ImproperlyConfigured, match=r"keyring\.json is missing.*restore it"):
        data_folder.create()
    assert not (folder / "keyring.json").exists()
