from django.db import migrations, models

# In a step of its own: while it fills the rows that were there, nothing waits for the column.
FILL = """
    UPDATE keys_keyusage
    SET workspace_id = (SELECT workspace_id FROM keys_apikey WHERE id = keys_keyusage.key_id)
    WHERE workspace_id IS NULL
"""


class Migration(migrations.Migration):
    """The table is read along one index, whatever it is sorted by; the version before may serve."""

    dependencies = [("keys", "0004_usage_of_a_workspace")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="keyusage",
            index=models.Index(fields=["workspace", "last_used_at", "key"], name="keys_by_use"),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(
                fields=["workspace", "created_at", "id", "status", "expires_at"],
                name="keys_by_creation",
            ),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(
                fields=["workspace", "name", "id", "status", "expires_at"], name="keys_by_title"
            ),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(
                fields=["workspace", "expires_at", "id", "status"], name="keys_by_lifetime"
            ),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(
                fields=["workspace", "status", "expires_at", "created_at", "name", "id"],
                name="keys_in_a_state",
            ),
        ),
    ]
