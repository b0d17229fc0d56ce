"""Of which workspace the key is that was used; a trigger writes it, whatever version serves.

On SQLite, a migration that alters the table makes it anew, without its trigger: it must run
these statements again after itself.
"""

import django.db.models.deletion
from django.db import migrations, models

WORKSPACE = "(SELECT workspace_id FROM keys_apikey WHERE id = NEW.key_id)"
STATEMENTS = {
    "sqlite": [
        f"""
        CREATE TRIGGER keys_keyusage_workspace AFTER INSERT ON keys_keyusage
        BEGIN
            UPDATE keys_keyusage SET workspace_id = {WORKSPACE} WHERE key_id = NEW.key_id;
        END
        """,  # noqa: S608  (all of it is above)
    ],
    "postgresql": [
        f"""
        CREATE FUNCTION keys_keyusage_workspace() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.workspace_id = {WORKSPACE}; RETURN NEW; END $$
        """,
        """
        CREATE TRIGGER keys_keyusage_workspace BEFORE INSERT ON keys_keyusage
        FOR EACH ROW EXECUTE FUNCTION keys_keyusage_workspace()
        """,
    ],
}


def create(apps, schema_editor):
    for statement in STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER keys_keyusage_workspace ON keys_keyusage")
        schema_editor.execute("DROP FUNCTION keys_keyusage_workspace")
    else:
        schema_editor.execute("DROP TRIGGER keys_keyusage_workspace")


class Migration(migrations.Migration):
    dependencies = [("keys", "0003_epoch"), ("directory", "0003_requests_per_minute")]

    operations = [
        migrations.AddField(
            model_name="keyusage",
            name="workspace",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="directory.workspace",
            ),
        ),
        migrations.RunPython(create, drop),
    ]
