from django.db import migrations

from workspaces.activity import triggers


def install(apps, schema_editor):
    for statement in triggers.installing(schema_editor.connection):
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in triggers.removing(schema_editor.connection):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("activity", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
