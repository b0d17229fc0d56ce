import pytest

from cerbykeys import checks


def ids(check):
    found = check(app_configs=None)
    assert all(message.hint for message in found)
    return [message.id for message in found]


@pytest.fixture(autouse=True)
def _as_served(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.mark.parametrize(
    "check",
    [
        checks.sessions_are_kept_in_the_database,
        checks.the_keyring_is_whole_and_private,
        checks.there_is_no_debug_mode,
        checks.passwords_are_hashed_with_argon2,
    ],
)
def test_the_settings_as_they_are_pass(check):
    assert ids(check) == []


@pytest.mark.parametrize("engine", ["signed_cookies", "cache", "cached_db", "file"])
def test_sessions_anywhere_but_in_the_database_are_refused(settings, engine):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    assert ids(checks.sessions_are_kept_in_the_database) == ["cerbykeys.E001"]


def test_a_missing_keyring_is_refused(settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "gone.json"
    assert ids(checks.the_keyring_is_whole_and_private) == ["cerbykeys.E002"]


def test_a_damaged_keyring_is_refused(settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "keyring.json"
    settings.KEYRING_PATH.write_text("{}")
    assert ids(checks.the_keyring_is_whole_and_private) == ["cerbykeys.E002"]


def test_a_keyring_that_others_can_read_is_refused(settings, tmp_path):
    copy = tmp_path / "keyring.json"
    copy.write_bytes(settings.KEYRING_PATH.read_bytes())
    copy.chmod(0o640)
    settings.KEYRING_PATH = copy
    assert ids(checks.the_keyring_is_whole_and_private) == ["cerbykeys.E002"]


def test_debug_is_refused(settings):
    settings.DEBUG = True
    assert ids(checks.there_is_no_debug_mode) == ["cerbykeys.E003"]


def test_another_password_hash_is_refused(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert ids(checks.passwords_are_hashed_with_argon2) == ["cerbykeys.E004"]


def test_a_missing_argon2_is_refused(monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda _name: None)
    assert ids(checks.passwords_are_hashed_with_argon2) == ["cerbykeys.E004"]
