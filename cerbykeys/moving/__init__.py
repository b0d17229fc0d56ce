"""Moves all rows of an SQLite database to PostgreSQL: `manage.py copy_from_sqlite`.

`source` holds the SQLite file so that nobody else has it open, `rows` reads, writes and compares,
`target` makes PostgreSQL ready for rows that are as they are to be, `proof` opens what was moved,
`keys` hands over what opens it.
"""


class CannotMoveError(Exception):
    """Nothing has been moved; the message names the cause and the cure."""
