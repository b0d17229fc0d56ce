from django.db import migrations


class Migration(migrations.Migration):
    """Apart from the indexes that replace them: one transaction that made some and dropped others
    would wait for a change of a key that waits for it.
    """

    dependencies = [("keys", "0005_indexes_of_each_sort")]

    operations = [
        migrations.RemoveIndex(model_name="apikey", name="keys_by_status"),
        migrations.RemoveIndex(model_name="apikey", name="keys_newest_first"),
    ]
