"""System checks: settings that would quietly break what the product promises."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import cached_db, db
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from workspaces.sealing import keyring


@checks.register(checks.Tags.security)
def sessions_are_kept_in_the_database(**_: Any) -> list[checks.CheckMessage]:
    """Sessions hold the drafts of keys."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if issubclass(store, db.SessionStore) and not issubclass(store, cached_db.SessionStore):
        return []
    return [
        checks.Error(
            f"Sessions are kept by {settings.SESSION_ENGINE}.",
            hint="Set SESSION_ENGINE to django.contrib.sessions.backends.db: a cookie would carry "
            "drafts of keys to the browser, and a cache may lose them.",
            id="cerbykeys.E001",
        )
    ]


@checks.register(checks.Tags.security)
def the_keyring_is_whole_and_private(**_: Any) -> list[checks.CheckMessage]:
    try:
        keyring.load(settings.KEYRING_PATH)
    except ImproperlyConfigured as error:
        return [
            checks.Error(
                f"There is no usable keyring: {error}",
                hint="'manage.py quickstart' or 'prepare' makes one, with mode 0600, in a new "
                "data folder.",
                id="cerbykeys.E002",
            )
        ]
    return []


@checks.register(checks.Tags.security)
def there_is_no_debug_mode(**_: Any) -> list[checks.CheckMessage]:
    if not settings.DEBUG:
        return []
    return [
        checks.Error(
            "DEBUG is on.",
            hint="Take it out of the settings: a debug page shows secrets to whoever sees it.",
            id="cerbykeys.E003",
        )
    ]


@checks.register(checks.Tags.security)
def passwords_are_hashed_with_argon2(**_: Any) -> list[checks.CheckMessage]:
    usable = (
        settings.PASSWORD_HASHERS[:1] == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
        and find_spec("argon2") is not None
    )
    if usable:
        return []
    return [
        checks.Error(
            "Passwords cannot be hashed with argon2.",
            hint="Put django.contrib.auth.hashers.Argon2PasswordHasher first in PASSWORD_HASHERS, "
            "and install argon2-cffi (make run does).",
            id="cerbykeys.E004",
        )
    ]
