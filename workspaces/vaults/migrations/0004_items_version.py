"""Triggers that move a workspace's `ItemsVersion` with every change of what its members see.

A row of an item alone shows nothing to anyone: its shares do, its collections, their place in the
tree, and who is in a team. Besides, the lists are narrowed by some columns of an account, and by
the name of a collection: what is found by them is another number once one of them changes.

On SQLite, a migration that alters one of these tables makes it anew, without its triggers: it
must run these statements again after itself.

A transaction that moves the version holds it until its end, as it holds the head of the chain of
activities: items first, `record` last, so that two of them never wait for each other.
"""

from django.db import migrations

SHARE = """COALESCE(
    (SELECT workspace_id FROM directory_member WHERE id = {row}.member_id),
    (SELECT workspace_id FROM directory_team WHERE id = {row}.team_id))"""
# The workspace of a row of each table, and the columns of which a change counts.
TABLES = {
    "vaults_account": (
        "{row}.workspace_id",
        "application, label, email, mfa_enabled, status",
    ),
    "vaults_collection": ("{row}.workspace_id", "name"),
    "vaults_accountshare": (SHARE, ""),
    "vaults_secretshare": (SHARE, ""),
    "vaults_collectionshare": (SHARE, ""),
    "vaults_collectionpath": (
        "(SELECT workspace_id FROM vaults_collection WHERE id = {row}.descendant_id)",
        "",
    ),
    "vaults_collectionitem": (
        """COALESCE(
        (SELECT workspace_id FROM vaults_account WHERE id = {row}.account_id),
        (SELECT workspace_id FROM vaults_secret WHERE id = {row}.secret_id))""",
        "",
    ),
    "directory_teammember": (
        "(SELECT workspace_id FROM directory_team WHERE id = {row}.team_id)",
        "",
    ),
}
MOVE = """
    INSERT INTO vaults_itemsversion (workspace_id, version)
    SELECT moved.id, {another} FROM (SELECT {workspace} AS id) AS moved WHERE moved.id IS NOT NULL
    ON CONFLICT (workspace_id) DO UPDATE SET version = {another};
"""
# Not the next number but any other: after a rollback, or a database restored from a backup, the
# next one would name again what was remembered of another past.
ANOTHER = {
    "sqlite": "abs(random() % 9000000000000000000)",
    "postgresql": "floor(random() * 9000000000000000)::bigint",
}


def _move(vendor, workspace, row):
    return MOVE.format(workspace=workspace.format(row=row), another=ANOTHER[vendor])


def _events(columns):
    """What happens to a row, and whether it is the new or the old one that counts."""
    if columns:
        return {f"UPDATE OF {columns}": "NEW"}
    return {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}


def _name(table, event):
    return f"{table}_moves_version_on_{event.split()[0].lower()}"


def _sqlite(table, workspace, columns):
    for event, row in _events(columns).items():
        yield (
            f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table}\n"
            f"BEGIN {_move('sqlite', workspace, row)} END"
        )


def _postgresql(table, workspace, columns):
    for event, row in _events(columns).items():
        name = _name(table, event)
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
            f"BEGIN {_move('postgresql', workspace, row)} RETURN NULL; END $$"
        )
        yield (
            f"CREATE TRIGGER {name} AFTER {event} ON {table}\n"
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def create(apps, schema_editor):
    make = _sqlite if schema_editor.connection.vendor == "sqlite" else _postgresql
    for table, (workspace, columns) in TABLES.items():
        for statement in make(table, workspace, columns):
            schema_editor.execute(statement)


def drop(apps, schema_editor):
    for table, (_, columns) in TABLES.items():
        for event in _events(columns):
            name = _name(table, event)
            if schema_editor.connection.vendor == "sqlite":
                schema_editor.execute(f"DROP TRIGGER {name}")
            else:
                schema_editor.execute(f"DROP TRIGGER {name} ON {table}")
                schema_editor.execute(f"DROP FUNCTION {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("vaults", "0003_accounts_and_collections"),
        ("directory", "0003_requests_per_minute"),
    ]

    operations = [migrations.RunPython(create, drop)]
