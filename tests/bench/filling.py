"""Fills a database with accounts and activities, in SQL: a million of each in a minute or so."""

from __future__ import annotations

from django.db import connection, transaction

from tests.asking import EVERY_SCOPE
from tests.factories import ApiKeyFactory, MemberFactory, TeamMemberFactory
from workspaces.activity.models import ChainHead

NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS "
    "(SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {size}) ",
    "postgresql": "WITH numbers AS (SELECT n FROM generate_series(0, {size} - 1) AS n) ",
}
UUID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '2026-01-01', n || ' seconds')",
    "postgresql": "TIMESTAMPTZ '2026-01-01 00:00+00' + n * INTERVAL '1 second'",
}


def fill(size, few):
    """A key of the owner of `size` accounts, and one of a member who owns `few` by a team."""
    unlimited = {"scopes": EVERY_SCOPE, "requests_per_minute": 1_000_000}
    dense = ApiKeyFactory(**unlimited)
    sparse = ApiKeyFactory(owner=MemberFactory(workspace=dense.workspace), **unlimited)
    team = TeamMemberFactory(member=sparse.owner, team__workspace=dense.workspace).team
    every = size // few
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no checks
        cursor.execute(_rows("vaults_account", size, _account(dense)))
        ours = f"FROM vaults_account WHERE workspace_id = '{dense.workspace_id.hex}'"
        share = "INSERT INTO vaults_accountshare (item_id, {}_id, role) SELECT id, '{}', 'owner' "
        cursor.execute(share.format("member", dense.owner_id.hex) + ours)
        some = f"{ours} AND CAST(label AS integer) % {every} = 0"
        cursor.execute(share.format("team", team.id.hex) + some)
        cursor.execute(_rows("activity_activity", size, _activity(dense, sparse, every)))
    ChainHead.objects.create(
        workspace_id=dense.workspace_id, sequence=size, digest="", key_version=1, signature=""
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return dense, sparse


def _rows(table, size, columns):
    numbers = NUMBERS[connection.vendor].format(size=size)
    values = ", ".join(str(value) for value in columns.values())
    insert = f"INSERT INTO {table} ({', '.join(columns)}) "
    if connection.vendor == "sqlite":
        return f"{numbers}{insert}SELECT {values} FROM numbers"  # noqa: S608  (all of it is above)
    return f"{insert}{numbers}SELECT {values} FROM numbers"  # noqa: S608


def _account(key):
    blank = ("url", "business_id", "email", "phone")
    off = ("cerby_managed_email", "cerby_managed_phone", "has_backup_code", "has_passkey",
           "has_totp", "mfa_enabled")  # fmt: skip
    user, moment = f"'{key.created_by_id.hex}'", MOMENT[connection.vendor]
    return {
        "id": UUID[connection.vendor],
        "workspace_id": f"'{key.workspace_id.hex}'",
        "application": "CASE n % 3 WHEN 0 THEN 'Slack' WHEN 1 THEN 'Figma' ELSE 'Zoom' END",
        "label": "substr('0000000' || n, length('0000000' || n) - 6)",
        **dict.fromkeys(blank, "''"),
        **dict.fromkeys(off, "FALSE"),
        "mfa_types": "'[]'",
        "status": "'enabled'",
        **dict.fromkeys(("created_by_id", "updated_by_id"), user),
        **dict.fromkeys(("created_at", "updated_at"), moment),
    }


def _activity(dense, sparse, every):
    user = "CASE WHEN n % {} = 0 THEN '{}' ELSE '{}' END"
    blank = ("actor_email", "target_name", "user_agent", "request_id", "previous_digest", "digest")
    known = user.format(every, sparse.created_by_id.hex, dense.created_by_id.hex)
    return {
        "id": UUID[connection.vendor],
        "workspace_id": f"'{dense.workspace_id.hex}'",
        "sequence": "n + 1",
        "timestamp": MOMENT[connection.vendor],
        "event": "'LOGIN'",
        "actor_type": "'user'",
        "user_id": f"CAST({known} AS uuid)" if connection.vendor == "postgresql" else known,
        "actor_name": "'Ada'",
        "target_type": "'account'",
        "target_id": "'x'",
        **dict.fromkeys(blank, "''"),
        "details": "'{}'",
        "key_version": 1,
    }
