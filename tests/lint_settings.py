"""The settings, and how migrations are linted: by the statements that PostgreSQL would be given.

A migration runs while the version before it serves. One that must break that version is split
over two releases: first the code stops using what the next release takes away.
"""

from cerbykeys.settings import *  # noqa: F403
from cerbykeys.settings import INSTALLED_APPS

LOGGING = {"level": "WARNING"}
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": [
        name.partition(".")[2] for name in INSTALLED_APPS if name.startswith("workspaces.")
    ],
    # Applied before there was anyone to serve beside.
    "ignore_name": [
        "0002_shares_of_items",
        "0003_accounts_and_collections",
        "0003_requests_per_minute",
    ],
    "warnings_as_errors": ["RUNPYTHON_REVERSIBLE", "RUNSQL_REVERSIBLE"],
    "quiet": ["ok", "ignore"],
    "no_cache": True,
}
