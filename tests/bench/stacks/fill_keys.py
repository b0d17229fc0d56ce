"""Fills a table of keys in SQL: `fill`, or as a process with the size alone.

The rows are like real ones but for their hashes, which nothing matches: nobody asks for them.
"""

import sys

import django
from django.db import connection

NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS "
    "(SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %(size)s)",
    "postgresql": "WITH numbers AS (SELECT n FROM generate_series(0, %(size)s - 1) AS n)",
}
# In order, which an index takes five times as fast as random ones.
UUIDS = {
    "sqlite": "printf('{start}%024x', n)",
    "postgresql": "('{start}' || lpad(to_hex(n), 24, '0'))::uuid",
}
# No hash of argon2id is shorter or longer under the product's parameters.
HASH = "$argon2id$v=19$m=19456,t=2,p=1$" + "A" * 22 + "$" + "A" * 43
COLUMNS = {
    "id": "{uuid}",
    "key_id": "'{prefix}' || substr('0000000' || n, length(CAST(n AS text)) + 1)",
    "secret_hash": f"'{HASH}'",
    "workspace_id": "'{workspace}'{cast}",
    "owner_id": "'{owner}'{cast}",
    "created_by_id": "'{user}'{cast}",
    "name": "'Filled ' || n",
    "scopes": "'[\"read:users\"]'{json}",
    "status": "'active'",
    "created_at": "CURRENT_TIMESTAMP",
    "expires_at": "'2099-01-01 00:00:00+00:00'{moment}",
}


def fill(size, workspace, prefix):
    """Give the workspace's Owner so many keys, fewer than 10⁷, whose ids begin with 5 letters."""
    postgres = connection.vendor == "postgresql"
    words = {
        "prefix": prefix,
        "uuid": UUIDS[connection.vendor].format(start=prefix.encode().hex()[:8]),
        "workspace": workspace.id.hex,
        "owner": workspace.owner_id.hex,
        "user": workspace.owner.user_id.hex,
        "cast": "::uuid" if postgres else "",
        "json": "::jsonb" if postgres else "",
        "moment": "::timestamptz" if postgres else "",
    }
    values = ", ".join(value.format(**words) for value in COLUMNS.values())
    numbers = NUMBERS[connection.vendor].replace("%(size)s", str(int(size)))
    insert = f"INSERT INTO keys_apikey ({', '.join(COLUMNS)})"
    statement = f"{insert} {numbers} SELECT {values} FROM numbers"  # noqa: S608  (all of it above)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    django.setup()
    from workspaces.directory.models import Workspace

    fill(
        int(sys.argv[1]),
        Workspace.objects.select_related("owner").order_by("slug").first(),
        "Table",
    )
