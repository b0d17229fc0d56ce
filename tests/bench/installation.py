"""An installation of the bench's own, in a folder that goes with it: database, keyring, keys.

Everything is imported inside the functions: the environment must be set before the settings load.
"""

from __future__ import annotations

import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import tests.environment  # noqa: F401  (before the settings: a data folder of its own)

# As many as an admin may give to a key: no run here reaches it.
REQUESTS_PER_MINUTE = 100_000


class Installation:
    """Django set up, on SQLite or in databases of its own where DATABASE_URL names a server."""

    def __init__(self, stack):
        self._stack = stack
        self._url = os.environ.get("DATABASE_URL")
        self.folder = Path(os.environ["CERBYKEYS_DATA_DIR"])
        if self._url:
            os.environ["DATABASE_URL"] = self._new_database()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cerbykeys.settings")
        import django  # noqa: PLC0415

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        stack.callback(disconnect)

    def beside(self, name):
        """What to add to the environment of a process that has an empty database of its own."""
        folder = self.folder / name
        folder.mkdir()
        variables = {
            "CERBYKEYS_DATA_DIR": str(folder),
            "CERBYKEYS_SECRET_KEY": secrets.token_urlsafe(64),
        }
        return {**variables, "DATABASE_URL": self._new_database()} if self._url else variables

    def copy(self, name):
        """What to add for one that has a copy of all that is here now, while no one else is."""
        disconnect()
        if self._url:
            source = urlsplit(os.environ["DATABASE_URL"]).path[1:]
            return {"DATABASE_URL": self._new_database(f"TEMPLATE {source}")}
        folder = self.folder / name
        folder.mkdir()
        for file in ["db.sqlite3", "keyring.json", "secret_key"]:
            (folder / file).write_bytes((self.folder / file).read_bytes())
            (folder / file).chmod(0o600)
        (folder / "static").symlink_to(self.folder / "static")
        return {"CERBYKEYS_DATA_DIR": str(folder)}

    def _new_database(self, template=""):
        import psycopg  # noqa: PLC0415

        name = f"bench_{os.getpid()}_{secrets.token_hex(4)}"
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {template}")
        self._stack.callback(self._drop, name)
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    def _drop(self, name):
        import psycopg  # noqa: PLC0415

        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def installation():
    """An installation; its databases are dropped in the end."""
    with ExitStack() as stack:
        yield Installation(stack)


def disconnect():
    """Close this process's connections, the pool's included."""
    from django.db import connection  # noqa: PLC0415

    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def keys(count):
    """The plaintexts of `count` keys with every scope, of one Admin."""
    from tests.asking import EVERY_SCOPE  # noqa: PLC0415
    from tests.factories import ApiKeyFactory, MemberFactory  # noqa: PLC0415
    from workspaces.keys import hashing, material  # noqa: PLC0415
    from workspaces.keys.models import ApiKey  # noqa: PLC0415

    admin = MemberFactory(workspace__requests_per_minute=REQUESTS_PER_MINUTE)
    tokens = [material.mint() for _ in range(count)]
    with ThreadPoolExecutor() as pool:  # on all cores, where the product takes but one
        hashes = pool.map(hashing._hasher.hash, [token.secret for token in tokens])
        made = [
            ApiKeyFactory.build(
                owner=admin, scopes=EVERY_SCOPE, key_id=token.key_id, secret_hash=hashed
            )
            for token, hashed in zip(tokens, hashes, strict=True)
        ]
    ApiKey.objects.bulk_create(made)
    return [token.plaintext for token in tokens]
