"""For how long PostgreSQL may work on a statement, or wait for a lock, while someone waits for it.

It ends by itself what takes longer. One that cannot, because it is frozen, is given up soon after
(`patience`).

Only processes that serve requests or carry out jobs are bounded. Migrations, and commands that scan
or move data, take the time that they need.
"""

from __future__ import annotations

from django.db import connections

SECONDS = {
    "statement_timeout": 10,
    "lock_timeout": 5,
    # A transaction that its process has forgotten, or that a vanished host has left, holds no lock
    # for longer.
    "idle_in_transaction_session_timeout": 15,
}


def impose() -> None:
    """Bound every statement of this process; what is open already is closed, and opened anew.

    What DATABASE_URL itself says in `options` wins. A statement that is ended or given up is an
    OperationalError, and so a 503.
    """
    ours = " ".join(f"-c {name}={seconds}s" for name, seconds in SECONDS.items())
    for connection in connections.all():
        if hasattr(connection, "close_pool"):  # PostgreSQL's
            from .patience import Connection  # noqa: PLC0415  (needs an extra)

            connection.close()
            connection.close_pool()
            options = connection.settings_dict["OPTIONS"]  # every thread's
            options["options"] = f"{ours} {options.get('options', '')}".strip()
            options["pool"]["connection_class"] = Connection
