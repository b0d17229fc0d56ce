"""A connection to PostgreSQL that is given up when the server falls silent.

A server that is frozen (a paused machine, a disk that hangs) ends no statement, and its kernel
still acknowledges what it is sent, so neither its time-outs nor those of TCP help.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar

import psycopg

if TYPE_CHECKING:
    from collections.abc import Generator

    from psycopg.abc import PQGen

T = TypeVar("T")

# For an answer that costs the server nothing, and on top of its own time-out for any other.
SECONDS = 2.0

_TIMEOUT = "SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'"  # milliseconds


class Connection(psycopg.Connection[Any]):
    """One of a pool, whose every wait ends with an OperationalError when the server is too silent.

    That is `SECONDS` longer than the time-out that the server has for statements, whoever set it: a
    server that works has ended them by then. One that has none is waited for without end. What was
    given up is closed: an answer to it may still come.
    """

    patience = SECONDS  # until the server's time-out is known

    @classmethod
    def connect(cls, *args: Any, **options: Any) -> Self:
        made = super().connect(*args, **options)
        ((milliseconds,),) = made.execute(_TIMEOUT)
        made.patience = milliseconds / 1000 + SECONDS if milliseconds else math.inf
        return made

    def execute(self, *args: Any, **options: Any) -> psycopg.Cursor[Any]:
        """As psycopg's, with a patience of `SECONDS`: a pool asks so if a connection still works.

        What requests and jobs ask is asked by cursors.
        """
        usual, self.patience = self.patience, SECONDS
        try:
            return super().execute(*args, **options)
        finally:
            self.patience = usual

    def wait(self, gen: PQGen[T], *args: Any, **options: Any) -> T:
        return super().wait(self._listening(gen), *args, **options)

    def _listening(self, gen: PQGen[T]) -> Generator[Any, Any, T]:
        """`gen`, which psycopg resumes when the server is heard, and else ten times a second."""
        try:
            state = next(gen)
            heard = time.monotonic()
            while True:
                ready = yield state
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > self.patience:
                    self.close()
                    msg = f"the server has been silent for {self.patience:.0f} s"
                    raise psycopg.OperationalError(msg)
                state = gen.send(ready)
        except StopIteration as end:
            value: T = end.value
            return value
