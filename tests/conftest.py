"""What every test starts from."""

import pytest


@pytest.fixture(autouse=True)
def _quick_and_quiet(settings):
    """Passwords hash fast, and static files need no manifest."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
