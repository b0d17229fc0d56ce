"""SQLite makes the table of workspaces anew, and knows no triggers on it meanwhile."""

from importlib import import_module

import django.core.validators
import django.db.models.functions.text
from django.db import migrations, models

one_owner = import_module("workspaces.directory.migrations.0002_one_owner")


class Migration(migrations.Migration):
    dependencies = [("directory", "0002_one_owner")]

    operations = [
        migrations.RunPython(one_owner.drop, one_owner.create),
        migrations.AddField(
            model_name="workspace",
            name="requests_per_minute",
            field=models.PositiveIntegerField(
                default=600,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100000),
                ],
                verbose_name="requests a minute of an API key",
            ),
        ),
        migrations.AlterConstraint(
            model_name="team",
            name="one_team_per_name",
            constraint=models.UniqueConstraint(
                models.F("workspace"),
                django.db.models.functions.text.Lower("name"),
                name="one_team_per_name",
                violation_error_message="Another team has this name. Choose another.",
            ),
        ),
        migrations.RunPython(one_owner.create, one_owner.drop),
    ]
