"""The keyring and the secret key, for the installation that the data is moved to."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from cerbykeys import data_folder
from workspaces.sealing.keyring import keyring

from . import CannotMoveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def handing_to(folder: Path) -> Iterator[Callable[[], None]]:
    """Yields what puts our keyring and our secret key into `folder`, too; not if the block raises.

    Raises CannotMoveError where it holds others or cannot be written, ImproperlyConfigured where
    our keyring is of no use: at once, as far as that can be told.
    """
    keyring()
    keys = {
        folder / "keyring.json": settings.KEYRING_PATH.read_text(encoding="ascii"),
        folder / "secret_key": settings.SECRET_KEY,
    }
    with _writing(folder):
        owner = folder.stat()
        for file, content in keys.items():
            _refuse_another(file, content)
    with ExitStack() as undo:

        def hand() -> None:
            with _writing(folder):
                for file, content in keys.items():
                    if data_folder.write_once(file, content):
                        undo.callback(file.unlink)
                        os.chown(file, owner.st_uid, owner.st_gid)  # root may move for the server
                    else:
                        _refuse_another(file, content)

        yield hand
        undo.pop_all()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = f"{folder} cannot be written ({error.strerror}): let this user write it."
        raise CannotMoveError(msg) from None


def _refuse_another(file: Path, content: str) -> None:
    if file.exists() and file.read_bytes().strip() != content.strip().encode():
        msg = (
            f"{file} is that of another installation, and of no use for what is moved: "
            "begin with a data folder and a database that are both empty."
        )
        raise CannotMoveError(msg)
