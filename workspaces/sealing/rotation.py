"""Wraps data keys anew under the current master key, in batches that may stop anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from .envelope import CannotUnsealError, unwrap, wrap
from .keyring import Purpose, UnknownKeyVersionError, keyring
from .models import DataKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

BATCH = 100


class CannotRewrapError(Exception):
    """The keyring does not open that data key."""

    def __init__(self, data_key: DataKey) -> None:
        super().__init__(f"{data_key} does not open with this keyring")


def waiting() -> QuerySet[DataKey]:
    """The data keys that an older master key still wraps."""
    current = keyring().current(Purpose.SEALING)
    return DataKey.objects.filter(master_version__lt=current.version)


def rewrap() -> Iterator[int]:
    """Rewrap every waiting data key, one transaction a batch; yields how many each batch held.

    Sealed values stay as they are: only what wraps their key changes. Raises CannotRewrapError.
    """
    while True:
        with transaction.atomic():
            batch = list(waiting().select_for_update().order_by("master_version", "id")[:BATCH])
            for data_key in batch:
                _rewrap(data_key)
            DataKey.objects.bulk_update(batch, ["wrapped", "master_version"])
        if not batch:
            return
        yield len(batch)


def _rewrap(data_key: DataKey) -> None:
    try:
        wrap(data_key, unwrap(data_key))
    except (CannotUnsealError, UnknownKeyVersionError):
        raise CannotRewrapError(data_key) from None
