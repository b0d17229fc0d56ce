"""A share of a secret becomes like a share of anything else: of an item, as Owner or Collaborator."""

from django.db import migrations

ROLES = {"secret_owner": "owner", "secret_collaborator": "collaborator"}


def shorten_roles(apps, _schema_editor):
    shares = apps.get_model("vaults", "SecretShare").objects
    for long, short in ROLES.items():
        shares.filter(role=long).update(role=short)


def lengthen_roles(apps, _schema_editor):
    shares = apps.get_model("vaults", "SecretShare").objects
    for long, short in ROLES.items():
        shares.filter(role=short).update(role=long)


class Migration(migrations.Migration):
    dependencies = [("vaults", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("secretshare", "shared_with_a_member_or_a_team"),
        migrations.RemoveConstraint("secretshare", "one_share_per_member"),
        migrations.RemoveConstraint("secretshare", "one_share_per_team"),
        migrations.RenameField("secretshare", "secret", "item"),
        migrations.RunPython(shorten_roles, lengthen_roles),
    ]
