"""`manage.py verify_activity`: whether what the record tells is all that was recorded, unchanged.

It stands here, above the activities themselves, to call workspaces by their names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from workspaces.activity import checkpoints, verification
from workspaces.activity.models import ChainHead
from workspaces.activity.verification import BrokenChainError
from workspaces.directory.models import Workspace

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.management.base import CommandParser

    from workspaces.activity.verification import Link


class Command(BaseCommand):
    help = (
        "Walks the chains of activities and names the first one in each that was changed, "
        "removed, moved or cut off; then it exits with 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", help="only this one: its slug, or its id")
        parser.add_argument(
            "--export",
            type=Path,
            metavar="FILE",
            help="append a signed checkpoint of each chain, to be kept on another machine",
        )
        parser.add_argument(
            "--against",
            type=Path,
            metavar="FILE",
            help="also check that the chains still hold these checkpoints",
        )

    def handle(
        self, *, workspace: str | None, export: Path | None, against: Path | None, **_options: Any
    ) -> None:
        self.names = dict(Workspace.objects.values_list("id", "slug"))
        self.faults: dict[UUID, BrokenChainError] = {}
        only = self._named(workspace) if workspace else None
        ends = self._walk([only] if only else verification.chains())
        if against:
            self._compare(against, only)
        if self.faults:
            raise CommandError("\n".join(self._told(*fault) for fault in self.faults.items()))
        if export:
            self._export(export, ends)
        count = sum(end.sequence for end in ends.values())
        self.stdout.write(f"{count} activities in {len(ends)} workspaces: all there, unchanged.")

    def _named(self, workspace: str) -> UUID:
        for workspace_id in {*self.names, *verification.chains()}:
            if workspace in {str(workspace_id), self.names.get(workspace_id)}:
                return workspace_id
        msg = f"there is no workspace {workspace!r}: give its slug, or the id of a removed one."
        raise CommandError(msg)

    def _walk(self, workspace_ids: list[UUID]) -> dict[UUID, Link]:
        """Verify each chain; the ends of those that are whole."""
        ends = {}
        heads = ChainHead.objects.filter(workspace_id__in=workspace_ids)
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal) as progress:
            total = sum(heads.values_list("sequence", flat=True))
            bar = progress.add_task("Verifying activities", total=total)
            for workspace_id in workspace_ids:
                try:
                    ends[workspace_id] = verification.verify(
                        workspace_id, lambda count: progress.advance(bar, count)
                    )
                except BrokenChainError as fault:
                    self.faults[workspace_id] = fault
        return ends

    def _compare(self, file: Path, only: UUID | None) -> None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{file} cannot be read: {error}"
            raise CommandError(msg) from None
        for number, line in enumerate(lines, start=1):
            try:
                content = checkpoints.read(line)
            except checkpoints.NotACheckpointError:
                msg = f"line {number} of {file} is not a checkpoint that this server signed."
                raise CommandError(msg) from None
            if only in {None, content["workspace"]}:
                try:
                    checkpoints.compare(content)
                except BrokenChainError as fault:
                    self.faults.setdefault(content["workspace"], fault)

    def _export(self, file: Path, ends: dict[UUID, Link]) -> None:
        try:
            with file.open("a", encoding="utf-8") as out:
                out.writelines(f"{checkpoints.checkpoint(*end)}\n" for end in ends.items())
        except OSError as error:
            msg = f"{file} cannot be written: {error.strerror}"
            raise CommandError(msg) from None

    def _told(self, workspace_id: UUID, fault: BrokenChainError) -> str:
        return f"{self.names.get(workspace_id, workspace_id)}: {fault}"
