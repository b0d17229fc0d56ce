from django.db import migrations, models


class Migration(migrations.Migration):
    """What the table of keys is found and sorted by; the version before may serve meanwhile."""

    dependencies = [("keys", "0003_epoch")]

    operations = [
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(fields=["workspace", "name", "id"], name="keys_by_name"),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(fields=["workspace", "expires_at", "id"], name="keys_by_expiry"),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(
                fields=["workspace", "status", "expires_at", "created_at", "name", "id"],
                name="keys_in_a_state",
            ),
        ),
        migrations.RemoveIndex(model_name="apikey", name="keys_by_status"),
    ]
