"""`manage.py copy_from_sqlite`: what began on SQLite goes on, row for row, on PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, Error, connection, transaction
from rich.console import Console
from rich.progress import Progress

from cerbykeys import database
from cerbykeys.moving import CannotMoveError, keys, proof, rows, source, target

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from cerbykeys.moving.rows import Table, Tally


class Command(BaseCommand):
    help = (
        "Moves all data from the SQLite file of the data folder to the PostgreSQL of DATABASE_URL, "
        "in one transaction, and compares every row. The file is left as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="file",
            type=Path,
            default=settings.DATA_DIR / "db.sqlite3",
            metavar="FILE",
            help="another SQLite file, for example a copy, to rehearse with",
        )
        parser.add_argument(
            "--keys-to",
            type=Path,
            metavar="FOLDER",
            help="hand the keyring and the secret key to this data folder, which has none yet",
        )
        parser.add_argument(
            "--with-broken-record",
            action="store_true",
            help="move a record of activities in which verify_activity finds a fault, as it is",
        )

    def handle(
        self, *, file: Path, keys_to: Path | None, with_broken_record: bool, **_options: Any
    ) -> None:
        try:
            self._move(file, keys_to, with_broken_record=with_broken_record)
        except KeyboardInterrupt:
            raise CommandError("stopped: nothing has been moved; run it again.") from None
        except (CannotMoveError, ImproperlyConfigured) as error:
            msg = f"nothing has been moved: {error}"
            raise CommandError(msg) from None
        except Error as error:
            reason = " ".join(str(error).split())
            msg = f"nothing has been moved, a database gave up ({reason}): run it again."
            raise CommandError(msg) from None

    def _move(self, file: Path, keys_to: Path | None, *, with_broken_record: bool) -> None:
        if connection.vendor != "postgresql":
            raise CannotMoveError("set DATABASE_URL to the PostgreSQL that is to hold the data.")
        database.refuse_unusable()
        console = Console(stderr=True)
        with ExitStack() as stack:
            stack.enter_context(source.opened(file))
            target.refuse_used()
            hand = stack.enter_context(keys.handing_to(keys_to)) if keys_to else None
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            self.progress = stack.enter_context(
                Progress(console=console, disable=not console.is_terminal)
            )
            stack.enter_context(transaction.atomic())
            tables = rows.tables()
            moved = self._copy(tables)
            self._compare(moved)
            faults = self._prove(with_broken_record=with_broken_record)
            if hand:  # last, lest a move that is killed leave keys that look like an installation
                hand()
        target.analyze(tables)
        self._tell(moved, faults, file)

    def _copy(self, tables: list[Table]) -> dict[Table, Tally]:
        """Write every table; what was read of each."""
        total = sum(rows.every(table, source.ALIAS).count() for table in tables)
        bar = self.progress.add_task("Moving rows", total=total)
        with target.taking(tables):
            return {
                table: rows.copy(
                    table, source.ALIAS, lambda count: self.progress.advance(bar, count)
                )
                for table in tables
            }

    def _compare(self, moved: dict[Table, Tally]) -> None:
        """Read it all again, from the target. Raises CannotMoveError at a difference."""
        total = sum(tally.rows for tally in moved.values())
        bar = self.progress.add_task("Comparing rows", total=total)
        for table, read in moved.items():
            found = rows.tally(
                table, DEFAULT_DB_ALIAS, lambda count: self.progress.advance(bar, count)
            )
            if found != read:
                msg = (
                    f"{table._meta.db_table} holds {read.rows} rows with the digest "
                    f"{read.digest[:12]} in the source, and {found.rows} with "
                    f"{found.digest[:12]} in the target: report this as a fault of this command."
                )
                raise CannotMoveError(msg)

    def _prove(self, *, with_broken_record: bool) -> list[str]:
        """Open what is sealed and walk the record, in the target; what is wrong with the record."""
        proof.open_sealed()
        bar = self.progress.add_task("Verifying activities", total=proof.activities())
        faults = proof.faults(lambda count: self.progress.advance(bar, count))
        if faults and not with_broken_record:
            msg = (
                f"the record of activities is not whole, in the source either: {faults[0]}. "
                "Look into it with verify_activity; --with-broken-record moves it as it is."
            )
            raise CannotMoveError(msg)
        return faults

    def _tell(self, moved: dict[Table, Tally], faults: list[str], file: Path) -> None:
        self.stdout.write(f"{'table':<44}{'rows':>12}  digest, the same on both sides")
        for table, tally in moved.items():
            if tally.rows:
                name = table._meta.db_table
                self.stdout.write(f"{name:<44}{tally.rows:>12,}  {tally.digest[:16]}")
        total = sum(tally.rows for tally in moved.values())
        record = "; ".join(faults) or f"all {proof.activities():,} are there, unchanged"
        self.stdout.write(
            f"{total:,} rows have been moved. Activities: {record}.\n"
            f"Serve with DATABASE_URL set from now on, and put {file} away: it grows old."
        )
