"""Triggers that keep a workspace's Owner and the role of that member in step.

- `directory_workspace.owner_id` must name a member of the same workspace; when it changes, the
  role of Owner moves with it, and who held it becomes a Super Admin.
- A member holds the role of Owner exactly as long as `owner_id` names them: nothing else gives
  the role or takes it away. (Their deletion is refused by the foreign key.)

On SQLite, a migration that alters one of these tables makes it anew, without its triggers: it
must run these statements again after itself.
"""

from django.db import migrations

SQLITE = [
    """
    CREATE TRIGGER directory_member_role BEFORE UPDATE OF role, workspace_id ON directory_member
    WHEN (NEW.role = 'workspace_owner') != EXISTS (
        SELECT 1 FROM directory_workspace WHERE id = NEW.workspace_id AND owner_id = NEW.id)
    BEGIN
        SELECT RAISE(ABORT, 'the role of Owner moves with directory_workspace.owner_id');
    END
    """,
    """
    CREATE TRIGGER directory_member_added BEFORE INSERT ON directory_member
    WHEN (NEW.role = 'workspace_owner') != EXISTS (
        SELECT 1 FROM directory_workspace WHERE id = NEW.workspace_id AND owner_id = NEW.id)
    BEGIN
        SELECT RAISE(ABORT, 'the role of Owner moves with directory_workspace.owner_id');
    END
    """,
    """
    CREATE TRIGGER directory_workspace_owner AFTER UPDATE OF owner_id ON directory_workspace
    WHEN NEW.owner_id != OLD.owner_id
    BEGIN
        SELECT RAISE(ABORT, 'the Owner of a workspace is a member of it')
        WHERE NOT EXISTS (
            SELECT 1 FROM directory_member WHERE id = NEW.owner_id AND workspace_id = NEW.id);
        UPDATE directory_member SET role = 'workspace_super_admin' WHERE id = OLD.owner_id;
        UPDATE directory_member SET role = 'workspace_owner' WHERE id = NEW.owner_id;
    END
    """,
]

POSTGRESQL = [
    """
    CREATE FUNCTION directory_check_owner_role() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.role = 'workspace_owner') != EXISTS (
            SELECT 1 FROM directory_workspace WHERE id = NEW.workspace_id AND owner_id = NEW.id)
        THEN
            RAISE EXCEPTION 'the role of Owner moves with directory_workspace.owner_id'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER directory_member_role BEFORE INSERT OR UPDATE OF role, workspace_id
    ON directory_member FOR EACH ROW EXECUTE FUNCTION directory_check_owner_role()
    """,
    """
    CREATE FUNCTION directory_move_owner_role() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT 1 FROM directory_member WHERE id = NEW.owner_id AND workspace_id = NEW.id)
        THEN
            RAISE EXCEPTION 'the Owner of a workspace is a member of it'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        UPDATE directory_member SET role = 'workspace_super_admin' WHERE id = OLD.owner_id;
        UPDATE directory_member SET role = 'workspace_owner' WHERE id = NEW.owner_id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER directory_workspace_owner AFTER UPDATE OF owner_id ON directory_workspace
    FOR EACH ROW WHEN (NEW.owner_id IS DISTINCT FROM OLD.owner_id)
    EXECUTE FUNCTION directory_move_owner_role()
    """,
]

DROP_SQLITE = [
    "DROP TRIGGER directory_workspace_owner",
    "DROP TRIGGER directory_member_added",
    "DROP TRIGGER directory_member_role",
]

DROP_POSTGRESQL = [
    "DROP TRIGGER directory_workspace_owner ON directory_workspace",
    "DROP FUNCTION directory_move_owner_role",
    "DROP TRIGGER directory_member_role ON directory_member",
    "DROP FUNCTION directory_check_owner_role",
]


def create(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in DROP_SQLITE if sqlite else DROP_POSTGRESQL:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
