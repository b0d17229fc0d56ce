"""Triggers that make the database itself refuse to change or remove an activity.

Whoever may drop a trigger may get around them; the chain is what then gives it away. A migration
that makes SQLite build the table anew has to `install` them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_INSTALL = {
    "sqlite": [
        """CREATE TRIGGER activities_stay_unchanged BEFORE UPDATE ON activity_activity
        BEGIN SELECT RAISE(ABORT, 'activities are append-only'); END""",
        """CREATE TRIGGER activities_stay BEFORE DELETE ON activity_activity
        BEGIN SELECT RAISE(ABORT, 'activities are append-only'); END""",
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION activities_are_append_only() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'activities are append-only'
            USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
        """CREATE TRIGGER activities_stay BEFORE UPDATE OR DELETE ON activity_activity
        FOR EACH ROW EXECUTE FUNCTION activities_are_append_only()""",
    ],
}
_REMOVE = {
    "sqlite": ["DROP TRIGGER activities_stay_unchanged", "DROP TRIGGER activities_stay"],
    "postgresql": [
        "DROP TRIGGER activities_stay ON activity_activity",
        "DROP FUNCTION activities_are_append_only",
    ],
}


def installing(connection: BaseDatabaseWrapper) -> list[str]:
    """The statements that make the triggers."""
    return _INSTALL[connection.vendor]


def removing(connection: BaseDatabaseWrapper) -> list[str]:
    """The statements that take them away."""
    return _REMOVE[connection.vendor]
