"""The epoch, and the triggers that advance it with every change of what verification asks about.

Whatever makes the change, an action, the Django admin or a statement typed by hand, the epoch
moves in the same transaction. On PostgreSQL it moves at the transaction's end, so that its row is
the last to be locked, and two changes never wait for each other in a circle.

On SQLite, a migration that alters one of these tables makes it anew, without its triggers: it
must run these statements again after itself.
"""

from django.db import migrations, models

ADVANCE = """
    INSERT INTO keys_epoch (id, value) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET value = keys_epoch.value + 1
"""
# A new row needs no trigger: nothing that is not there is remembered.
WATCHED = {
    "keys_apikey": ("", "UPDATE"),
    "keys_apikey_gone": ("", "DELETE"),
    "directory_member": ("OF role, status, user_id, workspace_id", "UPDATE"),
    "directory_member_gone": ("", "DELETE"),
    "directory_user": ("OF is_active, email, first_name, last_name", "UPDATE"),
    "directory_workspace": ("OF slug, name, requests_per_minute", "UPDATE"),
}


def statements(vendor):
    if vendor == "postgresql":
        yield f"""
            CREATE FUNCTION keys_advance_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {ADVANCE}; RETURN NULL; END $$
        """
    for name, (columns, event) in WATCHED.items():
        table = name.removesuffix("_gone")
        if vendor == "postgresql":
            yield f"""
                CREATE CONSTRAINT TRIGGER {name}_epoch AFTER {event} {columns} ON {table}
                DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION keys_advance_epoch()
            """
        else:
            yield f"""
                CREATE TRIGGER {name}_epoch AFTER {event} {columns} ON {table}
                BEGIN {ADVANCE}; END
            """


def create(apps, schema_editor):
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for name in WATCHED:
        table = name.removesuffix("_gone")
        on_table = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {name}_epoch{on_table}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION keys_advance_epoch")


class Migration(migrations.Migration):
    dependencies = [
        ("keys", "0002_requests_per_minute"),
        ("directory", "0003_requests_per_minute"),
    ]

    operations = [
        migrations.CreateModel(
            name="Epoch",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("value", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(create, drop),
    ]
