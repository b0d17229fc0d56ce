import pytest

from workspaces.sealing import keyring


@pytest.fixture
def own_keyring(tmp_path, settings):
    """A keyring that a test may rotate, damage and lose."""
    settings.KEYRING_PATH = tmp_path / "keyring.json"
    keyring.create(settings.KEYRING_PATH)
    return settings.KEYRING_PATH
