"""Asks what may hang, without hanging."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


class Question(Generic[Answer]):
    """A function that a thread of its own calls, so that whoever waits for it need not.

    Whoever asks while the thread is still at it waits for the same answer: however often a
    question is asked of a database that hangs, it costs one thread and one connection.
    """

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._attempt: Attempt[Answer] | None = None

    def put(self) -> Attempt[Answer]:
        """Have it asked; the answer is waited for at what this gives back."""
        with self._lock:
            if self._attempt is None or self._attempt.over.is_set():
                attempt = Attempt(self._ask)
                threading.Thread(target=attempt.run, daemon=True).start()
                self._attempt = attempt
            return self._attempt


class Attempt(Generic[Answer]):
    """One time that a question is asked."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self.over = threading.Event()
        self._ask = ask
        self._answer: Answer
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._answer = self._ask()
        except Exception as error:  # noqa: BLE001  (raised again, for whoever waits)
            self._error = error
        finally:
            try:
                # Before anyone is told: the thread ends here, and nobody else would close them.
                connections.close_all()
            finally:
                self.over.set()

    def wait(self, seconds: float) -> Answer:
        """The answer, or what was raised instead. Raises TimeoutError after `seconds`."""
        if not self.over.wait(seconds):
            msg = f"no answer within {seconds:.1f} s"
            raise TimeoutError(msg)
        if self._error is not None:
            raise self._error
        return self._answer
